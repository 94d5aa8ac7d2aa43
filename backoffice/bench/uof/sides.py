"""Ours and the limit: messages that wait at a broker, settled by a runner or merely taken."""

import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from kombu.connection import Connection

from backoffice.bench.feed.sides import wait
from backoffice.bench.settle.bets import bets
from backoffice.bench.settle.books import Books
from backoffice.bench.settle.side import SettleSide
from backoffice.bench.uof.children import BareConsumer, Receiver, Vendor
from backoffice.bench.uof.messages import settlements
from backoffice.bench.uof.stock import BACKLOG
from feeds.models import Unfinished

LOOK = 0.02


def stored() -> int:
    """Return how many messages are stored."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM feeds_feedmessage")
        return int(cursor.fetchone()[0])


def all_settled() -> bool:
    """Whether nothing waits any more."""
    return not Unfinished.objects.exists()


class Backlog(SettleSide):
    """The runner with messages that wait: it rested while they were published."""

    name = "feed"
    about = (
        "manage.py run_feed sportradar on one core: from when it goes on until the last ticket of "
        "all messages that waited at RabbitMQ is settled; “stored” until all are acknowledged; the "
        "columns show our process, which only waits"
    )

    def __init__(self, *, books: Books, vendor: Vendor, receiver: Receiver) -> None:
        super().__init__(database=books.database)
        self.books, self.vendor, self.receiver = books, vendor, receiver
        self.stored: list[float] = []

    def settling(self, round_number: int) -> Callable[[], int]:
        """Return the taking; the messages wait by then."""
        some = bets(self.books.layout.feed_range(BACKLOG, round_number))
        bodies, ends = settlements(some, round_number)
        self.books.expected.note(ends)
        before = stored()
        self.receiver.rest()
        self.vendor.push(bodies)

        def settle() -> int:
            began = time.perf_counter()
            self.receiver.go_on()
            wait(lambda: stored() >= before + len(bodies), self.receiver, LOOK)
            if round_number:
                self.stored.append(len(bodies) / (time.perf_counter() - began))
            wait(all_settled, self.receiver, LOOK)
            return len(bodies)

        return settle

    def wrong_books(self) -> list[str]:
        """Ask the database's books."""
        return self.books.complaints


class Bare(SettleSide):
    """Nobody reads or stores anything."""

    name = "bare consumer"
    about = (
        "kombu on the same core, with as many messages on their way and acknowledged at once: it "
        "takes the same messages, looks at none, and stores none"
    )

    def __init__(self, *, books: Books, broker: str, consumer: BareConsumer) -> None:
        super().__init__(database=books.database)
        self.books, self.broker, self.consumer = books, broker, consumer

    def settling(self, round_number: int) -> Callable[[], int]:
        """Return the taking; the messages wait by then."""
        some = bets(self.books.layout.feed_range(BACKLOG, round_number))
        bodies, _ = settlements(some, round_number)
        queue = f"bench-{round_number}"
        fill(self.broker, queue, bodies)

        def take() -> int:
            self.consumer.tell(queue, len(bodies))
            self.consumer.wait()
            return len(bodies)

        return take

    def wrong_books(self) -> list[str]:
        """It has none."""
        return []


def fill(broker: str, queue: str, bodies: list[bytes]) -> None:
    """Put messages into a queue, and wait until the broker has them all."""
    connect: Callable[..., Any] = Connection
    with connect(broker) as session:
        channel = session.channel()
        channel.queue_declare(queue, auto_delete=False)
        for body in bodies:
            channel.basic_publish(channel.prepare_message(body), "", queue)
        while channel.queue_declare(queue, passive=True).message_count < len(bodies):
            time.sleep(LOOK)
