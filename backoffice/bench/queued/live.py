"""What is seen while messages go on: how many are not stored yet, and how long a ticket waits."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from django.db import connection
from kombu.connection import Connection

from backoffice.bench.queued.children import Vendor
from settlement.models import Ticket

CHUNKS_A_SECOND = 10
LOOK = 0.02


def stored() -> int:
    """Return how many messages are stored."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM feeds_feedmessage")
        return int(cursor.fetchone()[0])


class Pushing:
    """A thread that publishes so many messages a second, and notes when.

    Before each of them comes so much that settles nothing, which `others` publishes.
    """

    def __init__(
        self,
        vendor: Vendor,
        bodies: Sequence[bytes],
        rate: float,
        *,
        beside: int = 0,
        others: Callable[[int], None] = lambda count: None,
    ) -> None:
        self.vendor, self.bodies = vendor, bodies
        self.beside, self.others = beside, others
        self.chunk = max(1, round(rate / CHUNKS_A_SECOND))
        self.pause = self.chunk / rate
        self.pushed: list[float] = []  # When each message was about to be published.
        self.took = 0.0
        self.enough = threading.Event()
        self.thread = threading.Thread(target=self.push)
        self.thread.start()

    def push(self) -> None:
        """Publish until all is said or it is enough."""
        due = began = time.perf_counter()
        for start in range(0, len(self.bodies), self.chunk):
            if self.enough.wait(max(0.0, due - time.perf_counter())):
                return
            some = list(self.bodies[start : start + self.chunk])
            if self.beside:
                self.others(self.beside * len(some))
            self.pushed += [time.perf_counter()] * len(some)
            self.vendor.push(some)
            due += self.pause
            self.took = time.perf_counter() - began

    @property
    def is_over(self) -> bool:
        """Whether all is said."""
        return not self.thread.is_alive()

    def stop(self) -> None:
        """Publish no more."""
        self.enough.set()
        self.thread.join()


class Queue:
    """A queue whose depth the broker is asked for."""

    def __init__(self, broker: str, name: str) -> None:
        connect: Callable[..., Any] = Connection  # Its library has no annotations.
        self.connection, self.name = connect(broker), name

    def __enter__(self) -> Self:
        self.channel = self.connection.channel()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.connection.release()

    def depth(self) -> int:
        """Return how many messages wait there; those on their way to a consumer don't count."""
        return int(self.channel.queue_declare(self.name, passive=True).message_count)


@dataclass(slots=True)
class Watch:
    """Looks again and again how far the receiver is behind what is pushed.

    For each message that is stored there are so many more `beside` it.
    """

    before: int
    pushing: Pushing
    depth: Callable[[], int] = lambda: 0
    deepest: int = 0
    longest: float = 0.0

    def look(self) -> None:
        """Note how many messages are not stored, and for how long the oldest has waited."""
        self.deepest = max(self.deepest, self.depth())
        now, there, pushed = time.perf_counter(), stored() - self.before, len(self.pushing.pushed)
        if there < pushed:
            self.deepest = max(self.deepest, (pushed - there) * (1 + self.pushing.beside))
            self.longest = max(self.longest, now - self.pushing.pushed[there])

    def until(self, done: Callable[[], bool]) -> None:
        """Look until something is so."""
        while not done():
            self.look()
            time.sleep(LOOK)


def newly_settled(bet_ids: Sequence[str]) -> set[str]:
    """Return those of these bets that are settled."""
    found = Ticket.objects.filter(bet_id__in=bet_ids, status="SETTLED")
    return set(found.values_list("bet_id", flat=True))


def is_paid(last: int) -> bool:
    """Whether none of the first so many tickets is open."""
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [last])
        return cursor.fetchone() is None


OPEN = "SELECT FROM settlement_ticket WHERE id <= %s AND status = 'OPEN' LIMIT 1"
