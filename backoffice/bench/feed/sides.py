"""Ours and the peer: the same messages, by a feed's runner and by a Celery task for each."""

import time
from collections.abc import Callable

from django.db import connection

from backoffice.bench.feed.children import QUEUE, Child, Receiver, Vendor, Worker
from backoffice.bench.models import NaiveChange, NaiveMessage
from backoffice.bench.settle.books import Books
from backoffice.bench.settle.feed import ALONE, BATCHES, some_bets
from backoffice.bench.settle.messages import sent
from backoffice.bench.settle.naive_books import NaiveBooks
from backoffice.bench.settle.side import SettleSide
from backoffice.bench.tasks import settle_one
from feeds.models import FeedLease, Unfinished
from settlement.models import Ticket
from settlement.reviews import close_about
from settlement.vocabulary import ReviewKind

LOOK = 0.1  # seconds
PATIENCE = 900.0
PAUSE = 0.02


class TookTooLong(Exception):
    """A side was not done in time."""


def wait(done: Callable[[], bool], child: Child, look: float = LOOK) -> None:
    """Wait until something is so, as long as a process lives."""
    deadline = time.monotonic() + PATIENCE
    while not done():
        child.check()
        if time.monotonic() > deadline:
            raise TookTooLong(f"Not done within {PATIENCE:g} seconds.")
        time.sleep(look)


class Live(SettleSide):
    """The runner, in a process of its own: over a WebSocket, through both of its threads."""

    name = "feed"
    about = (
        "manage.py run_feed odds88: from the vendor's push over a WebSocket, in a process of its "
        "own, until every balance stands; the columns show our process, which only waits"
    )

    def __init__(self, *, books: Books, vendor: Vendor, receiver: Receiver) -> None:
        super().__init__(database=books.database)
        self.books, self.vendor, self.receiver = books, vendor, receiver
        self.memory: list[int] = []

    def open(self) -> None:
        """Wait for the connection. It asks about the bets that it finds, which are months old."""
        wait(FeedLease.objects.filter(state="RECEIVING").exists, self.receiver)
        close_about(ReviewKind.FEED_GAP, ["feed:odds88"])

    def settling(self, round_number: int) -> Callable[[], int]:
        """Return the pushing, and the waiting for its end."""
        bodies, ends = sent(some_bets(self.books, BATCHES, round_number), round_number)
        self.books.expected.note(ends)
        self.memory.append(self.receiver.memory)
        before = FeedLease.objects.get().messages

        def settle() -> int:
            self.vendor.push(bodies)
            wait(lambda: self.received() >= before + len(bodies), self.receiver)
            wait(lambda: not Unfinished.objects.exists(), self.receiver)
            return len(bodies)

        return settle

    def received(self) -> int:
        """Return how many messages are stored."""
        self.memory.append(self.receiver.memory)
        return FeedLease.objects.get().messages

    def wrong_books(self) -> list[str]:
        """Ask the database's books."""
        return self.books.complaints


class Idle(SettleSide):
    """One message after the other, each when the feed has nothing else to do."""

    name = "one alone"
    about = "the same with one message at a time: from before its push until its ticket is settled"

    def __init__(self, *, books: Books, vendor: Vendor, receiver: Receiver) -> None:
        super().__init__(database=books.database)
        self.books, self.vendor, self.receiver = books, vendor, receiver
        self.taken: list[float] = []

    def settling(self, round_number: int) -> Callable[[], int]:
        """Return the pushes, each with its time."""
        some = some_bets(self.books, ALONE, round_number)
        bodies, ends = sent(some, round_number)
        self.books.expected.note(ends)
        ids = {bet.bet_id for bet in some}

        def settle() -> int:
            for body in bodies:
                bet_id = body.partition(b'"betId":"')[2].partition(b'"')[0].decode()
                self.one(body, bet_id.rpartition(":")[2], timed=bool(round_number))
            return len(ids)

        return settle

    def one(self, body: bytes, bet_id: str, *, timed: bool) -> None:
        """Push a message; note how long its ticket took. A repeat changes nothing to wait for."""
        fresh = Ticket.objects.filter(bet_id=bet_id, status="OPEN").exists()
        start = time.perf_counter()
        self.vendor.push([body])
        if fresh:
            wait(lambda: settled(bet_id), self.receiver, look=0.001)
            if timed:
                self.taken.append(time.perf_counter() - start)
        time.sleep(PAUSE)

    def wrong_books(self) -> list[str]:
        """Ask the database's books."""
        return self.books.complaints


def settled(bet_id: str) -> bool:
    """Whether a ticket is settled."""
    with connection.cursor() as cursor:
        cursor.execute(SETTLED, [bet_id])
        return bool(cursor.fetchone())


SETTLED = "SELECT 1 FROM settlement_ticket WHERE bet_id = %s AND status = 'SETTLED'"


class Tasks(SettleSide):
    """The peer: every message is a Celery task, which settles one bet with the ORM."""

    name = "a task a message"
    about = (
        "the same messages without a socket: each is sent as a Celery task to two processes, over "
        "Valkey; the task settles with Django's ORM on tables of its own, with a commit each"
    )

    def __init__(self, *, books: Books, size: int, worker: Worker) -> None:
        super().__init__(database=books.database)
        self.ours, self.size, self.worker = books, size, worker
        self.books = NaiveBooks()

    def open(self) -> None:
        """Open the accounts."""
        self.books.open()

    def settling(self, round_number: int) -> Callable[[], int]:
        """Return the sending, and the waiting for its end."""
        some = some_bets(self.ours, BATCHES, round_number, self.size)
        bodies, ends = sent(some, round_number)
        self.books.add(some)
        self.books.expected.note(ends)
        before, changes = NaiveMessage.objects.count(), NaiveChange.objects.count()

        def settle() -> int:
            for body in bodies:
                settle_one.apply_async(
                    kwargs={"body": body.decode(), "house": self.books.house.pk}, queue=QUEUE
                )
            every = before + len(set(bodies))
            wait(lambda: NaiveMessage.objects.count() >= every, self.worker)
            wait(lambda: NaiveChange.objects.count() >= changes + len(some), self.worker)
            return len(bodies)

        return settle

    def wrong_books(self) -> list[str]:
        """Ask its books."""
        return self.books.complaints()
