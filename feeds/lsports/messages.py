"""The messages of LSports' TRADE that settlement hears, as far as it reads them.

Everything stays text here, as it came: what it means is said in `translate`.
"""

from msgspec import Struct


class Bet(Struct, frozen=True):
    """One bet of a market, or one that a bookmaker calls his own."""

    id: str = ""
    name: str = ""
    line: str = ""
    base_line: str = ""
    player: str = ""
    participant: str = ""
    status: str = ""
    settlement: str = ""
    last_update: str = ""


class ProviderMarket(Struct, frozen=True):
    """A market as one bookmaker has it, with bets that only he knows by their ids."""

    id: str = ""
    bets: tuple[Bet, ...] = ()


class Market(Struct, frozen=True):
    """A market that a message speaks of."""

    id: str = ""
    bets: tuple[Bet, ...] = ()
    providers: tuple[ProviderMarket, ...] = ()


class Event(Struct, frozen=True):
    """A fixture, or an outright's league, with its markets."""

    id: str = ""
    markets: tuple[Market, ...] = ()


class Message(Struct, frozen=True, kw_only=True):
    """A message of some type. It was made at `ticks`, if it says so.

    Of a type that is not read here no events are told.
    """

    kind: int
    ticks: int | None = None
    events: tuple[Event, ...] = ()
