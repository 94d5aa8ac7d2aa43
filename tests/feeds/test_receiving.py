"""What a runner does when our own program, or the database, keeps it from receiving."""

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from feeds import leases, runner
from feeds.connections import Arrival, Lease
from feeds.models import FeedLease
from feeds.odds88 import cursor
from feeds.odds88.feed import Odds88Connection
from feeds.odds88.quiet import Quiet
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
    thread.join(20)

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
    """A stream that tells of one new message each time."""

    def take(self, *, most: int, wait: float) -> Sequence[Arrival]:
        """Return it."""
        return [Arrival(b"{}", ticks=ticks_of(datetime.now(UTC)))]


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "recovered"), [(0.02, True), (0.3, False)])
def test_a_recovery_is_over_when_storing_let_us_listen(seconds: float, recovered: bool) -> None:
    lease = leases.take(feed=FEED, holder="here")
    assert lease is not None
    cursor.opened(lease=lease, revision=5)
    quiet = Quiet(0.4, time.monotonic())
    connected = Odds88Connection(lease, Told(), quiet)  # type: ignore[arg-type]

    until_then = time.monotonic() + 0.9
    while time.monotonic() < until_then:
        connected.keep(connected.take(most=5, wait=0))
        time.sleep(seconds)

    assert cursor.position(FEED).recovered is recovered
