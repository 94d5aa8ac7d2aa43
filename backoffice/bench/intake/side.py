"""What the intake's sides have in common: fresh tickets each round, and what must come of them."""

import hashlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from backoffice.bench.databases import Database
from backoffice.bench.intake.tickets import Ticket, fresh_tickets, player_ref
from backoffice.bench.traffic import with_repeats

DEPOSIT = 100_000_00  # What each player brings, in minor units: enough for every run.
SUMS = 2**64
# Where a stored leg keeps what `legs_of` gives, with our models and with the peer's.
STORED_LEG = (
    "ticket__bet_id", "ticket__player__external_id", "ticket__stake", "position",
    "outcome__market__event__ref", "outcome__market__ref", "outcome__market__specifiers",
    "outcome__ref", "price",
)  # fmt: skip


class IntakeSide(ABC):
    """Somebody who takes in `size` new tickets a round, of `players` players."""

    name: str
    about: str
    takes_repeats = True

    def __init__(self, *, database: Database, size: int, players: int) -> None:
        self.database = database
        self.size = size
        self.players = players
        self.tickets = 0
        self.stakes: Counter[str] = Counter()
        self.legs = 0

    @abstractmethod
    def open(self) -> None:
        """Open the players' accounts, with money, and the events of the day."""

    @abstractmethod
    def taking_in(self, sent: Sequence[Ticket]) -> Callable[[], None]:
        """Return what takes the tickets in."""

    @abstractmethod
    def wrong_books(self) -> list[str]:
        """Say what is wrong with the books."""

    def prepare(self, round_number: int) -> Callable[[], int]:
        """Return a round's work, which returns how many tickets it added."""
        self.database.enter()
        fresh = fresh_tickets(
            side=self.name, round_number=round_number, count=self.size, players=self.players
        )
        for ticket in fresh:
            self.expect(ticket)
        take_in = self.taking_in(list(with_repeats(fresh)) if self.takes_repeats else fresh)

        def work() -> int:
            take_in()
            return len(fresh)

        return work

    def expect(self, ticket: Ticket) -> None:
        """Note what must stand in the books for a ticket."""
        self.tickets += 1
        self.stakes[ticket["player"]] += minor_units(ticket["stake"])
        self.legs = (self.legs + sum_of_legs(legs_of(ticket))) % SUMS

    def complaints(self) -> list[str]:
        """Say what is wrong with the books, whichever database they are in."""
        self.database.enter()
        return self.wrong_books()

    def wrong_tickets(self, *, count: int, legs: int) -> list[str]:
        """Compare how many tickets there are, and all that stands in them."""
        if count != self.tickets:
            return [f"there are {count} tickets and not {self.tickets}"]
        return [] if legs == self.legs else ["the legs are not those that were brought"]

    def wrong_balances(
        self, found: Mapping[str, int | None], *, before: int = DEPOSIT
    ) -> list[str]:
        """Compare the balances with what each player had before, less his stakes."""
        refs = [player_ref(place) for place in range(self.players)]
        wrong = [ref for ref in refs if found.get(ref) != before - self.stakes[ref]]
        if not wrong:
            return []
        return [
            f"{len(wrong)} of {self.players} balances are wrong; {wrong[0]} holds "
            f"{found.get(wrong[0])} and not {before - self.stakes[wrong[0]]} minor units"
        ]


def minor_units(amount: str) -> int:
    """Return an amount of two places in minor units."""
    return int(amount.replace(".", ""))


def legs_of(ticket: Ticket) -> Iterator[tuple[Any, ...]]:
    """Yield a ticket's legs with all that must be kept of them."""
    for position, leg in enumerate(ticket["selections"], start=1):
        yield (
            ticket["bet_id"], ticket["player"], minor_units(ticket["stake"]), position,
            leg["event"], leg["market"], leg["specifiers"], leg["outcome"], leg["price"],
        )  # fmt: skip


def sum_of_legs(legs: Iterable[tuple[Any, ...]]) -> int:
    """Return a sum that hangs on every word of every leg, and not on their order."""
    digests = (hashlib.sha256("\t".join(map(str, leg)).encode()).digest() for leg in legs)
    return sum(int.from_bytes(digest[:8], "big") for digest in digests) % SUMS
