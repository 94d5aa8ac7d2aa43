"""LSports' messages for longer than a test run allows: `make campaign NAME=lsports`."""

import time
from pathlib import Path

import pytest

from tests.feeds.breaking import Plan
from tests.feeds.lsports.runners import play_through

pytestmark = pytest.mark.own_database
BREAKS = {"kill": 100, "cut": 30, "restart": 10, "outage": 6, "off": 6}
WORLD = Plan(events=5000, span=480, breaks=BREAKS)


def test_a_world_of_five_thousand_fixtures(own_database: str, tmp_path: Path) -> None:
    start = time.monotonic()
    found = play_through(own_database, tmp_path, WORLD)
    print(f"\n{found} in {time.monotonic() - start:.0f} s")
