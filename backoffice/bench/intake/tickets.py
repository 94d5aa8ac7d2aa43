"""The tickets that every side gets: drawn once from a seed, so that all do the same work.

Trebles over a few hundred events of the day, the hotter ones more often. Each hundred tickets bring
an event that nobody has bet on before.
"""

import random
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

Ticket = Mapping[str, Any]

HOT_EVENTS = 300
TICKETS_A_NEW_EVENT = 100
LEG_ON_A_NEW_EVENT_ONE_IN = 10
STARTS_AT = datetime(2026, 6, 1, 18, tzinfo=UTC)
FIRST_PLACED_AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
LEAST_STAKE, MOST_STAKE = 50, 2000  # minor units
LEAST_PRICE, MOST_PRICE = 105, 990  # hundredths


class Market(NamedTuple):
    """A market as it stands on each event."""

    ref: str
    specifiers: str
    name: str
    outcomes: Mapping[str, str]


MARKETS = (
    Market("1", "", "1x2", {"1": "home", "2": "draw", "3": "away"}),
    Market("10", "", "Double chance", {"9": "1x", "10": "12", "11": "x2"}),
    Market("11", "", "Draw no bet", {"4": "home", "5": "away"}),
    Market("29", "", "Both teams to score", {"74": "yes", "76": "no"}),
    Market("16", "hcp=-1.5", "Handicap", {"1714": "home", "1715": "away"}),
    Market("18", "total=1.5", "Total", {"12": "over", "13": "under"}),
    Market("18", "total=2.5", "Total", {"12": "over", "13": "under"}),
    Market("19", "total=0.5", "Home total", {"12": "over", "13": "under"}),
)


def hot_event(place: int) -> str:
    """Return what an event of the day is known by."""
    return f"sr:match:{50_000_000 + place}"


def new_event(round_number: int, number: int) -> str:
    """Return the event that a ticket's hundred brings along."""
    return f"sr:match:{60_000_000 + round_number * 100_000 + number // TICKETS_A_NEW_EVENT}"


def name_of(event: str) -> str:
    """Return an event's name."""
    number = event.rpartition(":")[2]
    return f"Home {number} vs Away {number}"


def player_ref(place: int) -> str:
    """Return the name that a client has for a player, by his place."""
    return f"P-{place:05d}"


def fresh_tickets(*, side: str, round_number: int, count: int, players: int) -> list[Ticket]:
    """Return a round's first `count` tickets: the same for each side, but for the bet_id."""
    drawn = random.Random(round_number)  # noqa: S311 - nobody gains by guessing these
    return [
        ticket(drawn, bet_id(side, round_number, number), round_number, number, players)
        for number in range(count)
    ]


def bet_id(side: str, round_number: int, number: int) -> str:
    """Return an id as platforms make them: in no order, so that it lands anywhere in an index."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{side}:{round_number}:{number}"))


def ticket(
    drawn: random.Random, bet_id: str, round_number: int, number: int, players: int
) -> Ticket:
    """Return one treble in a client's words."""
    minor = drawn.randint(LEAST_STAKE, MOST_STAKE)
    placed_at = FIRST_PLACED_AT + timedelta(hours=round_number, milliseconds=number)
    return {
        "bet_id": bet_id,
        "provider": "sportradar",
        "player": player_ref(drawn.randrange(players)),
        "currency": "EUR",
        "stake": f"{minor // 100}.{minor % 100:02d}",
        "kind": "treble",
        "placed_at": placed_at.isoformat(),
        "selections": [
            selection(drawn, event) for event in three_events(drawn, round_number, number)
        ],
    }


def three_events(drawn: random.Random, round_number: int, number: int) -> Iterator[str]:
    """Yield three different events."""
    chosen: set[int] = set()
    while len(chosen) < 3:
        chosen.add(int(HOT_EVENTS * drawn.random() ** 2))
    first, *others = sorted(chosen)
    fresh = drawn.randrange(LEG_ON_A_NEW_EVENT_ONE_IN) == 0
    yield new_event(round_number, number) if fresh else hot_event(first)
    yield from map(hot_event, others)


def selection(drawn: random.Random, event: str) -> dict[str, str]:
    """Return a leg on some market of the event."""
    market = drawn.choice(MARKETS)
    outcome = drawn.choice(tuple(market.outcomes))
    price = drawn.randint(LEAST_PRICE, MOST_PRICE)
    return {
        "event": event,
        "market": market.ref,
        "specifiers": market.specifiers,
        "outcome": outcome,
        "price": f"{price // 100}.{price % 100:02d}",
        "event_name": name_of(event),
        "market_name": market.name,
        "outcome_name": market.outcomes[outcome],
        "start_at": STARTS_AT.isoformat(),
    }
