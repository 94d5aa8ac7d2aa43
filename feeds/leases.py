"""Who may receive a feed: one at a time, over processes and machines.

A lease is held for seconds and renewed. Who takes one over gets the next epoch, and ends the
database sessions of the one before, which bear its name: a process that was stopped in the middle
of a transaction holds nobody up.
Each transaction that receives reads its lease last of all, so that nothing is committed in the
name of an epoch that is over.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.conf import settings
from django.db import transaction

from feeds.connections import Lease
from feeds.models import RunState
from settlement import arrays

log = structlog.get_logger(__name__)

LONGEST_SENTENCE = 500
LONGEST_ACTOR = 150


class Fenced(Exception):
    """Somebody else holds the lease now."""


@dataclass(frozen=True, slots=True)
class Sign:
    """What a holder tells with each renewal: what he is doing, and what he heard.

    `heard_ago` is in seconds: only the database's clock says when something was.
    """

    state: RunState
    sentence: str = ""
    wait: float | None = None
    heard_ago: float | None = None
    messages: int = 0
    passed_by: int = 0
    depth: int | None = None


def take(*, feed: str, holder: str) -> Lease | None:
    """Take a feed's lease when nobody holds it and nobody paused it."""
    arrays.execute(MAKE, [feed])
    rows = arrays.fetch(EXPIRED, [feed])
    if not rows:
        return None
    for session, _ in arrays.fetch(END_SESSIONS, [session_name(feed, rows[0][0])]):
        log.warning("session_of_former_holder_ended", feed=feed, session=session)
    taken = arrays.fetch(TAKE, [holder, settings.FEED_LEASE_SECONDS, feed])
    return Lease(feed, taken[0][0]) if taken else None


def renew(lease: Lease, sign: Sign) -> bool:
    """Hold a lease for longer, and tell what is going on; return whether to go on."""
    rows = arrays.fetch(
        RENEW,
        [
            settings.FEED_LEASE_SECONDS,
            str(sign.state),
            sign.sentence[:LONGEST_SENTENCE],
            sign.wait,
            sign.heard_ago,
            sign.messages,
            sign.passed_by,
            sign.depth,
            session_name(lease.feed, lease.epoch),
            lease.feed,
            lease.epoch,
        ],
    )
    if not rows:
        raise Fenced
    return bool(rows[0][0])


def fence(lease: Lease) -> None:
    """Refuse to go on when the lease is somebody else's, and keep it ours until the commit."""
    if not arrays.fetch(FENCE, [lease.feed, lease.epoch]):
        raise Fenced


def lock(lease: Lease, *, lasts: float = 0) -> datetime:
    """Lock the lease until the commit: nobody else decides about its feed; return the time.

    It lasts for so many seconds at least: while a connection is opened nobody renews it.
    """
    rows = arrays.fetch(LOCK, [lasts, lease.feed, lease.epoch])
    if not rows:
        raise Fenced
    now: datetime = rows[0][0]
    return now


def may_go_on(lease: Lease) -> bool:
    """Whether the lease is ours and nobody asked us to stop; the session bears its name then."""
    name = session_name(lease.feed, lease.epoch)
    return bool(arrays.fetch(GOES_ON, [name, lease.feed, lease.epoch]))


def release(lease: Lease, sentence: str) -> None:
    """Give a lease back, so that the next one need not wait."""
    arrays.execute(RELEASE, [sentence[:LONGEST_SENTENCE], lease.feed, lease.epoch])


def ask_to_stop(*, holders: str) -> int:
    """Ask all holders whose names begin so to stop; return how many there are."""
    return arrays.execute(ASK_TO_STOP, [holders])


def is_free(feed: str) -> bool:
    """Whether a feed has nobody who receives it, and may have."""
    rows = arrays.fetch(FREE, [feed])
    return not rows or bool(rows[0][0])


def standing(feed: str) -> str:
    """Say why a feed's lease is not to be had."""
    [(holder, left, paused_by)] = arrays.fetch(STANDING, [feed])
    if paused_by:
        return f"{feed} was stopped by {paused_by}: start it under Feeds at the desk."
    return f"{feed} is received by {holder}, whose lease ends in {max(left, 0):.0f} s. Standing by."


@transaction.atomic
def pause(*, feed: str, actor: str) -> None:
    """Stop a feed until somebody starts it again."""
    arrays.execute(MAKE, [feed])
    arrays.execute(PAUSE, [actor[:LONGEST_ACTOR], feed])


def resume(*, feed: str) -> None:
    """Let a feed be received again."""
    arrays.execute(PAUSE, ["", feed])


def halt(*, feed: str, why: str) -> bool:
    """Process no more of a feed's messages; return whether they were processed until now."""
    return bool(arrays.execute(HALT, [why[:LONGEST_SENTENCE], feed]))


def go_on(*, feed: str) -> bool:
    """Process a feed's messages again; return whether they were not."""
    return bool(arrays.execute(GO_ON, [feed]))


def is_halted(feed: str) -> bool:
    """Whether a feed's messages are not being processed."""
    return bool(arrays.fetch(IS_HALTED, [feed]))


def session_name(feed: str, epoch: int) -> str:
    """Return what a holder's database session is called."""
    return f"feed {feed} {epoch}"


MAKE = "INSERT INTO feeds_feedlease (feed) VALUES (%s) ON CONFLICT DO NOTHING"

EXPIRED = """
SELECT epoch FROM feeds_feedlease
 WHERE feed = %s AND expires_at <= clock_timestamp() AND paused_by = ''
"""

# The function stands in the list, not among the conditions: those are tried in any order.
END_SESSIONS = """
SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE application_name = %s AND datname = current_database() AND usename = current_user
   AND pid <> pg_backend_pid()
"""

TAKE = """
UPDATE feeds_feedlease
   SET holder = %s, epoch = epoch + 1, stop_requested = false, state = 'CONNECTING',
       expires_at = clock_timestamp() + make_interval(secs => %s),
       sentence = '', since = clock_timestamp(), until = NULL
 WHERE feed = %s AND expires_at <= clock_timestamp() AND paused_by = ''
RETURNING epoch
"""

RENEW = """
WITH told AS (
    SELECT %s::float8 AS lasts, %s::text AS state, %s::text AS sentence, %s::float8 AS wait,
           clock_timestamp() - make_interval(secs => %s::float8) AS heard_at,
           %s::bigint AS messages, %s::bigint AS passed_by, %s::integer AS depth,
           set_config('application_name', %s, false)
), renewed AS (
    UPDATE feeds_feedlease l
       SET expires_at = clock_timestamp() + make_interval(secs => t.lasts),
           since = CASE WHEN l.state = t.state THEN l.since ELSE clock_timestamp() END,
           state = t.state, sentence = t.sentence,
           until = clock_timestamp() + make_interval(secs => t.wait),
           heard_at = coalesce(t.heard_at, l.heard_at), messages = l.messages + t.messages,
           passed_by = l.passed_by + t.passed_by, depth = t.depth
      FROM told t
     WHERE l.feed = %s AND l.epoch = %s
    RETURNING NOT l.stop_requested AND l.paused_by = '')
SELECT * FROM renewed
"""

FENCE = "SELECT FROM feeds_feedlease WHERE feed = %s AND epoch = %s FOR SHARE"

LOCK = """
UPDATE feeds_feedlease
   SET expires_at = greatest(expires_at, clock_timestamp() + make_interval(secs => %s))
 WHERE feed = %s AND epoch = %s
RETURNING clock_timestamp()
"""

GOES_ON = """
SELECT set_config('application_name', %s, false) FROM feeds_feedlease
 WHERE feed = %s AND epoch = %s AND NOT stop_requested AND paused_by = ''
"""

RELEASE = """
UPDATE feeds_feedlease
   SET expires_at = clock_timestamp(), state = 'STOPPED', sentence = %s,
       since = clock_timestamp(), until = NULL
 WHERE feed = %s AND epoch = %s
"""

ASK_TO_STOP = """
UPDATE feeds_feedlease SET stop_requested = true
 WHERE starts_with(holder, %s) AND expires_at > clock_timestamp()
"""

FREE = """
SELECT expires_at <= clock_timestamp() AND paused_by = '' FROM feeds_feedlease WHERE feed = %s
"""

STANDING = """
SELECT holder, extract(epoch FROM expires_at - clock_timestamp())::float8, paused_by
  FROM feeds_feedlease WHERE feed = %s
"""

PAUSE = "UPDATE feeds_feedlease SET paused_by = %s WHERE feed = %s"

HALT = """
UPDATE feeds_feedlease SET halted_at = clock_timestamp(), halted_why = %s
 WHERE feed = %s AND halted_at IS NULL
"""

GO_ON = """
UPDATE feeds_feedlease SET halted_at = NULL, halted_why = ''
 WHERE feed = %s AND halted_at IS NOT NULL
"""

IS_HALTED = "SELECT FROM feeds_feedlease WHERE feed = %s AND halted_at IS NOT NULL"
