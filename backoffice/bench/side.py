"""What the wallet's sides have in common: fresh input for each round, and what must come of it."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from backoffice.bench.traffic import Wanted, fresh_postings, with_repeats

Row = TypeVar("Row")


class WalletSide(ABC):
    """A ledger that posts `size` new movements a round for `players` players."""

    name: str
    about: str
    takes_repeats = True

    def __init__(self, *, size: int, players: int) -> None:
        self.size = size
        self.players = players
        self.expected: Counter[int] = Counter()

    @abstractmethod
    def open(self) -> None:
        """Open the players' accounts."""

    @abstractmethod
    def posting(self, wanted: Sequence[Wanted]) -> Callable[[], None]:
        """Put the input into this ledger's own words; return what posts it."""

    @abstractmethod
    def complaints(self) -> list[str]:
        """Say what is wrong with the books."""

    def prepare(self, round_number: int) -> Callable[[], int]:
        """Return a round's work, which returns how many movements it added."""
        fresh = fresh_postings(
            side=self.name, round_number=round_number, count=self.size, players=self.players
        )
        for wanted in fresh:
            self.expected[wanted.player] += wanted.minor
        post = self.posting(list(with_repeats(fresh)) if self.takes_repeats else fresh)

        def work() -> int:
            post()
            return len(fresh)

        return work

    def wrong_balances(self, found: Mapping[int, int]) -> list[str]:
        """Compare the balances, by the player's place, with those that the input leads to."""
        wrong = [
            place for place in range(self.players) if found.get(place, 0) != self.expected[place]
        ]
        if not wrong:
            return []
        first = wrong[0]
        return [
            f"{len(wrong)} of {self.players} balances are wrong; player {first} holds "
            f"{found.get(first, 0)} and not {self.expected[first]} minor units"
        ]


def in_batches(rows: Sequence[Row], size: int) -> Iterator[Sequence[Row]]:
    """Yield the rows in runs of `size`."""
    return (rows[start : start + size] for start in range(0, len(rows), size))
