"""Odds: most of what comes, and nothing that settles a bet."""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle, islice

from feeds.lsports.sandbox.bodies import MARKET, Bet, Event, Market, Message, common
from feeds.lsports.sandbox.package import Package
from feeds.lsports.sandbox.trees import body_of
from feeds.lsports.sandbox.vendor import Vendor
from feeds.lsports.sandbox.writing import around, head
from feeds.sandboxes.publishing import Closed

FIXTURES = 20
FIRST = 90_000_000
BETS = 40  # Of a message: about 8 kB.


def odds(package: Package, count: int, *, bets: int = BETS) -> int:
    """Say that prices have changed, so many times, as fast as it can; return how many."""
    for body in islice(bodies(package, bets), count):
        package.tell(body, kind=MARKET)
    return count


class Flow:
    """A thread that says again and again that prices have changed: so many times a second."""

    def __init__(self, vendor: Vendor, package: Package, rate: float, *, bets: int = BETS) -> None:
        self.package = package
        self.rate = rate
        self.bets = bets
        self.told = 0
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run, name="sandbox-odds", daemon=True)
        vendor.ends.append(self.stop)
        self.thread.start()

    def run(self) -> None:
        """Say it until it is stopped."""
        began = time.monotonic()
        with suppress(Closed):
            for body in bodies(self.package, self.bets):
                ahead = self.told / self.rate - (time.monotonic() - began)
                if self.stopped.wait(max(0, ahead)):
                    return
                self.package.tell(body, kind=MARKET)
                self.told += 1

    def stop(self) -> None:
        """Say nothing any more."""
        self.stopped.set()
        self.thread.join(10)


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
