"""The fixtures of the world, with the markets that can be bet on."""

import random
from enum import StrEnum

from msgspec import Struct

from feeds.lsports.sandbox.bodies import (
    LEAGUE_SETTLEMENT,
    OUTRIGHT_SETTLEMENT,
    SETTLEMENT,
    Bet,
    Competition,
    Market,
    common,
)
from feeds.lsports.sandbox.options import INPLAY, PREMATCH

PROVIDERS = (8, 13, 74)


class Fate(StrEnum):
    """What becomes of a fixture."""

    PLAYED = "played"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"
    FORGOTTEN = "forgotten"  # Nobody follows it any more, and nobody settles it.


class Ending(StrEnum):
    """How a market's bets can end together."""

    ONE_WINS = "one wins"
    HALVES = "halves"  # A quarter line: half of the stake may be won, lost.
    WHOLE = "whole"  # A whole line: the stake may come back.
    EACH = "each"  # Each bet for itself.


class Offer(Struct, frozen=True):
    """A market that is open, and how it can end."""

    market: Market
    ending: Ending = Ending.ONE_WINS


class Fixture(Struct, frozen=True):
    """A fixture: its markets, who settles it first, and who else may."""

    ref: str
    kind: int
    package: str
    other: str
    fate: Fate
    offers: tuple[Offer, ...]
    competition: Competition | None = None


def fixture_of(number: int, chance: random.Random) -> Fixture:
    """Return a fixture by its number: mostly matches, some races, seasons and leagues."""
    kind = chance.choices([match, race, season, league], [84, 8, 4, 4])[0]
    return kind(str(number), chance)


def match(ref: str, chance: random.Random) -> Fixture:
    """A match, in one package or both; some end otherwise than they should."""
    fate = chance.choices(list(Fate), [90, 4, 3, 3])[0]
    package, other = chance.choice(
        [(INPLAY, PREMATCH), (INPLAY, PREMATCH), (INPLAY, INPLAY), (PREMATCH, INPLAY)]
    )
    return Fixture(ref, SETTLEMENT, package, other, fate, offers(ref, chance))


def offers(ref: str, chance: random.Random) -> tuple[Offer, ...]:
    """Return some of a match's markets."""
    found = [result(ref)]
    found += chance.sample([goals(ref, chance), handicap(ref, chance), score(ref)], 2)
    if chance.random() < 0.3:
        found.append(scorers(ref, chance))
    return tuple(found)


def result(ref: str) -> Offer:
    """Who wins the match."""
    return Offer(Market("1", "1X2", named(ref, 1, ("1", "X", "2"))))


def goals(ref: str, chance: random.Random) -> Offer:
    """How many goals there are: the bets of one line end together, so it is one line here."""
    line, ending = chance.choice(
        [("2.5", Ending.ONE_WINS), ("3.0", Ending.WHOLE), ("2.75", Ending.HALVES)]
    )
    bets = named(ref, 2, ("Over", "Under"), (line, line))
    return Offer(Market("2", "Under/Over", bets), ending)


def handicap(ref: str, chance: random.Random) -> Offer:
    """Asian handicap: the same base line, lines of either side."""
    base, line, other, ending = chance.choice([
        ("-0.25", "-0.25", "0.25", Ending.HALVES),
        ("1.0", "1.0", "-1.0", Ending.WHOLE),
        ("-1.5", "-1.5", "1.5", Ending.ONE_WINS),
    ])  # fmt: skip
    bets = named(ref, 3, ("1", "2"), (line, other), base)
    return Offer(Market("3", "Asian Handicap", bets), ending)


def score(ref: str) -> Offer:
    """The exact score: lines that are no numbers."""
    lines = ("0:0", "1:0", "0:1", "1:1", "2:0", "0:2", "2:1")
    return Offer(Market("6", "Correct Score", named(ref, 6, lines, lines)))


def scorers(ref: str, chance: random.Random) -> Offer:
    """Who scores: each player for himself."""
    players = tuple(f"Player {number}" for number in range(1, chance.randint(4, 12)))
    bets = tuple(
        Bet(one.id, one.name, participant=int(ref) % 10**6 * 100 + number, player=one.name)
        for number, one in enumerate(named(ref, 55, players), 1)
    )
    return Offer(Market("55", "Anytime Goalscorer", bets), Ending.EACH)


def race(ref: str, chance: random.Random) -> Fixture:
    """A race and who wins it."""
    runners = tuple(f"Runner {number}" for number in range(1, chance.randint(5, 12)))
    track = Competition(int(ref) % 1000, "Emerald Downs", 0)
    return outright(ref, OUTRIGHT_SETTLEMENT, Market("160", "Race Winner"), runners, track)


def season(ref: str, chance: random.Random) -> Fixture:
    """A season and who wins it."""
    teams = tuple(f"Team {number}" for number in range(1, chance.randint(6, 20)))
    cup = Competition(int(ref) % 1000, "World Cup")
    return outright(ref, OUTRIGHT_SETTLEMENT, Market("274", "Outright Winner"), teams, cup)


def league(ref: str, chance: random.Random) -> Fixture:
    """A league and who wins it."""
    teams = tuple(f"Club {number}" for number in range(1, chance.randint(6, 20)))
    known = Competition(int(ref) % 1000, "LaLiga")
    return outright(ref, LEAGUE_SETTLEMENT, Market("274", "Outright Winner"), teams, known)


def outright(
    ref: str, kind: int, market: Market, names: tuple[str, ...], known: Competition
) -> Fixture:
    """Return an outright: its bets are participants."""
    bets = tuple(
        Bet(one.id, one.name, participant=int(ref) % 10**6 * 100 + number)
        for number, one in enumerate(named(ref, int(market.id), names), 1)
    )
    offer = Offer(Market(market.id, market.name, bets))
    return Fixture(ref, kind, PREMATCH, PREMATCH, Fate.PLAYED, (offer,), known)


def named(
    ref: str,
    market: int,
    names: tuple[str, ...],
    lines: tuple[str, ...] = (),
    base: str | None = None,
) -> tuple[Bet, ...]:
    """Return bets with ids of fifteen digits and more."""
    return tuple(
        Bet(
            common(ref, market * 10**6 + 7919 * position),
            name,
            line=lines[position - 1] if lines else None,
            base_line=base,
        )
        for position, name in enumerate(names, 1)
    )
