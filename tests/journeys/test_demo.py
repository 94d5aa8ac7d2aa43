"""`make demo`, as a stranger meets it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

PROJECT = Path(__file__).parents[2]
OURS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")


def start(state: Path) -> subprocess.Popen[str]:
    demo = [sys.executable, "manage.py", "demo", "--state", str(state)]
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


@pytest.mark.deep
def test_the_demo_starts_keeps_its_data_and_ends(tmp_path: Path) -> None:
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
    family = tree(first)
    first.send_signal(signal.SIGTERM)
    first.communicate(timeout=60)

    assert "Seeded 240 players" in said
    assert psutil.wait_procs(family, timeout=5)[1] == []

    started = time.monotonic()
    second = start(state)
    again = greeting(second)
    seconds = time.monotonic() - started
    family = tree(second)
    second.send_signal(signal.SIGINT)
    second.communicate(timeout=60)
    remove(state)

    assert "The demo's players are there already." in again
    assert seconds < 20
    assert psutil.wait_procs(family, timeout=5)[1] == []


@pytest.mark.deep
def test_the_demo_takes_another_port_when_8000_is_taken(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", 8000))
            other.listen()
        except OSError:
            pass  # Somebody else has it: as good for this test.
        process = start(tmp_path / "demo")
        said = greeting(process)
        process.terminate()
        process.communicate(timeout=60)
    remove(tmp_path / "demo")

    assert "(port 8000 is taken)" in said
    assert "http://127.0.0.1:8000/" not in said
