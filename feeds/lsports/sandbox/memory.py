"""Queues of this process, read over HTTP: they stay when nobody reads them."""

import threading
import time
from collections.abc import Callable

from feeds.sandboxes import queues
from feeds.sandboxes.counts import Counts
from feeds.sandboxes.http import Request, Response
from feeds.sandboxes.queues import Acts, acknowledge, depth, take
from feeds.sandboxes.waiting import Delivery, Gone, Queue, Refused

AWAY = 5.0  # Who has asked for nothing for so many seconds is no consumer.


class Reading:
    """Who reads a queue, and who did before."""

    def __init__(self) -> None:
        self.reader: str | None = None
        self.replaced: set[str] = set()
        self.asked_at = 0.0

    def by(self, reader: str, counts: Counts) -> bool:
        """Note who reads; say whether that is somebody else than before.

        Who comes back after another took his place reads at the same time as that one.
        """
        self.asked_at = time.monotonic()
        if reader == self.reader:
            return False
        if reader in self.replaced:
            counts.add("second_readers")
            counts.add("violations")
        if self.reader is not None:
            self.replaced.add(self.reader)
        self.reader = reader
        return True


class MemoryQueue:
    """A package's queue."""

    def __init__(self, name: str, counts: Counts) -> None:
        self.name = name
        self.counts = counts
        self.changed = threading.Condition()
        self.queue = Queue()
        self.reading = Reading()
        self.refused_until = 0.0
        self.closed = False

    def publish(self, sent_at: int, body: bytes) -> None:
        """Let a message wait at the end."""
        with self.changed:
            self.queue.put(self.name, sent_at, body)
            self.changed.notify_all()
        self.counts.add("messages_published")

    def take(self, most: int, wait: float, reader: str) -> list[Delivery]:
        """Return the next messages; a new reader gets again what the last one left behind."""
        until = time.monotonic() + wait
        with self.changed:
            self.admit()
            if self.reading.by(reader, self.counts):
                self.counts.add("messages_redelivered", self.queue.hand_back())
            while not self.queue.waiting and not self.closed:
                left = until - time.monotonic()
                if left <= 0:
                    break
                self.changed.wait(left)
                self.admit()
            return self.queue.take(most) if reader == self.reading.reader else []

    def admit(self) -> None:
        """Let nobody read while the broker refuses it."""
        if time.monotonic() < self.refused_until:
            self.counts.add("refused_consumers")
            raise Refused(f"ACCESS_REFUSED: queue {self.name} in exclusive use.")

    def acknowledge(self, tag: int, reader: str) -> int:
        """Forget what its reader has got, up to a tag."""
        with self.changed:
            return self.queue.acknowledge(tag) if reader == self.reading.reader else 0

    def counted(self) -> tuple[int, int]:
        """Return how many messages wait, and how many are not acknowledged."""
        with self.changed:
            return len(self.queue.waiting), len(self.queue.delivered)

    def depth(self) -> int:
        """Return how many messages there are."""
        return sum(self.counted())

    def consumers(self) -> int:
        """Return how many read it."""
        return int(time.monotonic() - self.reading.asked_at < AWAY)

    def refuse(self, seconds: float) -> None:
        """Let nobody consume for a while."""
        with self.changed:
            self.refused_until = time.monotonic() + seconds
            self.changed.notify_all()

    def tend(self) -> None:
        """Nothing is due."""

    def close(self) -> None:
        """Let nobody wait any longer."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()


class MemoryQueues:
    """The queues of all packages, by their names."""

    def __init__(self, found: Callable[[str], MemoryQueue | None]) -> None:
        self.found = found

    def queue(self, name: str) -> MemoryQueue:
        """Return a queue."""
        queue = self.found(name)
        if queue is None:
            raise Gone(f"There is no queue {name}.")
        return queue

    def take(self, name: str, most: int, wait: float, reader: str = "") -> list[Delivery]:
        """Return the next messages of a queue; wait a while for the first."""
        return self.queue(name).take(most, wait, reader)

    def acknowledge(self, name: str, tag: int, reader: str = "") -> int:
        """Forget what was delivered up to a tag; return how many that were."""
        return self.queue(name).acknowledge(tag, reader)

    def depth(self, name: str) -> tuple[int, int]:
        """Return how many messages of a queue wait, and how many are not acknowledged."""
        return self.queue(name).counted()

    def serve(self, request: Request) -> Response:
        """Do what is asked of a queue. It can be neither made nor deleted."""
        return queues.serve(ACTS, self, request)


ACTS: Acts[MemoryQueues] = {
    ("GET", None): take,
    ("POST", "ack"): acknowledge,
    ("GET", "depth"): depth,
}
