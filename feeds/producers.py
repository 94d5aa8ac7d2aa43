"""How each of Sportradar's producers stands, what is told again, and what the limits leave.

A handful of questions for all producers, however many messages and requests there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from feeds.models import (
    DownReason,
    FeedAccount,
    FeedLease,
    Producer,
    ProducerState,
    Recovery,
    RecoveryBucket,
    RecoveryKind,
    RecoveryState,
)
from feeds.producer_shapes import (
    AccountStanding,
    EventsStanding,
    ProducerStanding,
    RequestsLeft,
    SportradarStanding,
)
from feeds.producer_words import Seen, from_ms, sentence_of
from feeds.recovery_shapes import Asked
from feeds.sportradar import accounts
from feeds.sportradar.buckets import Bucket, longest, spent
from feeds.sportradar.feed import waits
from feeds.sportradar.ledger import GRACE
from feeds.sportradar.windows import Windows
from settlement import arrays

FEED = "sportradar"
NEXT_SHOWN = 10
FAILURES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many messages of a feed wait to be processed, up to a cap; the oldest, and since when."""

    count: int = 0
    is_more: bool = False
    oldest: int | None = None
    since: datetime | None = None


@dataclass(slots=True)
class Looked:
    """What was found of a feed's producers, by their keys."""

    at: datetime
    is_received: bool
    windows: Windows
    waiting: Waiting
    last: Mapping[int, Recovery]
    open: Mapping[int, tuple[int, int]]
    failed: Mapping[int, int]


def stands(
    feed: str, *, at: datetime, lease: FeedLease | None, waiting: int, is_more: bool
) -> SportradarStanding | None:
    """Return how a feed's producers stand; nothing of a feed that has none."""
    if feed != FEED:
        return None
    rows = list(Producer.objects.filter(feed=feed).order_by("number"))
    keys = [row.pk for row in rows]
    is_received = lease is not None and lease.expires_at > at and not lease.paused_by
    looked = Looked(
        at=at,
        is_received=is_received,
        windows=windows(),
        waiting=oldest_waiting(feed, waiting, is_more),
        last=last_recoveries(keys),
        open=open_events(keys),
        failed=failed_events(keys),
    )
    account = FeedAccount.objects.filter(pk=feed).first()
    depth = lease.depth if lease and is_received else None
    return SportradarStanding(
        account=account_standing(account),
        depth=depth,
        warnings=[one for one in (waits(depth), *warnings(account, at)) if one],
        producers=[producer_standing(row, looked) for row in rows],
        events=events_standing(keys, looked),
        left=requests_left(rows, looked.windows),
    )


def windows() -> Windows:
    """Return the spans of time that Sportradar keeps to here."""
    return Windows().divided(settings.UOF_DIVIDE_TIMES_BY)


def producer_standing(row: Producer, looked: Looked) -> ProducerStanding:
    """Put together what was found of a producer."""
    last, seen = looked.last.get(row.pk), seen_of(row, looked)
    wanted, asked = looked.open.get(row.pk, (0, 0))
    checkpoint = None if row.checkpoint_ms is None else from_ms(row.checkpoint_ms)
    reach = timedelta(seconds=row.recovery_minutes * looked.windows.minute)
    return ProducerStanding(
        number=row.number,
        code=row.code,
        name=row.name,
        is_active=row.is_active,
        state=ProducerState(row.state),
        reason=DownReason(row.reason) if row.reason else None,
        sentence=sentence_of(row, seen),
        since=row.since,
        heard_at=row.heard_at,
        heard_seconds=seen.silent_for,
        lag_seconds=seen.lag,
        is_silent=seen.is_silent,
        is_late=seen.is_late,
        is_synchronised=is_synchronised(row, seen),
        checkpoint_at=checkpoint,
        tells_all_until=checkpoint and checkpoint + reach,
        asked_not_before=row.not_before,
        recovery=asked_as(last, row.number) if last else None,
        events_wanted=wanted,
        events_asked=asked,
        events_failed=looked.failed.get(row.pk, 0),
    )


def seen_of(row: Producer, looked: Looked) -> Seen:
    """Return what is known of a producer beside its row."""
    last, waiting = looked.last.get(row.pk), looked.waiting
    lag = None
    if row.heard_at and row.heard_ms is not None:
        lag = max(0.0, (row.heard_at - from_ms(row.heard_ms)).total_seconds())
    return Seen(
        at=looked.at,
        is_received=looked.is_received,
        silence=looked.windows.silence,
        late=looked.windows.lag,
        silent_for=seconds_since(row.heard_at, looked.at),
        lag=lag,
        waiting=waiting.count,
        more_waiting=waiting.is_more,
        waiting_for=seconds_since(waiting.since, looked.at) or 0.0,
        last=last,
        is_processed=is_processed(last, waiting.oldest),
    )


def seconds_since(when: datetime | None, at: datetime) -> float | None:
    """Return how long ago something was."""
    return None if when is None else max(0.0, (at - when).total_seconds())


def is_processed(last: Recovery | None, oldest_waiting: int | None) -> bool:
    """Whether all that was told again is processed."""
    if last is None or last.state != RecoveryState.TOLD:
        return last is None or last.state == RecoveryState.DONE
    return oldest_waiting is None or oldest_waiting > (last.told_past or 0)


def is_synchronised(row: Producer, seen: Seen) -> bool:
    """Whether nothing that a producer told is missing here."""
    hears = row.is_active and seen.is_received and not seen.is_silent and not seen.is_late
    told = seen.last is not None and seen.is_processed
    return hears and row.state == ProducerState.UP and told


def asked_as(row: Recovery, producer: int) -> Asked:
    """Return a request as people read it."""
    return Asked(
        id=row.pk,
        feed=FEED,
        producer=producer,
        kind=RecoveryKind(row.kind),
        event=row.event_ref,
        from_at=None if row.after_ms is None else from_ms(row.after_ms),
        state=RecoveryState(row.state),
        why=row.why,
        actor=row.actor,
        rank=row.rank,
        tries=row.tries,
        wanted_at=row.created_at,
        asked_at=row.asked_at,
        progress_at=row.progress_at,
        told_at=row.told_at,
        done_at=row.done_at,
        http_status=row.http_status,
        sentence=row.sentence,
    )


def oldest_waiting(feed: str, count: int, is_more: bool) -> Waiting:
    """Return the oldest message of a feed that waits to be processed."""
    rows = arrays.fetch(OLDEST, [feed]) if count else []
    oldest, since = rows[0] if rows else (None, None)
    return Waiting(count, is_more, oldest, since)


def last_recoveries(keys: Sequence[int]) -> dict[int, Recovery]:
    """Return the last request of each producer to tell all again."""
    return {one.producer_id: one for one in Recovery.objects.raw(LAST, [arrays.numbers(keys)])}


def open_events(keys: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return how many events are wanted of each producer, and how many are on their way."""
    rows = arrays.fetch(OPEN_EVENTS, [arrays.numbers(keys)])
    return {key: (wanted, asked) for key, wanted, asked in rows}


def failed_events(keys: Sequence[int]) -> dict[int, int]:
    """Return how many events failed for good in the last day, by producer."""
    return dict(arrays.fetch(FAILED_EVENTS, [arrays.numbers(keys)]))


def events_standing(keys: Sequence[int], looked: Looked) -> EventsStanding:
    """Return what there is to know of events that are asked for one by one."""
    wanted, asked = (sum(counts) for counts in zip((0, 0), *looked.open.values(), strict=True))
    failed = sum(looked.failed.values())
    numbers = arrays.numbers(keys)
    return EventsStanding(
        wanted=wanted,
        asked=asked,
        failed=failed,
        next=listed(NEXT, [numbers, NEXT_SHOWN]) if wanted else [],
        failures=listed(FAILURES, [numbers, FAILURES_SHOWN]) if failed else [],
    )


def listed(query: str, parameters: Sequence[object]) -> list[Asked]:
    """Return requests in the order of a query."""
    return [asked_as(one, one.number) for one in Recovery.objects.raw(query, parameters)]  # type: ignore[attr-defined]


def requests_left(rows: Sequence[Producer], windows: Windows) -> list[RequestsLeft]:
    """Return what is left of each limit; where each producer has its own, of the least one."""
    per_producer = settings.UOF_LIMITS_PER_PRODUCER
    numbers = {row.pk: row.number for row in rows if row.is_active}
    ages = ages_of(list(numbers), windows)
    return [
        min(
            (
                left_of(bucket, number, of_whom, ages, windows.minute)
                for of_whom, number in (numbers.items() if per_producer else [(None, None)])
            ),
            key=lambda one: (one.left, -one.wait_seconds),
        )
        for bucket in (Bucket.MINUTES, Bucket.HOURS, Bucket.DAYS, Bucket.EVENT)
        if numbers
    ]


def left_of(
    bucket: Bucket,
    number: int | None,
    of_whom: int | None,
    ages: Sequence[tuple[int, str, float]],
    minute: float,
) -> RequestsLeft:
    """Return what is left of a limit, of one producer or of all."""
    counted = [age for key, word, age in ages if word == bucket and of_whom in (None, key)]
    found = spent(bucket, counted, minute=minute)
    return RequestsLeft(RecoveryBucket(bucket), number, found.left, found.wait)


def ages_of(keys: Sequence[int], windows: Windows) -> list[tuple[int, str, float]]:
    """Return whom each counted request was made of, its limit, and how many seconds ago it was."""
    minute = windows.minute
    most = max(longest(bucket, minute=minute) for bucket in Bucket)
    return arrays.fetch(AGES, [GRACE * minute / 60, most, arrays.numbers(keys)])


def account_standing(account: FeedAccount | None) -> AccountStanding | None:
    """Return whose token it is."""
    if account is None:
        return None
    ahead = account.clock_ahead_ms
    return AccountStanding(
        bookmaker_id=account.bookmaker_id,
        virtual_host=account.virtual_host,
        expires_at=account.expires_at,
        clock_ahead_seconds=None if ahead is None else ahead / 1000,
        asked_at=account.asked_at,
    )


def warnings(account: FeedAccount | None, at: datetime) -> list[str]:
    """Return what is wrong with the account."""
    if account is None:
        return []
    return [accounts.expiry(account, at), accounts.clocks(account.clock_ahead_ms)]


# By the key: who walks it meets the oldest first.
OLDEST = """
SELECT u.message_id, u.created_at FROM feeds_unfinished u
 WHERE u.state = 'STORED'
   AND (SELECT m.feed FROM feeds_feedmessage m WHERE m.id = u.message_id) = %s
 ORDER BY u.message_id LIMIT 1
"""

# What tells all has no event's name, so the index of events finds it. The producer is compared so
# that no index answers, here and below: one on him alone would find all that he was ever asked.
LAST = """
SELECT r.* FROM unnest(%s::bigint[]) AS p (id)
 CROSS JOIN LATERAL (SELECT * FROM feeds_recovery
                      WHERE event_ref = '' AND kind = 'SINCE'
                        AND producer_id IS NOT DISTINCT FROM p.id
                      ORDER BY event_ref DESC, id DESC LIMIT 1) r
"""

OPEN_EVENTS = """
SELECT producer_id, count(*) FILTER (WHERE state = 'WANTED'),
       count(*) FILTER (WHERE state IN ('ASKED', 'RUNNING'))
  FROM feeds_recovery
 WHERE state IN ('WANTED', 'ASKED', 'RUNNING') AND kind = 'EVENT'
   AND producer_id = ANY (%s::bigint[])
 GROUP BY producer_id
"""

NEXT = """
SELECT r.*, p.number FROM feeds_recovery r JOIN feeds_producer p ON p.id = r.producer_id
 WHERE r.state IN ('WANTED', 'ASKED', 'RUNNING') AND r.state = 'WANTED'
   AND r.producer_id = ANY (%s::bigint[])
 ORDER BY r.rank, r.id LIMIT %s
"""

# One that was asked for again since has not failed: it waits, or was told.
GONE_WRONG = """
WITH today AS MATERIALIZED (
    SELECT * FROM feeds_recovery
     WHERE counted AND asked_at > statement_timestamp() - interval '1 day')
   , wrong AS (
    SELECT r.* FROM today r
     WHERE r.state = 'FAILED' AND r.kind = 'EVENT' AND r.producer_id = ANY (%s::bigint[])
       AND NOT EXISTS (SELECT FROM feeds_recovery n
                        WHERE n.event_ref = r.event_ref AND n.id > r.id
                          AND n.producer_id IS NOT DISTINCT FROM r.producer_id))
"""

FAILED_EVENTS = f"""{GONE_WRONG}
SELECT producer_id, count(*) FROM wrong GROUP BY producer_id
"""  # noqa: S608 - no word of it comes from outside

FAILURES = f"""{GONE_WRONG}
SELECT w.*, p.number FROM wrong w JOIN feeds_producer p ON p.id = w.producer_id
 ORDER BY w.asked_at DESC LIMIT %s
"""  # noqa: S608 - no word of it comes from outside

# A request of which we never heard the end may have been counted a while after it was asked.
AGES = """
WITH counted AS MATERIALIZED (
    SELECT producer_id, bucket, clock_timestamp() AS now,
           coalesce(answered_at, asked_at + make_interval(secs => %s)) AS at
      FROM feeds_recovery
     WHERE counted AND asked_at > statement_timestamp() - make_interval(secs => %s + 60))
SELECT producer_id, bucket, extract(epoch FROM now - least(at, now))::float8 FROM counted
 WHERE producer_id = ANY (%s::bigint[])
"""
