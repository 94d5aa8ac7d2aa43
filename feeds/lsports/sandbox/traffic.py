"""Odds: most of what comes, and nothing that settles a bet."""

import time
from collections.abc import Iterator
from itertools import cycle, islice

from feeds.lsports.sandbox.bodies import MARKET, Bet, Event, Market, Message, common
from feeds.lsports.sandbox.package import Package
from feeds.lsports.sandbox.trees import body_of
from feeds.lsports.sandbox.writing import around, head

FIXTURES = 20
FIRST = 90_000_000
BETS = 40  # Of a message: about 8 kB.
AT_ONCE = 200


def odds(package: Package, count: int, *, bets: int = BETS, rate: float | None = None) -> int:
    """Say that prices have changed, so many times; a rate is so many a second. Return how many."""
    began = time.monotonic()
    for told, body in enumerate(islice(bodies(package, bets), count)):
        if rate and told / rate > time.monotonic() - began:
            time.sleep(told / rate - (time.monotonic() - began))
        package.tell(body, kind=MARKET)
    return count


def bodies(package: Package, bets: int = BETS) -> Iterator[bytes]:
    """Yield messages about some fixtures in turn: their headers are new, the rest is not."""
    layout = package.settings.layout
    messages = [changed(number, package.clock(), bets) for number in range(FIXTURES)]
    for before, after in cycle([around(body_of(one, layout), layout) for one in messages]):
        yield before + head(package.header(MARKET), layout) + after


def changed(number: int, now: int, bets: int) -> Message:
    """Return a message about the prices of a fixture that nobody settles."""
    fixture = str(FIRST + number)
    found = tuple(
        Bet(common(fixture, 1000 + one), "Over", updated=now, line=f"{one}.5", price="1.91")
        for one in range(bets)
    )
    return Message(MARKET, (Event(fixture, (Market("2", "Under/Over", found),)),))
