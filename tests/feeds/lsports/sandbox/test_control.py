"""The sandbox's own paths, and the sandbox as a program."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from feeds.lsports.sandbox import Sandbox, World
from tests.feeds.lsports.sandbox.clients import Reader, status

ROOT = Path(__file__).parents[4]


def control(sandbox: Sandbox, method: str, path: str, body: object = None) -> Any:
    """Ask something of the sandbox itself."""
    url = f"{sandbox.api_url}/sandbox/{path}"
    answer = requests.request(method, url, json=body, timeout=5)
    answer.raise_for_status()
    return answer.json()


@pytest.mark.parametrize(
    ("path", "words", "said"),
    [
        ("settle", {"bets": {"11": 2}}, (3, 2)),
        ("take_back", {"bets": [11]}, (3, -1)),
        ("take_back", {"bets": ["11"], "status": 1}, (1, -1)),
        ("reopen", {"bets": ["11"]}, (1, None)),
        ("reopen", {"bets": ["11"], "status": 2}, (2, None)),
    ],
)
def test_a_market_is_told_over_http(
    sandbox: Sandbox, path: str, words: dict[str, Any], said: tuple[int, int | None]
) -> None:
    where = {"fixture": 1001, "market": 1, "package": "prematch", "kind": 42, "at": 1753091636180}
    told = control(sandbox, "POST", path, where | words)
    [came] = Reader(sandbox, "_431_").told()
    event = came.said["Body"]["Competition"]["Competitions"][0]["Events"][0]
    [bet] = event["Markets"][0]["Bets"]

    assert told["bodies"] == [came.body.decode()]
    assert (bet["Status"], bet.get("Settlement")) == said
    assert bet["LastUpdate"] == "2025-07-21T09:53:56.1800000Z"


def test_a_whole_market_is_told_over_http(sandbox: Sandbox, reader: Reader) -> None:
    bet = {"id": "5", "name": "Over", "line": "2.5", "status": 3, "settlement": 5,
           "wrong": {"LastUpdate": "nonsense"}}  # fmt: skip
    market = {"id": "2", "name": "Under/Over", "bets": [bet], "providers": [8]}
    control(sandbox, "POST", "say", {"fixture": 7, "market": market})
    [came] = reader.told()
    found = came.said["Body"]["Events"][0]["Markets"][0]

    assert (found["Bets"][0]["LastUpdate"], found["Bets"][0]["Line"]) == ("nonsense", "2.5")
    assert found["ProviderMarkets"][0]["Name"] == "Bet365"


def test_fixtures_are_offered_ended_and_forgotten_over_http(
    sandbox: Sandbox, reader: Reader
) -> None:
    for fixture in (1, 2, 3):
        control(sandbox, "POST", "offer", {"fixture": fixture, "markets": [{"id": "1"}]})
    control(sandbox, "POST", "status", {"fixture": 1, "status": 7, "livescore": True})
    control(sandbox, "POST", "forget", {"fixture": 2})

    assert list(sandbox.vendor.package("inplay").active) == ["3"]
    [came] = reader.told()
    assert came.said["Body"]["Events"][0]["Livescore"]["Scoreboard"]["Status"] == 7


def test_anything_is_told_as_it_is(sandbox: Sandbox, reader: Reader) -> None:
    first, second = b'{"Header":{"Type":99}}', b'{"Header":{"Type":98}}'
    for path, body in (("publish", first), ("lines", first + b"\n\n" + second)):
        url = f"{sandbox.api_url}/sandbox/{path}?package=inplay"
        requests.post(url, data=body, timeout=5).raise_for_status()
    assert control(sandbox, "POST", "odds", {"count": 3, "bets": 2}) == {"told": 3}

    assert [one.kind for one in reader.told()] == [99, 99, 98, 3, 3, 3]


def test_faults_and_options_are_changed_over_http(sandbox: Sandbox) -> None:
    assert control(sandbox, "POST", "faults", {"fault": "distribution_off"}) == {"faults": 1}
    assert status(sandbox)["IsDistributionOn"] is False
    faults = [{"fault": "answer", "path": "/Package", "status": 500}]
    assert control(sandbox, "POST", "faults", faults) == {"faults": 1}
    assert control(sandbox, "DELETE", "faults") == {"faults": 0}
    found = control(sandbox, "PATCH", "options", {"inplay": {"layout": {"format": "xml"}}})

    assert found["inplay"]["layout"]["format"] == "xml"
    assert found["inplay"]["id"] == 430
    assert control(sandbox, "GET", "counts")["faults"] == {"distribution_off": 1, "answer": 1}


def test_a_world_is_played_over_http(sandbox: Sandbox) -> None:
    told = control(sandbox, "POST", "play", {"fixtures": 5, "pace": None, "start": 1, "odds": 0})
    world = World(fixtures=5, start=1, odds=0)
    cast = requests.get(f"{sandbox.api_url}/sandbox/cast?fixtures=5", timeout=5).text

    assert told == {"messages": len(world.happenings), "start": 1}
    assert [json.loads(line)["ref"] for line in cast.splitlines()] == [
        one.ref for one in world.cast
    ]


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("GET", "nothing", "", 404),
        ("POST", "settle", "{}", 400),
        ("POST", "faults", '{"fault": "nothing"}', 400),
        ("POST", "settle", '{"fixture": 1, "market": 1, "bets": {"1": 1}, "package": "x"}', 400),
        ("PATCH", "options", '{"nothing": 1}', 400),
    ],
)
def test_what_makes_no_sense_is_refused(
    sandbox: Sandbox, method: str, path: str, body: str, code: int
) -> None:
    url = f"{sandbox.api_url}/sandbox/{path}"
    answer = requests.request(method, url, data=body, timeout=5)

    assert answer.status_code == code
    assert answer.json()["detail"]


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_program_says_where_it_is_and_ends(ending: signal.Signals) -> None:
    command = [sys.executable, "-m", "feeds.lsports.sandbox", "--divide", "100", "--world",
               "--fixtures", "5", "--pace", "0", "--rate", "9", "--option", "start_as_text=true",
               "--option", 'prematch={"id": 88}']  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        asked = {"PackageId": 88, "UserName": "prematch", "Password": "sandbox"}
        answer = requests.post(f"{said['api_url']}/Distribution/Start", json=asked, timeout=5)
        process.send_signal(ending)

        assert process.wait(20) == 0
    assert answer.json()["Body"] == "Start request sent successfully."
    assert said["queues_url"] == f"{said['api_url']}/sandbox/queues"
    assert said["inplay"] == {
        "package_id": 430, "user": "inplay", "password": "sandbox", "queue": "_430_",
        "format": "json", "amqp_url": None,
    }  # fmt: skip
    assert said["prematch"]["queue"] == "_88_"


def test_the_command_knows_it() -> None:
    command = [sys.executable, "manage.py", "sandbox", "lsports", "--help"]
    env = os.environ | {"COLUMNS": "100"}
    found = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)

    assert "--prematch-broker" in found.stdout


def test_it_knows_nothing_of_django() -> None:
    code = "import feeds.lsports.sandbox.running, sys; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
