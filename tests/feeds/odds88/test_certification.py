"""What Odds88's certification and its recommended flow ask for, each over real sockets, both ways.

The numbers are those of the certification's list.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import partial

import pytest

from backoffice.intake import bring_in
from feeds.models import ConnectAttempt, FeedCursor, FeedMessage
from feeds.odds88.sandbox import Sandbox
from feeds.odds88.sandbox.bodies import Ending, Result
from feeds.odds88.sandbox.faults import Drop, Duplicate, Older, Resettle
from settlement.models import Review, SettlementEvent
from settlement.said import TICKS_A_SECOND, ticks_of
from tests.factories import FundedPlayer
from tests.feeds.live import (
    LOST,
    REFUNDED,
    TRANSPORTS,
    WINDOWS,
    WON,
    ago,
    at_ours,
    at_theirs,
    count_of,
    fresh_sandbox,
    is_receiving,
    placed,
    running,
    source,
    stands,
    until,
)
from tests.feeds.test_interleavings import assert_sound

pytestmark = [pytest.mark.own_database, pytest.mark.parametrize("transport", TRANSPORTS)]


@pytest.fixture
def sandbox(own_database: str) -> Iterator[Sandbox]:
    """Odds88's server."""
    with fresh_sandbox(windows=WINDOWS) as server:
        yield server


@pytest.fixture
def ada(own_database: str) -> FundedPlayer:
    """Somebody with 100.00 EUR."""
    return FundedPlayer.create("100.00")


@pytest.fixture
def receiving(sandbox: Sandbox, transport: str) -> Iterator[None]:
    """The feed is received; at the end the books balance."""
    with running(source(sandbox, transport)):
        until(is_receiving)
        yield
    assert_sound()


def events() -> list[tuple[str, str, int]]:
    """Return what was done to the ticket: the kind of event, its result, and what it moved."""
    found = SettlementEvent.objects.order_by("sequence")
    return list(found.values_list("kind", "after_result", "difference"))


def heard(count: int) -> bool:
    """Whether so many messages came, repeats included."""
    return sum(FeedMessage.objects.values_list("times_received", flat=True)) == count


@pytest.mark.usefixtures("receiving")
def test_1_the_connection_is_stable(sandbox: Sandbox, ada: FundedPlayer) -> None:
    for number in range(10):
        placed(sandbox, ada, f"T-{number}")
        sandbox.settle(f"T-{number}", WON)
        until(partial(stands, "SETTLED", "WIN", 2500, f"T-{number}"))

    assert ConnectAttempt.objects.count() == 1
    assert sandbox.counts["connects"] == {"without": 1}
    assert ada.balance == "250.00"


@pytest.mark.usefixtures("receiving")
def test_2_it_reconnects_by_itself_with_the_appropriate_revision(
    sandbox: Sandbox, ada: FundedPlayer
) -> None:
    placed(sandbox, ada)
    placed(sandbox, ada, "T-2")
    said = sandbox.settle("T-1", WON)
    until(lambda: stands("SETTLED", "WIN", 2500))

    sandbox.fault(Drop())
    sandbox.settle("T-2", WON)

    until(lambda: stands("SETTLED", "WIN", 2500, "T-2"))
    first, second = ConnectAttempt.objects.order_by("pk")
    settled_at = datetime.fromisoformat(said["settlementTime"][:26] + "+00:00")
    assert (first.kind, first.revision) == ("WITHOUT", 0)
    assert (second.kind, second.revision) == ("PROPER", int(settled_at.timestamp()) - 60)
    assert FeedMessage.objects.get(times_received=2).state == "DONE"
    assert len(events()) == 2


@pytest.mark.usefixtures("receiving")
def test_3_a_cashed_out_ticket_is_processed(sandbox: Sandbox, ada: FundedPlayer) -> None:
    placed(sandbox, ada)

    sandbox.settle("T-1", Ending(Result.CASH_OUT, multiplier=Decimal("1.4"), payout=Decimal(14)))

    until(lambda: stands("SETTLED", "CASH_OUT", 1400))
    assert ada.balance == "104.00"


@pytest.mark.usefixtures("receiving")
@pytest.mark.parametrize("cancelled", [False, True])
def test_4_a_refunded_ticket_is_processed(
    sandbox: Sandbox, ada: FundedPlayer, cancelled: bool
) -> None:
    placed(sandbox, ada)

    sandbox.settle("T-1", Ending(Result.REFUND, cancelled=cancelled))

    status, result = ("CANCELLED", "NONE") if cancelled else ("SETTLED", "REFUND")
    until(lambda: stands(status, result, 1000))
    assert ada.balance == "100.00"


@pytest.mark.usefixtures("receiving")
def test_5_changes_of_a_settlement_are_processed(sandbox: Sandbox, ada: FundedPlayer) -> None:
    placed(sandbox, ada)

    for ending, status, result, payout in (
        (LOST, "SETTLED", "LOSE", 0),
        (WON, "SETTLED", "WIN", 2500),
        (Ending(Result.NONE), "OPEN", "NONE", 0),
        (REFUNDED, "SETTLED", "REFUND", 1000),
    ):
        sandbox.settle("T-1", ending)
        until(partial(stands, status, result, payout))

    assert events() == [
        ("SETTLE", "LOSE", 0),
        ("RESETTLE", "WIN", 2500),
        ("REOPEN", "NONE", -2500),
        ("VOID", "REFUND", 1000),
    ]
    assert ada.balance == "100.00"


@pytest.mark.usefixtures("receiving")
def test_6_a_ticket_that_odds88_resettles_by_hand_may_change_payout_and_odds(
    sandbox: Sandbox, ada: FundedPlayer
) -> None:
    placed(sandbox, ada)
    sandbox.settle("T-1", WON)
    until(lambda: stands("SETTLED", "WIN", 2500))

    sandbox.settle("T-1", Ending(Result.WIN, multiplier=Decimal("1.8"), payout=Decimal(18)))

    until(lambda: stands("SETTLED", "WIN", 1800))
    assert events()[-1] == ("RESETTLE", "WIN", -700)
    assert ada.balance == "108.00"


@pytest.mark.usefixtures("receiving")
def test_7_a_resettlement_may_make_a_balance_negative(sandbox: Sandbox) -> None:
    bob = FundedPlayer.create("10.00")
    placed(sandbox, bob)
    sandbox.settle("T-1", WON)
    until(lambda: stands("SETTLED", "WIN", 2500))
    bob.post("-25.00")

    sandbox.fault(Resettle("T-1"))

    until(lambda: stands("SETTLED", "LOSE", 0))
    assert bob.balance == "-25.00"
    assert Review.objects.filter(kind="NEGATIVE_BALANCE", closed_at=None).count() == 1


@pytest.mark.usefixtures("receiving")
def test_an_older_settlement_time_changes_nothing(sandbox: Sandbox, ada: FundedPlayer) -> None:
    placed(sandbox, ada)
    sandbox.settle("T-1", WON)
    until(lambda: stands("SETTLED", "WIN", 2500))

    sandbox.fault(Older("T-1", seconds=5))

    until(lambda: count_of("DONE") == 2)
    assert stands("SETTLED", "WIN", 2500)
    assert events() == [("SETTLE", "WIN", 2500)]


@pytest.mark.usefixtures("receiving")
def test_what_comes_twice_changes_nothing(sandbox: Sandbox, ada: FundedPlayer) -> None:
    placed(sandbox, ada)
    sandbox.settle("T-1", WON)

    sandbox.fault(Duplicate("T-1", times=3))

    until(lambda: heard(4) and events())
    assert events() == [("SETTLE", "WIN", 2500)]


@pytest.mark.usefixtures("receiving")
def test_a_settlement_that_comes_before_its_ticket_waits_for_it(
    sandbox: Sandbox, ada: FundedPlayer
) -> None:
    sandbox.bet(at_theirs(ada))
    sandbox.settle("T-1", WON)
    until(lambda: count_of("PARKED") == 1)

    bring_in(tickets=[at_ours(ada)], actor="test")

    assert stands("SETTLED", "WIN", 2500)
    assert ada.balance == "115.00"


@pytest.mark.usefixtures("receiving")
def test_the_place_in_the_stream_is_the_greatest_settlement_time(
    sandbox: Sandbox, ada: FundedPlayer
) -> None:
    placed(sandbox, ada)
    at = ago(seconds=100)

    sandbox.settle("T-1", WON, at=at)
    sandbox.fault(Older("T-1", seconds=7))

    until(lambda: heard(2))
    cursor = FeedCursor.objects.get()
    assert cursor.greatest_ticks == ticks_of(at)
    assert cursor.smallest_ticks == ticks_of(at) - 7 * TICKS_A_SECOND


def test_the_account_pages_and_the_feed_share_one_login(
    sandbox: Sandbox, ada: FundedPlayer, transport: str
) -> None:
    for _ in range(3):
        with running(source(sandbox, transport)):
            until(is_receiving)

    assert sandbox.counts["logins"] <= 1
