"""How each of LSports' packages stands, what it lacks, and what is asked for.

A handful of questions for a package, however many messages, fixtures and snapshots there are.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings

from feeds.lsports import ledger
from feeds.lsports.distribution import CUT_OFF, waits
from feeds.lsports.windows import Windows
from feeds.models import (
    FeedLease,
    Package,
    PackageState,
    RecoveryKind,
    RecoveryState,
    RunState,
    Snapshot,
    SnapshotState,
    StaleReason,
)
from feeds.package_shapes import FixturesStanding, LsportsStanding, OverFixture, SnapshotLimits
from feeds.package_words import Seen, from_ms, sentence_of
from feeds.recovery_shapes import Asked
from feeds.sources import PACKAGES
from settlement import arrays

SNAPSHOTS_SHOWN = 10
FIXTURES_SHOWN = 10


def stands(
    feed: str, *, at: datetime, lease: FeedLease | None, waiting: int, is_more: bool
) -> LsportsStanding | None:
    """Return how a package stands; nothing of a feed that is none."""
    if feed not in PACKAGES:
        return None
    row = Package.objects.filter(pk=feed).first() or Package(feed=feed, since=at)
    is_received = lease is not None and lease.expires_at > at and not lease.paused_by
    spans = windows()
    seen = Seen(
        at=at,
        is_received=is_received,
        may_be_asked=bool(given(feed).get("SNAPSHOT_URL")),
        silence=spans.silence,
        silent_for=seconds_since(row.heard_at, at),
        waiting=waiting,
        more_waiting=is_more,
        last=last_of_all(feed),
    )
    healthy = None if row.healthy_ms is None else from_ms(row.healthy_ms)
    return LsportsStanding(
        package=given(feed).get("PACKAGE_ID", ""),
        state=PackageState(row.state),
        reason=StaleReason(row.reason) if row.reason else None,
        sentence=sentence_of(row, seen),
        warnings=warnings(row, lease) if is_received else [],
        since=row.since,
        heard_at=row.heard_at,
        heard_seconds=seen.silent_for,
        is_silent=seen.is_silent,
        healthy_at=healthy,
        tells_all_until=healthy and healthy + timedelta(seconds=spans.horizon),
        asked_not_before=row.not_before,
        is_distributing=row.is_distributing,
        consumers=row.consumers,
        distribution_asked_at=row.asked_at,
        started_at=row.started_at,
        depth=lease.depth if lease and is_received else None,
        cut_off=CUT_OFF,
        passed_by=lease.passed_by if lease else 0,
        fixtures=fixtures(row),
        wanted=Snapshot.objects.filter(package_id=feed, state=SnapshotState.WANTED).count(),
        snapshots=[asked_as(one) for one in newest(feed)],
        limits=limits(spans),
    )


def windows() -> Windows:
    """Return the spans of time that LSports keeps to here."""
    return Windows().divided(settings.LSPORTS_DIVIDE_TIMES_BY)


def given(feed: str) -> dict[str, str]:
    """Return the settings of a package."""
    found: dict[str, str] = settings.LSPORTS[PACKAGES[feed]]
    return found


def seconds_since(when: datetime | None, at: datetime) -> float | None:
    """Return how long ago something was."""
    return None if when is None else max(0.0, (at - when).total_seconds())


def warnings(row: Package, lease: FeedLease | None) -> list[str]:
    """Return what somebody should do something about."""
    deep = waits(lease.depth) if lease else ""
    told = lease.sentence if lease and lease.state == RunState.RECEIVING else ""
    found = [deep, told.removeprefix(deep).strip()]
    if row.is_distributing is False:
        found.append("LSports does not send the package: nothing reaches us but by snapshots.")
    if row.consumers is not None and row.consumers > 1:
        found.append(
            f"{row.consumers} consumers read the package's queue: each gets only a part of the "
            "messages, and they come out of order. Nobody else may read it."
        )
    return [one for one in found if one]


def fixtures(row: Package) -> FixturesStanding:
    """Return which fixtures a package follows, and which are over and lack results."""
    [(over, asked)] = arrays.fetch(OVER, [row.feed])
    oldest = arrays.fetch(OLDEST, [row.feed, FIXTURES_SHOWN]) if over else []
    return FixturesStanding(
        followed=len(row.followed),
        over=over,
        people_asked=asked,
        oldest=[OverFixture(*one) for one in oldest],
    )


def last_of_all(feed: str) -> Snapshot | None:
    """Return the last snapshot of all that a package told."""
    return next(iter(Snapshot.objects.raw(LAST_OF_ALL, [feed])), None)


def newest(feed: str) -> Sequence[Snapshot]:
    """Return the last snapshots that a package was asked for."""
    return list(Snapshot.objects.raw(NEWEST, [feed, SNAPSHOTS_SHOWN]))


def asked_as(row: Snapshot) -> Asked:
    """Return a snapshot as people read it."""
    return Asked(
        id=row.pk,
        feed=row.package_id,
        producer=None,
        kind=RecoveryKind.EVENT if row.is_filtered else RecoveryKind.SINCE,
        event=row.fixture_ref,
        from_at=None if row.since_ms is None else from_ms(row.since_ms),
        state=RecoveryState(row.state),
        why=row.why,
        actor=row.actor,
        rank=0,
        tries=0,
        wanted_at=row.created_at,
        asked_at=row.asked_at,
        progress_at=None,
        told_at=row.answered_at,
        done_at=row.done_at,
        http_status=row.http_status,
        sentence=row.sentence,
        method=row.method,
        fixtures=row.fixtures,
        messages=row.messages,
    )


def limits(spans: Windows) -> SnapshotLimits:
    """Return when LSports takes another request."""
    return SnapshotLimits(
        of_all_seconds=max(0.0, ledger.wait_for(spans, is_filtered=False)),
        of_fixtures_seconds=max(0.0, ledger.wait_for(spans, is_filtered=True)),
    )


OVER = """
SELECT count(*), count(asked_at) FROM feeds_endedfixture
 WHERE feed = %s AND ended_at IS NOT NULL
"""

OLDEST = """
SELECT f.fixture_ref, coalesce(e.name, ''), f.ended_at, f.asked_at
  FROM (SELECT * FROM feeds_endedfixture
         WHERE feed = %s AND ended_at IS NOT NULL ORDER BY ended_at LIMIT %s) f
  LEFT JOIN settlement_sportevent e ON e.ref = f.fixture_ref AND e.provider = 'LSPORTS'
 ORDER BY f.ended_at
"""

# The index of fixtures answers: a snapshot of all has none.
LAST_OF_ALL = """
SELECT * FROM feeds_snapshot
 WHERE fixture_ref = '' AND package_id = %s AND NOT is_filtered
 ORDER BY fixture_ref DESC, id DESC LIMIT 1
"""

# The key answers: the package is compared so that no index of packages does.
NEWEST = """
SELECT * FROM feeds_snapshot
 WHERE package_id IS NOT DISTINCT FROM %s AND state <> 'WANTED'
 ORDER BY id DESC LIMIT %s
"""
