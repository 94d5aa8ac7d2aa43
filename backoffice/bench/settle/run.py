"""Settlement's run: its sides in the order of a round, and the report of what they did."""

from collections.abc import Sequence
from dataclasses import replace

from django.db import connection, connections

from backoffice.bench import machine, ratios
from backoffice.bench.databases import Database
from backoffice.bench.intake.opening import add_players
from backoffice.bench.intake.run import analyse
from backoffice.bench.measuring import Say, Subject, measured
from backoffice.bench.ratios import Goal
from backoffice.bench.report import Report
from backoffice.bench.settle.books import Books
from backoffice.bench.settle.bulk import BulkUpdate
from backoffice.bench.settle.feed import Alone, Batches
from backoffice.bench.settle.limit import Bare, Copy
from backoffice.bench.settle.markets import FIRST, SECOND, Hot, Market
from backoffice.bench.settle.naive import Naive
from backoffice.bench.settle.naive_books import NaiveBooks
from backoffice.bench.settle.side import SettleSide
from backoffice.bench.settle.sizes import (
    AGAIN,
    BARE,
    BARE_AGAIN,
    BIG,
    BULK,
    BULK_AGAIN,
    FULL,
    LONGEST,
    LONGEST_SECONDS,
    MARKET,
    MEMORY_FIRST,
    MEMORY_LAST,
    SHARED,
    SLOWEST,
    SMALL,
    SMOKE,
    TWO,
    SettleSize,
    goals,
    layouts,
    market_at,
    tickets_at,
)
from backoffice.bench.settle.workers import Workers

NOTES = (
    "A rate counts tickets. After every twentieth message comes an exact repeat and an older "
    "result, inside the measured time. Every side gets the first part of the same input each "
    "round: fresh tickets, a neighbourhood's in no order for the messages, scattered over the "
    "whole table for the markets; 60 % singles, 40 % trebles of whose other legs 85 % have won.",
    "Few and many tickets stand in two databases of the same server, so that both take turns in "
    "every round. A round before the first one warms up, then ANALYZE. A ratio is the median of "
    "its rounds. All bets' ends and all balances were compared at the end, side by side.",
)


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
