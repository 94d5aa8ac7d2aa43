"""A ticket and a message that asks about it find each other in every order of their commits."""

import pytest

from settlement.models import Review
from tests.factories import FundedPlayer
from tests.feeds.sportradar.uof import (
    EVENT,
    FEED,
    cancelled,
    market,
    outcome,
    settled,
    single,
    won,
)
from tests.feeds.test_interleavings import (
    FEWER,
    Orders,
    Work,
    assert_true,
    bring,
    hear,
    race,
    stops,
)

__all__ = ["stops"]
pytestmark = pytest.mark.own_database


def told(event: str, *bodies: bytes) -> Work:
    """Return the hearing of messages about an event."""
    about = [body.replace(EVENT.encode(), event.encode()) for body in bodies]
    return hear(*about, feed=FEED, drained=True)


def asked_about(event: str) -> list[str]:
    """Return the kinds of the open reviews about an event or its markets."""
    found = Review.objects.filter(closed_at__isnull=True)
    by_market = found.filter(market__event__ref=event)
    return sorted([one.kind for one in (by_market | found.filter(subject__endswith=f":{event}"))])


@pytest.mark.parametrize(
    ("what", "known", "bodies", "asked"),
    [
        ("an outcome that was left out", True, [settled(market(won()))], ["OUTCOME_MISSING"]),
        ("the same, on the first ticket", False, [settled(market(won()))], ["OUTCOME_MISSING"]),
        ("a result that nobody knows", False, [settled(market(outcome("Y", 7)))],
         ["UNKNOWN_RESULT"]),
        ("no market at all", False, [cancelled()], ["CANCEL_WITHOUT_MARKETS"]),
        ("a market that is held", False, [cancelled(market(), start_time=2, end_time=1)],
         ["MARKET_HELD"]),
    ],
)  # fmt: skip
def test_it_is_asked_whoever_comes_first(
    own_database: str, stops: None, what: str, known: bool, bodies: list[bytes], asked: list[str]
) -> None:
    player = FundedPlayer.create("100000.00")
    for number, choose in enumerate(Orders(FEWER)):
        event = f"sr:match:9{number}"
        if known:
            bring(single(player, f"{event} X", event=event, stake="0.10"))()

        ticket = single(player, f"{event} Y", event=event, outcome="Y", stake="0.10")
        race([bring(ticket), told(event, *bodies)], choose)

        assert asked_about(event) == asked, number

    assert number > 3
    assert_true()
