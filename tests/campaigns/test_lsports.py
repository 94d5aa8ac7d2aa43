"""LSports' messages for longer than a test run allows: `make campaign NAME=lsports`."""

import random
import time
from pathlib import Path

import pytest

from tests.feeds.breaking import Plan
from tests.feeds.lsports.bad_input import Mutants, from_shape
from tests.feeds.lsports.runners import play_through
from tests.feeds.lsports.test_bad_input import assert_harmless

pytestmark = pytest.mark.own_database
BAD, EVERY = 300_000, 5
BREAKS = {"kill": 100, "cut": 30, "restart": 10, "outage": 6, "off": 6}
WORLD = Plan(events=5000, span=480, breaks=BREAKS)


def test_three_hundred_thousand_that_nobody_should_send(own_database: str) -> None:
    chance, start = random.Random(3), time.monotonic()
    mutants = Mutants(chance)

    ended = assert_harmless(
        lambda: mutants.make() if chance.randrange(EVERY) else from_shape(chance), BAD
    )

    print(f"\n{dict(ended)} in {time.monotonic() - start:.0f} s")


def test_a_world_of_five_thousand_fixtures(own_database: str, tmp_path: Path) -> None:
    start = time.monotonic()
    found = play_through(own_database, tmp_path, WORLD)
    print(f"\n{found} in {time.monotonic() - start:.0f} s")
