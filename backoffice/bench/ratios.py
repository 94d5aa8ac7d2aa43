"""One side's rate as a multiple of another's, paired round by round, and the floor under it."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Goal:
    """A ratio that we look at, the least that it may be, and what we would like it to be."""

    side: str
    against: str
    floor: float | None = None
    stretch: float | None = None

    def halved(self) -> "Goal":
        """Return the goal for a small run, where one slow moment weighs much."""
        return self if self.floor is None else replace(self, floor=self.floor / 2)


@dataclass(frozen=True, slots=True)
class Ratio:
    """What came of a goal: one value a round."""

    goal: Goal
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The value that counts."""
        return statistics.median(self.values)

    @property
    def verdict(self) -> str:
        """Say where the median stands; empty when nothing was asked."""
        if self.goal.floor is None:
            return ""
        if self.fell_short:
            return "below its floor"
        reached = self.goal.stretch is not None and self.median >= self.goal.stretch
        return "stretch reached" if reached else "ok"

    @property
    def fell_short(self) -> bool:
        """Whether the median is below the floor."""
        return self.goal.floor is not None and self.median < self.goal.floor


def compare(goals: Sequence[Goal], rates: Mapping[str, Sequence[float]]) -> list[Ratio]:
    """Return each goal's ratio; the rates of all sides stand in the order of the rounds."""
    return [
        Ratio(
            goal,
            tuple(
                ours / theirs
                for ours, theirs in zip(rates[goal.side], rates[goal.against], strict=True)
            ),
        )
        for goal in goals
    ]
