"""The inbox's rows: bodies in, bodies out, and what became of each message."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction

from feeds.models import MessageState
from settlement import arrays

NO_PARTITION = "23514"
LONGEST_NOTE = 500


class Stored(NamedTuple):
    """A message as it was stored."""

    id: int
    feed: str
    raw: bytes


class Ended(NamedTuple):
    """What becomes of a message."""

    message: int
    state: MessageState
    note: str = ""


def store(feed: str, bodies: Sequence[bytes]) -> tuple[list[int], set[int]]:
    """Store what is new; return the numbers of all, in their order, and of the new ones."""
    digests = [hashlib.sha256(body).digest() for body in bodies]
    times = Counter(digests)
    rows = arrays.fetch(
        MESSAGES,
        [feed, arrays.keys(sorted(times)), arrays.numbers([times[one] for one in sorted(times)])],
    )
    ids = {bytes(digest): number for number, digest, _, _ in rows}
    fresh = {bytes(digest): day for _, digest, new, day in rows if new}
    by_digest = dict(zip(digests, bodies, strict=True))
    lines = [
        f"{ids[digest]}\t{day}\t\\\\x{by_digest[digest].hex()}\n" for digest, day in fresh.items()
    ]
    if lines:
        copy_bodies("".join(lines))
        arrays.execute(UNFINISHED, [arrays.numbers(sorted(ids[digest] for digest in fresh))])
    return [ids[digest] for digest in digests], {ids[digest] for digest in fresh}


def copy_bodies(rows: str) -> None:
    """Write bodies; when a day has no place yet, make it."""
    try:
        with transaction.atomic():
            arrays.copy(BODY, rows)
    except IntegrityError as error:
        if getattr(error.__cause__, "sqlstate", "") != NO_PARTITION:
            raise
        make_days()
        arrays.copy(BODY, rows)


BODY = "COPY feeds_messagebody (message_id, received_on, raw) FROM STDIN"


def make_days() -> None:
    """Make the days that the bodies of the next two weeks will stand in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT feeds_make_days()")


def drop_days(keep: int) -> None:
    """Drop the bodies of days that are more than so many days over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT feeds_drop_days(%s)", [keep])


def bodies_of(message_ids: Iterable[int]) -> list[Stored]:
    """Return messages with their bodies, as far as these are kept."""
    ids = arrays.numbers(sorted(set(message_ids)))
    known = {row[0]: row[1:] for row in arrays.fetch(DAYS, [ids])}
    days = sorted({day for _, day in known.values()})
    rows = arrays.fetch(BODIES, [ids, "{" + ",".join(str(day) for day in days) + "}"])
    return [
        Stored(number, known[number][0], bytes(raw))
        for number, day, raw in rows
        if day == known[number][1]
    ]


def gone(message_ids: Iterable[int]) -> list[int]:
    """Return the messages among these whose bodies are not there any more."""
    wanted = sorted(set(message_ids))
    return [row[0] for row in arrays.fetch(BODILESS, [arrays.numbers(wanted)])]


def write_subjects(subjects: Iterable[tuple[str, str, int]]) -> None:
    """Write whom messages name, so that a ticket that comes later finds them."""
    rows = sorted(set(subjects))
    if rows:
        arrays.execute(
            SUBJECTS,
            [
                arrays.texts([provider for provider, _, _ in rows]),
                arrays.texts([ref for _, ref, _ in rows]),
                arrays.numbers([message for _, _, message in rows]),
            ],
        )


def finish(ended: Iterable[Ended]) -> None:
    """Write what becomes of messages.

    One that somebody else is done with is never parked again, but for a part that waits for its
    time: nobody had bet on that before.
    """
    rows = sorted(ended)
    if not rows:
        return
    arrays.execute(
        FINISH,
        [
            arrays.numbers([one.message for one in rows]),
            arrays.texts([one.state for one in rows]),
            arrays.texts([one.note[:LONGEST_NOTE] for one in rows]),
            EARLY,
        ],
    )


def waiting(limit: int, *, feed: str) -> list[int]:
    """Return a feed's messages that nobody has processed yet, the oldest first."""
    return [row[0] for row in arrays.fetch(WAITING, [feed, limit])]


def abandoned(limit: int, *, older_than: float = 0) -> list[int]:
    """Return such messages of the feeds that nobody runs, the oldest first."""
    return [row[0] for row in arrays.fetch(ABANDONED, [older_than, limit])]


def set_aside(feed: str, raw: bytes, digest: bytes, note: str) -> None:
    """Keep how a message begins that is too long to be read; one that came before is counted."""
    [(number, _, new, day)] = arrays.fetch(MESSAGES, [feed, arrays.keys([digest]), "{1}"])
    if new:
        copy_bodies(f"{number}\t{day}\t\\\\x{raw.hex()}\n")
        finish([Ended(number, MessageState.QUARANTINED, note)])


def ask_again(feed: str) -> int:
    """Let a feed's messages be read again that nobody could read; return how many there are."""
    return arrays.execute(ASK_AGAIN, [feed])


def early() -> list[int]:
    """Return the messages that wait for their own time to come."""
    return [row[0] for row in arrays.fetch(EARLY_ONES, [EARLY])]


EARLY = "Its settlement lies ahead of our clock."
EARLY_ONES = """
SELECT m.id FROM feeds_unfinished u JOIN feeds_feedmessage m ON m.id = u.message_id
 WHERE u.state = 'PARKED' AND m.note = %s ORDER BY m.id LIMIT 1000
"""


def about(look_backs: Sequence[int]) -> list[int]:
    """Return the messages that these look-backs ask for."""
    return [row[0] for row in arrays.fetch(ABOUT, [arrays.numbers(look_backs)])]


MESSAGES = """
INSERT INTO feeds_feedmessage AS m (feed, sha256, times_received)
SELECT %s, f.sha256, f.times FROM unnest(%s::bytea[], %s::integer[]) AS f (sha256, times)
    ON CONFLICT (sha256, feed)
    DO UPDATE SET times_received = m.times_received + excluded.times_received
RETURNING id, sha256, xmax = 0, (received_at AT TIME ZONE 'UTC')::date
"""

UNFINISHED = """
INSERT INTO feeds_unfinished (message_id, state) SELECT unnest(%s::bigint[]), 'STORED'
"""

DAYS = """
SELECT id, feed, (received_at AT TIME ZONE 'UTC')::date
  FROM feeds_feedmessage WHERE id = ANY (%s::bigint[])
"""

# The days are named, so that no other day's table is touched.
BODIES = """
SELECT message_id, received_on, raw FROM feeds_messagebody
 WHERE message_id = ANY (%s::bigint[]) AND received_on = ANY (%s::date[])
 ORDER BY message_id
"""

BODILESS = """
SELECT m.id FROM feeds_feedmessage m
 WHERE m.id = ANY (%s::bigint[]) AND NOT EXISTS (
       SELECT FROM feeds_messagebody b
        WHERE b.message_id = m.id AND b.received_on = (m.received_at AT TIME ZONE 'UTC')::date)
"""

SUBJECTS = """
INSERT INTO feeds_messagesubject (provider, subject_ref, message_id)
SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS s (provider, ref, message)
 ORDER BY s.ref, s.provider, s.message
    ON CONFLICT DO NOTHING
"""

FINISH = """
WITH ended AS (
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS e (message, state, note)
), changed AS (
    UPDATE feeds_feedmessage m
       SET state = e.state, note = e.note, attempts = m.attempts + 1
      FROM ended e
     WHERE m.id = e.message AND NOT (e.state = 'PARKED' AND m.state = 'DONE' AND e.note <> %s)
    RETURNING m.id, m.state
), over AS (
    DELETE FROM feeds_unfinished u USING changed c
     WHERE u.message_id = c.id AND c.state IN ('DONE', 'IGNORED')
)
INSERT INTO feeds_unfinished (message_id, state)
SELECT id, state FROM changed WHERE state IN ('PARKED', 'QUARANTINED')
    ON CONFLICT (message_id) DO UPDATE SET state = excluded.state
"""

WAITING = """
SELECT u.message_id FROM feeds_unfinished u JOIN feeds_feedmessage m ON m.id = u.message_id
 WHERE u.state = 'STORED' AND m.feed = %s
 ORDER BY u.message_id LIMIT %s
"""

# What belongs to a feed that somebody runs, or that was halted, is left to it.
ABANDONED = """
SELECT u.message_id FROM feeds_unfinished u JOIN feeds_feedmessage m ON m.id = u.message_id
 WHERE u.state = 'STORED' AND u.created_at <= clock_timestamp() - make_interval(secs => %s)
   AND m.feed <> ALL (ARRAY(SELECT feed FROM feeds_feedlease
                             WHERE expires_at > clock_timestamp() OR halted_at IS NOT NULL))
 ORDER BY u.message_id LIMIT %s
"""

ASK_AGAIN = """
WITH again AS (
    UPDATE feeds_unfinished u SET state = 'STORED'
      FROM feeds_feedmessage m
     WHERE m.id = u.message_id AND m.feed = %s AND u.state = 'QUARANTINED'
    RETURNING u.message_id)
UPDATE feeds_feedmessage m SET state = 'STORED' FROM again a WHERE m.id = a.message_id
"""

ABOUT = """
SELECT DISTINCT s.message_id
  FROM settlement_lookback l
  JOIN feeds_messagesubject s ON s.subject_ref = l.subject_ref AND s.provider = l.provider
 WHERE l.id = ANY (%s::bigint[])
 ORDER BY 1
"""
