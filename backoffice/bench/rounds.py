"""Measuring in turns: A B C, A B C, … so that a slow moment of the machine meets every side."""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import psutil
from django.db import connection

CLOCKS_AGREE_WITHIN = 2  # seconds


class Side(Protocol):
    """One way of doing the work."""

    name: str

    def prepare(self, round_number: int) -> Callable[[], int]:
        """Make a round's input; return what is timed, which returns how many units it did."""


@dataclass(frozen=True, slots=True)
class Lap:
    """One side in one round. `backend` is None where the server's processes are out of sight."""

    units: int
    seconds: float
    client: float
    backend: float | None

    @property
    def rate(self) -> float:
        """Units a second."""
        return self.units / self.seconds

    @property
    def client_us(self) -> float:
        """Our process's CPU time for a unit, in microseconds."""
        return self.client / self.units * 1e6

    @property
    def backend_us(self) -> float | None:
        """The server process's CPU time for a unit, in microseconds."""
        return None if self.backend is None else self.backend / self.units * 1e6


def warm_up(sides: Sequence[Side]) -> None:
    """Do a round that nobody times: caches and connections are then as they stay."""
    for side in sides:
        side.prepare(0)()


def in_turns(
    sides: Sequence[Side], *, rounds: int, before_each: Callable[[], None]
) -> Iterator[tuple[int, str, Lap]]:
    """Yield the number of the round, the side's name and its lap, as they are run."""
    for number in range(1, rounds + 1):
        for side in sides:
            work = side.prepare(number)
            before_each()
            yield number, side.name, timed(work, backend_process())


def timed(work: Callable[[], int], backend: psutil.Process | None) -> Lap:
    """Do the work under the clocks."""
    gc.collect()
    before = cpu_seconds(backend)
    client, start = time.process_time(), time.perf_counter()
    units = work()
    seconds, client = time.perf_counter() - start, time.process_time() - client
    after = cpu_seconds(backend)
    served = None if before is None or after is None else after - before
    return Lap(units, seconds, client, served)


def backend_process() -> psutil.Process | None:
    """Return the server's process for our session; None when it runs on another machine.

    A process here may have the same number by chance, but hardly the same time of birth.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, extract(epoch FROM backend_start) FROM pg_stat_activity "
            "WHERE pid = pg_backend_pid()"
        )
        pid, born = cursor.fetchone()
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - float(born)) < CLOCKS_AGREE_WITHIN
    except psutil.Error:
        return None
    return process if same else None


def cpu_seconds(process: psutil.Process | None) -> float | None:
    """Return the CPU time that a process has used so far."""
    if process is None:
        return None
    times = process.cpu_times()
    return times.user + times.system
