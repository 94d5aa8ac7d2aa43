"""What other consumers of Sportradar's feed get wrong: one test for each bug about messages."""

from settlement.models import MarketFact, SettlementEvent
from tests.factories import FundedPlayer
from tests.feeds.sportradar.uof import (
    NOON,
    TEN,
    bring,
    cancel_rolled_back,
    cancelled,
    hear,
    lost,
    market,
    outcome,
    payout,
    rolled_back,
    settled,
    single,
    sound,
    won,
)
from wallet.models import Transfer

OPEN = ("OPEN", "NONE", "0.00")
WIN = ("SETTLED", "WIN", "25.00")
REFUND = ("SETTLED", "REFUND", "10.00")


def test_half_a_win_is_not_paid_at_one_half(player: FundedPlayer) -> None:
    bring(single(player))

    hear(settled(market(won(void_factor="0.5"))))

    assert payout() == ("SETTLED", "HALF_WIN", "17.50")


def test_a_dead_heat_is_not_ignored(player: FundedPlayer) -> None:
    bring(single(player))

    hear(settled(market(won(dead_heat_factor="0.5"))))

    assert payout() == ("SETTLED", "MIXED", "12.50")


def test_won_and_void_settles_as_a_refund(player: FundedPlayer) -> None:
    bring(single(player))

    hear(settled(market(won(void_factor="1"))))

    assert payout() == REFUND


def test_the_raw_text_of_specifiers_is_no_key(player: FundedPlayer) -> None:
    bring(single(player, specifiers="goalnr=2|hcp=1:0"))

    hear(settled(market(won(), specifiers="hcp=1:0|goalnr=2")))

    assert payout() == WIN


def test_a_rollback_keeps_the_history(player: FundedPlayer) -> None:
    bring(single(player))

    hear(settled(market(won())), rolled_back(market(), at=1))

    assert payout() == OPEN
    kinds = MarketFact.objects.order_by("ticks").values_list("kind", flat=True)
    assert list(kinds) == ["SETTLEMENT", "ROLLBACK"]
    assert list(SettlementEvent.objects.order_by("id").values_list("kind", "difference")) == [
        ("SETTLE", 2500),
        ("REOPEN", -2500),
    ]


def test_a_rollback_heeds_the_outcomes_that_it_names(player: FundedPlayer) -> None:
    bring(single(player), single(player, "Y", outcome="Y"))

    hear(settled(market(won(), won("Y"))), rolled_back(market(outcome("Y")), at=1))

    assert (payout(), payout("Y")) == (WIN, OPEN)


def test_a_second_window_does_not_take_the_place_of_the_first(player: FundedPlayer) -> None:
    bring(single(player))

    hear(
        cancelled(market(), start_time=TEN - 5, end_time=TEN + 5),
        cancelled(market(), at=1, start_time=NOON, end_time=NOON + 5),
    )
    assert payout() == REFUND
    hear(cancel_rolled_back(market(), at=2, start_time=NOON, end_time=NOON + 5))

    assert payout() == REFUND


def test_the_balance_moves_with_a_row_in_the_ledger(player: FundedPlayer) -> None:
    bring(single(player))

    hear(settled(market(won())), settled(market(lost()), at=1))

    moved = Transfer.objects.filter(kind__in=("STAKE", "SETTLEMENT")).order_by("id")
    assert [one.amount for one in moved] == [1000, 2500, 2500]
    assert player.balance == "90.00"
    assert sound()
