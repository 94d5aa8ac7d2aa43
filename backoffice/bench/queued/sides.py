"""Ours and the limit: messages that wait at a broker, settled by a runner or merely taken."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kombu.connection import Connection

from backoffice.bench.feed.sides import wait
from backoffice.bench.queued.children import BareConsumer, Receiver, Vendor
from backoffice.bench.queued.live import LOOK, stored
from backoffice.bench.queued.telling import Telling
from backoffice.bench.settle.bets import Bet, End, bets
from backoffice.bench.settle.books import Books
from backoffice.bench.settle.side import SettleSide
from feeds.models import Unfinished


def all_settled() -> bool:
    """Whether nothing waits any more."""
    return not Unfinished.objects.exists()


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits at the broker in each round, for tickets of a purpose."""

    purpose: str
    telling: Telling
    of_what: str = ""

    def messages(
        self, books: Books, round_number: int
    ) -> tuple[list[bytes], list[tuple[Bet, End]]]:
        """Return a round's messages, and what the bets come to."""
        some = bets(books.layout.feed_range(self.purpose, round_number))
        return self.telling.settlements(some, round_number)

    def named(self, name: str) -> str:
        """Return the name of a side that gets them."""
        return f"{name}, {self.of_what}" if self.of_what else name

    @property
    def stored(self) -> str:
        """The name of the figure that says how fast they are stored."""
        return self.named("stored and acknowledged")


class Backlog(SettleSide):
    """The runner with messages that wait: it rested while they were published."""

    def __init__(
        self, *, waiting: Waiting, books: Books, vendor: Vendor, receiver: Receiver
    ) -> None:
        super().__init__(database=books.database)
        self.waiting, self.books, self.vendor, self.receiver = waiting, books, vendor, receiver
        self.name = waiting.named("feed")
        self.about = (
            f"manage.py {' '.join(receiver.words[2:])} on one core: from when it goes on until the "
            "last ticket of all messages that waited at RabbitMQ is settled; “stored” until all "
            "are acknowledged; the columns show our process, which only waits"
        )
        self.stored: list[float] = []
        self.bytes: list[float] = []
        self.busy: list[float] = []

    def settling(self, round_number: int) -> Callable[[], int]:
        """Return the taking; the messages wait by then."""
        bodies, ends = self.waiting.messages(self.books, round_number)
        self.books.expected.note(ends)
        before = stored()
        self.receiver.rest()
        self.vendor.push(bodies)

        def settle() -> int:
            began, busy = time.perf_counter(), self.receiver.busy
            self.receiver.go_on()
            wait(lambda: stored() >= before + len(bodies), self.receiver, LOOK)
            seconds = time.perf_counter() - began
            wait(all_settled, self.receiver, LOOK)
            if round_number:
                self.stored.append(len(bodies) / seconds)
                self.bytes.append(sum(map(len, bodies)) / seconds)
                self.busy.append((self.receiver.busy - busy) / len(bodies))
            return len(bodies)

        return settle

    @property
    def told(self) -> str:
        """How fast messages were stored, in words, and how much of a core a message took in all."""
        each = [
            f"{rate:,.0f} ({size / 1e6:,.0f} MB)"
            for rate, size in zip(self.stored, self.bytes, strict=True)
        ]
        took = ", ".join(f"{busy * 1e6:,.0f}" for busy in self.busy)
        return (
            f"{self.waiting.named('Stored')} a second: {', '.join(each)}; until settled each took "
            f"{took} µs of the runner's core."
        )

    def wrong_books(self) -> list[str]:
        """Ask the database's books."""
        return self.books.complaints


class Bare(SettleSide):
    """Nobody reads or stores anything."""

    about = (
        "kombu on the same core, with as many messages on their way and acknowledged at once: it "
        "takes the same messages, looks at none, and stores none"
    )

    def __init__(
        self, *, waiting: Waiting, books: Books, broker: str, consumer: BareConsumer
    ) -> None:
        super().__init__(database=books.database)
        self.waiting, self.books, self.broker, self.consumer = waiting, books, broker, consumer
        self.name = waiting.named("bare consumer")

    def settling(self, round_number: int) -> Callable[[], int]:
        """Return the taking; the messages wait by then."""
        bodies, _ = self.waiting.messages(self.books, round_number)
        queue = f"bench-{self.waiting.purpose}-{round_number}".replace(" ", "-")
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
