"""The wallet's benchmark: its sides, their sizes, and what is asked of the ratios."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backoffice.bench import machine, ratios, rounds
from backoffice.bench.limit import Copy
from backoffice.bench.ours import Ours
from backoffice.bench.peers import Hordak, Naive
from backoffice.bench.ratios import Goal
from backoffice.bench.report import Report
from backoffice.bench.rounds import Lap
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


class WrongBooks(Exception):
    """A side has not written what it was given: its figures are worth nothing."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much a run does."""

    rounds: int
    players: int
    one_by_one: int
    in_batches: int


FULL = Size(rounds=5, players=2000, one_by_one=500, in_batches=20_000)
SMOKE = Size(rounds=3, players=500, one_by_one=150, in_batches=3000)


def sides(size: Size) -> list[WalletSide]:
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


def run(*, size: Size, goals: Sequence[Goal], say: Callable[[str], None]) -> Report:
    """Measure every side, look at all books, and return the figures."""
    found = machine.look()
    taking_part = sides(size)
    for side in taking_part:
        say(f"{side.name}: opening {size.players:,} accounts")
        side.open()
    machine.analyse()
    say("a round to warm up")
    rounds.warm_up(taking_part)
    machine.analyse()
    laps: dict[str, list[Lap]] = {side.name: [] for side in taking_part}
    before_each = machine.before_each(found)
    for number, name, lap in rounds.in_turns(
        taking_part, rounds=size.rounds, before_each=before_each
    ):
        say(f"round {number} of {size.rounds}: {name} {lap.rate:,.0f}/s")
        laps[name].append(lap)
    refuse_wrong_books(taking_part, say)
    return Report(
        title="Postings a second: one connection, a commit for each call.",
        machine=found,
        about={side.name: side.about for side in taking_part},
        laps=laps,
        ratios=ratios.compare(
            goals, {name: [lap.rate for lap in of_side] for name, of_side in laps.items()}
        ),
        notes=NOTES,
    )


def refuse_wrong_books(taking_part: Sequence[WalletSide], say: Callable[[str], None]) -> None:
    """Believe no figure of a run in which a side's books are wrong."""
    for side in taking_part:
        say(f"{side.name}: looking at the books")
        if complaints := side.complaints():
            raise WrongBooks(f"The books of {side.name} are wrong: {'; '.join(complaints)}.")
