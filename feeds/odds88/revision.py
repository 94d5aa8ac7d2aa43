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
LONGEST_RECOVERY = 86400  # Who was heard for so long has told all that was asked for.
NOTHING = 0


@dataclass(frozen=True, slots=True)
class Position:
    """How far a feed has come. Ticks are settlement times, the others our clock's seconds.

    `heard_at` is when the last connection last gave a sign of life.
    """

    greatest_ticks: int | None = None
    smallest_ticks: int | None = None
    opened_with: int | None = None
    opened_at: float = 0
    old_at: float = 0
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


def revision(position: Position, *, now: float, quiet: float) -> Revision:
    """Return the revision to connect with. `quiet` is how long a recovery must have been silent."""
    limit = int(now) - REACH + MARGIN
    needed = min(owed_from(position, quiet), max(NOTHING, int(now) - OVERLAP))
    if needed == NOTHING:
        return Revision(NOTHING, NOTHING, limit, Gap.FIRST)
    if needed < limit:
        return Revision(limit, needed, limit, Gap.TOO_LONG)
    if position.opened_with == NOTHING and not is_over(position, quiet):
        return Revision(needed, limit, needed, Gap.INTERRUPTED)
    return Revision(needed, needed, needed)


def owed_from(position: Position, quiet: float) -> int:
    """Return the second from which on messages may still be owed to us."""
    if position.greatest_ticks is None or position.smallest_ticks is None:
        return position.opened_with or NOTHING
    if position.opened_with is None or is_over(position, quiet):
        return before(position.greatest_ticks)
    return position.opened_with or before(position.smallest_ticks)


def is_over(position: Position, quiet: float) -> bool:
    """Whether the last connection was heard for long enough with nothing old in between.

    After a day it is over in any case: then an old message is one that came late.
    """
    if position.heard_at - position.opened_at >= LONGEST_RECOVERY:
        return True
    return position.heard_at - max(position.opened_at, position.old_at) >= quiet


def before(ticks: int) -> int:
    """Return the second that is a minute before a settlement."""
    return ticks // TICKS_A_SECOND - OVERLAP


def is_old(ticks: int, now: float) -> bool:
    """Whether a message tells of something that was settled a while ago."""
    return now - ticks / TICKS_A_SECOND > OLD


def moves(ticks: int, now: float) -> bool:
    """Whether a message says how far we came: one from the future does not."""
    return ticks / TICKS_A_SECOND <= now + AHEAD
