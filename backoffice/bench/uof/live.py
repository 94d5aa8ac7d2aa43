"""What is seen while messages go on: how many are not stored yet, and how long a ticket waits."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import connection

from backoffice.bench.uof.children import Vendor
from backoffice.bench.uof.sides import LOOK, stored
from settlement.models import Ticket

CHUNKS_A_SECOND = 10


class Pushing:
    """A thread that publishes so many messages a second, and notes when."""

    def __init__(self, vendor: Vendor, bodies: Sequence[bytes], rate: int) -> None:
        self.vendor, self.bodies = vendor, bodies
        self.chunk = max(1, rate // CHUNKS_A_SECOND)
        self.pause = self.chunk / rate
        self.pushed: list[float] = []  # When each message was about to be published.
        self.enough = threading.Event()
        self.thread = threading.Thread(target=self.push)
        self.thread.start()

    def push(self) -> None:
        """Publish until all is said or it is enough."""
        due = time.perf_counter()
        for start in range(0, len(self.bodies), self.chunk):
            if self.enough.wait(max(0.0, due - time.perf_counter())):
                return
            some = list(self.bodies[start : start + self.chunk])
            self.pushed += [time.perf_counter()] * len(some)
            self.vendor.push(some)
            due += self.pause

    @property
    def is_over(self) -> bool:
        """Whether all is said."""
        return not self.thread.is_alive()

    def stop(self) -> None:
        """Publish no more."""
        self.enough.set()
        self.thread.join()


@dataclass(slots=True)
class Watch:
    """Looks again and again how far the receiver is behind what is pushed."""

    before: int
    pushing: Pushing
    deepest: int = 0
    longest: float = 0.0

    def look(self) -> None:
        """Note how many messages are not stored, and for how long the oldest has waited."""
        now, there, pushed = time.perf_counter(), stored() - self.before, len(self.pushing.pushed)
        if there < pushed:
            self.deepest = max(self.deepest, pushed - there)
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
