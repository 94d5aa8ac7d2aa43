"""A run from the round that warms up to the report: the same for every subject."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from backoffice.bench import machine, ratios, rounds
from backoffice.bench.machine import Machine
from backoffice.bench.ratios import Goal
from backoffice.bench.report import Report
from backoffice.bench.rounds import Lap, Side

Say = Callable[[str], None]


class WrongBooks(Exception):
    """A side has not written what it was given: its figures are worth nothing."""


class BookedSide(Side, Protocol):
    """A side that can be asked whether it did its work."""

    about: str

    def complaints(self) -> list[str]:
        """Say what is wrong with the books."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much a run does; each subject adds its own."""

    rounds: int


AnySize = TypeVar("AnySize", bound=Size)


@dataclass(frozen=True, slots=True)
class Subject(Generic[AnySize]):
    """What can be measured: in full and small, what is asked of it, and how it is done."""

    full: AnySize
    smoke: AnySize
    goals: Callable[[AnySize], Sequence[Goal]]
    run: Callable[..., Report]


def measured(
    *,
    title: str,
    taking_part: Sequence[BookedSide],
    found: Machine,
    goals: Sequence[Goal],
    notes: Sequence[str],
    size: Size,
    warmed_up: Callable[[], Any],
    say: Say,
) -> Report:
    """Measure every side in turns, look at all books, and return the figures."""
    say("a round to warm up")
    rounds.warm_up(taking_part)
    warmed_up()
    laps: dict[str, list[Lap]] = {side.name: [] for side in taking_part}
    before_each = machine.before_each(found)
    for number, name, lap in rounds.in_turns(
        taking_part, rounds=size.rounds, before_each=before_each
    ):
        say(f"round {number} of {size.rounds}: {name} {lap.rate:,.0f}/s")
        laps[name].append(lap)
    refuse_wrong_books(taking_part, say)
    return Report(
        title=title,
        machine=found,
        about={side.name: side.about for side in taking_part},
        laps=laps,
        ratios=ratios.compare(
            goals, {name: [lap.rate for lap in of_side] for name, of_side in laps.items()}
        ),
        notes=notes,
    )


def refuse_wrong_books(taking_part: Sequence[BookedSide], say: Say) -> None:
    """Believe no figure of a run in which a side's books are wrong."""
    for side in taking_part:
        say(f"{side.name}: looking at the books")
        if complaints := side.complaints():
            raise WrongBooks(f"The books of {side.name} are wrong: {'; '.join(complaints)}.")
