"""Processes for tests that race and die: children of a nurse, in which Django is ready."""

import importlib
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.db import connection

NURSE = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "backoffice.settings"
django.setup()
from tests.nursery import nurse
nurse()
"""


def nurse() -> None:
    """Fork a child for each work that is asked for; tell its number, and later how it ended."""
    for line in sys.stdin:
        ask, *words = json.loads(line)
        answer = wait_for(*words) if ask == "wait" else fork(ask, *words)
        print(answer, flush=True)  # noqa: T201


def fork(work: str, database: str, *words: Any) -> int:
    """Start a child that does a work, named by its module and function, on a database."""
    module, name = work.split(":")
    function = getattr(importlib.import_module(module), name)
    if child := os.fork():
        return child
    connection.settings_dict["NAME"] = database
    try:
        function(*words)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def wait_for(child: int) -> int:
    """Return a child's exit code; a signal's number is negative."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class Nursery:
    """Children that work on a test's database: Django is ready in them the moment they start."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.database = urlsplit(environment["DATABASE_URL"]).path.lstrip("/")
        self.process = subprocess.Popen(
            [sys.executable, "-c", NURSE],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, *words: Any) -> int:
        """Send a line; return what is answered."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def start(self, work: Callable[..., object], *words: Any) -> int:
        """Start a child; return its number."""
        return self.ask(f"{work.__module__}:{work.__name__}", self.database, *words)

    def wait(self, child: int) -> int:
        """Return how a child ended."""
        return self.ask("wait", child)

    def run(self, work: Callable[..., object], *words: Any) -> int:
        """Let a child do a work; return how it ended."""
        return self.wait(self.start(work, *words))


@contextmanager
def nursery(environment: Mapping[str, str]) -> Iterator[Nursery]:
    """Yield a nursery that is closed afterwards."""
    found = Nursery(environment)
    try:
        yield found
    finally:
        found.process.communicate()
