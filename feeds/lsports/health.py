"""Whether we have all that a package told, and when it must be asked for what we missed. Pure.

A heartbeat every few seconds says that nothing was lost until it was made. The last one that came
while nothing was missing says from when on a snapshot is asked for.
"""

from dataclasses import dataclass, replace

from feeds.lsports.windows import Windows
from feeds.models import PackageState, StaleReason

MS = 1000
MOST_AHEAD = MOST_BACK = 60  # seconds
STALE, RECOVERING, HEALTHY = PackageState.STALE, PackageState.RECOVERING, PackageState.HEALTHY


@dataclass(frozen=True, slots=True)
class Health:
    """How a package stands. `heard`, `since` and `not_before` are our times, in seconds."""

    state: PackageState = STALE
    reason: StaleReason | None = StaleReason.NEVER
    since: float = 0
    heard: float | None = None
    heard_ms: int | None = None
    healthy_ms: int | None = None
    not_before: float = 0


def stale(one: Health, reason: StaleReason, now: float) -> Health:
    """Return a package of which we may have missed something."""
    return replace(one, state=STALE, reason=reason, since=now)


def connected(one: Health, now: float) -> Health:
    """Return a package after a new connection: it is heard when its first heartbeat came."""
    reason = StaleReason.NEVER if one.healthy_ms is None else StaleReason.CONNECTION
    return replace(stale(one, reason, now), heard=None)


def not_sent(one: Health, reason: StaleReason, now: float, windows: Windows) -> Health:
    """Return a package that is not sent: it is asked only when it is heard some time after."""
    since = one.since if one.reason is reason else now
    wait = max(one.not_before, now + windows.silence)
    return replace(stale(one, reason, since), not_before=wait)


def heartbeat(
    one: Health, *, now: float, made_ms: int | None, interrupted: bool, windows: Windows
) -> Health:
    """Return a package after a heartbeat."""
    if interrupted:  # It is asked for what it did not send when it says so no more.
        one = not_sent(one, StaleReason.INTERRUPTED, now, windows)
    if made_ms is None or made_ms > (now + MOST_AHEAD) * MS:
        return replace(one, heard=now)  # To believe it would leave out all until then.
    if one.state is not STALE and lacks_some(one, made_ms, windows):
        one = stale(one, StaleReason.GAP, now)
    # A clock that is set back is believed: what is told next bears its time.
    last = max(made_ms, (one.heard_ms or 0) - MOST_BACK * MS)
    healthy = last if one.state is HEALTHY else one.healthy_ms
    return replace(one, heard=now, heard_ms=last, healthy_ms=healthy)


def lacks_some(one: Health, made_ms: int, windows: Windows) -> bool:
    """Whether heartbeats are missing before this one, by LSports' own clock."""
    return one.heard_ms is not None and made_ms - one.heard_ms > windows.silence * MS


def looked_at(one: Health, *, now: float, windows: Windows) -> Health:
    """Return a package when nothing is left to be received: is it silent?"""
    silent = one.heard is not None and now - one.heard > windows.silence
    if silent and one.state is not STALE:
        return stale(one, StaleReason.SILENT, now)
    return one


def may_be_recovered(one: Health, *, now: float, windows: Windows) -> bool:
    """Whether what we missed can be asked for: what comes next must be sure to reach us."""
    heard = one.heard is not None and now - one.heard <= windows.silence
    return heard and one.state is STALE and now >= one.not_before


def told_since(one: Health, *, now: float, windows: Windows) -> tuple[int, bool]:
    """Return from when on a package is asked what it told, and whether that leaves something out.

    Long before its last heartbeat: what was lost without a sign since the snapshot before is told
    with it, and no clock is so wrong.
    """
    limit = int((now - windows.horizon) * MS)
    wanted = (one.healthy_ms or 0) - int(2 * windows.reconcile * MS)
    return max(wanted, limit), wanted < limit


def recovering(one: Health, now: float) -> Health:
    """Return a package whose snapshot is being asked for."""
    return replace(one, state=RECOVERING, reason=None, since=now)


def recovered(one: Health, *, now: float, began: float) -> Health:
    """Return a package after its snapshot is applied; one that went stale since stays so.

    Nothing lacks of what was told until its last heartbeat: none was missing since it began.
    """
    if one.state is not RECOVERING or one.since != began:
        return one
    return replace(one, state=HEALTHY, since=now, healthy_ms=one.heard_ms or one.healthy_ms)


def failed(one: Health, *, now: float, began: float, reason: StaleReason, wait: float) -> Health:
    """Return a package whose snapshot could not be had: it is asked for again after a while."""
    if one.state is not RECOVERING or one.since != began:
        return one
    return replace(stale(one, reason, now), not_before=now + wait)
