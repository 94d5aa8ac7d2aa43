"""What settlement's sides have in common: bets that end somehow, and books in which they must."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from backoffice.bench.databases import Database
from backoffice.bench.settle.bets import Bet, End, digest


class Expected:
    """What must come of the bets that somebody was told about."""

    def __init__(self) -> None:
        self.ends: dict[str, End] = {}
        self.gains: Counter[str] = Counter()

    def note(self, told: Iterable[tuple[Bet, End]]) -> None:
        """Note how bets end, whatever was said of them before."""
        for bet, end in told:
            before = self.ends.get(bet.bet_id)
            self.ends[bet.bet_id] = end
            self.gains[bet.player] += end.payout - (before.payout if before else 0)

    def wrong_ends(self, found: Mapping[str, End]) -> list[str]:
        """Compare the digests of all bets."""
        if digest(found.items()) == digest(self.ends.items()):
            return []
        wrong = [bet_id for bet_id in self.ends if found.get(bet_id) != self.ends[bet_id]]
        first = wrong[0] if wrong else next(iter(found.keys() - self.ends.keys()))
        return [
            f"{len(wrong)} of {len(self.ends)} bets ended wrong; {first} is "
            f"{in_words(found.get(first))} and not {in_words(self.ends.get(first))}"
        ]

    def wrong_balances(self, found: Mapping[str, int], *, before: int) -> list[str]:
        """Compare the balances with what each player had before and what his bets paid."""
        wrong = [ref for ref, holds in found.items() if holds != before + self.gains[ref]]
        if not wrong and self.gains.keys() <= found.keys():
            return []
        first = wrong[0] if wrong else min(self.gains.keys() - found.keys())
        return [
            f"{len(wrong)} of {len(found)} balances are wrong; {first} holds {found.get(first)} "
            f"and not {before + self.gains[first]} minor units"
        ]


def in_words(end: End | None) -> str:
    """Return how a bet ended."""
    return " ".join(map(str, end)) if end else "nowhere"


class SettleSide(ABC):
    """Somebody who settles bets, or does a part of that work."""

    name: str
    about: str

    def __init__(self, *, database: Database) -> None:
        self.database = database

    def open(self) -> None:  # noqa: B027 - most need nothing
        """Make what is needed besides the tickets."""

    @abstractmethod
    def settling(self, round_number: int) -> Callable[[], int]:
        """Return a round's work, which returns how many bets it was about."""

    @abstractmethod
    def wrong_books(self) -> list[str]:
        """Say what is wrong with the books."""

    def prepare(self, round_number: int) -> Callable[[], int]:
        """Return a round's work in the database that it is done in."""
        self.database.enter()
        return self.settling(round_number)

    def complaints(self) -> list[str]:
        """Say what is wrong with the books, whichever database they are in."""
        self.database.enter()
        return self.wrong_books()
