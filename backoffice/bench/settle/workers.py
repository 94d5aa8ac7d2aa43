"""Two workers on one market: two processes that drain the same queue."""

import os
import subprocess
import sys
from typing import IO

import psutil
from django.conf import settings

from backoffice.bench.databases import Database
from backoffice.bench.scratch import moved
from backoffice.bench.settle.markets import Hot, Market

COUNT = 2
READY, GO = "ready\n", "go\n"


class WorkerFailed(Exception):
    """A worker ended, or said what nobody expected."""


class Worker:
    """`manage.py drain_due`, which drains at a word. It ends when we do: its input closes then."""

    def __init__(self, database: Database) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(settings.BASE_DIR / "manage.py"), "drain_due"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"DATABASE_URL": moved(settings.DATABASE_URL, database.name)},
        )

    def go(self) -> None:
        """Let it drain."""
        told = pipe(self.process.stdin)
        told.write(GO)
        told.flush()

    def wait(self) -> None:
        """Wait until it found nothing left."""
        if (said := pipe(self.process.stdout).readline()) != READY:
            raise WorkerFailed(f"A worker said “{said.strip()}”.")

    @property
    def memory(self) -> int:
        """The bytes that it holds."""
        return psutil.Process(self.process.pid).memory_info().rss


def pipe(end: IO[str] | None) -> IO[str]:
    """Return an end of a pipe that was asked for."""
    if end is None:
        raise WorkerFailed("A worker has no pipe.")
    return end


class Workers(Market):
    """The same settlement; the processes stand ready before."""

    def __init__(self, *, name: str, hot: Hot, winner: str) -> None:
        super().__init__(name=name, hot=hot, winner=winner)
        self.about = (
            f"the same, drained by {COUNT} processes of manage.py drain_due that stood ready "
            "before; their CPU time is not in the columns"
        )
        self.memory: list[int] = []

    def open(self) -> None:
        """Start them."""
        self.workers = [Worker(self.database) for _ in range(COUNT)]
        for worker in self.workers:
            worker.wait()

    def drain(self) -> None:
        """Let all go, and wait until each finds nothing left."""
        for worker in self.workers:
            worker.go()
        for worker in self.workers:
            worker.wait()
        self.memory.append(max(worker.memory for worker in self.workers))
