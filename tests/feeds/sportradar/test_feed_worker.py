"""Sportradar's feed in a real Celery worker: killed, and shut down."""

import time
from pathlib import Path

import pytest

from feeds import inbox, leases
from feeds.sportradar.sandbox import Sandbox
from tests.factories import FundedPlayer
from tests.feeds.live import stands
from tests.feeds.processes import eventually
from tests.feeds.sportradar.live import all_up, placed
from tests.feeds.sportradar.runners import WINDOWS, settings_for
from tests.feeds.test_interleavings import assert_sound
from tests.feeds.workers import LONGEST_END, LONGEST_GAP, Broker, Program, Worker, beat, ending
from tests.feeds.workers import settings_for as environment_for

pytestmark = pytest.mark.own_database


@pytest.mark.deep
def test_a_worker_that_is_killed_is_replaced_and_one_that_is_shut_down_leaves(
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
        eventually(lambda: worker.receives and all_up())
        for number in (1, 2):
            placed(ada, f"T-{number}", f"sr:match:{number}")

        worker.kill()
        sandbox.settle("sr:match:1", "1", {"X": 1})
        again = Worker("here", environment, tmp_path)
        programs.append(again)
        back = eventually(lambda: again.receives)
        eventually(lambda: stands("SETTLED", "WIN", 2500))
        sandbox.settle("sr:match:2", "1", {"X": 1})
        eventually(lambda: stands("SETTLED", "WIN", 2500, "T-2"))

        began = time.monotonic()
        code = again.end()
        left = time.monotonic() - began

    print(f"back {back:.1f} s after kill -9, left within {left:.1f} s")  # noqa: T201
    assert back <= LONGEST_GAP
    assert (code, left <= LONGEST_END) == (0, True)
    assert leases.is_free("sportradar")
    assert sandbox.counts["violations"] == 0
    inbox.drain()  # What came last is left to the sweeper.
    assert_sound()
