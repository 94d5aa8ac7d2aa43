"""The events of the world, with the markets that can be bet on."""

import random
from dataclasses import dataclass

from feeds.sportradar.sandbox.bodies import Market, Outcome

LIVE, PREMATCH, VIRTUAL = 1, 3, 6


@dataclass(frozen=True, slots=True)
class Event:
    """An event: its markets without results, who tells of it first, and who else may."""

    ref: str
    sport: str
    product: int
    other: int
    markets: tuple[Market, ...]


def event_of(number: int, chance: random.Random) -> Event:
    """Return an event by its number: mostly matches, some seasons, races and virtual matches."""
    kind = chance.choices([match, season, race, virtual], [80, 6, 6, 8])[0]
    return kind(number, chance)


def match(number: int, chance: random.Random) -> Event:
    """A match; the ids of some are negative."""
    ref = f"sr:match:{-number if chance.random() < 0.1 else number}"
    first, second = chance.choice([(LIVE, PREMATCH), (LIVE, PREMATCH), (PREMATCH, LIVE)])
    found = chance.sample(MATCH_MARKETS, chance.randint(2, 6))
    return Event(ref, "1", first, second, tuple(found) + scorers(number, chance))


def scorers(number: int, chance: random.Random) -> tuple[Market, ...]:
    """Return who scores first, for some matches."""
    if chance.random() > 0.2:
        return ()
    players = [f"sr:player:{number * 100 + one}" for one in range(chance.randint(4, 14))]
    return (market("40", "type=prematch", *players, "1716"),)


def season(number: int, chance: random.Random) -> Event:
    """A season and who wins it."""
    teams = [f"pre:outcometext:{one}" for one in range(1, chance.randint(6, 20))]
    winner = market("534", f"variant=pre:markettext:{number}", *teams)
    return Event(f"sr:season:{number}", "1", PREMATCH, PREMATCH, (winner,))


def race(number: int, chance: random.Random) -> Event:
    """A race: who wins, and who beats whom."""
    riders = [f"sr:competitor:{number * 100 + one}" for one in range(chance.randint(4, 12))]
    markets = (market("1130", None, *riders), market("1131", "cnr=1|rnr=2", "4", "5"))
    return Event(f"sr:stage:{number}", "40", PREMATCH, LIVE, markets)


def virtual(number: int, chance: random.Random) -> Event:
    """A match of a virtual league."""
    found = chance.sample(MATCH_MARKETS, 2)
    return Event(f"vf:match:{number}", "1", VIRTUAL, VIRTUAL, tuple(found))


def market(number: str, specifiers: str | None, *outcomes: str) -> Market:
    """Return a market without results."""
    return Market(number, specifiers, tuple(map(Outcome, outcomes)))


MATCH_MARKETS = (
    market("1", None, "1", "2", "3"),
    market("10", None, "9", "10", "11"),
    market("14", "hcp=0:1", "1711", "1712", "1713"),
    market("16", "hcp=-0.25", "1714", "1715"),
    market("18", "total=2.5", "13", "12"),
    market("18", "total=3.25", "13", "12"),
    market("29", None, "74", "76"),
    market("105", "from=1|to=10", "1", "2", "3"),
    market("204", "quarternr=1|total=41.5", "13", "12"),
    market("45", None, *(str(one) for one in range(274, 300))),
)


def shuffled(given: Market, chance: random.Random) -> Market:
    """Return a market with its specifiers in any order, as the provider writes them."""
    parts = (given.specifiers or "").split("|")
    if len(parts) < 2:
        return given
    chance.shuffle(parts)
    return Market(
        given.id, "|".join(parts), given.outcomes, given.void_reason, given.extended_specifiers
    )
