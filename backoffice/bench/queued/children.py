"""The processes that are measured, or played against."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import psutil
import requests

from backoffice.bench.feed.children import MANAGE, Child, ChildFailed

LINES_AT_ONCE, BYTES_AT_ONCE = 1000, 8 * 2**20
CORE = {min(os.sched_getaffinity(0))}


class Vendor(Child):
    """A provider's servers, on a broker."""

    def __init__(
        self,
        provider: str,
        broker: str,
        options: Sequence[str],
        *,
        lines: str = "lines",
        divide: float = 1,
    ) -> None:
        self.lines = lines
        words = [word for option in options for word in ("--option", option)]
        super().__init__(
            [*MANAGE, "sandbox", provider, "--broker", broker, f"--divide={divide}", *words]
        )
        said = self.process.stdout.readline() if self.process.stdout else b""
        if not said:
            raise ChildFailed("The sandbox did not start.")
        self.where: dict[str, Any] = json.loads(said)
        self.session = requests.Session()

    def push(self, bodies: list[bytes]) -> None:
        """Publish messages."""
        longest = max(map(len, bodies), default=1)
        at_once = min(LINES_AT_ONCE, 1 + BYTES_AT_ONCE // longest)
        for start in range(0, len(bodies), at_once):
            self.tell(self.lines, b"\n".join(bodies[start : start + at_once]))

    def tell(self, path: str, body: bytes) -> None:
        """Have it say something."""
        answer = self.session.post(f"{self.where['control_url']}/{path}", data=body)
        answer.raise_for_status()


class OnOneCore(Child):
    """A process that has one core to itself, as far as we have a say, and can be made to wait."""

    def __init__(self, words: list[str], **environment: str) -> None:
        super().__init__(words, **environment)
        psutil.Process(self.process.pid).cpu_affinity(sorted(CORE))

    @property
    def busy(self) -> float:
        """The seconds of CPU time that it has used."""
        times = psutil.Process(self.process.pid).cpu_times()
        return times.user + times.system

    def rest(self) -> None:
        """Let it do nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it do its work again."""
        self.process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """Stop it."""
        if self.process.poll() is None:
            self.go_on()
        super().end()


class Receiver(OnOneCore):
    """`manage.py run_feed`."""

    def __init__(self, feed: str, database_url: str, **environment: str) -> None:
        super().__init__(
            [*MANAGE, "run_feed", feed],
            DJANGO_SETTINGS_MODULE="backoffice.settings",
            DATABASE_URL=database_url,
            **environment,
        )


class BareConsumer(OnOneCore):
    """`backoffice.bench.queued.bare`: takes and acknowledges, and does nothing else."""

    stdin = subprocess.PIPE

    def __init__(self, broker: str) -> None:
        super().__init__([sys.executable, "-m", "backoffice.bench.queued.bare", broker])
        self.wait()

    def wait(self) -> None:
        """Wait for its word: that it is ready, or done."""
        if not (self.process.stdout and self.process.stdout.readline()):
            raise ChildFailed("The bare consumer ended.")

    def tell(self, queue: str, count: int) -> None:
        """Let it take so many messages."""
        line = f"{queue} {count}\n".encode()
        if self.process.stdin is None:
            raise ChildFailed("The bare consumer has no input.")
        self.process.stdin.write(line)
        self.process.stdin.flush()
