"""Web, workers and beat as children of one process that ends all of them with itself."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backoffice.embedded import processes

PREFERRED_PORT = 8000
STOPPED_BY = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
CELERY = ["-m", "celery", "-A", "backoffice"]
Commands = Mapping[str, list[str]]
NOTHING: Commands = {}
FEEDS_AT_ONCE = "6"  # What a laptop bears; docker-compose.yml has more.


class SupervisorError(Exception):
    """A child did not start, or ended by itself; the text holds the end of its log."""


class Stopped(Exception):
    """Somebody asked us to stop while we were starting."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the desk runs, where its logs go, and what its processes are told."""

    port: int
    state: Path
    environment: Mapping[str, str]

    @property
    def address(self) -> str:
        """The desk's address."""
        return f"http://127.0.0.1:{self.port}/admin/"

    def log(self, name: str) -> Path:
        """Return the log of one child."""
        return self.state / "log" / f"{name}.log"


def hold_signals() -> None:
    """Block the signals that end us, to be waited for: none is lost, also one inherited ignored."""
    for number in STOPPED_BY:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPED_BY)


def site(state: Path, environment: Mapping[str, str]) -> Site:
    """Return a site on a free port, its folders made."""
    (state / "log").mkdir(parents=True, exist_ok=True)
    metrics = state.resolve() / "metrics"
    metrics.mkdir(exist_ok=True)
    for left in metrics.glob("*.db"):
        left.unlink()
    shared = {"PROMETHEUS_MULTIPROC_DIR": str(metrics)}
    return Site(free_port(PREFERRED_PORT), state, os.environ | environment | shared)


def free_port(preferred: int) -> int:
    """Return the preferred port, or a free one when that is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", preferred))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def supervise(
    desk: Site,
    *,
    greet: Callable[[], None],
    before: Commands = NOTHING,
    after: Commands = NOTHING,
) -> None:
    """Run the desk until a signal comes; greet when the login page answers.

    What stands in `before` starts first and ends last: the others need it. What stands in `after`
    needs the others.
    """
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, words in {**before, "web": web(desk)}.items():
            children[name] = start(name, words, desk)
        wait_for_login(desk, children["web"])
        greet()
        for name, words in {**workers(desk), **after}.items():
            children[name] = start(name, words, desk)
        watch(desk, children)
    finally:
        end([child for name, child in children.items() if name not in before])
        end([child for name, child in children.items() if name in before])


def web(desk: Site) -> list[str]:
    """Return the web server's command."""
    bind = ["--bind", f"127.0.0.1:{desk.port}", "--workers", "2", "--threads", "4"]
    return ["-m", "gunicorn", "-c", "python:backoffice.gunicorn", *bind, "backoffice.wsgi"]


def workers(desk: Site) -> Commands:
    """Return the commands of what works behind the desk."""
    schedule = str(desk.state.resolve() / "beat-schedule")
    return {
        "worker": [*CELERY, "worker", "-Q", "default", "-c", "2", "-n", "worker@%h"],
        "feeds": [*CELERY, "worker", "-Q", "feeds", "-c", FEEDS_AT_ONCE, "-n", "feeds@%h"],
        "beat": [*CELERY, "beat", "-s", schedule],
    }


def start(name: str, words: list[str], desk: Site) -> subprocess.Popen[bytes]:
    """Start a child that never outlives us, in a session of its own, with a log file."""
    with desk.log(name).open("wb") as log:
        return subprocess.Popen(
            [sys.executable, *words],
            env=desk.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=processes.die_with_parent(signal.SIGTERM),
        )


def wait_for_login(desk: Site, child: subprocess.Popen[bytes]) -> None:
    """Return when the login page answers."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and child.poll() is None:
        if signal.sigtimedwait(STOPPED_BY, 0):
            raise Stopped
        try:
            with urllib.request.urlopen(f"{desk.address}login/", timeout=5):  # noqa: S310 - ours
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SupervisorError(f"The web server did not start:\n{tail(desk.log('web'))}")


def watch(desk: Site, children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """Return when a signal asks us to stop; complain when a child ends by itself."""
    while signal.sigtimedwait(STOPPED_BY, 0.5) is None:
        for name, child in children.items():
            if child.poll() is not None:
                raise SupervisorError(f"{name} ended by itself:\n{tail(desk.log(name))}")


def end(children: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask children to end at once, then wait for each."""
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    for child in children:
        processes.stop(child, signal.SIGTERM)


def tail(log: Path) -> str:
    """Return the end of a log."""
    return log.read_text(errors="replace")[-2000:]
