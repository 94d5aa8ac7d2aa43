"""How a bet ended, from LSports' status and settlement code.

The same numbers mean the opposite at Odds88: here 1 is a loser and 2 a winner.
"""

from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from feeds.lsports.values import code_of, shown
from settlement.said import Ended

OPEN, SUSPENDED, SETTLED = 1, 2, 3
TAKEN_BACK, NOT_SETTLED = -1, 0
ENDED: dict[int, Ended] = {
    1: ("0", "0"),
    2: ("1", "0"),
    3: ("0", "1"),
    4: ("0", "1/2"),
    5: ("1/2", "1/2"),
}
MOST_REMEMBERED = 40


class Says(Enum):
    """What a bet's status and code come to. OPEN_AGAIN matters where it was settled before."""

    NOTHING = "nothing"
    ENDED = "ended"
    TAKEN_BACK = "taken back"
    OPEN_AGAIN = "open"
    UNKNOWN = "unknown"


class Meaning(NamedTuple):
    """What is said of a bet; of what nobody understands, what came."""

    says: Says
    ended: Ended = None
    came: str = ""


def meaning_of(status: str, settlement: str) -> Meaning:
    """Return what a bet's status and code come to."""
    if len(status) + len(settlement) > MOST_REMEMBERED:
        return worked_out(status, settlement)
    return remembered(status, settlement)


def worked_out(status: str, settlement: str) -> Meaning:
    """Return what `meaning_of` does, worked out anew.

    A settlement that is taken back may leave its bet open or suspended; a result without the
    status that goes with it is a contradiction, and nobody is paid by one.
    """
    stands, code = code_of(status), code_of(settlement)
    if not settlement.strip():
        if stands == SETTLED:
            return Meaning(Says.UNKNOWN, came="status 3 without a settlement")
        return Meaning(Says.OPEN_AGAIN if stands in (OPEN, SUSPENDED) else Says.NOTHING)
    if code == NOT_SETTLED:
        return Meaning(Says.OPEN_AGAIN if stands in (OPEN, SUSPENDED, SETTLED) else Says.NOTHING)
    if code == TAKEN_BACK and stands in (OPEN, SUSPENDED, SETTLED):
        return Meaning(Says.TAKEN_BACK)
    if code in ENDED and stands == SETTLED:
        return Meaning(Says.ENDED, ENDED[code])
    if code == TAKEN_BACK or code in ENDED:
        with_status = f"status “{shown(status)}”" if status.strip() else "no status"
        return Meaning(Says.UNKNOWN, came=f"settlement {code} with {with_status}")
    return Meaning(Says.UNKNOWN, came=f"settlement “{shown(settlement)}”")


remembered = lru_cache(1024)(worked_out)  # A handful of pairs makes up nearly all that comes.
