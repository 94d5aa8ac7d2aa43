"""Runners of both packages: stopped, continued and killed, while much breaks around them."""

import signal
import time
from functools import partial
from pathlib import Path

import pytest

from feeds import inbox
from feeds.lsports.sandbox import Sandbox
from feeds.models import FeedLease, FeedMessage
from tests.factories import FundedPlayer
from tests.feeds.breaking import Plan
from tests.feeds.live import stands
from tests.feeds.lsports.live import is_healthy, placed
from tests.feeds.lsports.runners import INPLAY, WINDOWS, feed_of, play_through, process
from tests.feeds.processes import ending, eventually, foreign_writes, note_foreign_writes
from tests.feeds.test_interleavings import assert_true
from tests.services import deep

pytestmark = pytest.mark.own_database
STOPS = 3 if deep() else 2
PLAN = (
    Plan(
        events=150,
        span=20,
        breaks={"kill": 3, "cut": 2, "restart": 1, "outage": 2, "off": 2},
    )
    if deep()
    else Plan(events=60, span=6, breaks={"kill": 1, "cut": 1, "restart": 1, "outage": 1, "off": 1})
)


def test_a_world_ends_the_same_whatever_breaks(own_database: str, tmp_path: Path) -> None:
    print(play_through(own_database, tmp_path, PLAN))  # noqa: T201


@pytest.mark.deep
def test_of_two_runners_of_a_package_one_writes_whichever_is_stopped(
    own_database: str, tmp_path: Path, amqp_url: str
) -> None:
    note_foreign_writes(feed_of(INPLAY))
    player = FundedPlayer.create("1000.00")
    for number in range(STOPS * 2):
        placed(player, f"T-{number}", event=f"{number + 1}")
    with Sandbox(windows=WINDOWS, broker=amqp_url) as sandbox:
        pair = [
            process(INPLAY, sandbox, amqp_url, own_database, tmp_path, name) for name in ("1", "2")
        ]
        with ending(*pair):
            eventually(lambda: any(one.receives for one in pair))
            for number in range(STOPS):
                stopped, other = sorted(pair, key=lambda one: not one.holds)
                sandbox.settle(2 * number + 1, 1, {"11": 2})
                stopped.send(signal.SIGSTOP)
                sandbox.settle(2 * number + 2, 1, {"11": 1})
                eventually(partial(getattr, other, "receives"))
                stopped.send(signal.SIGCONT)
                time.sleep(WINDOWS.silence)
            for number in range(STOPS):
                eventually(partial(stands, "SETTLED", "WIN", 2500, f"T-{2 * number}"))
                eventually(partial(stands, "SETTLED", "LOSE", 0, f"T-{2 * number + 1}"))
            eventually(is_healthy)
        assert sandbox.counts["violations"] == 0, sandbox.counts
    inbox.drain()  # Who stands by takes over when the first is ended; what came last is left.
    assert foreign_writes() == []
    assert FeedLease.objects.get().epoch > STOPS
    assert set(FeedMessage.objects.values_list("state", flat=True)) == {"DONE"}
    assert_true()
