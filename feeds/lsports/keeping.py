"""What a package tells of itself is written down, in the transaction of the messages before."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from django.db import transaction

from feeds import leases
from feeds.connections import Lease
from feeds.lsports import health
from feeds.lsports.health import Health
from feeds.lsports.windows import Windows
from feeds.models import Package, PackageState, StaleReason
from settlement import arrays

log = structlog.get_logger(__name__)

Change = Callable[[Health, float], Health]
WRITTEN = ["state", "reason", "since", "heard_at", "heard_ms", "healthy_ms", "not_before"]


class Kept:
    """A package as it is written down, locked until the commit; `save` writes what changed."""

    def __init__(self, feed: str) -> None:
        Package.objects.get_or_create(feed=feed)
        self.row = Package.objects.select_for_update(no_key=True).get(feed=feed)
        self.at = now()
        self.was = self.now = health_of(self.row)

    @property
    def moment(self) -> float:
        """The database's time when it was read."""
        return self.at.timestamp()

    def change(self, change: Change) -> None:
        """Take the package to where a change takes it."""
        self.now = change(self.now, self.moment)

    def save(self) -> None:
        """Write down what changed."""
        if self.now == self.was:
            return
        row, state = self.row, self.now
        row.state, row.reason, row.since = state.state, state.reason or "", at(state.since)
        row.heard_at = None if state.heard is None else at(state.heard)
        row.heard_ms, row.healthy_ms = state.heard_ms, state.healthy_ms
        row.not_before = at(state.not_before) if state.not_before else None
        row.save(update_fields=WRITTEN)
        if (self.was.state, self.was.reason) != (state.state, state.reason):
            log.info(
                "package_changed",
                feed=row.feed,
                state=str(state.state),
                reason=str(state.reason or ""),
            )


def health_of(row: Package) -> Health:
    """Return how a package stands."""
    return Health(
        state=PackageState(row.state),
        reason=StaleReason(row.reason) if row.reason else None,
        since=row.since.timestamp() if isinstance(row.since, datetime) else 0.0,
        heard=row.heard_at.timestamp() if row.heard_at else None,
        heard_ms=row.heard_ms,
        healthy_ms=row.healthy_ms,
        not_before=row.not_before.timestamp() if row.not_before else 0.0,
    )


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A heartbeat: when it was made, and whether the feed was interrupted."""

    made_ms: int | None
    interrupted: bool


def keep(*, feed: str, heartbeats: Sequence[Heartbeat], windows: Windows) -> None:
    """Write down a package's heartbeats."""
    if not heartbeats:
        return
    kept = Kept(feed)
    for one in heartbeats:
        kept.change(after(one, windows))
    kept.save()


def after(one: Heartbeat, windows: Windows) -> Change:
    """Return what a heartbeat changes."""
    return lambda was, now: health.heartbeat(
        was, now=now, made_ms=one.made_ms, interrupted=one.interrupted, windows=windows
    )


@transaction.atomic
def change(lease: Lease, change: Change) -> Health:
    """Take a package to where a change takes it; return how it stands."""
    kept = Kept(lease.feed)
    kept.change(change)
    kept.save()
    leases.fence(lease)
    return kept.now


def stands(feed: str) -> Health:
    """Return how a package stands."""
    row = Package.objects.filter(feed=feed).first()
    return health_of(row) if row else Health()


@transaction.atomic
def note(lease: Lease, **told: object) -> None:
    """Write down what LSports told of a package, or what is wrong with it."""
    Package.objects.get_or_create(feed=lease.feed)
    Package.objects.filter(feed=lease.feed).update(**told)
    leases.fence(lease)


def follow(*, feed: str, fixtures: Iterable[str]) -> None:
    """Write down which fixtures are followed; those with bets that are so no more have ended."""
    kept = Package.objects.select_for_update(no_key=True).filter(feed=feed).first()
    if kept is None:
        return
    named, before = sorted(set(fixtures)), kept.followed
    if named == before:
        return
    kept.followed = named
    kept.save(update_fields=["followed"])
    came, left = sorted({*named} - {*before}), sorted({*before} - {*named})
    if came:
        arrays.execute(CAME, [feed, arrays.texts(came)])
    end(feed=feed, fixtures=left)


def end(*, feed: str, fixtures: Iterable[str]) -> None:
    """Write down that fixtures are over, as far as somebody has bet on them."""
    over = sorted(set(fixtures))
    if over:
        arrays.execute(ENDED, [feed, arrays.texts(over)])


def now() -> datetime:
    """Return the database's time."""
    [(moment,)] = arrays.fetch("SELECT clock_timestamp()", [])
    return moment  # type: ignore[no-any-return]


def at(moment: float) -> datetime:
    """Return a unix time as a point in time."""
    return datetime.fromtimestamp(moment, UTC)


CAME = """
UPDATE feeds_endedfixture SET ended_at = NULL, asked_at = NULL
 WHERE feed = %s AND fixture_ref = ANY (%s::text[]) AND ended_at IS NOT NULL
"""

# What is written down already is not touched: whoever looks at it may have it locked.
ENDED = """
INSERT INTO feeds_endedfixture (feed, fixture_ref, ended_at)
SELECT f.feed, e.ref, clock_timestamp()
  FROM (SELECT %s AS feed, %s::text[] AS refs) f
  JOIN settlement_sportevent e ON e.ref = ANY (f.refs) AND e.provider = 'LSPORTS'
 WHERE NOT EXISTS (
       SELECT FROM feeds_endedfixture x
        WHERE x.feed = f.feed AND x.fixture_ref = e.ref AND x.ended_at IS NOT NULL)
 ORDER BY e.ref
    ON CONFLICT (feed, fixture_ref) DO UPDATE SET ended_at = excluded.ended_at, asked_at = NULL
 WHERE feeds_endedfixture.ended_at IS NULL
"""
