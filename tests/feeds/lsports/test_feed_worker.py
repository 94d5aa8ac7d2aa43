"""Both of LSports' packages in a real Celery worker: killed, and shut down."""

import time
from functools import partial
from pathlib import Path

import pytest

from feeds import inbox, leases
from feeds.lsports.sandbox import Sandbox
from tests.factories import FundedPlayer
from tests.feeds.live import stands
from tests.feeds.lsports.live import placed
from tests.feeds.lsports.runners import (
    INPLAY,
    PACKAGES,
    PREMATCH,
    WINDOWS,
    all_healthy,
    feed_of,
    settings_for,
)
from tests.feeds.processes import eventually
from tests.feeds.test_interleavings import assert_sound
from tests.feeds.workers import LONGEST_END, LONGEST_GAP, Broker, Program, Worker, beat, ending
from tests.feeds.workers import settings_for as environment_for

pytestmark = pytest.mark.own_database
FEEDS = {feed_of(one) for one in PACKAGES}


@pytest.mark.deep
def test_a_worker_with_both_packages_is_replaced_when_it_is_killed_and_leaves_when_shut_down(
    own_database: str, tmp_path: Path, amqp_url: str
) -> None:
    ada = FundedPlayer.create("100.00")
    programs: list[Program] = []
    with Sandbox(windows=WINDOWS, broker=amqp_url) as sandbox, ending(programs):
        settings = settings_for(sandbox, amqp_url)
        environment = environment_for(own_database, Broker(), settings)
        programs.append(beat(environment, tmp_path))
        worker = Worker("here", environment, tmp_path)
        programs.append(worker)
        eventually(lambda: worker.received == FEEDS and all_healthy())
        placed(ada, "T-1", event="1")
        placed(ada, "T-2", event="2")

        worker.kill()
        sandbox.settle(1, 1, {"11": 2}, package=INPLAY)
        sandbox.settle(2, 1, {"11": 2}, package=PREMATCH)
        again = Worker("here", environment, tmp_path)
        programs.append(again)
        back = eventually(lambda: again.received == FEEDS)
        for ticket in ("T-1", "T-2"):
            eventually(partial(stands, "SETTLED", "WIN", 2500, ticket))

        began = time.monotonic()
        code = again.end()
        left = time.monotonic() - began

    print(f"back {back:.1f} s after kill -9, left within {left:.1f} s")  # noqa: T201
    assert back <= LONGEST_GAP
    assert (code, left <= LONGEST_END) == (0, True)
    assert all(map(leases.is_free, FEEDS))
    assert sandbox.counts["violations"] == sandbox.counts["stops"] == 0
    inbox.drain()  # What came last is left to the sweeper.
    assert_sound()
