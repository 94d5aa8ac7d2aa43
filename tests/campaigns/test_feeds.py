"""Feeds for longer than a test run allows: `make campaign NAME=feeds`."""

import random
import time
from pathlib import Path

import pytest

from feeds.models import ConnectAttempt, FeedLease
from feeds.odds88.sandbox import Sandbox
from feeds.odds88.windows import Windows
from tests.feeds.live import TRANSPORTS, is_receiving, running, source, until
from tests.feeds.odds88.bad_input import Mutants, from_schema
from tests.feeds.odds88.runners import away_since
from tests.feeds.odds88.test_bad_input import assert_harmless
from tests.feeds.odds88.test_runners import kill_again_and_again, stop_and_continue

pytestmark = pytest.mark.own_database
both_ways = pytest.mark.parametrize("transport", TRANSPORTS)
BAD, EVERY = 300_000, 7
STOPS, KILLS, MESSAGES = 25, 50, 20_000


@both_ways
def test_fifty_stops(own_database: str, tmp_path: Path, transport: str) -> None:
    start = time.monotonic()
    found = stop_and_continue(own_database, tmp_path, transport, STOPS)
    print(f"\n{found} in {time.monotonic() - start:.0f} s")


@both_ways
def test_a_hundred_kills(own_database: str, tmp_path: Path, transport: str) -> None:
    start = time.monotonic()
    found = kill_again_and_again(own_database, tmp_path, transport, KILLS, MESSAGES)
    print(f"\n{found} in {time.monotonic() - start:.0f} s")


@both_ways
@pytest.mark.parametrize("kind", ["proper", "without"])
def test_the_real_windows(own_database: str, transport: str, kind: str) -> None:
    """Six connects in a row: the sixth is made when the first is over, and not refused."""
    with Sandbox(windows=(windows := Windows())) as sandbox:
        feed = source(sandbox, transport, windows=windows)
        if kind == "proper":
            away_since(1)
        start = time.monotonic()
        for _ in range(5):
            with running(feed):
                until(is_receiving)
        with running(feed):
            until(lambda: FeedLease.objects.filter(state="WAITING").exists())
            print(f"\n{kind}: {FeedLease.objects.get().sentence} {FeedLease.objects.get().until}")
            until(is_receiving, 1900)
        took = time.monotonic() - start
        assert sandbox.counts["refused_budget"] == 0
    print(f"{transport}, {kind}: the sixth of {ConnectAttempt.objects.count()} after {took:.1f} s")
    assert took > (1799 if kind == "without" else 299)


def test_three_hundred_thousand_that_nobody_should_send(own_database: str) -> None:
    chance, start = random.Random(3), time.monotonic()
    mutants = Mutants(chance)

    ended = assert_harmless(
        lambda: mutants.make() if chance.randrange(EVERY) else from_schema(chance), BAD
    )

    print(f"\n{dict(ended)} in {time.monotonic() - start:.0f} s")
