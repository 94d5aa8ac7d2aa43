"""The feed's run: the runner, one message alone, and a task for each message, in turns."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from statistics import quantiles

from django.conf import settings
from django.db import connection, connections

from backoffice.bench import machine, ratios
from backoffice.bench.databases import Database
from backoffice.bench.feed.children import Receiver, Vendor, Worker
from backoffice.bench.feed.sides import Idle, Live, Tasks
from backoffice.bench.intake.opening import add_players
from backoffice.bench.intake.run import analyse
from backoffice.bench.measuring import Say, Size, Subject, measured
from backoffice.bench.ratios import Goal
from backoffice.bench.report import Report
from backoffice.bench.scratch import moved
from backoffice.bench.settle.books import Books
from backoffice.bench.settle.feed import ALONE, BATCHES
from backoffice.bench.settle.layout import Layout

SUSTAINED, NEEDED = 1200.0, "1,200 a second"
LONGEST, SLOWEST, LONGEST_SECONDS = "100 ms", "p99 of one alone", 0.1
MOST, HELD, MOST_BYTES = "300 MB", "the runner's memory", 300e6
OTHERS = 2000  # Tickets that nothing is said of.


@dataclass(frozen=True, slots=True)
class FeedSize(Size):
    """How much a run does; of the tickets each round has its own."""

    players: int
    tickets: int
    alone: int
    tasks: int


FULL = FeedSize(rounds=2, players=50_000, tickets=91_000, alone=200, tasks=4550)
SMOKE = FeedSize(rounds=2, players=500, tickets=2000, alone=20, tasks=100)
NOTES = (
    "A rate counts messages. After every twentieth comes an exact repeat and an older result. A "
    "round before the first one warms up with a tenth; the full run sends 200,000 messages "
    "over the socket, and 10,000 of the same as tasks. All bets' ends and all balances were "
    "compared at the end. The vendor's server runs on the same two cores.",
)


def goals(size: FeedSize) -> list[Goal]:
    """Return what is asked of a run."""
    return [
        Goal(Live.name, Tasks.name, floor=10),
        Goal(Live.name, NEEDED, floor=1),
        Goal(LONGEST, SLOWEST, floor=1),
        Goal(MOST, HELD, floor=1),
    ]


def run(*, size: FeedSize, goals: Sequence[Goal], say: Say) -> Report:
    """Fill a database, start the processes, and measure."""
    found = machine.look()
    here = Database(connection.settings_dict["NAME"])
    connections.close_all()
    here.enter()
    say(f"opening {size.players:,} accounts")
    add_players(size.players)
    books = Books(database=here, layout=layout(size))
    books.fill(say)
    with ExitStack() as stack:
        url = moved(settings.DATABASE_URL, here.name)
        vendor = Vendor()
        stack.callback(vendor.end)
        receiver, worker = Receiver(vendor, url), Worker(url)
        stack.callback(receiver.end)
        stack.callback(worker.end)
        live = Live(books=books, vendor=vendor, receiver=receiver)
        alone = Idle(books=books, vendor=vendor, receiver=receiver)
        taking_part = [live, alone, Tasks(books=books, size=size.tasks, worker=worker)]
        for side in taking_part:
            side.open()
        analyse(here)
        report = measured(
            title="Messages a second, from the socket to the balances.",
            taking_part=taking_part,
            found=found,
            goals=[goal for goal in goals if (goal.side, goal.against) == PAIRED],
            notes=NOTES,
            size=size,
            warmed_up=lambda: analyse(here),
            say=say,
        )
        return completed(report, goals, live, alone)


PAIRED = (Live.name, Tasks.name)


def layout(size: FeedSize) -> Layout:
    """Return what stands in the database."""
    feed = {
        BATCHES: [max(size.tasks, size.tickets // 10)] + [size.tickets] * size.rounds,
        ALONE: [size.alone] * (size.rounds + 1),
    }
    needed = sum(map(sum, feed.values())) + OTHERS
    whole = -(-needed // size.players) * size.players  # As many for each player.
    return Layout(tickets=whole, feed=feed, markets={"waiting": [1]})


def completed(report: Report, goals: Sequence[Goal], live: Live, alone: Idle) -> Report:
    """Add what is compared with a figure: the rate, the longest wait, the memory."""
    p50, p99 = [quantiles(alone.taken, n=100)[percent - 1] for percent in (50, 99)]
    rates = [lap.rate for lap in report.laps[live.name]]
    seen = {
        Live.name: rates,
        NEEDED: [SUSTAINED] * len(rates),
        LONGEST: [LONGEST_SECONDS],
        SLOWEST: [p99],
        MOST: [MOST_BYTES],
        HELD: [float(max(live.memory))],
    }
    others = [goal for goal in goals if (goal.side, goal.against) != PAIRED]
    lines = (
        f"One message alone, from its push to its ticket: p50 {p50 * 1e3:.1f} ms, "
        f"p99 {p99 * 1e3:.1f} ms of {len(alone.taken):,}.",
        f"The runner held {live.memory[0] / 1e6:.0f} MB at first, {live.memory[-1] / 1e6:.0f} MB "
        f"at the end, {max(live.memory) / 1e6:.0f} MB at most.",
    )
    return replace(
        report,
        ratios=[*report.ratios, *ratios.compare(others, seen)],
        notes=[*lines, *report.notes],
    )


SUBJECT = Subject(FULL, SMOKE, goals=goals, run=run)
