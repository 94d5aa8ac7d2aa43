"""A feed at work stops when it is told to, whatever is the matter just then."""

import os
import time
from collections.abc import Sequence

import pytest
from django.db import OperationalError

from feeds import inbox, leases, runner
from feeds.connections import Arrival, Lease
from feeds.models import FeedMessage
from feeds.stopping import SharedFlag
from tests.feeds.live import WINDOWS, fresh_sandbox, is_receiving, running, source, until


def refuse(*_: object, **__: object) -> None:
    raise OperationalError("The database is away.")


@pytest.mark.own_database
def test_a_feed_stops_while_its_database_is_away(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "SHORTEST_PAUSE", 60)
    with fresh_sandbox(windows=WINDOWS) as vendor, running(source(vendor, "websocket")) as feed:
        until(is_receiving)
        for module, name in ((leases, "renew"), (leases, "release"), (inbox, "process_stored")):
            monkeypatch.setattr(module, name, refuse)
        time.sleep(1.5)

        began = time.monotonic()
        feed.end()

        assert time.monotonic() - began < 20


class Flood:
    """A source of which five times as much comes as can be taken at once."""

    feed = "odds88"
    depth = None
    warning = ""
    is_recovering = False

    def __init__(self) -> None:
        self.left = 5

    def open(self, lease: Lease) -> "Flood":
        """Connect."""
        return self

    def take(self, *, most: int, wait: float) -> list[Arrival]:
        """Return as much as is asked for, until there is no more."""
        time.sleep(0.1)
        self.left -= 1
        return [Arrival(b"%d/%d" % (self.left, n)) for n in range(most)] if self.left >= 0 else []

    def keep(self, arrivals: Sequence[Arrival]) -> None:
        """Note nothing."""

    def acknowledge(self, arrivals: Sequence[Arrival]) -> None:
        """Tell nobody."""

    def close(self) -> None:
        """Leave."""


@pytest.mark.own_database
def test_processing_rests_while_more_waits_than_is_taken_at_once(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "LONGEST_REST", 60)
    seen: list[int] = []
    monkeypatch.setattr(
        inbox, "process_stored", lambda feed: seen.append(FeedMessage.objects.count())
    )

    with running(Flood()):
        until(lambda: 5000 in seen)

    assert set(seen) <= {0, 1000, 5000}


class Asking(Flood):
    """A source that asks for what was missed: one message has come meanwhile."""

    is_recovering = True

    def take(self, *, most: int, wait: float) -> list[Arrival]:
        """Return the message, and then nothing more."""
        time.sleep(0.05)
        self.left -= 1
        return [Arrival(b"a message")] if self.left == 4 else []

    def acknowledge(self, arrivals: Sequence[Arrival]) -> None:
        """Take long for it: whoever processes may look for messages meanwhile."""
        time.sleep(2 * runner.TICK)


@pytest.mark.own_database
def test_what_comes_while_a_source_asks_for_more_is_processed_afterwards(own_database: str) -> None:
    asking = Asking()
    with running(asking):
        until(lambda: FeedMessage.objects.filter(state="STORED").exists())
        time.sleep(1)
        assert FeedMessage.objects.get().state == "STORED"

        asking.is_recovering = False

        until(lambda: FeedMessage.objects.filter(state="QUARANTINED").exists())


@pytest.mark.own_database
def test_a_source_that_asks_for_ever_holds_nothing_up_for_ever(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "LONGEST_HOLD", 0.5)
    with running(Asking()):
        until(lambda: FeedMessage.objects.filter(state="QUARANTINED").exists())


def test_a_flag_that_is_raised_is_seen_by_a_child() -> None:
    flag = SharedFlag()
    child = os.fork()
    if child == 0:
        while not flag.is_set():
            time.sleep(0.01)
        os._exit(7)

    assert not flag.is_set()
    flag.set()

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
