"""A small world for the demo: registered bets end by chance, and not always only once."""

import random
import threading
from collections.abc import Callable, Sequence
from functools import partial

from feeds.odds88.sandbox.bodies import Bet, Ending, Result, ResultType
from feeds.odds88.sandbox.faults import Duplicate, Fault, Older, Resettle
from feeds.odds88.sandbox.vendor import Vendor

LEGS = [Result.WIN] * 9 + [Result.LOSE] * 9 + [Result.REFUND]
AFTERWARDS: Sequence[tuple[float, Callable[[str], Fault]]] = (
    (0.10, Resettle),
    (0.15, Duplicate),
    (0.10, Older),
)


class World:
    """Settles each bet some seconds after it was registered, around the pace."""

    def __init__(self, vendor: Vendor, *, pace: float, seed: int) -> None:
        self.vendor = vendor
        self.pace = pace
        self.chance = random.Random(seed)  # noqa: S311 - the same world for everybody
        self.lock = threading.Lock()
        vendor.on_bet = self.bet_placed

    def bet_placed(self, bet: Bet) -> None:
        """Let a bet end after a while."""
        if bet.ends and bet.result_type is ResultType.ACCEPTED:
            self.vendor.later.do(self.while_(), partial(self.end, bet))

    def while_(self) -> float:
        """Return how long something takes: from half the pace to one and a half."""
        with self.lock:
            return self.pace * self.chance.uniform(0.5, 1.5)

    def end(self, bet: Bet) -> None:
        """Settle a bet unless it is by now, and sometimes say more of it later."""
        known = self.vendor.bets.get(bet.bet_id)
        if known and known.settlement is None:
            self.vendor.settle(bet.bet_id, self.ending(bet))
            for fault in self.afterwards(bet.bet_id):
                self.vendor.later.do(self.while_(), partial(self.vendor.fault, fault))

    def ending(self, bet: Bet) -> Ending:
        """Return how a bet ends: its legs by chance, its result by its legs."""
        with self.lock:
            legs = tuple(self.chance.choice(LEGS) for _ in bet.selections)
        return Ending(result_of(legs), legs)

    def afterwards(self, bet_id: str) -> list[Fault]:
        """Return what is said of a bet after it ended."""
        with self.lock:
            return [make(bet_id) for share, make in AFTERWARDS if self.chance.random() < share]


def result_of(legs: Sequence[Result]) -> Result:
    """Return how a bet ended whose legs ended so."""
    if Result.LOSE in legs:
        return Result.LOSE
    return Result.REFUND if set(legs) <= {Result.REFUND} else Result.WIN
