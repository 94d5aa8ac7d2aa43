"""What a runner does when our own program, or the database, keeps it from receiving."""

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from feeds import runner
from feeds.connections import Arrival, Lease
from feeds.models import FeedCursor, FeedLease
from feeds.odds88 import cursor
from feeds.odds88.feed import Odds88Connection
from settlement.said import ticks_of
from tests.feeds.live import FEED, until


class Broken:
    """A source that our own program fails on."""

    feed = FEED

    def __init__(self) -> None:
        self.opened = 0

    def open(self, lease: Lease) -> Any:
        """Fail as nobody foresaw."""
        self.opened += 1
        raise ValueError("secret")


@pytest.mark.own_database
def test_a_failure_of_our_own_is_told_and_tried_again_later(own_database: str) -> None:
    source, stop = Broken(), threading.Event()
    thread = threading.Thread(target=run, args=[source, stop])

    thread.start()
    until(lambda: source.opened == 2)
    lease = FeedLease.objects.get()
    stop.set()
    thread.join(10)

    assert lease.sentence == "Our own program failed on the connection: ValueError. See the log."
    assert lease.epoch == 1
    assert not thread.is_alive()


def run(source: Broken, stop: threading.Event) -> None:
    """Run a feed, and let its database go."""
    try:
        runner.run(source, holder="here", stop=stop)
    finally:
        connection.close()


class Told:
    """A stream that told of one message."""

    def take(self, *, most: int, wait: float) -> Sequence[Arrival]:
        """Return it."""
        return [Arrival(b"{}", ticks=ticks_of(datetime.now(UTC)))]


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "is_old"), [(0.0, False), (0.3, True)])
def test_what_was_stored_late_counts_as_old(seconds: float, is_old: bool) -> None:
    FeedLease.objects.create(feed=FEED)
    connected = Odds88Connection(FEED, Told(), stall=0.2)  # type: ignore[arg-type]
    arrivals = connected.take(most=1, wait=0)

    time.sleep(seconds)
    connected.keep(arrivals)

    assert (FeedCursor.objects.get().old_at is not None) is is_old
    assert (cursor.position(FEED).old_at > 0) is is_old
