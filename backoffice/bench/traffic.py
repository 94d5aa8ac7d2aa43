"""The postings that every side gets: drawn once from a seed, so that all do the same work."""

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar

from wallet.vocabulary import TransferKind

KINDS = (TransferKind.DEPOSIT, TransferKind.SETTLEMENT)
MOST_MINOR_UNITS = 100_00
REPEAT_ONE_IN = 20

Sent = TypeVar("Sent")


class Wanted(NamedTuple):
    """Money for a player, who is known by his place among the players of his side."""

    key: str
    player: int
    kind: TransferKind
    minor: int


def fresh_postings(*, side: str, round_number: int, count: int, players: int) -> list[Wanted]:
    """Return a round's first `count` postings: the same for each side, but for the key."""
    drawn = random.Random(round_number)  # noqa: S311 - nobody gains by guessing these
    return [
        Wanted(
            key=f"{side}:{round_number}:{number}",
            player=drawn.randrange(players),
            kind=drawn.choice(KINDS),
            minor=drawn.randint(1, MOST_MINOR_UNITS),
        )
        for number in range(count)
    ]


def with_repeats(fresh: Sequence[Sent]) -> Iterator[Sent]:
    """Yield what is sent, with an exact repeat of an earlier one after every twentieth."""
    drawn = random.Random(len(fresh))  # noqa: S311 - nobody gains by guessing these
    for number, one in enumerate(fresh, start=1):
        yield one
        if number % REPEAT_ONE_IN == 0:
            yield fresh[drawn.randrange(number)]
