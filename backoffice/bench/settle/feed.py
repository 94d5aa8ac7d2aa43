"""Ours, ticket by ticket: messages of Odds88 through the inbox, in batches or one alone."""

import random
import time
from collections.abc import Callable, Sequence
from statistics import quantiles

from backoffice.bench.settle.bets import Bet, bets
from backoffice.bench.settle.books import Books
from backoffice.bench.settle.messages import sent
from backoffice.bench.settle.side import SettleSide
from backoffice.bench.side import in_batches
from feeds import inbox

FEED = "odds88"
BATCHES, ALONE = "in batches", "alone"


def some_bets(books: Books, purpose: str, round_number: int, most: int | None = None) -> list[Bet]:
    """Return the first bets of a round's fresh range, in no order."""
    ids = list(books.layout.feed_range(purpose, round_number))
    random.Random(round_number).shuffle(ids)  # noqa: S311 - nobody gains by guessing these
    return bets(ids[:most])


def heard(bodies: Sequence[bytes]) -> None:
    """Receive messages and process them, as a feed's two threads do."""
    inbox.process(message_ids=inbox.receive(feed=FEED, bodies=bodies).ids)


class Batches(SettleSide):
    """The inbox as production runs it: the restricted role, every trigger and constraint."""

    def __init__(self, *, name: str, books: Books) -> None:
        super().__init__(database=books.database)
        self.books = books
        self.name = name
        self.about = (
            f"feeds.inbox.receive and process, {inbox.MOST_AT_ONCE:,} messages of Odds88 a call; "
            f"{books.layout.tickets:,} tickets stand there"
        )

    def settling(self, round_number: int) -> Callable[[], int]:
        """Return the calls."""
        some = some_bets(self.books, BATCHES, round_number)
        bodies, ends = sent(some, round_number)
        self.books.expected.note(ends)

        def settle() -> int:
            for batch in in_batches(bodies, inbox.MOST_AT_ONCE):
                heard(batch)
            return len(some)

        return settle

    def wrong_books(self) -> list[str]:
        """Ask the database's books."""
        return self.books.complaints


class Alone(SettleSide):
    """One message after the other, as they come in a quiet hour."""

    name = "one alone"

    def __init__(self, *, books: Books) -> None:
        super().__init__(database=books.database)
        self.books = books
        self.taken: list[float] = []
        self.about = (
            "the same with one message a call, from its bytes to what it pays; "
            f"{books.layout.tickets:,} tickets stand there"
        )

    def settling(self, round_number: int) -> Callable[[], int]:
        """Return the calls, each with its time."""
        some = some_bets(self.books, ALONE, round_number)
        bodies, ends = sent(some, round_number)
        self.books.expected.note(ends)

        def settle() -> int:
            taken = [seconds(body) for body in bodies]
            if round_number:
                self.taken += taken
            return len(some)

        return settle

    def wrong_books(self) -> list[str]:
        """Ask the database's books."""
        return self.books.complaints

    def percentile(self, percent: int) -> float:
        """Return in how many seconds so many of a hundred messages were done."""
        return quantiles(self.taken, n=100)[percent - 1]


def seconds(body: bytes) -> float:
    """Return how long a message took, from received to committed."""
    start = time.perf_counter()
    heard([body])
    return time.perf_counter() - start
