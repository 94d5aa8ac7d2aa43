"""From when on to ask the settlement feed: never ahead of what it still owes us.

Times are unix seconds, and come from settlementTime alone. While a recovery runs, its order is the
provider's: the newest may come first, so that only what was asked for is known to be safe.
"""

from dataclasses import dataclass
from enum import StrEnum

from settlement.said import TICKS_A_SECOND

OVERLAP = 60  # The vendor asks for a minute before the last settlement message.
OLD = 120  # A message that was settled so long ago comes from a recovery.
AHEAD = 60  # What is settled later than this, by our clock, moves nothing.
REACH = 3 * 86400
MARGIN = 30  # So that the limit is still kept when the provider looks at his own clock.
SLOWEST_OPENING = 30  # Seconds from asking for a revision to the connection that has it.
NOTHING = 0


@dataclass(frozen=True, slots=True)
class Position:
    """How far a feed has come. Ticks are settlement times, the others our clock's seconds.

    `recovered` when the last connection told all that was behind us; `heard_at` is when it last
    gave a sign of life.
    """

    greatest_ticks: int | None = None
    smallest_ticks: int | None = None
    opened_with: int | None = None
    opened_at: float = 0
    recovered: bool = False
    heard_at: float = 0


class Gap(StrEnum):
    """Why the feed may never tell of something that happened.

    FIRST: nobody ever connected. INTERRUPTED: the first recovery ended before it was through, and
    what it had not brought may be older than all it had. TOO_LONG: we were away for too long.
    """

    FIRST = "FIRST"
    INTERRUPTED = "INTERRUPTED"
    TOO_LONG = "TOO_LONG"


@dataclass(frozen=True, slots=True)
class Revision:
    """What to connect with, and from when on we would have needed to hear.

    With a gap, what was settled between `needed` and `covered` may not be told.
    """

    asked: int
    needed: int
    covered: int
    gap: Gap | None = None


def revision(position: Position, *, now: float) -> Revision:
    """Return the revision to connect with."""
    limit = int(now) - REACH + MARGIN
    needed = min(owed_from(position), max(NOTHING, int(now) - OVERLAP))
    if needed == NOTHING:
        return Revision(NOTHING, NOTHING, limit, Gap.FIRST)
    if needed < limit:
        known = told_until(position, needed)
        away = known < limit and not is_covered(position, limit)
        return Revision(limit, known, limit, Gap.TOO_LONG if away else None)
    if position.opened_with == NOTHING and not position.recovered:
        return Revision(needed, limit, needed, Gap.INTERRUPTED)
    return Revision(needed, needed, needed)


def owed_from(position: Position) -> int:
    """Return the second from which on messages may still be owed to us."""
    if position.greatest_ticks is None or position.smallest_ticks is None:
        return position.opened_with or NOTHING
    if position.opened_with is None or position.recovered:
        return before(position.greatest_ticks)
    return position.opened_with or before(position.smallest_ticks)


def told_until(position: Position, needed: int) -> int:
    """Return the second until which we know all: a feed may be heard for days and have no news."""
    if position.opened_with is None or not position.recovered:
        return needed
    return max(needed, int(position.heard_at) - OVERLAP)


def is_covered(position: Position, limit: int) -> bool:
    """Whether what is missing until the limit was covered when the last connection was opened.

    It was opened at its own limit then, and all that had happened by that time was looked up.
    """
    behind = position.opened_at - (position.opened_with or NOTHING)
    return REACH - MARGIN - SLOWEST_OPENING <= behind <= REACH and limit <= position.opened_at


def before(ticks: int) -> int:
    """Return the second that is a minute before a settlement."""
    return ticks // TICKS_A_SECOND - OVERLAP


def is_old(ticks: int, now: float) -> bool:
    """Whether a message tells of something that was settled a while ago."""
    return now - ticks / TICKS_A_SECOND > OLD


def moves(ticks: int, now: float) -> bool:
    """Whether a message says how far we came: one from the future does not."""
    return ticks / TICKS_A_SECOND <= now + AHEAD
