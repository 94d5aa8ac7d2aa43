"""What the demo's LSports offers: matches, a race and a league, and what can be bet on there."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from backoffice.demo_tickets import COURSES, HORSES, TEAMS, price
from feeds.lsports.sandbox.bodies import (
    LEAGUE_SETTLEMENT,
    OUTRIGHT_SETTLEMENT,
    SETTLEMENT,
    Bet,
    Market,
    common,
)

RESULT, GOALS, HANDICAP, WINNER = "1", "2", "3", "274"
ON_MATCHES = (RESULT, GOALS, HANDICAP)
Named = tuple[tuple[str, str | None, str], ...]  # A bet's name, its line, and what players read.


@dataclass(frozen=True, slots=True)
class On:
    """What is bet on: a market as it is offered, what it is called, and what is chosen."""

    kind: int
    event_name: str
    market: Market
    chosen: Bet
    shown: str

    def leg(self, fixture: str, chance: random.Random, *, by_name: bool) -> dict[str, Any]:
        """Return the leg of a ticket: by the bet's id, or by its name and line alone."""
        words = {"outcome": self.chosen.id, "outcome_name": self.shown}
        if by_name:
            words = {"outcome": "", "outcome_name": self.chosen.name}
        return words | {
            "event": fixture,
            "market": self.market.id,
            "line": (self.chosen.line or "") if by_name else "",
            "price": price(chance, 140, 420),
            "event_name": self.event_name,
            "market_name": self.market.name,
        }


def offered(fixture: str, kind: int, market: str, chance: random.Random) -> On:
    """Return what somebody bets on, by chance."""
    home, away = chance.sample(TEAMS, 2)
    name, named = MARKETS[market](home, away) if kind == SETTLEMENT else WINNERS[kind]
    bets = tuple(
        Bet(common(fixture, 100 * int(market) + place), told, line=line)
        for place, (told, line, _) in enumerate(named, 1)
    )
    chosen = chance.randrange(len(bets))
    event = OUTRIGHTS.get(kind, f"{home} v {away}")
    return On(kind, event, Market(market, name, bets), bets[chosen], named[chosen][2])


def opened(market: Market, at: datetime) -> Market:
    """Return a market with its bets open since a time: what was told of them later stays later."""
    updated = round(at.timestamp() * 1000)
    return replace(market, bets=tuple(replace(one, updated=updated) for one in market.bets or ()))


def result(home: str, away: str) -> tuple[str, Named]:
    """Who wins a match."""
    return "1X2", (("1", None, home), ("X", None, "Draw"), ("2", None, away))


def goals(home: str, away: str) -> tuple[str, Named]:
    """How many goals there are."""
    return "Under/Over", (("Over", "2.5", "Over 2.5"), ("Under", "2.5", "Under 2.5"))


def handicap(home: str, away: str) -> tuple[str, Named]:
    """A quarter line: half of the stake may be won, or lost."""
    return "Asian Handicap", (("1", "-0.25", f"{home} -0.25"), ("2", "0.25", f"{away} +0.25"))


MARKETS: Mapping[str, Callable[[str, str], tuple[str, Named]]] = {
    RESULT: result,
    GOALS: goals,
    HANDICAP: handicap,
}
OUTRIGHTS = {
    OUTRIGHT_SETTLEMENT: f"{COURSES[0]} Gold Cup",
    LEAGUE_SETTLEMENT: "Premier Division, this season",
}
WINNERS: Mapping[int, tuple[str, Named]] = {
    OUTRIGHT_SETTLEMENT: ("Outright winner", tuple((one, None, one) for one in HORSES[:6])),
    LEAGUE_SETTLEMENT: ("Champion", tuple((one, None, one) for one in TEAMS[:6])),
}
