"""What a feed is doing, as people read it. Nothing here asks the database or a clock."""

from datetime import datetime
from enum import StrEnum

from feeds.models import FeedLease, RunState
from feeds.names import REPLAY

UNITS = ((86400, "day"), (3600, "h"), (60, "min"), (1, "s"))


class FeedState(StrEnum):
    """What a feed is doing. The last three are of a feed that nobody runs: it was stopped by
    somebody, it ought to be run, or it is not set up here."""

    RECEIVING = "RECEIVING"
    CONNECTING = "CONNECTING"
    WAITING = "WAITING"
    TROUBLE = "TROUBLE"
    STOPPED = "STOPPED"
    NOBODY = "NOBODY"
    NOT_SET_UP = "NOT_SET_UP"


def state_of(lease: FeedLease | None, *, at: datetime, is_configured: bool) -> FeedState:
    """Return what a feed is doing; who holds its lease no more tells nothing."""
    if lease is not None and lease.paused_by:
        return FeedState.STOPPED
    if lease is not None and lease.expires_at > at:
        gone = lease.state == RunState.STOPPED
        return FeedState.NOBODY if gone else FeedState(lease.state)
    return FeedState.NOBODY if is_configured else FeedState.NOT_SET_UP


def sentence_of(feed: str, state: FeedState, lease: FeedLease | None, at: datetime) -> str:
    """Return what a feed is doing, in a sentence."""
    if state == FeedState.NOT_SET_UP:
        return of_no_feed(feed)
    if lease is None:
        return f"Nobody receives it, and nobody ever did.{HOW_TO_RUN.format(feed=feed)}"
    if state == FeedState.STOPPED:
        return of_a_stopped(lease, at)
    if state == FeedState.NOBODY:
        last = f" {lease.sentence}" if lease.sentence else ""
        over = moment(lease.expires_at, at)
        return f"Nobody receives it since {over}.{last}{HOW_TO_RUN.format(feed=feed)}"
    return of_a_running(state, lease, at)


def of_no_feed(feed: str) -> str:
    """Say why nobody receives what is no feed of this installation."""
    if feed.endswith(REPLAY):
        return "Recorded messages, brought by manage.py replay."
    return "It is not set up here: its address is not given."


def of_a_stopped(lease: FeedLease, at: datetime) -> str:
    """Say who stopped a feed, and whether it has come to its end."""
    who = lease.paused_by.removeprefix("user:")
    ends = "It is coming to its end." if lease.expires_at > at else "Nothing is received."
    return f"Stopped by {who}. {ends} It stays so until somebody starts it."


def of_a_running(state: FeedState, lease: FeedLease, at: datetime) -> str:
    """Say what a feed's holder is doing."""
    since = moment(lease.since, at)
    if state == FeedState.RECEIVING:
        return f"Receiving since {since}, by {lease.holder}."
    if state == FeedState.CONNECTING:
        return f"Connecting since {since}, by {lease.holder}."
    return f"{lease.sentence}{next_try(lease.until, at)}"


def next_try(until: datetime | None, at: datetime) -> str:
    """Say when a feed is tried again."""
    if until is None:
        return ""
    left = (until - at).total_seconds()
    if left < 1:
        return " It is tried again now."
    return f" It is tried again in {spell(left)}, at {moment(until, at)}."


def moment(when: datetime, at: datetime) -> str:
    """Return a point in time in UTC; one of another day with its date."""
    form = "%H:%M:%S" if when.date() == at.date() else "%Y-%m-%d %H:%M:%S"
    return f"{when:{form}} UTC"


def spell(seconds: float) -> str:
    """Return a span of time in its two greatest units: 2 h 5 min."""
    left, parts = max(0, int(seconds)), []
    for unit, word in UNITS:
        count, left = divmod(left, unit)
        if count:
            parts.append(f"{count} {word}{'s' if word == 'day' and count > 1 else ''}")
    return " ".join(parts[:2]) or "0 s"


HOW_TO_RUN = " Start a worker on queue feeds, and beat; or run_feed {feed}."
