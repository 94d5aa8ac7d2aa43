"""Which request comes next, as far as the provider's limits let us; written down before it is sent.

Producers come first, each from its checkpoint on. A producer that was away for longer than it tells
again is asked for as much as it tells, and for each event that may lack a result on its own.
"""

import random
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import F, QuerySet

from feeds import leases
from feeds.connections import Lease
from feeds.models import DownReason, Producer, ProducerState, Recovery, RecoveryKind, RecoveryState
from feeds.sportradar import events, health
from feeds.sportradar.buckets import Bucket, Spent, bucket_of, longest, spent
from feeds.sportradar.health import MS, Health
from feeds.sportradar.keeping import Known, Producers, abandon, at, known_as, now
from feeds.sportradar.windows import Windows
from settlement import arrays
from settlement.reviews import Asked, open_reviews
from settlement.vocabulary import ReviewKind

log = structlog.get_logger(__name__)

BY_US = "system:sportradar"
MARGIN = 0.01  # Of a producer's window: the request takes a while to arrive.
TOO_OLD = 400
LARGEST_ID = 2**31 - 1
GRACE = 10.0  # A request of which we never heard the end may have been counted so much later.


@dataclass(frozen=True, slots=True)
class Request:
    """A request that is written down and must be sent now."""

    recovery: int
    request_id: int
    producer: int
    code: str
    after_ms: int | None
    event_ref: str
    since: float
    tries: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What the limits are counted over; by `ahead` seconds our clock is ahead of Sportradar's."""

    windows: Windows
    per_producer: bool
    ahead: float = 0


@dataclass(frozen=True, slots=True)
class Reach:
    """From when on a producer is asked to tell, and whether that leaves something out."""

    after_ms: int
    bucket: Bucket
    is_clamped: bool


@transaction.atomic
def cover_gap(lease: Lease, limits: Limits) -> bool:
    """Cover one gap that a producer does not tell again, event by event; return whether one was.

    Before it is asked for the rest: nobody remembers a gap once its checkpoint has moved.
    """
    rows = Producer.objects.filter(feed=lease.feed, is_active=True).exclude(code="")
    at_present = now().timestamp()
    for row in rows.order_by("number"):
        one = known_as(row, None)
        if not health.may_be_asked(one.now, now=at_present, windows=limits.windows):
            continue
        reach = reach_of(one, at_present - limits.ahead, limits.windows)
        if reach.is_clamped and not is_covered(one, reach):
            cover(one, reach)
            row.covered_ms = int((at_present - limits.ahead) * MS)
            row.save(update_fields=["covered_ms"])
            leases.fence(lease)
            return True
    return False


def is_covered(one: Known, reach: Reach) -> bool:
    """Whether all is covered that a producer is not asked for; the gap may have grown since."""
    return one.row.covered_ms is not None and one.row.covered_ms >= reach.after_ms


@transaction.atomic
def next_request(lease: Lease, limits: Limits, *, events_too: bool) -> Request | None:
    """Write down the next request that may be made; nothing when none may, or none is wanted."""
    producers = Producers(lease.feed)
    found = next_since(producers, limits)
    if found is None and events_too:
        found = next_event(producers, limits)
    producers.save()
    leases.fence(lease)
    return found


def next_since(producers: Producers, limits: Limits) -> Request | None:
    """Return the request of the first producer that has to tell again and may be asked."""
    for one in producers.known.values():
        if not (one.row.is_active and one.row.code):
            continue
        if health.may_be_asked(one.now, now=producers.moment, windows=limits.windows):
            reach = reach_of(one, producers.moment - limits.ahead, limits.windows)
            if reach.is_clamped and not is_covered(one, reach):
                continue
            left = left_in(reach.bucket, one.row, limits)
            if left.left:
                until = producers.moment + limits.windows.between + grace(limits)
                one.now = health.not_before(one.now, until)  # Should we never hear the end of it.
                return since_request(one, reach, producers)
            wait(producers, one, left.wait)
    return None


def wait(producers: Producers, one: Known, seconds: float) -> None:
    """Leave a producer alone until the limits let us ask."""
    until = producers.moment + seconds
    one.now = health.not_before(one.now, until)
    say(one.row, f"The limit for such requests is reached: asked again at {clock(at(until))} UTC.")


def reach_of(one: Known, now: float, windows: Windows) -> Reach:
    """Return from when on a producer is asked: from its checkpoint, if it goes back so far.

    A little before it: its messages may come later than an alive that was made after them. One
    that found that too far is asked for a little less each time.
    """
    window = one.row.recovery_minutes
    margin = max(1, window * MARGIN) * (1 + clamped(one).filter(http_status=TOO_OLD).count())
    limit = now - max(1, window - margin) * windows.minute
    checkpoint = one.now.checkpoint_ms
    wanted = None if checkpoint is None else checkpoint / MS - windows.lag
    after = limit if wanted is None else max(wanted, limit)
    is_clamped = wanted is None or wanted < limit
    return Reach(int(after * MS), bucket_of(now - after + 1, minute=windows.minute), is_clamped)


def since_request(one: Known, reach: Reach, producers: Producers) -> Request:
    """Write down that a producer is asked to tell again."""
    abandon(one.row.recoveries.filter(kind=RecoveryKind.SINCE))
    recovery = Recovery.objects.create(
        producer=one.row,
        kind=RecoveryKind.SINCE,
        after_ms=reach.after_ms,
        request_id=new_id(),
        bucket=reach.bucket,
        state=RecoveryState.ASKED,
        why=WHY[one.now.reason] if one.now.reason else "It was asked for.",
        actor=BY_US,
        asked_at=producers.at,
        counted=True,
        tries=1,
    )
    return request_of(recovery, one)


def clamped(one: Known) -> QuerySet[Recovery]:
    """Return the earlier requests that left out something since the checkpoint, as this one."""
    earlier = one.row.recoveries.filter(kind=RecoveryKind.SINCE)
    return earlier.filter(after_ms__gt=one.now.checkpoint_ms or 0)


def cover(one: Known, reach: Reach) -> None:
    """Have each event told on its own that may lack a result, and say what can't be covered."""
    checkpoint = one.now.checkpoint_ms
    since = None if checkpoint is None else at(checkpoint / MS)
    why = f"{one.row.name or one.row.code} was away for longer than it tells again."
    wanted = events.want_concerned(producer=one.row, since=since, why=why, actor=BY_US)
    if since is None and not wanted:
        return  # Nobody has bet yet: nothing can be missing.
    until = clock(at(reach.after_ms / MS))
    from_when = f"between {clock(since)} and {until} UTC" if since else f"before {until} UTC"
    sentence = (
        f"{one.row.name or one.row.code} does not tell again what it said {from_when}: that is "
        f"further back than it goes. {wanted:,} events with bets are being asked for one by one, "
        "those with the most money first; Sportradar keeps their results for 30 days."
    )
    log.error("producer_has_a_gap", feed=one.row.feed, producer=one.row.number, events=wanted)
    subject = f"feed:{one.row.feed}:{one.row.number}"
    open_reviews([Asked(ReviewKind.FEED_GAP, subject, sentence)])


def next_event(producers: Producers, limits: Limits) -> Request | None:
    """Return the request for the event that is wanted first, of a producer that hears us.

    The producer is reckoned with so that his index does not answer: all he is wanted for is long.
    """
    able = {
        one.row.pk: one
        for one in producers.known.values()
        if one.row.is_active and one.row.code and hears(one.now, producers.moment, limits.windows)
    }
    wanted = Recovery.objects.filter(state=RecoveryState.WANTED).alias(of=F("producer_id") + 0)
    first = wanted.filter(of__in=list(able)).order_by("rank", "id")
    recovery = first.select_for_update(no_key=True).first()
    if recovery is None:
        return None
    one = able[recovery.producer_id]
    if not left_in(Bucket.EVENT, one.row, limits).left:
        return None
    recovery.state, recovery.request_id = RecoveryState.ASKED, new_id()
    recovery.bucket, recovery.counted = Bucket.EVENT, True
    recovery.asked_at = producers.at
    recovery.tries += 1
    recovery.save(update_fields=ASKED)
    return request_of(recovery, one)


def hears(one: Health, now: float, windows: Windows) -> bool:
    """Whether a producer would hear us: what it tells comes only while it is alive."""
    alive = one.heard is not None and now - one.heard <= windows.silence
    return alive and one.state is not ProducerState.DOWN


def request_of(recovery: Recovery, one: Known) -> Request:
    """Return a request as it is sent."""
    return Request(
        recovery=recovery.pk,
        request_id=recovery.request_id or 0,
        producer=one.row.number,
        code=one.row.code,
        after_ms=recovery.after_ms,
        event_ref=recovery.event_ref,
        since=one.now.since,
        tries=recovery.tries,
    )


def left_in(bucket: Bucket, producer: Producer, limits: Limits) -> Spent:
    """Return what is left of a limit."""
    minute = limits.windows.minute
    rows = arrays.fetch(
        AGES,
        [
            grace(limits),
            producer.feed,
            producer.pk if limits.per_producer else None,
            str(bucket),
            longest(bucket, minute=minute),
        ],
    )
    return spent(bucket, [row[0] for row in rows], minute=minute)


def grace(limits: Limits) -> float:
    """Return the seconds that a request may be on its way."""
    return GRACE * limits.windows.minute / 60


def new_id() -> int:
    """Return a request's id: by chance, since others may share our account."""
    return random.randint(1, LARGEST_ID)  # noqa: S311 - nobody must not guess it


def say(row: Producer, sentence: str) -> None:
    """Tell people about a producer."""
    if row.sentence != sentence:
        row.sentence = sentence[:500]
        row.save(update_fields=["sentence"])


def clock(moment: datetime) -> str:
    """Return a time for people."""
    return f"{moment:%Y-%m-%d %H:%M:%S}"


ASKED = "state request_id bucket counted asked_at tries".split()
WHY = {
    DownReason.NEVER: "It was never heard before.",
    DownReason.CONNECTION: "The connection to Sportradar was new.",
    DownReason.SILENT: "It gave no sign of life for too long.",
    DownReason.UNSUBSCRIBED: "It said that we may have missed something.",
    DownReason.PRODUCT_DOWN: "It said that it was down.",
    DownReason.STALLED: "What it told again came to a halt.",
    DownReason.TOO_LONG: "What it told again took too long.",
}

AGES = """
WITH counted AS (
    SELECT clock_timestamp() AS now,
           coalesce(r.answered_at, r.asked_at + make_interval(secs => %s)) AS at
      FROM feeds_recovery r JOIN feeds_producer p ON p.id = r.producer_id
     WHERE r.counted AND p.feed = %s AND p.id = coalesce(%s::bigint, p.id) AND r.bucket = %s
       AND r.asked_at > statement_timestamp() - make_interval(secs => %s + 60))
SELECT extract(epoch FROM now - least(at, now))::float8 FROM counted
"""
