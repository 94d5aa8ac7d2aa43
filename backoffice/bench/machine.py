"""What a figure depends on: versions, durability, the disk, the cores and who else is busy."""

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

import django
from django.db import ProgrammingError, connection, connections

from backoffice import roles

BLOCK = b"\0" * 8192


@dataclass(frozen=True, slots=True)
class Machine:
    """The circumstances of a run."""

    postgresql: str
    fsync: str
    synchronous_commit: str
    role: str
    fdatasync_us: int
    cores: int
    load: tuple[float, float, float]
    python: str
    django: str
    checkpoints: bool


def look() -> Machine:
    """Return the circumstances as they are now."""
    return Machine(
        postgresql=shown("server_version"),
        fsync=shown("fsync"),
        synchronous_commit=shown("synchronous_commit"),
        role=roles.app_role() or "that owns the tables (no restricted one is configured)",
        fdatasync_us=fdatasync_us(),
        cores=os.cpu_count() or 1,
        load=os.getloadavg(),
        python=platform.python_version(),
        django=django.get_version(),
        checkpoints=may_checkpoint(),
    )


def shown(setting: str) -> str:
    """Return a setting of the server's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [setting])
        return str(cursor.fetchone()[0])


def fdatasync_us(times: int = 50) -> int:
    """Return the median time in which 8 kB reach the disk under the temporary folder."""
    taken = []
    with tempfile.TemporaryFile(buffering=0) as file:
        for _ in range(times):
            start = time.perf_counter()
            file.write(BLOCK)
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - start)
    return round(statistics.median(taken) * 1e6)


def may_checkpoint() -> bool:
    """Say whether the owner's role may order a checkpoint."""
    try:
        checkpoint()
    except ProgrammingError:
        return False
    return True


def checkpoint() -> None:
    """Write all that is dirty to disk, so that no side pays for what another one left."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("CHECKPOINT")


def analyse() -> None:
    """Let the planner know every table: otherwise autovacuum does it in the middle of a side."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")


def before_each(machine: Machine) -> Callable[[], None]:
    """Return what is done before each side: the same for all, or nothing."""
    return checkpoint if machine.checkpoints else lambda: None
