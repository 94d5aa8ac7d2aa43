"""Where a feed's benchmark is played: a broker, a database with tickets, and the programs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, connections

from backoffice.bench import machine
from backoffice.bench.databases import Database
from backoffice.bench.feed.sides import wait
from backoffice.bench.intake.opening import add_players
from backoffice.bench.intake.run import analyse
from backoffice.bench.measuring import Say, Size
from backoffice.bench.queued.children import Receiver, Vendor
from backoffice.bench.queued.stock import BACKLOG, HOT, STEADY, stock
from backoffice.bench.queued.telling import Telling
from backoffice.bench.rabbitmq import rabbitmq
from backoffice.bench.scratch import moved
from backoffice.bench.settle.books import Books
from backoffice.bench.settle.layout import Layout

FIRST_ROUND = 20  # Tickets of the round that warms up, at least.


@dataclass(frozen=True, slots=True)
class QueuedSize(Size):
    """How much a run does."""

    players: int
    backlog: int
    rate: int
    seconds: int
    market: int
    beside: int
    story: int


@dataclass(frozen=True, slots=True)
class Provider:
    """Whose feed is measured: what he says, and the programs that say and hear it."""

    title: str
    telling: Telling
    vendor: Callable[[str], Vendor]
    receiver: Callable[[Vendor, str], Receiver]
    is_up: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a benchmark is played: the broker, the books and the programs."""

    provider: Provider
    broker: str
    here: Database
    found: machine.Machine
    books: Books
    vendor: Vendor
    receiver: Receiver


def layout(size: QueuedSize, more: Mapping[str, Sequence[int]] | None = None) -> Layout:
    """Return what stands in the database: the big market's tickets first."""
    feed = {
        BACKLOG: rounds_of(size.backlog, size.rounds),
        STEADY: [size.rate * size.seconds],
        **(more or {}),
    }
    needed = sum(map(sum, feed.values())) + size.market
    left = -needed % size.players  # As many for each player.
    return Layout(tickets=needed + left, feed=feed, markets={HOT: [size.market + left]})


def rounds_of(count: int, rounds: int) -> list[int]:
    """Return the tickets of each round, and those of the one that warms up."""
    return [max(FIRST_ROUND, count // 10)] + [count] * rounds


@contextmanager
def staged(provider: Provider, layout: Layout, players: int, say: Say) -> Iterator[Stage]:
    """Start the programs, and fill a database."""
    with ExitStack() as stack:
        broker = stack.enter_context(rabbitmq())
        found = machine.look()
        here = Database(connection.settings_dict["NAME"])
        connections.close_all()
        here.enter()
        vendor = provider.vendor(broker)
        stack.callback(vendor.end)
        receiver = provider.receiver(vendor, moved(settings.DATABASE_URL, here.name))
        stack.callback(receiver.end)
        wait(provider.is_up, receiver)  # Before there are tickets: it may ask about all of them.
        say(f"opening {players:,} accounts")
        add_players(players)
        books = Books(database=here, layout=layout, stock=stock(provider.telling.offer))
        books.fill(say)
        analyse(here)
        yield Stage(provider, broker, here, found, books, vendor, receiver)
