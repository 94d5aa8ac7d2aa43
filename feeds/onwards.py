"""What the next connect of a feed would ask for, and how many are allowed. Nothing here writes."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings

from feeds import budget
from feeds.budget import MOST, Budget
from feeds.models import RevisionKind
from feeds.odds88 import cursor
from feeds.odds88.revision import (
    MARGIN,
    NOTHING,
    REACH,
    Gap,
    Position,
    Revision,
    revision,
)
from feeds.odds88.windows import Windows

BY_REVISION = frozenset({"odds88"})


@dataclass(frozen=True, slots=True)
class ConnectsLeft:
    """How many connects of a kind the provider still takes; when none, in how many seconds."""

    kind: RevisionKind
    used: int
    left: int
    wait_seconds: float
    window_seconds: float


@dataclass(frozen=True, slots=True)
class NextConnect:
    """What the next connect would ask for if it were made now.

    Without `from_at` it asks for all that the provider keeps. If nobody connects until
    `tells_all_until`, the feed can't tell all any more.
    """

    revision: int
    from_at: datetime | None
    why: str
    recovering: bool
    gap: Gap | None
    tells_all_until: datetime | None


def next_connect(feed: str, *, at: datetime) -> NextConnect | None:
    """Return what a feed's next connect would ask for, where connects ask for anything."""
    if feed not in BY_REVISION:
        return None
    return looked_ahead(cursor.position(feed), at=at)


def looked_ahead(position: Position, *, at: datetime) -> NextConnect:
    """Return what a connect from this position would ask for."""
    wanted = revision(position, now=at.timestamp())
    recovering = position.opened_with is not None and not position.recovered
    asks_all = wanted.asked == NOTHING
    lost = asks_all or wanted.gap is Gap.TOO_LONG
    return NextConnect(
        revision=wanted.asked,
        from_at=None if asks_all else moment(wanted.asked),
        why=why(wanted, recovering=recovering),
        recovering=recovering,
        gap=wanted.gap,
        tells_all_until=None if lost else moment(wanted.asked + REACH - MARGIN),
    )


def why(wanted: Revision, *, recovering: bool) -> str:
    """Say why the next connect asks for what it asks for."""
    if wanted.gap is Gap.TOO_LONG:
        return AS_FAR_BACK if recovering else AWAY_FOR_LONGER
    if wanted.gap:
        return WHY[wanted.gap]
    return STILL_TELLING if recovering else TOLD_ALL


def connects_left(feed: str) -> list[ConnectsLeft]:
    """Return what is left of a feed's budget, where connects are counted."""
    if feed not in BY_REVISION:
        return []
    spans = windows()
    allowed = Budget(spans.proper, spans.without)
    return [left_of(feed, kind, allowed) for kind in (RevisionKind.PROPER, RevisionKind.WITHOUT)]


def left_of(feed: str, kind: RevisionKind, allowed: Budget) -> ConnectsLeft:
    """Return what is left of one kind."""
    spent = budget.look(feed=feed, kind=kind, budget=allowed)
    return ConnectsLeft(kind, MOST - spent.left, spent.left, spent.wait, allowed.window(kind))


def windows() -> Windows:
    """Return the spans of time that Odds88 keeps to here."""
    return Windows().divided(settings.ODDS88_DIVIDE_TIMES_BY)


def moment(seconds: int) -> datetime:
    """Return a unix time as a point in time."""
    return datetime.fromtimestamp(seconds, UTC)


TOLD_ALL = "a minute before the newest settlement that it told"
STILL_TELLING = "the same as before: what the last connect asked for may not all have come yet"
AS_FAR_BACK = (
    "as far back as the provider goes: what the last connect asked for may not all have come"
)
AWAY_FOR_LONGER = "as far back as the provider goes: it was away for longer than that"
WHY = {
    Gap.FIRST: "all that the provider keeps, since it told nothing yet",
    Gap.INTERRUPTED: "the oldest settlement that it told: its first past may not all have come",
}
