"""What is told of LSports' packages: how each stands, what is asked for, and what may be."""

from dataclasses import dataclass
from datetime import datetime

from feeds.models import PackageState, StaleReason
from feeds.recovery_shapes import Asked


@dataclass(frozen=True, slots=True)
class OverFixture:
    """A fixture that LSports follows no more, and that has bets without a result.

    `asked_at` is when people were asked to look.
    """

    fixture: str
    name: str
    ended_at: datetime
    asked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FixturesStanding:
    """The fixtures of a package: those that it follows, and those that lack results."""

    followed: int
    over: int
    people_asked: int
    oldest: list[OverFixture]


@dataclass(frozen=True, slots=True)
class SnapshotLimits:
    """In how many seconds LSports takes another request, for all packages together."""

    of_all_seconds: float
    of_fixtures_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LsportsStanding:
    """What a package of LSports' tells beside what all feeds tell.

    All that it told until `healthy_at` is stored; what is not asked for by `tells_all_until` is
    gone. `depth` of at most `cut_off` messages wait for us there; `passed_by` came and settle
    nothing: they were counted and not stored. What is known of the distribution LSports told at
    `distribution_asked_at`; we asked it to send at `started_at`.
    """

    package: str
    state: PackageState
    reason: StaleReason | None
    sentence: str
    warnings: list[str]
    since: datetime
    heard_at: datetime | None
    heard_seconds: float | None
    is_silent: bool
    healthy_at: datetime | None
    tells_all_until: datetime | None
    asked_not_before: datetime | None
    is_distributing: bool | None
    consumers: int | None
    distribution_asked_at: datetime | None
    started_at: datetime | None
    depth: int | None
    cut_off: int
    passed_by: int
    fixtures: FixturesStanding
    wanted: int
    snapshots: list[Asked]
    limits: SnapshotLimits
