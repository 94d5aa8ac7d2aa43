"""Whether we hear all that a producer says, and when it must tell something again. Pure.

An alive every few seconds says that nothing was lost until it was made. The last one that came
while nothing was missing is the checkpoint: from there on a producer is asked to tell again.
"""

from dataclasses import dataclass, replace

from feeds.models import DownReason, ProducerState
from feeds.sportradar.windows import Windows

MS = 1000
MOST_AHEAD = MOST_BACK = 60  # seconds
DOWN, RECOVERING, UP = ProducerState.DOWN, ProducerState.RECOVERING, ProducerState.UP


@dataclass(frozen=True, slots=True)
class Telling:
    """A request that a producer answers just now. Times are ours, in seconds."""

    request_id: int
    asked: float
    progress: float


@dataclass(frozen=True, slots=True)
class Health:
    """How a producer stands. `heard`, `since` and `not_before` are our times, in seconds."""

    number: int
    state: ProducerState = DOWN
    reason: DownReason | None = DownReason.NEVER
    since: float = 0
    heard: float | None = None
    heard_ms: int | None = None
    checkpoint_ms: int | None = None
    not_before: float = 0
    telling: Telling | None = None

    @property
    def is_down(self) -> bool:
        """Whether we may have missed something, and nobody tells it again yet."""
        return self.state is DOWN


def down(one: Health, reason: DownReason, now: float) -> Health:
    """Return a producer of which we may have missed something; what it tells again is cut off."""
    return replace(one, state=DOWN, reason=reason, since=now, telling=None)


def connected(one: Health, now: float) -> Health:
    """Return a producer after a new connection: its queue is new, what was in the old is lost."""
    reason = DownReason.NEVER if one.checkpoint_ms is None else DownReason.CONNECTION
    return replace(down(one, reason, now), heard=None)


def alive(one: Health, *, now: float, made_ms: int, subscribed: bool, windows: Windows) -> Health:
    """Return a producer after an alive."""
    if made_ms > (now + MOST_AHEAD) * MS:  # To believe it would leave out all until then.
        return replace(one, heard=now)
    if misses_some(one, made_ms, windows):
        one = down(one, DownReason.SILENT, now)
    if not subscribed and is_news(one, made_ms, windows):
        one = down(one, DownReason.UNSUBSCRIBED, now)
    # A clock that is set back is believed: what is said next bears its time.
    last = max(made_ms, (one.heard_ms or 0) - MOST_BACK * MS)
    checkpoint = last if one.state is UP and subscribed else one.checkpoint_ms
    return replace(one, heard=now, heard_ms=last, checkpoint_ms=checkpoint)


def misses_some(one: Health, made_ms: int, windows: Windows) -> bool:
    """Whether alives are missing before this one, by the producer's own clock.

    Also while it is down: what it is being asked for may have been told before they lacked.
    """
    if one.heard is None or one.heard_ms is None:
        return False
    return made_ms - one.heard_ms > windows.silence * MS


def is_news(one: Health, made_ms: int, windows: Windows) -> bool:
    """Whether “not subscribed” is said of now: after a request some may still be on their way."""
    if one.telling is None:
        return one.state is UP
    return made_ms > (one.telling.asked + windows.alive) * MS


def looked_at(one: Health, *, now: float, windows: Windows) -> Health:
    """Return a producer when nothing is left to be received: is it silent, does it stall?"""
    if one.is_down:
        return one
    if one.heard is not None and now - one.heard > windows.silence:
        return down(one, DownReason.SILENT, now)
    if one.telling and now - one.telling.progress > windows.stalled:
        return down(one, DownReason.STALLED, now)
    if one.telling and now - one.telling.asked > windows.longest:
        return down(one, DownReason.TOO_LONG, now)
    return one


def says_down(one: Health, now: float) -> Health:
    """Return a producer that says itself that it is down: it hears us from its next alive on."""
    return replace(down(one, DownReason.PRODUCT_DOWN, now), heard=None)


def may_be_asked(one: Health, *, now: float, windows: Windows) -> bool:
    """Whether a producer can be asked to tell again: it must be alive, or the request is lost."""
    if one.heard is None or now - one.heard > windows.silence:
        return False
    return one.is_down and now >= one.not_before


def asked(one: Health, *, now: float, request_id: int) -> Health:
    """Return a producer that has taken our request."""
    telling = Telling(request_id, now, now)
    return replace(one, state=RECOVERING, reason=None, since=now, telling=telling)


def told(one: Health, *, now: float, request_id: int) -> Health:
    """Return a producer after it has told all; one that was asked something else since goes on."""
    if one.telling is None or one.telling.request_id != request_id:
        return one
    return replace(one, state=UP, reason=None, since=now, telling=None)


def not_before(one: Health, moment: float) -> Health:
    """Return a producer that is not asked before a moment."""
    return replace(one, not_before=max(one.not_before, moment))
