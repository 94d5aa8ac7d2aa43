"""How much a run does, what its sides are called, and what is asked of their ratios."""

from dataclasses import dataclass

from backoffice.bench.measuring import Size
from backoffice.bench.ratios import Goal
from backoffice.bench.settle.feed import ALONE, BATCHES
from backoffice.bench.settle.layout import Layout
from backoffice.bench.settle.limit import Copy
from backoffice.bench.settle.naive import Naive

BIG, SMALL, SHARED = "big", "small", "shared"  # What the markets are for.
MARKET, AGAIN, TWO = "a market", "its correction", "two workers"
BULK, BULK_AGAIN = "bulk_update", "bulk_update, correction"
BARE, BARE_AGAIN = "bare UPDATE", "bare UPDATE, correction"
LONGEST, SLOWEST = "30 ms", "p99 of one alone"
LONGEST_SECONDS = 0.030
MEMORY_FIRST, MEMORY_LAST = "a worker's memory in round 1", "in the last round"


@dataclass(frozen=True, slots=True)
class SettleSize(Size):
    """How much a run does."""

    players: int
    few: int
    many: int
    messages: int
    one_by_one: int
    market: int
    small: int
    bulk: int


FULL = SettleSize(
    rounds=3, players=50_000, few=100_000, many=2_000_000,
    messages=5000, one_by_one=200, market=100_000, small=10_000, bulk=5000,
)  # fmt: skip
SMOKE = SettleSize(
    rounds=3, players=500, few=6000, many=20_000,
    messages=1000, one_by_one=30, market=2000, small=400, bulk=200,
)  # fmt: skip


def layouts(size: SettleSize) -> tuple[Layout, Layout]:
    """Return what stands in the small database and in the large one."""
    rounds = size.rounds + 1  # The first one warms up.
    big = [size.small] + [size.market] * size.rounds
    feed = {BATCHES: [size.messages] * rounds, ALONE: [size.one_by_one] * rounds}
    small = {SMALL: [size.small] * rounds}
    return (
        Layout(tickets=size.few, feed={BATCHES: feed[BATCHES]}, markets=small),
        Layout(tickets=size.many, feed=feed, markets=small | {BIG: big, SHARED: big}),
    )


def tickets_at(count: int) -> str:
    """Return what the messages' side is called where so many tickets stand."""
    return f"messages at {count:,}"


def market_at(count: int) -> str:
    """Return what a small market's side is called where so many tickets stand."""
    return f"small market at {count:,}"


def goals(size: SettleSize) -> list[Goal]:
    """Return what is asked of a run of this size."""
    few, many = tickets_at(size.few), tickets_at(size.many)
    return [
        Goal(few, Naive.name, floor=20, stretch=40),
        Goal(few, Copy.name, floor=0.25, stretch=0.4),
        Goal(LONGEST, SLOWEST, floor=1),
        Goal(many, few, floor=0.8),
        Goal(MARKET, BULK, floor=10, stretch=25),
        Goal(AGAIN, BULK_AGAIN, floor=10, stretch=25),
        Goal(MARKET, BARE, floor=1 / 25, stretch=1 / 12),
        Goal(AGAIN, BARE_AGAIN, floor=1 / 25, stretch=1 / 12),
        Goal(TWO, MARKET, floor=1.3),
        Goal(market_at(size.many), market_at(size.few), floor=0.5),
        Goal(MEMORY_FIRST, MEMORY_LAST, floor=0.8),
    ]
