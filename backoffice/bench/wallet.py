"""The wallet's benchmark: its sides, their sizes, and what is asked of the ratios."""

from collections.abc import Sequence
from dataclasses import dataclass

from backoffice.bench import machine
from backoffice.bench.limit import Copy
from backoffice.bench.measuring import Say, Size, Subject, measured
from backoffice.bench.ours import Ours
from backoffice.bench.peers import Hordak, Naive
from backoffice.bench.ratios import Goal
from backoffice.bench.report import Report
from backoffice.bench.side import WalletSide

ONE, HUNDRED, THOUSAND = "ours ×1", "ours ×100", "ours ×1,000"
GOALS = (
    Goal(ONE, Hordak.name, floor=1.5),
    Goal(THOUSAND, Hordak.name, floor=12),
    Goal(THOUSAND, Naive.name, floor=20, stretch=40),
    Goal(THOUSAND, Copy.name, floor=0.2, stretch=0.4),
    Goal(ONE, Naive.name),
    Goal(HUNDRED, Hordak.name),
    Goal(HUNDRED, Naive.name),
    Goal(HUNDRED, Copy.name),
)
NOTES = (
    "A rate counts new postings. Sides that know keys also get an exact repeat of an earlier "
    "posting after every twentieth, inside the measured time.",
    "Every side posts the first part of the same input each round, under keys of its own. A round "
    "before the first one warms up, then ANALYZE. A ratio is the median of its rounds.",
)


@dataclass(frozen=True, slots=True)
class WalletSize(Size):
    """How much a run does."""

    players: int
    one_by_one: int
    in_batches: int


FULL = WalletSize(rounds=5, players=2000, one_by_one=500, in_batches=20_000)
SMOKE = WalletSize(rounds=3, players=500, one_by_one=150, in_batches=3000)


def sides(size: WalletSize) -> list[WalletSide]:
    """Return the sides in the order of a round."""
    few, many, players = size.one_by_one, size.in_batches, size.players
    return [
        Ours(batch=1, size=few, players=players),
        Ours(batch=100, size=many, players=players),
        Ours(batch=1000, size=many, players=players),
        Hordak(size=few, players=players),
        Naive(size=few, players=players),
        Copy(size=many, players=players),
    ]


def run(*, size: WalletSize, goals: Sequence[Goal], say: Say) -> Report:
    """Open every side's accounts, and measure."""
    found = machine.look()
    taking_part = sides(size)
    for side in taking_part:
        say(f"{side.name}: opening {size.players:,} accounts")
        side.open()
    machine.analyse()
    return measured(
        title="Postings a second: one connection, a commit for each call.",
        taking_part=taking_part,
        found=found,
        goals=goals,
        notes=NOTES,
        size=size,
        warmed_up=machine.analyse,
        say=say,
    )


SUBJECT = Subject(FULL, SMOKE, goals=lambda _: GOALS, run=run)
