"""What is told of Sportradar's producers: how each stands, what is asked for, what may be asked."""

from dataclasses import dataclass, field
from datetime import datetime

from feeds.models import DownReason, ProducerState, RecoveryBucket
from feeds.recovery_shapes import Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class ProducerStanding:
    """Where a producer stands.

    All that it said until `checkpoint_at` is stored; when it is heard again by `tells_all_until`,
    nothing is lost. `lag_seconds` is how long after it was made the last sign of life came.
    Synchronised: it is up, in time, and all that it told again is processed.
    """

    number: int
    code: str
    name: str
    is_active: bool
    state: ProducerState
    reason: DownReason | None
    sentence: str
    since: datetime
    heard_at: datetime | None
    heard_seconds: float | None
    lag_seconds: float | None
    is_silent: bool
    is_late: bool
    is_synchronised: bool
    checkpoint_at: datetime | None
    tells_all_until: datetime | None
    asked_not_before: datetime | None
    recovery: Asked | None
    events_wanted: int
    events_asked: int
    events_failed: int


@dataclass(frozen=True, slots=True)
class RequestsLeft:
    """How many requests Sportradar still takes; when none, in how many seconds.

    Without `producer` they are counted together for all.
    """

    bucket: RecoveryBucket
    producer: int | None
    left: int
    wait_seconds: float


@dataclass(frozen=True, slots=True)
class AccountStanding:
    """Whose token it is, as the API told at `asked_at`; `clock_ahead_seconds` is our clock's."""

    bookmaker_id: str
    virtual_host: str
    expires_at: datetime | None
    clock_ahead_seconds: float | None
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsStanding:
    """The events that are asked for one by one: counts, who is next, and what failed in a day."""

    wanted: int = 0
    asked: int = 0
    failed: int = 0
    next: list[Asked] = field(default_factory=list)
    failures: list[Asked] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class SportradarStanding:
    """What Sportradar's feed tells beside what all feeds tell. `depth` messages wait for us there;
    `warnings` are what somebody should do something about."""

    account: AccountStanding | None
    depth: int | None
    warnings: list[str]
    producers: list[ProducerStanding]
    events: EventsStanding
    left: list[RequestsLeft]
