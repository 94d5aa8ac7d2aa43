"""Publishing to queues in this process, read over HTTP: no broker needed."""

import secrets
import threading
import time
from collections.abc import Sequence

from feeds.sandboxes.counts import Counts
from feeds.sandboxes.waiting import Delivery, Gone, Queue, Refused
from feeds.sportradar.sandbox.keys import matches
from feeds.sportradar.sandbox.options import Options
from feeds.sportradar.windows import Windows


class BoundQueue(Queue):
    """A queue that takes what its bindings match, and that somebody asks for."""

    def __init__(self, bindings: Sequence[str], now: float) -> None:
        super().__init__()
        self.bindings = tuple(bindings)
        self.routes: dict[str, bool] = {}
        self.asked_at = now

    def takes(self, key: str) -> bool:
        """Say whether a message with this key is for this queue."""
        if key not in self.routes:
            if len(self.routes) > 100_000:
                self.routes.clear()
            self.routes[key] = any(matches(binding, key) for binding in self.bindings)
        return self.routes[key]


class MemoryPublisher:
    """A topic exchange with queues that die when nobody asks for them."""

    def __init__(self, counts: Counts, options: Options, windows: Windows) -> None:
        self.counts = counts
        self.options = options
        self.windows = windows
        self.changed = threading.Condition()
        self.queues: dict[str, BoundQueue] = {}
        self.suspended_until = 0.0
        self.closed = False

    def publish(self, key: str, sent_at: int, body: bytes) -> None:
        """Put a message into each queue that is bound to it."""
        with self.changed:
            found = [name for name, queue in self.queues.items() if queue.takes(key)]
            for name in found:
                self.queues[name].put(key, sent_at, body)
                if self.queues[name].depth > self.options.most_waiting:
                    self.suspend(name)
            self.changed.notify_all()
        self.counts.add("messages_published")
        if not found:
            self.counts.add("messages_unroutable")

    def suspend(self, name: str) -> None:
        """Punish a reader that is too slow, as the provider does: with all of its queues."""
        self.suspended_until = time.monotonic() + self.options.suspended * self.windows.minute
        self.counts.add("queues_overflowed")
        self.counts.add("violations")
        for one in list(self.queues):
            self.remove(one)

    def declare(self, bindings: Sequence[str]) -> str:
        """Return the name of a new queue."""
        with self.changed:
            if time.monotonic() < self.suspended_until:
                raise Refused("The account is suspended: a queue held too many messages.")
            if len(self.queues) >= self.options.most_queues:
                self.counts.add("violations")
                raise Refused(f"There are {len(self.queues)} connections already.")
            name = f"amq.gen-{secrets.token_urlsafe(16)}"
            self.queues[name] = BoundQueue(bindings, time.monotonic())
            self.counts.queues(+1)
            return name

    def take(self, name: str, most: int, wait: float, reader: str = "") -> list[Delivery]:
        """Return the next messages of a queue; wait a while for the first."""
        until = time.monotonic() + wait
        with self.changed:
            while not (queue := self.queue(name)).waiting and not self.closed:
                left = until - time.monotonic()
                if left <= 0:
                    break
                self.changed.wait(left)
            return queue.take(most)

    def acknowledge(self, name: str, tag: int, reader: str = "") -> int:
        """Forget what was delivered up to a tag; return how many that were."""
        with self.changed:
            return self.queue(name).acknowledge(tag)

    def depth(self, name: str) -> tuple[int, int]:
        """Return how many messages of a queue wait, and how many are not acknowledged."""
        with self.changed:
            queue = self.queue(name)
            return len(queue.waiting), len(queue.delivered)

    def delete(self, name: str) -> None:
        """Let a queue go."""
        with self.changed:
            self.queue(name)
            self.remove(name)

    def queue(self, name: str) -> BoundQueue:
        """Return a queue that somebody asks for."""
        if name not in self.queues:
            raise Gone(f"There is no queue {name}.")
        self.queues[name].asked_at = time.monotonic()
        return self.queues[name]

    def remove(self, name: str) -> None:
        """Forget a queue and wake who waits for it."""
        del self.queues[name]
        self.counts.queues(-1)
        self.changed.notify_all()

    def tend(self) -> None:
        """Forget the queues that nobody has asked for in a while."""
        dead = time.monotonic() - self.windows.dead
        with self.changed:
            for name in [name for name, one in self.queues.items() if one.asked_at < dead]:
                self.counts.add("queues_expired")
                self.remove(name)

    def drop(self) -> None:
        """Forget all queues, as if all connections had died."""
        with self.changed:
            for name in list(self.queues):
                self.remove(name)

    def close(self) -> None:
        """Let nobody wait any longer."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()
