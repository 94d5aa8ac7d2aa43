"""`make demo`, as a stranger meets it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from backoffice import demo, demo_fixtures, demo_life, demo_matches

PROJECT = Path(__file__).parents[2]
FEEDS = 4  # Odds88, Sportradar, and two packages of LSports.
OURS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")


def start(state: Path, *words: str) -> subprocess.Popen[str]:
    demo = [sys.executable, "manage.py", "demo", "--state", str(state), *words]
    return subprocess.Popen(
        [sys.executable, "-m", "backoffice.embedded", "--data", str(state), "--", *demo],
        cwd=PROJECT,
        env={name: value for name, value in os.environ.items() if name not in OURS},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def greeting(process: subprocess.Popen[str]) -> str:
    """Return what the demo says until it is ready."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "Stop: Ctrl-C" in line:
            return said
    raise AssertionError(said)


def tree(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def remove(state: Path) -> None:
    words = ["-m", "backoffice.embedded", "--data", str(state), "--remove"]
    subprocess.run([sys.executable, *words], cwd=PROJECT, check=True)


def signed_in(address: str) -> requests.Session:
    """Return a browser, as it were, of somebody at the desk."""
    browser = requests.Session()
    browser.get(f"{address}login/")
    words = {"username": "support", "password": demo.PASSWORD}
    words["csrfmiddlewaretoken"] = browser.cookies["csrftoken"]
    browser.post(f"{address}login/", words).raise_for_status()
    return browser


def ticket(browser: requests.Session, address: str, bet_id: str) -> dict[str, Any]:
    """Return a ticket as the API has it; nothing while there is none."""
    url = address.replace("/admin/", f"/api/v1/tickets/{bet_id}/")
    answer = browser.get(url)
    found: dict[str, Any] = answer.json() if answer.ok else {}
    return found


def is_told(browser: requests.Session, address: str, bet_id: str, *kinds: str) -> bool:
    """Whether a live ticket's story has come to its end."""
    found = ticket(browser, address, bet_id)
    return [event["kind"] for event in found.get("events", [])] == list(kinds)


def wait_for(true: Callable[[], bool], seconds: float) -> float:
    """Wait until something is so; return how long that took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds
        time.sleep(0.2)
    return time.monotonic() - began


def is_received(state: Path) -> bool:
    """Whether the worker of feeds says that it is connected to all."""
    log = state / "log" / "feeds.log"
    return log.exists() and log.read_text().count("feed_connected") == FEEDS


@contextmanager
def taken(port: int) -> Iterator[None]:
    """Listen on a port, unless somebody else has it: that is as good."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            other.bind(("127.0.0.1", port))
            other.listen()
        yield


@pytest.mark.deep
def test_the_demo_lives_keeps_its_data_finds_a_port_and_leaves_nobody_behind(
    tmp_path: Path,
) -> None:
    state = tmp_path / "demo"
    first = start(state)
    said = greeting(first)
    (address, *_) = re.findall(r"https?://\S+", said)
    with urllib.request.urlopen(f"{address}login/") as page:
        assert page.status == 200
        assert 'id="login-form"' in page.read().decode()
    assert [
        f"  {role} " in said
        for role in ("Support", "Operator", "Senior", "Ops", "Auditor", "Admin")
    ] == [True] * 6
    browser = signed_in(address)
    began = time.monotonic()
    wait_for(lambda: is_told(browser, address, demo_life.FIRST, "SETTLE", "RESETTLE"), 60)
    whole = ["SETTLE", *["RESETTLE"] * 4]
    wait_for(lambda: is_told(browser, address, demo_matches.FIRST, *whole), 60)
    taken_back = ["SETTLE", "REOPEN", "SETTLE"]
    wait_for(lambda: is_told(browser, address, demo_fixtures.FIRST, *taken_back), 60)
    took = time.monotonic() - began
    print(f"the first live tickets' stories were told within {took:.1f} s")  # noqa: T201
    family = tree(first)
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=60)

    log = (state / "log" / "feeds.log").read_text()
    assert log.count("feed_connected") == log.count("feed_stopped") == FEEDS
    assert "Seeded 240 players" in said
    assert psutil.wait_procs(family, timeout=5)[1] == []

    with taken(8000):
        started = time.monotonic()
        second = start(state, "--still")
        again = greeting(second)
        seconds = time.monotonic() - started
    wait_for(lambda: is_received(state), 60)
    family = tree(second)
    (supervisor,) = [one for one in family if one.cmdline()[1:3] == ["manage.py", "demo"]]
    supervisor.kill()
    second.communicate(timeout=60)
    left = psutil.wait_procs(family, timeout=20)[1]
    remove(state)

    assert "The demo's players are there already." in again
    assert "(port 8000 is taken)" in again
    assert "http://127.0.0.1:8000/" not in again
    assert seconds < 45
    assert left == []
