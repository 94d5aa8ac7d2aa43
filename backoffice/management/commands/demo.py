"""manage.py demo: the whole product under one process. `make demo` gives it its services."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from backoffice import demo
from backoffice.embedded import processes

PREFERRED_PORT = 8000
STOPPED_BY = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


class Command(BaseCommand):
    help = "Seed the demo and run web, worker and beat until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--state", type=Path, default=Path(".demo"), help="for logs and a key")

    def handle(self, *args: Any, **options: Any) -> None:
        # Blocked here and waited for below: no signal is lost, also one inherited as ignored.
        for number in STOPPED_BY:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPED_BY)
        call_command("seed_demo", stdout=self.stderr)
        state = options["state"]
        (state / "log").mkdir(parents=True, exist_ok=True)
        port = free_port()
        environment = os.environ | production(state)
        run("manage.py", "collectstatic", "--no-input", "-v", "0", environment=environment)
        children: dict[str, subprocess.Popen[bytes]] = {}
        try:
            children["web"] = start("web", web(port), environment, state)
            wait_for_login(port, children["web"], state)
            self._greet(port, state)
            children["worker"] = start("worker", worker(), environment, state)
            children["beat"] = start("beat", beat(state), environment, state)
            self._watch(children, state)
        finally:
            self.stderr.write("Stopping…")
            for child in children.values():
                child.send_signal(signal.SIGTERM) if child.poll() is None else None
            for child in children.values():
                processes.stop(child, signal.SIGTERM)

    def _greet(self, port: int, state: Path) -> None:
        logins = "\n".join(
            f"  {role:<10}{login:<12}{demo.PASSWORD}" for login, role in demo.add_people().items()
        )
        note = "" if port == PREFERRED_PORT else f"  (port {PREFERRED_PORT} is taken)"
        self.stdout.write(
            f"\nThe desk: http://127.0.0.1:{port}/admin/{note}\n\n"
            f"  Role      Login       Password\n{logins}\n\n"
            f"Logs: {state / 'log'}   Stop: Ctrl-C   Data stay in {state} until `make clean`.\n"
        )
        self.stdout.flush()

    def _watch(self, children: dict[str, subprocess.Popen[bytes]], state: Path) -> None:
        while signal.sigtimedwait(STOPPED_BY, 0.5) is None:
            for name, child in children.items():
                if child.poll() is not None:
                    raise CommandError(f"{name} ended by itself:\n{tail(state, name)}")


def production(state: Path) -> dict[str, str]:
    """Return settings as in production, on this machine alone, with a key that is kept."""
    key = state / "secret-key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_text(secrets.token_urlsafe(60))
    return {
        "DEBUG": "0",
        "HTTPS": "0",
        "SECRET_KEY": key.read_text(),
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
    }


def free_port() -> int:
    """Return 8000, or a free port when that is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PREFERRED_PORT))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def web(port: int) -> list[str]:
    """Return the web server's command."""
    bind = ["--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4"]
    return ["-m", "gunicorn", "-c", "python:backoffice.gunicorn", *bind, "backoffice.wsgi"]


def worker() -> list[str]:
    """Return the worker's command."""
    return ["-m", "celery", "-A", "backoffice", "worker", "-c", "2", "--loglevel", "INFO"]


def beat(state: Path) -> list[str]:
    """Return the clock's command."""
    schedule = str(state.resolve() / "beat-schedule")
    return ["-m", "celery", "-A", "backoffice", "beat", "-s", schedule, "--loglevel", "INFO"]


def run(*words: str, environment: dict[str, str]) -> None:
    """Run one of our own commands to its end."""
    done = subprocess.run(
        [sys.executable, *words], env=environment, check=False, capture_output=True
    )
    if done.returncode:
        raise CommandError(f"{words[1]} failed:\n{done.stderr.decode()[-2000:]}")


def start(
    name: str, words: list[str], environment: dict[str, str], state: Path
) -> subprocess.Popen[bytes]:
    """Start a child that never outlives us, in a session of its own, with a log file."""
    with (state / "log" / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=processes.die_with_parent(signal.SIGTERM),
        )


def wait_for_login(port: int, child: subprocess.Popen[bytes], state: Path) -> None:
    """Return when the login page answers."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and child.poll() is None:
        if signal.sigtimedwait(STOPPED_BY, 0):
            raise CommandError("Stopped while starting.", returncode=130)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/admin/login/", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise CommandError(f"The web server did not start:\n{tail(state, 'web')}")


def tail(state: Path, name: str) -> str:
    """Return the end of a child's log."""
    return (state / "log" / f"{name}.log").read_text(errors="replace")[-2000:]
