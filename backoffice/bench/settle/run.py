"""Settlement's run: its sides, their sizes, and what is asked of the ratios."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import connection, connections

from backoffice.bench import machine, ratios
from backoffice.bench.databases import Database
from backoffice.bench.intake.opening import add_players
from backoffice.bench.intake.run import analyse
from backoffice.bench.measuring import Say, Size, Subject, measured
from backoffice.bench.ratios import Goal
from backoffice.bench.report import Report
from backoffice.bench.settle.books import Books
from backoffice.bench.settle.bulk import BulkUpdate
from backoffice.bench.settle.feed import ALONE, BATCHES, Alone, Batches
from backoffice.bench.settle.layout import Layout
from backoffice.bench.settle.limit import Bare, Copy
from backoffice.bench.settle.markets import FIRST, SECOND, Hot, Market
from backoffice.bench.settle.naive import Naive
from backoffice.bench.settle.naive_books import NaiveBooks
from backoffice.bench.settle.side import SettleSide
from backoffice.bench.settle.workers import Workers

BIG, SMALL, SHARED = "big", "small", "shared"  # What the markets are for.
MARKET, AGAIN, TWO = "a market", "its correction", "two workers"
BULK, BULK_AGAIN = "bulk_update", "bulk_update, correction"
BARE, BARE_AGAIN = "bare UPDATE", "bare UPDATE, correction"
LONGEST, SLOWEST = "30 ms", "p99 of one alone"
LONGEST_SECONDS = 0.030
MEMORY_FIRST, MEMORY_LAST = "a worker's memory in round 1", "in the last round"

NOTES = (
    "A rate counts tickets. After every twentieth message comes an exact repeat and an older "
    "result, inside the measured time. Every side gets the first part of the same input each "
    "round: fresh tickets, a neighbourhood's in no order for the messages, scattered over the "
    "whole table for the markets; 60 % singles, 40 % trebles of whose other legs 85 % have won.",
    "Few and many tickets stand in two databases of the same server, so that both take turns in "
    "every round. A round before the first one warms up, then ANALYZE. A ratio is the median of "
    "its rounds. All bets' ends and all balances were compared at the end, side by side.",
)


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
    rounds=5, players=50_000, few=100_000, many=2_000_000,
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


def run(*, size: SettleSize, goals: Sequence[Goal], say: Say) -> Report:
    """Fill two databases with tickets, and measure."""
    found = machine.look()
    here = Database(connection.settings_dict["NAME"])
    connections.close_all()
    here.enter()
    say(f"opening {size.players:,} accounts")
    add_players(size.players)
    there = here.copy()
    few, many = [
        Books(database=database, layout=layout)
        for database, layout in zip((here, there), layouts(size), strict=True)
    ]
    for books in (few, many):
        books.fill(say)
    taking_part, alone, workers = sides(size, few, many)
    for side in taking_part:
        say(f"{side.name}: opening")
        side.database.enter()
        side.open()
    analyse(here, there)
    report = measured(
        title="Tickets settled a second: one connection, but for the two workers.",
        taking_part=taking_part,
        found=found,
        goals=[goal for goal in goals if goal.side not in (LONGEST, MEMORY_FIRST)],
        notes=NOTES,
        size=size,
        warmed_up=lambda: analyse(here, there),
        say=say,
    )
    return completed(report, goals, alone, workers)


def sides(size: SettleSize, few: Books, many: Books) -> tuple[list[SettleSide], Alone, Workers]:
    """Return the sides in the order of a round, and those two that know more than their rate."""
    big, theirs = Hot(books=many, purpose=BIG), NaiveBooks()
    alone = Alone(books=many)
    workers = Workers(name=TWO, hot=Hot(books=many, purpose=SHARED), winner=FIRST)
    in_turn = [
        Batches(name=tickets_at(size.few), books=few),
        Copy(books=few),
        Batches(name=tickets_at(size.many), books=many),
        alone,
        Naive(books=few, size=size.one_by_one),
        Market(name=MARKET, hot=big, winner=FIRST),
        Market(name=AGAIN, hot=big, winner=SECOND),
        Bare(name=BARE, hot=big, winner=FIRST),
        Bare(name=BARE_AGAIN, hot=big, winner=SECOND),
        BulkUpdate(name=BULK, hot=big, books=theirs, size=size.bulk, winner=FIRST),
        BulkUpdate(name=BULK_AGAIN, hot=big, books=theirs, size=size.bulk, winner=SECOND),
        workers,
        *(
            Market(name=market_at(count), hot=Hot(books=books, purpose=SMALL), winner=FIRST)
            for count, books in ((size.few, few), (size.many, many))
        ),
    ]
    return in_turn, alone, workers


def completed(report: Report, goals: Sequence[Goal], alone: Alone, workers: Workers) -> Report:
    """Add what is no rate: how long one ticket takes, and what a worker keeps in memory."""
    p50, p99 = alone.percentile(50), alone.percentile(99)
    first, last = workers.memory[1], workers.memory[-1]  # The very first is the warming up's.
    seen = {
        LONGEST: [LONGEST_SECONDS],
        SLOWEST: [p99],
        MEMORY_FIRST: [float(first)],
        MEMORY_LAST: [float(last)],
    }
    others = ratios.compare([goal for goal in goals if goal.side in seen], seen)
    lines = (
        f"One message alone, from its bytes to what it pays: p50 {p50 * 1e3:.1f} ms, "
        f"p99 {p99 * 1e3:.1f} ms of {len(alone.taken):,}.",
        f"The larger one of two workers held {first / 2**20:.0f} MB after the first round and "
        f"{last / 2**20:.0f} MB after the last.",
    )
    return replace(report, ratios=[*report.ratios, *others], notes=[*lines, *report.notes])


SUBJECT = Subject(FULL, SMOKE, goals=goals, run=run)
