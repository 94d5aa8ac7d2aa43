"""What we have of a ticket beside what a provider says of it, field by field."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg as one side has it; `result` is empty while it is not decided."""

    name: str
    result: str


@dataclass(frozen=True, slots=True)
class Side:
    """A ticket as one side has it. Amounts are in major units, `None` where nothing is said."""

    status: str
    result: str
    payout: Fraction | None
    payout_text: str
    stake: Fraction | None
    stake_text: str
    legs: tuple[Leg, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One field on both sides. What one side says nothing of is no difference."""

    field: str
    ours: str
    theirs: str
    differs: bool


def compare(ours: Side, theirs: Side) -> list[Compared]:
    """Return all fields of a ticket, ours beside theirs."""
    return [
        words("status", ours.status, theirs.status),
        words("result", ours.result, theirs.result),
        Compared("payout", ours.payout_text, theirs.payout_text, other(ours.payout, theirs.payout)),
        Compared("stake", ours.stake_text, theirs.stake_text, other(ours.stake, theirs.stake)),
        *[
            words(f"leg {number}: {one.name}", one.result, another.result)
            for number, (one, another) in enumerate(zip(ours.legs, theirs.legs, strict=True), 1)
        ],
    ]


def words(field: str, ours: str, theirs: str) -> Compared:
    """Compare two words; an undecided leg of ours differs from one that they have decided."""
    return Compared(field, ours, theirs, bool(theirs) and ours != theirs)


def other(ours: Fraction | None, theirs: Fraction | None) -> bool:
    """Whether they name an amount that we have not."""
    return theirs is not None and ours != theirs
