"""The sandbox steered over HTTP, as a process of its own is."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import requests

from feeds.sandboxes.listening import HOST, LONGEST_BODY
from feeds.sportradar.sandbox import Sandbox, World
from tests.feeds.sportradar.sandbox.clients import Listener, now

ROOT = Path(__file__).parents[4]
MARKET = {"id": "204", "specifiers": "xup=1", "outcomes": [{"id": "12", "result": "1"}]}
BARE = {"id": "204", "specifiers": "xup=1"}


def control(sandbox: Sandbox, method: str, path: str, body: object = None) -> Any:
    """Ask something of the sandbox itself."""
    url = f"{sandbox.api_url}/sandbox/{path}"
    answer = requests.request(method, url, json=body, timeout=5)
    answer.raise_for_status()
    return answer.json()


def wait_until_told(sandbox: Sandbox, count: int) -> None:
    """Wait until the sandbox told so many messages."""
    deadline = time.monotonic() + 10
    while sandbox.counts["messages_told"] < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)


HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


@pytest.mark.parametrize(
    ("path", "words", "body"),
    [
        ("settle", {"markets": [MARKET], "certainty": 1},
         '<bet_settlement certainty="1" product="3" event_id="sr:match:1" timestamp="5"><outcomes>'
         '<market id="204" specifiers="xup=1"><outcome id="12" result="1"/></market>'
         '</outcomes></bet_settlement>'),
        ("settle", {"markets": []},
         '<bet_settlement certainty="2" product="3" event_id="sr:match:1" timestamp="5">'
         '<outcomes/></bet_settlement>'),
        ("rollback", {"markets": [{**BARE, "outcomes": [{"id": "12"}]}]},
         '<rollback_bet_settlement product="3" event_id="sr:match:1" timestamp="5">'
         '<market id="204" specifiers="xup=1"><outcome id="12"/></market>'
         '</rollback_bet_settlement>'),
        ("cancel", {"markets": [{**BARE, "void_reason": 3}], "start": 1, "end": 2},
         '<bet_cancel product="3" event_id="sr:match:1" timestamp="5" start_time="1" end_time="2">'
         '<market id="204" specifiers="xup=1" void_reason="3"/></bet_cancel>'),
        ("cancel", {"markets": [], "superceded_by": "sr:season:2"},
         '<bet_cancel product="3" event_id="sr:match:1" timestamp="5" '
         'superceded_by="sr:season:2"/>'),
        ("rollback_cancel", {"markets": [BARE], "end": 2},
         '<rollback_bet_cancel product="3" event_id="sr:match:1" timestamp="5" end_time="2">'
         '<market id="204" specifiers="xup=1"/></rollback_bet_cancel>'),
    ],
)  # fmt: skip
def test_something_is_said(
    sandbox: Sandbox, listener: Listener, path: str, words: dict[str, object], body: str
) -> None:
    said = {"event": "sr:match:1", "product": 3, "timestamp": 5, **words}

    told = control(sandbox, "POST", path, said)

    assert told["body"] == HEAD + body
    assert listener.next(1)[0].body == (HEAD + body).encode()


def test_text_is_written_so_that_it_can_be_read(sandbox: Sandbox, listener: Listener) -> None:
    sandbox.settle("sr:match:1", "1", {"\"<&>'": 1}, specifiers="a=<b>")

    assert b"&lt;&amp;&gt;" in listener.next(1)[0].body


def test_something_is_said_as_it_is(sandbox: Sandbox, listener: Listener) -> None:
    body = b'\xef\xbb\xbf<bet_cancel event_id="sr:match:4" timestamp="7"/>'
    url = f"{sandbox.api_url}/sandbox/publish?product=6"

    assert requests.post(url, data=body, timeout=5).status_code == 200

    came = listener.next(1)[0]
    assert (came.body, came.key) == (body, "hi.virt.virt.bet_cancel.1.sr:match.4.-")
    lines = requests.get(f"{sandbox.api_url}/sandbox/history?product=6", timeout=5).text
    assert json.loads(lines)["event"] == "sr:match:4"


def test_many_messages_are_said_one_a_line(sandbox: Sandbox, listener: Listener) -> None:
    lines = b"\n".join(b'<bet_cancel event_id="sr:match:%d"/>' % one for one in range(3))

    answer = requests.post(f"{sandbox.api_url}/sandbox/lines?product=3", data=lines, timeout=5)

    assert answer.json() == {"told": 3}
    assert [one.said["event_id"] for one in listener.next(3)] == [
        "sr:match:0", "sr:match:1", "sr:match:2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("settle", {"event": "sr:match:1"}),
        ("settle", {"event": "sr:match:1", "markets": [], "product": 99}),
        ("settle", {"event": "sr:match:1", "markets": [], "unheard": 1}),
        ("faults", {"fault": "unheard_of"}),
        ("faults", {"fault": "down", "at": 1}),
        ("faults", {"fault": "down", "product": 13}),
        ("publish?product=x", {}),
        ("play", {"events": "many"}),
    ],
)
def test_what_makes_no_sense_is_refused(sandbox: Sandbox, path: str, body: object) -> None:
    answer = requests.post(f"{sandbox.api_url}/sandbox/{path}", json=body, timeout=5)

    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert sandbox.counts["messages_told"] == 0


def test_a_body_that_is_too_long_is_refused_and_never_cut(sandbox: Sandbox) -> None:
    with closing(HTTPConnection(HOST, sandbox.port, timeout=5)) as connection:
        connection.putrequest("POST", "/sandbox/lines")
        connection.putheader("Content-Length", str(LONGEST_BODY + 1))
        connection.endheaders()
        assert connection.getresponse().status == 413

    assert sandbox.counts["messages_told"] == 0


def test_faults_are_added_and_cleared(sandbox: Sandbox) -> None:
    faults = [{"fault": "answer", "status": 500, "times": 0}, {"fault": "down", "product": 1}]

    assert control(sandbox, "POST", "faults", faults) == {"faults": 2}
    whoami = f"{sandbox.api_url}/v1/users/whoami.xml"
    headers = {"x-access-token": "sandbox"}
    assert requests.get(whoami, headers=headers, timeout=5).status_code == 500
    control(sandbox, "DELETE", "faults")
    assert requests.get(whoami, headers=headers, timeout=5).status_code == 200
    assert sandbox.counts["faults"] == {"answer": 1, "down": 1}


def test_options_are_changed_one_by_one(sandbox: Sandbox) -> None:
    control(sandbox, "PATCH", "options", {"skew": 3})
    shown = control(sandbox, "PATCH", "options", {"active": [1], "too_old": "clamped"})

    assert (shown["skew"], shown["active"], shown["too_old"]) == (3, [1], "clamped")


def test_counts_are_shown(sandbox: Sandbox, listener: Listener) -> None:
    sandbox.settle("sr:match:1", 1, {"1": 1})
    listener.next(1)

    counts = control(sandbox, "GET", "counts")
    assert (counts["messages_told"], counts["queues_now"], counts["violations"]) == (1, 1, 0)
    assert counts["alives"] >= 0


def test_a_world_is_played_and_its_cast_shown(sandbox: Sandbox) -> None:
    start = now() - 10_000
    asked = {"seed": 3, "events": 30, "span": 5, "start": start, "pace": None}
    told = control(sandbox, "POST", "play", asked)
    world = World(seed=3, events=30, span=5, start=start)
    wait_until_told(sandbox, len(world.happenings))

    assert told == {"messages": len(world.happenings), "start": start}
    lines = requests.get(f"{sandbox.api_url}/sandbox/cast?seed=3&events=30", timeout=5).text
    assert [json.loads(line)["ref"] for line in lines.splitlines()] == [
        event.ref for event in world.cast
    ]


@pytest.mark.parametrize("path", ["/sandbox/", "/sandbox/settle", "/sandbox/elsewhere", "/else"])
def test_only_the_sandbox_s_own_paths_are_there(sandbox: Sandbox, path: str) -> None:
    assert requests.get(sandbox.api_url + path, timeout=5).status_code in (403, 404)


@pytest.mark.parametrize(
    "command", [["manage.py", "sandbox", "sportradar"], ["-m", "feeds.sportradar.sandbox"]]
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_program_says_where_it_is_and_ends_when_asked(command: list[str], number: int) -> None:
    choices = ["--option", "skew=2", "--option", "token=open", "--option", "active=[1]"]
    world = ["--divide", "10", "--world", "--events", "5", "--span", "60"]
    with subprocess.Popen(
        [sys.executable, *command, *choices, *world],
        cwd=ROOT,
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as program:
        assert program.stdout
        urls = json.loads(program.stdout.readline())
        options = requests.patch(f"{urls['control_url']}/options", json={}, timeout=5).json()
        program.send_signal(number)
        rest = program.stdout.read()

    assert (program.returncode, rest) == (0, b"")
    assert (options["skew"], options["token"], options["active"]) == (2, "open", [1])
    assert (urls["token"], urls["amqp_url"], urls["virtual_host"]) == (
        "open", None, "/unifiedfeed/88",
    )  # fmt: skip
    assert urls["queues_url"] == urls["api_url"] + "/sandbox/queues"


@pytest.mark.parametrize("option", ["unheard=1", "skew=soon", "skew"])
def test_an_option_that_makes_no_sense_ends_the_program(option: str) -> None:
    command = [sys.executable, "-m", "feeds.sportradar.sandbox", "--option", option]

    ended = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, text=True)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "--option" in ended.stderr


def test_the_package_knows_nothing_of_django() -> None:
    code = "import feeds.sportradar.sandbox.running, sys; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
