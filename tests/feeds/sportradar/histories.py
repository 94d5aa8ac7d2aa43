"""Histories of one event, made by chance, in Sportradar's words."""

import random

from tests.feeds.sportradar.uof import (
    NOON,
    TEN,
    cancel_rolled_back,
    cancelled,
    market,
    outcome,
    rolled_back,
    settled,
)

OUTCOMES = ("X", "Y")
RESULTS = (
    {"result": "0"}, {"result": "1"}, {"result": "-1"}, {"result": "0", "void_factor": "1"},
    {"result": "1", "void_factor": "0.5"}, {"result": "0", "void_factor": "0.5"},
    {"result": "1", "dead_heat_factor": "0.5"}, {"result": "1", "dead_heat_factor": "0.33"},
    {"result": "5"},
)  # fmt: skip
WINDOWS: tuple[dict[str, int], ...] = (
    {}, {"start_time": TEN}, {"end_time": TEN}, {"start_time": TEN - 9, "end_time": TEN + 9},
    {"start_time": TEN + 1, "end_time": NOON}, {"end_time": TEN - 1},
)  # fmt: skip


def history(chance: random.Random, length: int) -> list[bytes]:
    """Return messages about two markets; several bear the same time."""
    return [one_message(chance) for _ in range(length)]


def one_message(chance: random.Random) -> bytes:
    """Return one of them."""
    at, ref = chance.randrange(8), chance.choice("12")
    product = chance.choice((1, 3))
    kind = chance.randrange(7)
    if kind < 3:
        named = [outcome(one, **chance.choice(RESULTS)) for one in some(chance)]
        certainty = chance.choice((1, 2, None))
        reason = chance.choice((None, None, None, 5, 15))
        return settled(market(*named, ref=ref, void_reason=reason), at=at, product=product,
                       certainty=certainty)  # fmt: skip
    if kind == 3:
        named = [outcome(one) for one in some(chance)] if chance.random() < 0.5 else []
        return rolled_back(market(*named, ref=ref), at=at, product=product)
    make = cancelled if kind < 6 else cancel_rolled_back
    return make(market(ref=ref), at=at, product=product, **chance.choice(WINDOWS))


def some(chance: random.Random) -> list[str]:
    """Return one outcome or more."""
    return chance.sample(OUTCOMES, chance.randint(1, len(OUTCOMES)))
