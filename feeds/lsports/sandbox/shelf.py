"""What a package knows of its fixtures: the state that its snapshots show."""

import threading
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from feeds.lsports.sandbox.bodies import (
    OVER,
    SETTLEMENT,
    SETTLEMENTS,
    Bet,
    Competition,
    Event,
    Market,
    Message,
)


@dataclass(slots=True)
class Held:
    """A fixture, with what was last said of each of its bets."""

    fixture: str
    kind: int = SETTLEMENT
    competition: Competition | None = None
    names: dict[str, str] = field(default_factory=dict)
    markets: dict[str, dict[str, Bet]] = field(default_factory=dict)
    ended_at: int | None = None

    @property
    def updated(self) -> int:
        """When something was last said of it."""
        return max(
            (one.updated for bets in self.markets.values() for one in bets.values()), default=0
        )

    def bet(self, market: str, bet: str) -> Bet:
        """Return a bet as it was last told."""
        return self.markets.get(market, {}).get(bet) or Bet(bet, bet)

    def keep(self, market: Market) -> None:
        """Keep what is said of a market's bets, unless something later is known."""
        bets = self.markets.setdefault(market.id, {})
        self.names[market.id] = market.name or self.names.get(market.id, "")
        for bet in market.bets or ():
            known = bets.get(bet.id)
            if not bet.wrong and (known is None or bet.updated >= known.updated):
                bets[bet.id] = bet


@dataclass(frozen=True, slots=True)
class Asked:
    """What a snapshot is to show."""

    kind: int
    fixtures: Collection[str] = ()
    markets: Collection[str] = ()
    since: int | None = None


class Shelf:
    """The fixtures of a package."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.fixtures: dict[str, Held] = {}

    def held(self, fixture: str, kind: int = SETTLEMENT) -> Held:
        """Return a fixture, from now on known."""
        with self.lock:
            return self.fixtures.setdefault(fixture, Held(fixture, kind))

    def kind_of(self, fixture: str) -> int:
        """Return by which type of message a fixture is settled."""
        known = self.fixtures.get(fixture)
        return SETTLEMENT if known is None else known.kind

    def take_in(self, message: Message, now: int) -> None:
        """Keep what a message says."""
        with self.lock:
            self.keep(message, now)

    def keep(self, message: Message, now: int) -> None:
        """Keep what is told of each event."""
        for event in message.events:
            kind = message.kind if message.kind in SETTLEMENTS else SETTLEMENT
            one = self.held(event.fixture, kind)
            one.competition = message.competition or one.competition
            for market in event.markets or ():
                one.keep(market)
            if event.status in OVER and one.ended_at is None:
                one.ended_at = now

    def end(self, fixture: str, now: int) -> None:
        """Note that a fixture is over."""
        self.held(fixture).ended_at = now

    def shown(self, asked: Asked, oldest: int) -> list[tuple[Held, Event]]:
        """Return what a snapshot shows: nothing of fixtures that ended before a time."""
        with self.lock:
            return list(self.found(asked, oldest))

    def found(self, asked: Asked, oldest: int) -> Iterator[tuple[Held, Event]]:
        """Yield the fixtures that a snapshot shows."""
        for one in self.fixtures.values():
            gone = one.ended_at is not None and one.ended_at < oldest
            if gone or one.kind != asked.kind:
                continue
            if asked.fixtures and one.fixture not in asked.fixtures:
                continue
            markets = tuple(self.markets(one, asked))
            if markets:
                yield one, Event(one.fixture, markets)

    def markets(self, one: Held, asked: Asked) -> Iterator[Market]:
        """Yield the markets of a fixture that are asked for, whole."""
        for number, bets in one.markets.items():
            if asked.markets and number not in asked.markets:
                continue
            if changed(bets.values(), asked.since):
                yield Market(number, one.names.get(number, ""), tuple(bets.values()))


def changed(bets: Iterable[Bet], since: int | None) -> bool:
    """Say whether something was said of some bets later than a time."""
    return any(since is None or one.updated > since for one in bets)
