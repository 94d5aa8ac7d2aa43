"""A scratch database for one run, and the child process that works in it."""

import importlib.util
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import CommandError
from django.db import Error, OperationalError, connection

from backoffice.embedded.__main__ import SIGNALS, run_command, stop_asked
from backoffice.owner import as_owner

NEEDED = ("hordak", "psutil")
STOPPED = 130


def measure(command: str, words: Sequence[str]) -> int:
    """Run a measuring command in a scratch database of its own; return its exit code."""
    if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
        raise CommandError(
            f"The peers are not installed ({', '.join(missing)}): `make install` installs them."
        )
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py"), command, *words]
    with signals_waiting(), scratch_database() as environment:
        return STOPPED if stop_asked() else run_command(manage, environment)


@contextmanager
def signals_waiting() -> Iterator[None]:
    """Hold back the signals that end us: the child gets them, and we live to tidy up."""
    before = {number: signal.signal(number, lambda *_: None) for number in SIGNALS}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def scratch_database() -> Iterator[dict[str, str]]:
    """Create an empty database, hand out the environment that leads to it, and drop it.

    The child may have made a copy of it, which is dropped too.
    """
    name = f"bench_{os.getpid()}"
    try:
        execute_as_owner(f'CREATE DATABASE "{name}"')
    except Error as error:
        raise CommandError(
            f"The scratch database can't be made: {str(error).strip()}\n"
            "DATABASE_OWNER_URL must name a role that may create databases; "
            "`make bench` brings a server of its own."
        ) from error
    try:
        yield {
            "DJANGO_SETTINGS_MODULE": "backoffice.bench.settings",
            "DATABASE_URL": moved(settings.DATABASE_URL, name),
            "DATABASE_OWNER_URL": moved(settings.DATABASE_OWNER_URL, name),
        }
    finally:
        drop(copied(name))
        drop(name)


def copied(name: str) -> str:
    """Return the name of a scratch database's copy."""
    return f"{name}_copy"


def moved(url: str, name: str) -> str:
    """Return a connection string with another database in it."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def drop(name: str, *, patience: float = 30) -> None:
    """Drop the database; sessions of a child that was killed may need a moment to end."""
    deadline = time.monotonic() + patience
    while True:
        try:
            execute_as_owner(f'DROP DATABASE IF EXISTS "{name}"')
        except OperationalError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.2)
        else:
            return


def execute_as_owner(statement: str) -> None:
    """Run a statement beside the configured database, with its owner's rights."""
    with as_owner(connection, settings.DATABASE_OWNER_URL), connection.cursor() as cursor:
        cursor.execute(statement)
