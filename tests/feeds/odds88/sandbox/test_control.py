"""The sandbox steered over HTTP, as a process of its own is."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from feeds.odds88.sandbox import Options, Sandbox
from feeds.odds88.translate import read
from tests.feeds.odds88.sandbox.clients import Client, bet_ids, bets
from tests.feeds.odds88.sandbox.messages import said

SAMPLES = Path(__file__).parents[3] / "samples" / "odds88"
ROOT = Path(__file__).parents[4]
BET = {
    "betId": "bet-1",
    "player": "plr-1",
    "currency": "EUR",
    "value": 1000,
    "precision": 2,
    "selections": [{"event": "1", "market": 2, "selection": "sel-3", "price": 1.85}],
}


def control(sandbox: Sandbox, method: str, path: str, body: object = None) -> Any:
    """Ask something of the sandbox itself."""
    answer = requests.request(method, f"{sandbox.api_url}/sandbox/{path}", json=body, timeout=5)
    answer.raise_for_status()
    return answer.json()


def test_one_message_or_a_list_is_pushed(client: Client) -> None:
    assert control(client.sandbox, "POST", "push", said("T-1")) == {"pushed": 1}
    assert control(client.sandbox, "POST", "push", [said("T-2"), said("T-3")]) == {"pushed": 2}

    with client.receive() as stream:
        assert bet_ids(stream, 3) == ["T-1", "T-2", "T-3"]


def test_a_message_a_line_is_pushed_with_its_numbers_as_they_are(client: Client) -> None:
    lines = (SAMPLES / "feed.jsonl").read_bytes().splitlines()
    settled = [line for line in lines if b'"settlementTime"' in line and line[-1:] == b"}"]
    url = f"{client.sandbox.api_url}/sandbox/push"
    client.sandbox.options = Options(reach=1e9)

    answer = requests.post(url, data=b"\n".join(settled), timeout=5)

    assert answer.json() == {"pushed": len(settled)}
    with client.receive() as stream:
        assert [read(stream.next()).subjects for _ in settled] == [
            read(line).subjects for line in settled
        ]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("push", {"betId": "T-1"}),
        ("push", {"betId": "T-1", "settlementTime": "soon"}),
        ("push", {"pingId": "1", "data": None}),
        ("bets", {"betId": "T-1"}),
        ("faults", {"fault": "unheard_of"}),
        ("faults", {"fault": "drop", "at": 1}),
        ("settle", {"betId": "unknown", "result": 1}),
        ("settle", {"betId": "unknown", "result": 9}),
    ],
)
def test_what_makes_no_sense_is_refused(sandbox: Sandbox, path: str, body: object) -> None:
    answer = requests.post(f"{sandbox.api_url}/sandbox/{path}", json=body, timeout=5)

    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert sandbox.counts["messages_pushed"] == 0


def test_a_registered_bet_is_settled(client: Client) -> None:
    assert control(client.sandbox, "POST", "bets", BET) == {"registered": 1}
    control(client.sandbox, "POST", "settle", {"betId": "bet-1", "result": 1})

    with client.receive() as stream:
        [bet] = bets(stream, 1)
    assert (bet["betId"], bet["payout"], bet["payoutMultiplier"]) == ("plr-1:bet-1", 18.5, 1.85)
    assert bet["selections"][0]["event"]["id"] == 1
    assert bet["selections"][0]["selectionId"] == "sel-3"


def test_faults_are_added_and_cleared(client: Client) -> None:
    faults = [{"fault": "answer", "status": 503, "times": 0}, {"fault": "expire_tokens"}]

    assert control(client.sandbox, "POST", "faults", faults) == {"faults": 2}
    assert client.refusal().status == 503
    control(client.sandbox, "DELETE", "faults")
    assert client.refusal().status == 401
    assert client.sandbox.counts["faults"] == {"answer": 1, "expire_tokens": 1}


def test_options_are_changed_one_by_one(sandbox: Sandbox) -> None:
    control(sandbox, "PATCH", "options", {"bare": True})
    shown = control(sandbox, "PATCH", "options", {"order": "newest", "cash_out_pays": "9.99"})

    assert (shown["bare"], shown["order"], shown["cash_out_pays"]) == (True, "newest", "9.99")


def test_a_restart_answers_who_asked_for_it(sandbox: Sandbox) -> None:
    assert control(sandbox, "POST", "faults", {"fault": "restart", "seconds": 0}) == {"faults": 1}


def test_counts_are_shown(client: Client) -> None:
    client.sandbox.push(said("T-1"))
    with client.receive() as stream:
        bet_ids(stream, 1)

        counts = control(client.sandbox, "GET", "counts")
    assert counts["logins"] == counts["messages_sent"] == counts["receiving_now"] == 1
    assert counts["receiving_most"] == 1
    assert counts["connects"] == {"without": 1}
    assert counts["bytes_sent"] > 100


def test_only_the_sandbox_s_own_paths_are_there(sandbox: Sandbox) -> None:
    for path in ("/sandbox/", "/sandbox/push", "/elsewhere"):
        assert requests.get(sandbox.api_url + path, timeout=5).status_code in (401, 404)


@pytest.mark.parametrize(
    "command", [["manage.py", "sandbox", "odds88"], ["-m", "feeds.odds88.sandbox"]]
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_program_says_where_it_is_and_ends_when_asked(
    tmp_path: Path, command: list[str], number: int
) -> None:
    file = tmp_path / "messages.jsonl"
    file.write_text("\n".join(json.dumps(said(f"T-{number}")) for number in range(3)))
    arguments = [*command, "--divide", "10", "--messages", str(file)]
    with subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as program:
        assert program.stdout
        urls = json.loads(program.stdout.readline())
        counts = requests.get(f"{urls['control_url']}/counts", timeout=5).json()
        program.send_signal(number)
        rest = program.stdout.read()

    assert counts["messages_pushed"] == 3
    assert (program.returncode, rest) == (0, b"")
    assert urls["ws_url"].startswith("ws://127.0.0.1:")
    assert urls["http_url"].endswith("/feed/settlement/v4")


def test_a_file_that_holds_no_messages_ends_the_program(tmp_path: Path) -> None:
    file = tmp_path / "messages.jsonl"
    file.write_text("nonsense\n")
    command = [sys.executable, "-m", "feeds.odds88.sandbox", "--messages", str(file)]

    ended = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, text=True)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "It is no settled bet" in ended.stderr


def test_the_package_knows_nothing_of_django() -> None:
    code = "import feeds.odds88.sandbox.running, sys; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_a_past_is_told_to_who_asks_and_not_on_the_feed(client: Client) -> None:
    control(client.sandbox, "POST", "bets", BET)

    told = control(client.sandbox, "POST", "past", [said("bet-1")])

    assert told == {"remembered": 1}
    assert client.sandbox.counts["messages_pushed"] == 0
    assert client.sandbox.vendor.bets.known["bet-1"].settlement is not None
