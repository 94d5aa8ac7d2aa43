"""How far streams have come: rows that move in the transactions that store their messages."""

from collections.abc import Sequence
from datetime import datetime

from feeds.connections import Lease
from feeds.odds88.revision import Position, is_old, moves
from settlement import arrays


def position(feed: str) -> Position:
    """Return how far a feed has come."""
    rows = arrays.fetch(POSITION, [feed])
    return Position(*rows[0]) if rows else Position()


def opened(*, lease: Lease, revision: int) -> None:
    """Note that a connection was opened with a revision: what it owes us is not yet known."""
    arrays.execute(OPENED, [lease.feed, revision])


def advance(*, feed: str, ticks: Sequence[int], now: datetime, stalled: bool = False) -> None:
    """Note the settlement times of messages that are being stored.

    `stalled` says that nobody listened for a while: what came then may be as old as can be.
    """
    seconds = now.timestamp()
    counted = [one for one in ticks if moves(one, seconds)]
    old = stalled or any(is_old(one, seconds) for one in counted)
    if counted or stalled:
        arrays.execute(ADVANCE, [feed, max(counted, default=None), min(counted, default=None), old])


POSITION = """
SELECT c.greatest_ticks, c.smallest_ticks, c.opened_with,
       coalesce(extract(epoch FROM c.opened_at), 0)::float8,
       coalesce(extract(epoch FROM c.old_at), 0)::float8,
       coalesce(extract(epoch FROM l.heard_at), 0)::float8
  FROM feeds_feedcursor c JOIN feeds_feedlease l ON l.feed = c.feed
 WHERE c.feed = %s
"""

OPENED = """
INSERT INTO feeds_feedcursor AS c (feed, opened_with, opened_at)
VALUES (%s, %s, clock_timestamp())
    ON CONFLICT (feed) DO UPDATE
   SET opened_with = excluded.opened_with, opened_at = excluded.opened_at, old_at = NULL
"""

ADVANCE = """
INSERT INTO feeds_feedcursor AS c (feed, greatest_ticks, smallest_ticks, old_at)
VALUES (%s, %s, %s, CASE WHEN %s THEN clock_timestamp() END)
    ON CONFLICT (feed) DO UPDATE
   SET greatest_ticks = greatest(c.greatest_ticks, excluded.greatest_ticks),
       smallest_ticks = least(c.smallest_ticks, excluded.smallest_ticks),
       old_at = greatest(c.old_at, excluded.old_at)
"""
