"""What Sportradar says of the benchmark's events: fifty markets of two outcomes a message."""

import random
from collections.abc import Iterable, Sequence

from backoffice.bench.settle.bets import Bet, End, end_of
from backoffice.bench.uof.stock import (
    HOT_EVENT,
    MARKETS_AN_EVENT,
    OVER,
    UNDER,
    market_ref,
    specifiers,
)
from feeds.sportradar.sandbox import bodies
from feeds.sportradar.sandbox.bodies import Market, Outcome

SAID_AT = 1_780_344_000_000  # In June 2026: after all the tickets.
PRODUCT, CONFIRMED = 1, 2


def settlements(bets: Sequence[Bet], seed: int) -> tuple[list[bytes], list[tuple[Bet, End]]]:
    """Return a message for each bet about the event of its own, and what the bets come to."""
    drawn = random.Random(seed)  # noqa: S311 - nobody gains by guessing these
    told = [(bet, [drawn.choice((OVER, UNDER)) for _ in range(MARKETS_AN_EVENT)]) for bet in bets]
    messages = [
        about(bet.legs[0].event, enumerate(winners), number)
        for number, (bet, winners) in enumerate(told)
    ]
    ends = [(bet, end_of(bet, winners[place_of(bet)])) for bet, winners in told]
    return messages, ends


def place_of(bet: Bet) -> int:
    """Return the place of a bet's market among those of its event."""
    return int(bet.legs[0].market) - int(market_ref(0))


def about(event: str, winners: Iterable[tuple[int, str]], number: int) -> bytes:
    """Return a message that says who won, by the markets' places."""
    markets = [market(place, winner) for place, winner in winners]
    return bodies.settlement(
        product=PRODUCT,
        event=event,
        timestamp=SAID_AT + number,
        markets=markets,
        certainty=CONFIRMED,
    )


def market(place: int, winner: str) -> Market:
    """Return how a market ended."""
    outcomes = tuple(
        Outcome(ref, str(int(ref == winner)), void_factor="0.0") for ref in (OVER, UNDER)
    )
    return Market(market_ref(place), specifiers(place), outcomes)


def hot() -> bytes:
    """Return the message about the market that so many have bet on."""
    return about(HOT_EVENT, [(0, OVER)], 0)


def strangers(count: int) -> list[bytes]:
    """Return messages about events that nobody has bet on."""
    winners = [(place, OVER) for place in range(MARKETS_AN_EVENT)]
    return [about(f"sr:match:{60_000_000 + n}", winners, n) for n in range(count)]


def long_story(event: str, count: int) -> list[bytes]:
    """Return messages about one event: each speaks of fifty of its five hundred markets."""
    of_event = 10 * MARKETS_AN_EVENT
    return [
        about(
            event,
            [
                ((number * MARKETS_AN_EVENT + place) % of_event, OVER)
                for place in range(MARKETS_AN_EVENT)
            ],
            number,
        )
        for number in range(count)
    ]
