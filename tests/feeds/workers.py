"""Real Celery workers on the queue of feeds, and a real beat, on a broker of their own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import redis

from backoffice.celery import app
from backoffice.environment import broker_url
from feeds.models import FeedLease
from tests import databases
from tests.feeds.processes import PROJECT

# Where nobody else works, a feed is back within 15 seconds; here other tests share the processors.
LONGEST_GAP, LONGEST_END = 40, 25
CELERY = [sys.executable, "-m", "celery", "-A", "backoffice"]


class Broker:
    """A database of the tests' Valkey that nobody else uses."""

    def __init__(self) -> None:
        number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) + 1
        parts = urlsplit(os.environ["REDIS_URL"])
        on_socket = parts.scheme == "unix"
        self.url = (
            f"unix://{parts.path}?db={number}"
            if on_socket
            else parts._replace(path=f"/{number}").geturl()
        )
        redis.Redis.from_url(self.url).delete("feeds")

    def ask(self, task: str) -> None:
        """Ask the workers of feeds for a task."""
        with app.connection_for_write(broker_url(self.url)) as connection:
            app.send_task(task, queue="feeds", connection=connection, retry=False, expires=2)


class Program:
    """A program of Celery's, with a log."""

    def __init__(self, words: list[str], environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as file:
            self.process = subprocess.Popen(
                [*CELERY, *words],
                cwd=PROJECT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )

    def end(self) -> int:
        """Ask it to end; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


class Worker(Program):
    """A worker of feeds on what it takes for a host of its own."""

    def __init__(self, host: str, environment: dict[str, str], logs: Path) -> None:
        self.name = f"feeds@{host}"
        words = ["worker", "-Q", "feeds", "-c", "2", "-n", self.name, "--without-mingle"]
        super().__init__(words, environment, logs / f"{host}.log")

    @property
    def children(self) -> list[psutil.Process]:
        """Its children, which do the work."""
        return psutil.Process(self.process.pid).children(recursive=True)

    @property
    def received(self) -> set[str]:
        """The feeds that its children receive."""
        found = FeedLease.objects.filter(state="RECEIVING", holder__startswith=f"{self.name} ")
        pids = {str(one.pid) for one in self.children}
        return {lease.feed for lease in found if lease.holder.rsplit(" ", 1)[1] in pids}

    @property
    def receives(self) -> bool:
        """Whether one of its children receives a feed."""
        return bool(self.received)

    def kill_parent(self) -> list[psutil.Process]:
        """Kill the parent alone; return the orphans."""
        orphans = self.children
        self.process.kill()
        self.process.wait()
        return orphans

    def kill(self) -> None:
        """Kill all of it at once."""
        family = [psutil.Process(self.process.pid), *self.children]
        for one in family:
            one.kill()
        self.process.wait()


def beat(environment: dict[str, str], logs: Path) -> Program:
    """Start beat."""
    return Program(["beat", "-s", str(logs / "schedule")], environment, logs / "beat.log")


def settings_for(database: str, broker: Broker, settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of programs that work on a test's database, broker and servers."""
    given = {"CELERY_BROKER_URL": broker_url(broker.url), **settings}
    return databases.environment(database) | given


@contextmanager
def ending(programs: list[Program]) -> Iterator[None]:
    """End programs with the block, and whatever they left behind."""
    families: list[psutil.Process] = []
    try:
        yield
    finally:
        for one in programs:
            if one.process.poll() is None:
                families += psutil.Process(one.process.pid).children(recursive=True)
                one.end()
        for left in families:
            if left.is_running():
                left.kill()
