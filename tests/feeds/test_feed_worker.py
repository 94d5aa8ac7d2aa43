"""The feed in a real Celery worker: started by beat, killed, orphaned, shut down."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from feeds import leases
from feeds.models import FeedLease
from feeds.odds88.sandbox import Sandbox
from tests.feeds.live import fresh_sandbox, running, source
from tests.feeds.odds88.runners import WINDOWS, all_told, said, tickets
from tests.feeds.odds88.runners import settings_for as where
from tests.feeds.processes import eventually
from tests.feeds.test_interleavings import assert_sound
from tests.feeds.workers import LONGEST_GAP, Broker, Program, Worker, beat, ending, settings_for

pytestmark = pytest.mark.own_database
WATCH = "feeds.tasks.watch_feeds"


class Site:
    """A vendor, and programs that receive from him."""

    def __init__(self, vendor: Sandbox, database: str, logs: Path) -> None:
        self.vendor, self.logs, self.broker = vendor, logs, Broker()
        self.environment = settings_for(database, self.broker, where(vendor))
        self.programs: list[Program] = []

    def worker(self, host: str = "here") -> Worker:
        """Start a worker."""
        found = Worker(host, self.environment, self.logs)
        self.programs.append(found)
        return found

    def beat(self) -> None:
        """Start beat."""
        self.programs.append(beat(self.environment, self.logs))

    def until(self, true: Callable[[], bool]) -> float:
        """Ask each second to look at the feeds until something is so; return how long it took."""
        start = asked = time.monotonic()
        while not true():
            assert time.monotonic() - start < 60, list(FeedLease.objects.values())
            if time.monotonic() - asked > 1:
                self.broker.ask(WATCH)
                asked = time.monotonic()
            time.sleep(0.05)
        return time.monotonic() - start

    def say(self, first: int, last: int) -> None:
        """Let the vendor settle bets."""
        for number in range(first, last + 1):
            self.vendor.push(said(number, 0, datetime.now(UTC)))


@pytest.fixture
def site(own_database: str, tmp_path: Path) -> Iterator[Site]:
    """A vendor and forty bets; what was started on it ends with the test."""
    tickets(40)
    with fresh_sandbox(windows=WINDOWS) as vendor:
        found = Site(vendor, own_database, tmp_path)
        with ending(found.programs):
            yield found
    assert vendor.counts["receiving_most"] == 1
    assert vendor.counts["refused_second"] == 0
    assert_sound()


def told(count: int) -> Callable[[], bool]:
    """Return whether so many messages came, and nothing waits."""
    return lambda: all_told(count)


def test_beat_starts_the_feed_and_a_worker_that_is_shut_down_leaves_it(site: Site) -> None:
    site.beat()
    worker = site.worker()
    eventually(lambda: worker.receives)
    site.say(1, 20)
    family = worker.children

    began = time.monotonic()
    code = worker.end()

    took = time.monotonic() - began
    print(f"a worker was shut down within {took:.1f} s")  # noqa: T201
    assert code == 0
    assert leases.is_free("odds88")
    assert FeedLease.objects.get().sentence == "It was stopped."
    assert worker.log.read_text().count("feed_stopped") == 1
    assert psutil.wait_procs(family, timeout=20)[1] == []

    site.say(21, 40)
    with running(source(site.vendor, "websocket", windows=WINDOWS)):
        eventually(told(40))


@pytest.mark.deep
def test_a_worker_that_is_killed_with_its_children_is_replaced(site: Site) -> None:
    site.beat()
    worker = site.worker()
    eventually(lambda: worker.receives)
    site.say(1, 20)
    eventually(told(20))

    worker.kill()
    site.say(21, 40)
    again = site.worker()
    took = eventually(lambda: again.receives)

    print(f"the stream is back {took:.1f} s after kill -9")  # noqa: T201
    assert took <= LONGEST_GAP
    eventually(told(40))


@pytest.mark.deep
def test_a_child_whose_worker_is_killed_is_gone_before_another_receives(site: Site) -> None:
    site.environment["FEED_LEASE_SECONDS"] = "2"
    worker = site.worker()
    site.until(lambda: worker.receives)

    orphans = worker.kill_parent()
    gone, left = psutil.wait_procs(orphans, timeout=3)
    site.say(1, 20)
    again = site.worker()
    took = site.until(lambda: again.receives)

    print(f"the stream is back {took:.1f} s after the parent's kill -9")  # noqa: T201
    assert (len(gone), left) == (2, [])
    eventually(told(20))


@pytest.mark.deep
def test_of_two_workers_one_receives(site: Site) -> None:
    here, there = site.worker("here"), site.worker("there")
    site.until(lambda: here.receives or there.receives)
    site.say(1, 20)
    for _ in range(10):
        site.broker.ask(WATCH)
    eventually(told(20))

    assert here.receives != there.receives
    assert FeedLease.objects.get().epoch == 1
