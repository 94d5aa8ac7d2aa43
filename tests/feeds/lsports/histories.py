"""Stories of a fixture's bets by chance: settled, taken back, settled anew, open again, odd."""

import random
from collections.abc import Callable

from tests.feeds.lsports.trade import (
    LAYOUTS,
    clock,
    event,
    flat,
    market,
    message,
    nested,
    snapshot,
    told,
)
from tests.settlement.asked import Json

BETS = ("11", "12")
CODES = (1, 2, 2, 3, 4, 5, -1, -1)
SHAPES: tuple[tuple[Callable[..., Json], dict[str, int]], ...] = (
    (message, {"kind": 35}), (nested, {"kind": 42}), (flat, {"kind": 43}), (message, {"kind": 42}),
    (snapshot, {}),
)  # fmt: skip


def history(chance: random.Random, length: int) -> list[bytes]:
    """Return so many messages about the fixture, in any layout."""
    return [one_message(chance) for _ in range(length)]


def one_message(chance: random.Random, fixture: int | None = None, span: int = 12) -> bytes:
    """Return a message about one market or both."""
    at = chance.randrange(span)
    markets = [
        market(*[one_bet(chance, ref, span) for ref in chance.sample(BETS, chance.randint(1, 2))],
               ref=ref)
        for ref in chance.sample((1, 2), chance.randint(1, 2))
    ]  # fmt: skip
    about = event(*markets) if fixture is None else event(*markets, fixture=fixture)
    shape, words = chance.choice(SHAPES)
    layout = chance.choice(
        [one for one in LAYOUTS if shape is not snapshot or "at" not in one.__name__]
    )
    return layout(shape(about, at=at, **words))


def one_bet(chance: random.Random, ref: str, span: int) -> Json:
    """Return a bet, mostly settled."""
    at = chance.randrange(span)
    if chance.random() < 0.15:
        return told(ref, None, at, Status=chance.choice((1, 2)))
    if chance.random() < 0.05:
        return told(ref, chance.choice((0, 7, "x")), at)
    words = {"LastUpdate": chance.choice((clock(at), clock(at).replace("Z", ".0000001Z")))}
    return told(ref, chance.choice(CODES), at, **words)
