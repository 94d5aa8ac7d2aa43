"""What is told of events, markets and bets, as the documentation lays it out."""

from collections.abc import Iterable
from typing import Any

from feeds.lsports.sandbox.bodies import (
    FIXTURE,
    LIVESCORE,
    MARKET,
    SETTLEMENT,
    Bet,
    Competition,
    Event,
    Market,
    Message,
)
from feeds.lsports.sandbox.options import Layout, Nesting
from feeds.lsports.sandbox.writing import id_of, moment

PROVIDERS = {8: "Bet365", 13: "BWin", 74: "MarathonBet"}
SEASON = 4
Tree = dict[str, Any]


def body_of(message: Message, layout: Layout) -> Tree:
    """Return a message's body."""
    events = [event_of(one, message.kind, layout) for one in message.events]
    if message.kind in (FIXTURE, LIVESCORE, MARKET, SETTLEMENT) or layout.nesting is Nesting.NONE:
        return {"Events": events}
    competition = message.competition or Competition(1, "Outrights")
    return {"Competition": competition_of(competition, events, layout.nesting)}


def competition_of(one: Competition, events: list[Tree], nesting: Nesting) -> Tree:
    """Return a competition with its events, or with its season that has them."""
    said: Tree = {"Id": one.id, "Name": one.name, "Type": one.type}
    if nesting is Nesting.FLAT:
        return said | {"Events": events}
    return said | {"Competitions": [{"Id": 1, "Name": "All", "Type": SEASON, "Events": events}]}


def event_of(event: Event, kind: int, layout: Layout) -> Tree:
    """Return what is told of a fixture."""
    said: Tree = {"FixtureId": id_of(event.fixture, layout)}
    if kind == FIXTURE:
        return said | {"Fixture": fixture_of(event.status), "Livescore": None, "Markets": None}
    if kind == LIVESCORE:
        return said | {"Livescore": livescore_of(event.status), "Markets": None}
    return said | {"Livescore": None, "Markets": markets_of(event.markets, layout)}


def fixture_of(status: int | None) -> Tree:
    """Return what a fixture is."""
    return {
        "Sport": {"Id": 6046, "Name": "Football"},
        "Location": {"Id": 161, "Name": "Spain"},
        "League": {"Id": 8363, "Name": "LaLiga"},
        "Status": status,
        "Participants": [
            {"Id": 1, "Name": "Home", "Position": "1"},
            {"Id": 2, "Name": "Away", "Position": "2"},
        ],
    }


def livescore_of(status: int | None) -> Tree:
    """Return how a fixture stands."""
    results = [{"Position": "1", "Value": "1"}, {"Position": "2", "Value": "0"}]
    board = {"Status": status, "CurrentPeriod": 20, "Time": "2700", "Results": results}
    return {"Scoreboard": board, "Periods": None, "Statistics": None}


def markets_of(markets: Iterable[Market] | None, layout: Layout) -> list[Tree] | None:
    """Return markets, or nothing where nothing is told of them."""
    return None if markets is None else [market_of(one, layout) for one in markets]


def market_of(market: Market, layout: Layout) -> Tree:
    """Return a market."""
    bets = market.bets
    said: Tree = {
        "Id": id_of(market.id, layout),
        "Name": market.name,
        "Bets": None if bets is None else [bet_of(one, layout) for one in bets],
    }
    if market.providers:
        own = [provider_of(number, bets or (), layout) for number in market.providers]
        said["ProviderMarkets"] = own
    return said


def provider_of(number: int, bets: Iterable[Bet], layout: Layout) -> Tree:
    """Return what a bookmaker says of a market, with ids of its own."""
    own = [
        bet_of(one, layout) | {"Id": id_of(f"{number}{position:04}", layout)}
        for position, one in enumerate(bets, 1)
    ]
    updated = own[0]["LastUpdate"] if own else moment(0, layout.digits, layout.zone)
    name = PROVIDERS.get(number, f"Provider {number}")
    return {"Id": number, "Name": name, "LastUpdate": updated, "Bets": own}


def bet_of(bet: Bet, layout: Layout) -> Tree:
    """Return a bet. What it does not have is not named."""
    said: Tree = {
        "Id": id_of(bet.id, layout),
        "Name": bet.name,
        "Line": bet.line,
        "BaseLine": bet.line if bet.base_line is None else bet.base_line,
        "Status": bet.status,
        "StartPrice": "1.0",
        "Price": bet.price,
        "Settlement": bet.settlement,
        "ProviderBetId": "0",
        "LastUpdate": moment(bet.updated, layout.digits, layout.zone),
        "ParticipantId": bet.participant,
        "PlayerName": bet.player,
        "Probability": -1,
    }
    return {key: value for key, value in said.items() if value is not None} | bet.wrong
