"""The feed against our own server of its protocol, on a real broker and without one."""

from collections.abc import Iterator

import pytest

from feeds.sportradar.sandbox import Sandbox
from tests.factories import FundedPlayer
from tests.feeds.live import stands, until
from tests.feeds.sportradar.live import EVENT, placed, playing, receiving

pytestmark = pytest.mark.own_database


@pytest.fixture(params=["rabbitmq", "without"])
def sandbox(request: pytest.FixtureRequest, own_database: str) -> Iterator[Sandbox]:
    """A sandbox on each transport."""
    broker = request.getfixturevalue("amqp_url") if request.param == "rabbitmq" else None
    with playing(broker) as one:
        yield one


@pytest.fixture
def ada(own_database: str) -> FundedPlayer:
    """Somebody with 100.00 EUR."""
    return FundedPlayer.create("100.00")


def test_a_result_that_is_pushed_settles_its_ticket(sandbox: Sandbox, ada: FundedPlayer) -> None:
    placed(ada)

    with receiving(sandbox):
        sandbox.settle(EVENT, "1", {"X": 1})

        until(lambda: stands("SETTLED", "WIN", 2500))
