"""What producers tell of themselves is written down, in the transaction of the messages before."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from django.db import transaction
from django.db.models import Max, QuerySet

from feeds import leases
from feeds.connections import Lease
from feeds.models import (
    DownReason,
    FeedMessage,
    Producer,
    ProducerState,
    Recovery,
    RecoveryKind,
    RecoveryState,
)
from feeds.sportradar import health
from feeds.sportradar.glance import Glance
from feeds.sportradar.health import Health, Telling
from feeds.sportradar.windows import Windows
from settlement import arrays

log = structlog.get_logger(__name__)

ON_ITS_WAY = (RecoveryState.ASKED, RecoveryState.RUNNING)
WRITTEN = ("state", "reason", "since", "heard_at", "heard_ms", "checkpoint_ms", "not_before")
Change = Callable[[Health, float], Health]


@dataclass(slots=True)
class Known:
    """A producer as it is written down, and how it stands."""

    row: Producer
    was: Health
    now: Health


class Producers:
    """The producers of a feed, locked until the commit; what changes is written by `save`."""

    def __init__(self, feed: str, numbers: Iterable[int] | None = None) -> None:
        self.feed = feed
        asked = Producer.objects.select_for_update(no_key=True).filter(feed=feed)
        if numbers is not None:
            asked = asked.filter(number__in=sorted(set(numbers)))
        rows = list(asked.order_by("number"))  # All else is read when they are locked.
        self.at = now()
        tellings = tellings_of(feed)
        self.known = {row.number: known_as(row, tellings.get(row.pk)) for row in rows}

    @property
    def moment(self) -> float:
        """The database's time when they were read."""
        return self.at.timestamp()

    def change(self, number: int, change: Change) -> None:
        """Take a producer to where a change takes it; one that nobody named is new."""
        if number not in self.known:
            row, _ = Producer.objects.get_or_create(feed=self.feed, number=number)
            self.known[number] = known_as(row, None)
        one = self.known[number]
        one.now = change(one.now, self.moment)

    def change_all(self, change: Change) -> None:
        """Take all producers to where a change takes them."""
        for number in list(self.known):
            self.change(number, change)

    def save(self) -> None:
        """Write down what changed."""
        for one in self.known.values():
            if one.now != one.was:
                self.write(one)

    def write(self, one: Known) -> None:
        """Write down a producer that changed; nobody waits for what it is cut off in telling."""
        row, state = one.row, one.now
        row.state, row.reason = state.state, state.reason or ""
        row.since = at(state.since)
        row.heard_at = None if state.heard is None else at(state.heard)
        row.heard_ms, row.checkpoint_ms = state.heard_ms, state.checkpoint_ms
        row.not_before = at(state.not_before) if state.not_before else None
        row.save(update_fields=WRITTEN)
        if one.was.telling and state.is_down:
            abandon(Recovery.objects.filter(request_id=one.was.telling.request_id))
        if (one.was.state, one.was.reason) != (state.state, state.reason):
            log.info(
                "producer_changed",
                feed=self.feed,
                producer=row.number,
                state=str(state.state),
                reason=str(state.reason or ""),
            )


def known_as(row: Producer, telling: Telling | None) -> Known:
    """Return a producer with how it stands."""
    stands = Health(
        number=row.number,
        state=ProducerState(row.state),
        reason=DownReason(row.reason) if row.reason else None,
        since=row.since.timestamp() if isinstance(row.since, datetime) else 0.0,
        heard=row.heard_at.timestamp() if row.heard_at else None,
        heard_ms=row.heard_ms,
        checkpoint_ms=row.checkpoint_ms,
        not_before=row.not_before.timestamp() if row.not_before else 0.0,
        telling=telling,
    )
    return Known(row, stands, stands)


def tellings_of(feed: str) -> dict[int, Telling]:
    """Return what each producer tells again just now."""
    running = Recovery.objects.filter(
        producer__feed=feed, kind=RecoveryKind.SINCE, state=RecoveryState.RUNNING
    )
    return {
        one.producer_id: Telling(
            one.request_id or 0, seconds(one.asked_at), seconds(one.progress_at or one.asked_at)
        )
        for one in running
    }


def keep(*, feed: str, signs: Sequence[Glance], progress: Iterable[int], windows: Windows) -> None:
    """Write down what producers told of themselves, and which requests brought something."""
    if signs:
        keep_signs(feed, signs, windows)
    note_progress(progress)


def keep_signs(feed: str, signs: Sequence[Glance], windows: Windows) -> None:
    """Write down what producers told of themselves."""
    producers = Producers(feed, (one.product for one in signs if one.product is not None))
    for sign in signs:
        if sign.product is None or sign.timestamp is None:
            log.warning("sign_without_its_time", feed=feed, root=sign.root)
        elif sign.root == "alive":
            producers.change(sign.product, after_alive(sign, sign.timestamp, windows))
        elif sign.root == "product_down":
            producers.change(sign.product, health.says_down)
        elif sign.request_id is not None:
            note_told(feed, sign.product, sign.request_id, producers.at)
            producers.change(sign.product, after_told(sign.request_id))
    producers.save()


def after_alive(sign: Glance, made_ms: int, windows: Windows) -> Change:
    """Return what an alive changes."""
    return lambda one, now: health.alive(
        one, now=now, made_ms=made_ms, subscribed=sign.subscribed, windows=windows
    )


def after_told(request_id: int) -> Change:
    """Return what the end of a recovery changes."""
    return lambda one, now: health.told(one, now=now, request_id=request_id)


def note_progress(request_ids: Iterable[int]) -> None:
    """Write down, once a second, that something came of these requests."""
    wanted = sorted(set(request_ids))
    if wanted:
        arrays.execute(PROGRESS, [arrays.numbers(wanted)])


def note_told(feed: str, product: int, request_id: int, at: datetime) -> None:
    """Write down that all has come of a producer's request, and what the last of it was."""
    newest = FeedMessage.objects.aggregate(newest=Max("pk"))["newest"] or 0
    asked = Producer.objects.filter(feed=feed, number=product)
    waiting = Recovery.objects.filter(producer__in=asked, state__in=ON_ITS_WAY)
    told = waiting.filter(request_id=request_id).update(
        state=RecoveryState.TOLD, told_at=at, told_past=newest
    )
    if not told:
        log.info("snapshot_of_nobody", request=request_id)


@transaction.atomic
def connected(lease: Lease) -> None:
    """Note that a new connection stands: what came through the old one has ended.

    Events whose results were on their way are asked for again.
    """
    producers = Producers(lease.feed)
    producers.change_all(health.connected)
    producers.save()
    left = Recovery.objects.filter(producer__feed=lease.feed, state__in=ON_ITS_WAY)
    cut_off = list(left.filter(kind=RecoveryKind.EVENT))
    abandon(left)
    for recovery in cut_off:
        want_again(recovery, tries=0)
    leases.fence(lease)


@transaction.atomic
def look_at(lease: Lease, windows: Windows, *, ago: float) -> None:
    """See whether a producer was silent or stalled when we last had all there was, so long ago."""
    producers = Producers(lease.feed)
    producers.change_all(lambda one, now: health.looked_at(one, now=now - ago, windows=windows))
    producers.save()
    leases.fence(lease)


def abandon(recoveries: QuerySet[Recovery]) -> None:
    """Wait no more for what these requests bring."""
    recoveries.filter(state__in=ON_ITS_WAY).update(state=RecoveryState.ABANDONED, done_at=now())


def want_again(recovery: Recovery, *, tries: int) -> None:
    """Want an event once more: the request that was made stays, since it counts."""
    Recovery.objects.create(
        producer_id=recovery.producer_id,
        kind=RecoveryKind.EVENT,
        event_ref=recovery.event_ref,
        state=RecoveryState.WANTED,
        why=recovery.why,
        actor=recovery.actor,
        rank=recovery.rank,
        tries=tries,
    )


def now() -> datetime:
    """Return the database's time."""
    [(moment,)] = arrays.fetch("SELECT clock_timestamp()", [])
    return moment  # type: ignore[no-any-return]


def at(moment: float) -> datetime:
    """Return a unix time as a point in time."""
    return datetime.fromtimestamp(moment, UTC)


def seconds(moment: datetime | None) -> float:
    """Return a point in time as unix time."""
    return moment.timestamp() if moment else 0.0


PROGRESS = """
UPDATE feeds_recovery SET progress_at = clock_timestamp()
 WHERE request_id = ANY (%s::bigint[]) AND state IN ('ASKED', 'RUNNING')
   AND coalesce(progress_at < clock_timestamp() - interval '0.2 s', true)
"""
