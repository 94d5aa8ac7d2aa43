"""Acts that happen after a while, one after another."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)
Act = Callable[[], None]


class Later:
    """A thread that does what it was given when the time has come."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.waiting: list[tuple[float, int, Act]] = []
        self.numbers = itertools.count()
        self.stopped = False
        self.thread = threading.Thread(target=self.run, name="sandbox-later", daemon=True)
        self.thread.start()

    def do(self, after: float, act: Act) -> None:
        """Do something so many seconds from now."""
        with self.changed:
            heapq.heappush(self.waiting, (time.monotonic() + after, next(self.numbers), act))
            self.changed.notify()

    def stop(self) -> None:
        """Do nothing more."""
        with self.changed:
            self.stopped = True
            self.changed.notify()
        self.thread.join(10)

    def run(self) -> None:
        """Do each act in its time. One that fails is logged, the others go on."""
        while (act := self.next_act()) is not None:
            try:
                act()
            except Exception:
                log.exception("An act of the sandbox failed")

    def next_act(self) -> Act | None:
        """Wait for the next act; nothing when there is none to come any more."""
        with self.changed:
            while not self.stopped:
                left = self.waiting[0][0] - time.monotonic() if self.waiting else None
                if left is not None and left <= 0:
                    return heapq.heappop(self.waiting)[2]
                self.changed.wait(left)
            return None
