"""LSports' messages for longer than a test run allows: `make campaign NAME=lsports`."""

import random
import time

import pytest

from tests.feeds.lsports.bad_input import Mutants, from_shape
from tests.feeds.lsports.test_bad_input import assert_harmless

pytestmark = pytest.mark.own_database
BAD, EVERY = 300_000, 5


def test_three_hundred_thousand_that_nobody_should_send(own_database: str) -> None:
    chance, start = random.Random(3), time.monotonic()
    mutants = Mutants(chance)

    ended = assert_harmless(
        lambda: mutants.make() if chance.randrange(EVERY) else from_shape(chance), BAD
    )

    print(f"\n{dict(ended)} in {time.monotonic() - start:.0f} s")
