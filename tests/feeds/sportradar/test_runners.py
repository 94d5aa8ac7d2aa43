"""Runners that are stopped, continued and killed, while the broker comes and goes."""

import signal
import time
from functools import partial
from pathlib import Path

import pytest

from feeds import inbox
from feeds.models import FeedLease, FeedMessage
from feeds.sportradar.sandbox import Sandbox
from tests.factories import FundedPlayer
from tests.feeds.breaking import Plan
from tests.feeds.live import stands
from tests.feeds.processes import ending, eventually, foreign_writes, note_foreign_writes
from tests.feeds.sportradar.live import placed
from tests.feeds.sportradar.runners import WINDOWS, all_up, play_through, process
from tests.feeds.test_interleavings import assert_true
from tests.services import deep

pytestmark = pytest.mark.own_database
STOPS = 3 if deep() else 2
PLAN = (
    Plan(events=150, span=20, breaks={"kill": 3, "cut": 2, "restart": 1})
    if deep()
    else Plan(events=60, span=5, breaks={"kill": 1, "cut": 1, "restart": 1})
)


def test_a_world_ends_the_same_whatever_breaks(own_database: str, tmp_path: Path) -> None:
    print(play_through(own_database, tmp_path, PLAN))  # noqa: T201


@pytest.mark.deep
def test_of_two_runners_one_writes_whichever_is_stopped(
    own_database: str, tmp_path: Path, amqp_url: str
) -> None:
    note_foreign_writes("sportradar")
    player = FundedPlayer.create("1000.00")
    for number in range(STOPS * 2):
        placed(player, f"T-{number}", f"sr:match:{number}")
    with Sandbox(windows=WINDOWS, broker=amqp_url) as sandbox:
        pair = [process(sandbox, amqp_url, own_database, tmp_path / f"{n}.log") for n in range(2)]
        with ending(*pair):
            eventually(all_up)
            for number in range(STOPS):
                stopped, other = sorted(pair, key=lambda one: not one.holds)
                sandbox.settle(f"sr:match:{2 * number}", "1", {"X": 1})
                stopped.send(signal.SIGSTOP)
                sandbox.settle(f"sr:match:{2 * number + 1}", "1", {"X": 0})
                eventually(partial(getattr, other, "receives"))
                stopped.send(signal.SIGCONT)
                time.sleep(WINDOWS.between)
            for number in range(STOPS):
                eventually(partial(stands, "SETTLED", "WIN", 2500, f"T-{2 * number}"))
                eventually(partial(stands, "SETTLED", "LOSE", 0, f"T-{2 * number + 1}"))
        assert sandbox.counts["violations"] == 0
    inbox.drain()  # Who stands by takes over when the first is ended; what came last is left.
    assert foreign_writes() == []
    assert FeedLease.objects.get().epoch > STOPS
    assert set(FeedMessage.objects.values_list("state", flat=True)) == {"DONE"}
    assert_true()
