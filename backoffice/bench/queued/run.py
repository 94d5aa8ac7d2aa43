"""The figures of a feed: what was seen, then backlogs in turns with the limit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from backoffice.bench import ratios
from backoffice.bench.intake.run import analyse
from backoffice.bench.measuring import Say, measured
from backoffice.bench.queued.children import BareConsumer
from backoffice.bench.queued.live import LOOK
from backoffice.bench.queued.seen import Seen
from backoffice.bench.queued.sides import Backlog, Bare, Waiting
from backoffice.bench.queued.staging import QueuedSize, Stage
from backoffice.bench.ratios import Goal
from backoffice.bench.report import Report

SUSTAINED, A_SECOND = 1500.0, "1,500 a second"
WAITING, MOST_WAITING = "messages that waited at most", 2000.0
ACK, MOST_ACK = "the longest wait for an ack beside it", 1.0
PAID, MOST_PAID = "a market's last ticket", 15.0
LATE, MOST_LATE = "a first ticket's look back", 1.0
FEED, BARE = "feed", "bare consumer"


def goals(waiting: Waiting) -> list[Goal]:
    """Return what is asked of every feed."""
    return [
        Goal(waiting.stored, A_SECOND, floor=1),
        Goal(waiting.stored, waiting.named(BARE), floor=0.04),
        Goal(waiting.named(FEED), waiting.named(BARE)),
        Goal("2,000 messages", WAITING, floor=1),
        Goal("1 s", ACK, floor=1),
        Goal("15 s", PAID, floor=1),
        Goal("1 s ", LATE, floor=1),
    ]


def report(
    stage: Stage,
    *,
    waiting: Sequence[Waiting],
    seen: Seen,
    goals: Sequence[Goal],
    more: Mapping[str, Sequence[float]],
    notes: Sequence[str],
    size: QueuedSize,
    say: Say,
) -> Report:
    """Measure the backlogs in turns with the limit; return all figures, and what they reach."""
    consumer = BareConsumer(stage.broker)
    try:
        pairs = [pair(stage, one, consumer) for one in waiting]
        names = {side.name for pair in pairs for side in pair}
        found = measured(
            title=stage.provider.title,
            taking_part=[side for pair in pairs for side in pair],
            found=stage.found,
            goals=[goal for goal in goals if {goal.side, goal.against} <= names],
            notes=notes,
            size=size,
            warmed_up=lambda: analyse(stage.here),
            say=say,
        )
    finally:
        consumer.end()
    rates = {name: [lap.rate for lap in laps] for name, laps in found.laps.items()}
    backlogs = [backlog for backlog, _ in pairs]
    figures: dict[str, Sequence[float]] = {
        **rates,
        **figures_of(seen),
        **{one.waiting.stored: one.stored for one in backlogs},
        A_SECOND: [SUSTAINED] * size.rounds,
        **more,
    }
    lines = [*(one.told for one in backlogs), *seen.lines()]
    return replace(found, ratios=ratios.compare(goals, figures), notes=[*lines, *found.notes])


def pair(stage: Stage, waiting: Waiting, consumer: BareConsumer) -> tuple[Backlog, Bare]:
    """Return the runner and the limit, with the same messages."""
    books = stage.books
    return (
        Backlog(waiting=waiting, books=books, vendor=stage.vendor, receiver=stage.receiver),
        Bare(waiting=waiting, books=books, broker=stage.broker, consumer=consumer),
    )


def figures_of(seen: Seen) -> dict[str, list[float]]:
    """Return what was seen, and what it is compared with."""
    return {
        "2,000 messages": [MOST_WAITING],
        WAITING: [float(max(seen.deepest, 1))],
        "1 s": [MOST_ACK],
        ACK: [max(seen.ack, LOOK)],
        "15 s": [MOST_PAID],
        PAID: [seen.paid],
        "1 s ": [MOST_LATE],
        LATE: [seen.late],
    }
