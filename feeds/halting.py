"""When nothing that comes makes sense any more, processing stops and somebody is told.

Receiving goes on: what is stored waits, and is processed when somebody says so.
"""

from collections.abc import Mapping

import structlog

from feeds import leases
from feeds.models import MessageState
from settlement.reviews import Asked, close_about, open_reviews
from settlement.vocabulary import ReviewKind

log = structlog.get_logger(__name__)

MOST_IN_A_ROW = 100


class Judge:
    """Counts messages that nobody could read, since the last one that somebody could."""

    def __init__(self) -> None:
        self.in_a_row = 0

    def verdict(self, states: Mapping[MessageState, int]) -> str:
        """Return why to stop, or nothing."""
        unread = states.get(MessageState.QUARANTINED, 0)
        if sum(states.values()) > unread:
            self.in_a_row = 0
            return ""
        self.in_a_row += unread
        if self.in_a_row < MOST_IN_A_ROW:
            return ""
        return (
            f"The last {self.in_a_row:,} messages could not be read, all of them. What comes is "
            "stored, and not processed until somebody has looked at it."
        )


def halt(*, feed: str, why: str) -> None:
    """Process no more of a feed's messages, and ask for somebody."""
    if leases.halt(feed=feed, why=why):
        log.error("feed_halted", feed=feed, why=why)
        open_reviews([Asked(ReviewKind.FEED_HALTED, subject_of(feed), why)])


def go_on(*, feed: str) -> bool:
    """Process a feed's messages again; return whether it had been stopped."""
    was_halted = leases.go_on(feed=feed)
    if was_halted:
        close_about(ReviewKind.FEED_HALTED, [subject_of(feed)])
        log.info("feed_goes_on", feed=feed)
    return was_halted


def subject_of(feed: str) -> str:
    """Return how a feed's reviews name it."""
    return f"feed:{feed}"
