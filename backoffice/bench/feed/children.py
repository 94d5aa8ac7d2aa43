"""The processes that a feed's benchmark measures, or plays against."""

import json
import os
import signal
import subprocess
import sys
from typing import Any

import psutil
import requests
from django.conf import settings

from backoffice.embedded import processes

QUEUE = "bench"
MANAGE = [sys.executable, str(settings.BASE_DIR / "manage.py")]
PUSHED_AT_ONCE = 2000


class ChildFailed(Exception):
    """A process ended before its time."""


class Child:
    """A process of ours that ends with us."""

    stdin = subprocess.DEVNULL

    def __init__(self, words: list[str], **environment: str) -> None:
        self.words = words
        self.process = subprocess.Popen(
            words,
            env=os.environ | environment,
            stdin=self.stdin,
            stdout=subprocess.PIPE,
            preexec_fn=processes.die_with_parent(signal.SIGTERM),
            start_new_session=True,
        )

    def check(self) -> None:
        """Raise when it is over."""
        if self.process.poll() is not None:
            raise ChildFailed(f"{' '.join(self.words[1:])} ended: {self.process.returncode}.")

    @property
    def memory(self) -> int:
        """The bytes that it holds."""
        return psutil.Process(self.process.pid).memory_info().rss

    def end(self) -> None:
        """Stop it."""
        processes.stop(self.process, signal.SIGTERM)


class Vendor(Child):
    """Odds88's server."""

    def __init__(self) -> None:
        super().__init__([*MANAGE, "sandbox", "odds88", "--zero", "live"])
        said = self.process.stdout.readline() if self.process.stdout else b""
        if not said:
            raise ChildFailed("The sandbox did not start.")
        self.where: dict[str, Any] = json.loads(said)
        self.session = requests.Session()

    def push(self, bodies: list[bytes]) -> None:
        """Send messages over the feed."""
        for start in range(0, len(bodies), PUSHED_AT_ONCE):
            some = b"\n".join(bodies[start : start + PUSHED_AT_ONCE])
            answer = self.session.post(f"{self.where['api_url']}/sandbox/push", data=some)
            answer.raise_for_status()


class Receiver(Child):
    """`manage.py run_feed odds88`, which receives from the vendor."""

    def __init__(self, vendor: Vendor, database_url: str) -> None:
        super().__init__(
            [*MANAGE, "run_feed", "odds88"],
            DJANGO_SETTINGS_MODULE="backoffice.settings",
            DATABASE_URL=database_url,
            ODDS88_FEED_URL=vendor.where["ws_url"],
            ODDS88_API_URL=vendor.where["api_url"],
            ODDS88_CLIENT_ID="sandbox",
            ODDS88_PASSWORD="sandbox",  # noqa: S106 - it guards nothing
        )


class Worker(Child):
    """A Celery worker with two processes, for a task a message."""

    def __init__(self, database_url: str) -> None:
        words = ["-A", "backoffice", "worker", "-Q", QUEUE, "-c", "2", "--loglevel", "WARNING"]
        super().__init__(
            [sys.executable, "-m", "celery", *words, "--without-mingle", "--without-gossip"],
            DATABASE_URL=database_url,
        )
