"""Which snapshot may be asked for when: written down before it is, so that the limits hold.

They hold for all packages together, over restarts and machines.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from feeds import leases
from feeds.connections import Lease
from feeds.lsports.windows import Windows
from feeds.models import Package, Snapshot, SnapshotState
from settlement import arrays

BY_US = "system:lsports"
GRACE = 1.05  # A request may reach LSports later than it was written down.
LONGEST_SENTENCE = 500
MOST_TRIES = 3  # of a fixture, within an hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A snapshot that is wanted, who wants it, and why."""

    method: str
    why: str
    actor: str = BY_US
    since_ms: int | None = None
    fixtures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing may be asked before so many seconds have passed."""

    seconds: float


@transaction.atomic
def may_ask(
    lease: Lease, question: Question, windows: Windows, wanted: Snapshot | None = None
) -> Snapshot | Wait:
    """Write down a snapshot that may be asked for now; say how long to wait when none may.

    One that is `wanted` is written down already.
    """
    arrays.execute(ALONE, [])
    wait = wait_for(windows, is_filtered=bool(question.fixtures))
    if wait > 0:
        return Wait(wait)
    snapshot = wanted or Snapshot(
        package_id=lease.feed,
        fixture_ref=question.fixtures[0] if len(question.fixtures) == 1 else "",
        since_ms=question.since_ms,
        is_filtered=bool(question.fixtures),
        why=question.why[:LONGEST_SENTENCE],
        actor=question.actor[:200],
    )
    snapshot.state, snapshot.method = SnapshotState.ASKED, question.method
    snapshot.asked_at = clock()
    snapshot.save(update_fields=["state", "method", "asked_at"] if wanted else None)
    leases.fence(lease)
    return snapshot


def wait_for(windows: Windows, *, is_filtered: bool) -> float:
    """Return the seconds until LSports takes another request."""
    [(last, last_of_all)] = arrays.fetch(AGES, [windows.snapshot * 2])
    waits = [0.0]
    if last is not None:
        waits.append(windows.request * GRACE - last)
    if last_of_all is not None and not is_filtered:
        waits.append(windows.snapshot * GRACE - last_of_all)
    return max(waits)


@transaction.atomic
def answered(lease: Lease, snapshot: Snapshot, *, status: int | None) -> None:
    """Write down that an answer came, or that none will."""
    snapshot.answered_at, snapshot.http_status = clock(), status
    snapshot.save(update_fields=["answered_at", "http_status"])
    leases.fence(lease)


@transaction.atomic
def done(lease: Lease, snapshot: Snapshot, *, fixtures: int, messages: int) -> None:
    """Write down what a snapshot brought, once it is stored and processed."""
    snapshot.state, snapshot.done_at = SnapshotState.DONE, clock()
    snapshot.fixtures, snapshot.messages = fixtures, messages
    snapshot.save(update_fields=["state", "done_at", "fixtures", "messages"])
    leases.fence(lease)


@transaction.atomic
def failed(lease: Lease, snapshot: Snapshot, sentence: str) -> None:
    """Write down that a snapshot brought nothing."""
    snapshot.state, snapshot.done_at = SnapshotState.FAILED, clock()
    snapshot.sentence = sentence[:LONGEST_SENTENCE]
    snapshot.save(update_fields=["state", "done_at", "sentence"])
    leases.fence(lease)


@transaction.atomic
def give_up(lease: Lease) -> None:
    """Wait no more for what an earlier holder asked: nobody reads its answer."""
    asked = Snapshot.objects.filter(package_id=lease.feed, state=SnapshotState.ASKED)
    left = list(asked.exclude(fixture_ref=""))
    asked.update(
        state=SnapshotState.FAILED,
        done_at=clock(),
        sentence="Whoever asked for it was stopped before its answer was stored.",
    )
    for one in left:
        want_again(lease, one)
    leases.fence(lease)


@transaction.atomic
def want_again(lease: Lease, failed: Snapshot) -> None:
    """Want a fixture again that could not be had, unless it was tried often enough."""
    tries = Snapshot.objects.filter(
        package_id=lease.feed,
        fixture_ref=failed.fixture_ref,
        state=SnapshotState.FAILED,
        done_at__gt=clock() - timedelta(hours=1),
    )
    if tries.count() < MOST_TRIES:
        want(feeds=[lease.feed], fixture=failed.fixture_ref, why=failed.why, actor=failed.actor)
    leases.fence(lease)


def want(*, feeds: Iterable[str], fixture: str, why: str, actor: str) -> int:
    """Want how a fixture's markets stand; return how many packages will be asked."""
    known = Package.objects.filter(feed__in=list(feeds)).values_list("feed", flat=True)
    rows = [
        Snapshot(
            package_id=feed,
            fixture_ref=fixture,
            is_filtered=True,
            state=SnapshotState.WANTED,
            why=why[:LONGEST_SENTENCE],
            actor=actor[:200],
        )
        for feed in known
    ]
    Snapshot.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def next_wanted(feed: str) -> Snapshot | None:
    """Return the fixture that was wanted first."""
    wanted = Snapshot.objects.filter(package_id=feed, state=SnapshotState.WANTED)
    return wanted.order_by("id").first()


def clock() -> datetime:
    """Return the database's time."""
    [(moment,)] = arrays.fetch("SELECT clock_timestamp()", [])
    return moment  # type: ignore[no-any-return]


# Held until the commit: whoever asks next sees what was asked.
ALONE = "SELECT pg_advisory_xact_lock(hashtext('the snapshots of LSports'))"

# Until its answer came, nobody knows when LSports heard a request: it may be just now.
AGES = """
WITH asked AS (
    SELECT coalesce(answered_at, done_at, least(now, asked_at + interval '100 s')) AS at,
           is_filtered
      FROM feeds_snapshot, (SELECT clock_timestamp() AS now) clock
     WHERE asked_at > statement_timestamp() - make_interval(secs => %s + 120))
SELECT extract(epoch FROM clock_timestamp() - max(at))::float8,
       extract(epoch FROM clock_timestamp() - max(at) FILTER (WHERE NOT is_filtered))::float8
  FROM asked
"""
