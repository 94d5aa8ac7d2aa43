"""The intake's run: its sides, their sizes, and what is asked of the ratios."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, connections

from backoffice.bench import machine
from backoffice.bench.databases import Database
from backoffice.bench.intake.limit import Copy
from backoffice.bench.intake.naive import Naive
from backoffice.bench.intake.opening import open_books
from backoffice.bench.intake.ours import Drafting, Ours, name_at
from backoffice.bench.intake.side import IntakeSide
from backoffice.bench.measuring import Say, Size, Subject, measured
from backoffice.bench.ratios import Goal
from backoffice.bench.report import Report

NOTES = (
    "A rate counts new tickets, trebles all of them. All but the COPY also get an exact repeat of "
    "an earlier ticket after every twentieth, inside the measured time.",
    "Every side gets the first part of the same input each round, under bet_ids of its own; the "
    "events of the day are known at the beginning, each hundred tickets bring a new one. A round "
    "before the first one warms up, then ANALYZE. A ratio is the median of its rounds.",
    "Few and many tickets stand in two databases of the same server, so that both take turns in "
    "every round. Ours / drafting alone is the share of drafting in ours.",
)


@dataclass(frozen=True, slots=True)
class IntakeSize(Size):
    """How much a run does."""

    players: int
    one_by_one: int
    in_batches: int
    few: int
    many: int


FULL = IntakeSize(
    rounds=7, players=500, one_by_one=200, in_batches=5000, few=100_000, many=2_000_000
)
SMOKE = IntakeSize(rounds=3, players=200, one_by_one=100, in_batches=2000, few=2000, many=20_000)


def goals(size: IntakeSize) -> list[Goal]:
    """Return what is asked of a run of this size."""
    few, many = name_at(size.few), name_at(size.many)
    return [
        Goal(few, Naive.name, floor=20, stretch=40),
        Goal(many, few, floor=0.75),
        Goal(many, Naive.name),
        Goal(few, Copy.name),
        Goal(few, Drafting.name),
    ]


def run(*, size: IntakeSize, goals: Sequence[Goal], say: Say) -> Report:
    """Fill two databases with tickets, and measure."""
    found = machine.look()
    here = Database(connection.settings_dict["NAME"])
    connections.close_all()
    here.enter()
    say(f"opening {size.players:,} accounts")
    open_books(size.players)
    there = here.copy()
    taking_part = sides(size, here, there, say)
    for side in taking_part:
        side.database.enter()
        side.open()
    analyse(here, there)
    return measured(
        title="Tickets a second: one connection, a commit for each call.",
        taking_part=taking_part,
        found=found,
        goals=goals,
        notes=NOTES,
        size=size,
        warmed_up=lambda: analyse(here, there),
        say=say,
    )


def analyse(*databases: Database) -> None:
    """Let the planner know every table of each."""
    for database in databases:
        database.enter()
        machine.analyse()


def sides(size: IntakeSize, here: Database, there: Database, say: Say) -> list[IntakeSide]:
    """Return the sides in the order of a round."""
    few, many, players = size.one_by_one, size.in_batches, size.players
    return [
        Ours(database=here, size=many, players=players, before=size.few, say=say),
        Ours(database=there, size=many, players=players, before=size.many, say=say),
        Drafting(database=here, size=many, players=players),
        Naive(database=here, size=few, players=players),
        Copy(database=here, size=many, players=players),
    ]


SUBJECT = Subject(FULL, SMOKE, goals=goals, run=run)
