"""One look at a message before it is stored: is it only a ping, and when was its bet settled?"""

import msgspec
from msgspec import Struct

from feeds.odds88.parser import BLANKS
from feeds.odds88.translate import END_TICK, FIRST_TICK, ticks_written


class Timed(Struct, frozen=True, rename="camel"):
    """A bet, as far as its time goes."""

    settlement_time: str | None = None


class Glance(Struct, frozen=True, rename="camel"):
    """A ping, a bet in its envelope, or a bare bet."""

    ping_id: int | str | None = None
    data: Timed | None = None
    settlement_time: str | None = None
    bet_id: int | str | None = None


DECODER = msgspec.json.Decoder(Glance)


def glance(raw: bytes) -> tuple[bool, int | None]:
    """Return whether a message is a ping, and its settlement time in ticks when it has one."""
    try:
        seen = DECODER.decode(raw.lstrip(BLANKS))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False, None
    if seen.ping_id is not None and seen.data is None and seen.bet_id is None:
        return True, None
    written = seen.data.settlement_time if seen.data else seen.settlement_time
    ticks = ticks_written(written) if written else None
    return False, ticks if ticks is not None and FIRST_TICK <= ticks < END_TICK else None
