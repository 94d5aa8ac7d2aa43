"""Sequences of acts after which tickets and balances must say what was meant."""

import pytest

from settlement.acts.services import NothingToDo
from settlement.models import Ticket
from tests.factories import FundedPlayer
from tests.feeds.test_interleavings import assert_sound
from tests.settlement.acting import done, limit, no_limits, previewed
from tests.settlement.asked import Json, accepted, bet, builder, legs, selection
from tests.settlement.settling import LOST, VOID, WON, said, state, tell

PARTS_WON = {"legs": [{"position": 1, "result": "win"}, {"position": 2, "result": "win"}]}


@pytest.fixture(autouse=True)
def _limits(player: FundedPlayer) -> None:
    no_limits()


def leg(**said_of_it: str) -> Json:
    """Return words about the first leg."""
    return {"legs": [{"position": 1, **said_of_it}]}


@pytest.mark.parametrize("order", ["first to last", "last to first"])
def test_two_batches_undone_in_either_order_leave_nothing(player: FundedPlayer, order: str) -> None:
    accepted(bet(player, bet_id="T-1"), bet(player, bet_id="T-2"))
    won = done("settle", "T-1", "T-2", each={"result": "win"})
    lost = done("resettle", "T-1", each={"result": "lose"})

    for batch in [won, lost] if order == "first to last" else [lost, won]:
        done("undo", undoes=batch.pk)

    assert [state("T-1")[:3], state("T-2")[:3]] == [("OPEN", "NONE", 0)] * 2
    assert player.balance == "80.00"
    assert_sound()


def test_a_batch_is_undone_and_what_another_fixed_since_stands(player: FundedPlayer) -> None:
    accepted(*[bet(player, bet_id=f"T-{number}") for number in range(3)])
    void = done("void", "T-0", "T-1", "T-2")
    cancel = done("cancel", "T-1")

    done("undo", undoes=void.pk)
    assert [state(f"T-{number}")[0] for number in range(3)] == ["OPEN", "CANCELLED", "OPEN"]
    done("undo", undoes=cancel.pk)

    assert state("T-1") == ("OPEN", "NONE", 0, 3)
    assert_sound()


@pytest.mark.parametrize("way", ["release", "undo"])
def test_a_provider_that_agreed_with_an_act_is_heard_when_it_is_taken_back(
    player: FundedPlayer, way: str
) -> None:
    accepted(bet(player, bet_id="T-1"))
    batch = done("settle", "T-1", each={"result": "win"})
    tell(said(outcomes={"X": WON}))

    if way == "release":
        done("release", "T-1")
    else:
        done("undo", undoes=batch.pk)
    tell(said(ticks=2000, outcomes={"X": LOST}))

    assert state() == ("SETTLED", "LOSE", 0, 2)


def test_a_release_is_taken_back_after_the_feed_spoke(player: FundedPlayer) -> None:
    accepted(bet(player, *legs(2), bet_id="T-1", kind="double"))
    done("void", "T-1", each={"legs": [{"position": 2}]})
    tell(said(outcomes={"X": WON}, event="E-1"))
    release = done("release", "T-1")
    assert state() == ("OPEN", "NONE", 0, 2)

    done("undo", undoes=release.pk)
    tell(said(outcomes={"X": VOID}, event="E-2"))

    assert state() == ("SETTLED", "MIXED", 2500, 3)
    assert_sound()


def test_a_cash_out_is_undone_after_all_was_settled(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    cash = done("cash_out", "T-1", each={"stake": "4.00", "amount": "6.00"})
    tell(said(outcomes={"X": WON}))
    assert state()[2] == 2100
    done("resettle", "T-1", each={"payout": "6.00"})

    done("undo", undoes=cash.pk)
    assert state()[2] == 600
    assert_sound()
    done("release", "T-1")

    assert state()[2] == 2500
    assert_sound()


def test_a_release_that_would_take_a_cash_out_back_is_not_undone(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    done("settle", "T-1", each={"payout": "0"})
    release = done("release", "T-1")
    done("cash_out", "T-1", each={"stake": "4.00", "amount": "6.00"})

    with pytest.raises(NothingToDo, match=r"^T-1: It would take back what was cashed out since"):
        done("undo", undoes=release.pk)

    assert state() == ("OPEN", "NONE", 600, 3)
    assert Ticket.objects.get().cashed_out_amount == 600
    assert player.balance == "96.00"


def test_no_cash_out_pays_more_than_the_ticket_could_win(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))

    with pytest.raises(NothingToDo, match="EUR at most: that is too much"):
        done("cash_out", "T-1", each={"stake": "0.01", "amount": "500.00"})

    assert state() == ("OPEN", "NONE", 0, 0)


@pytest.mark.parametrize(
    ("currency", "funds", "stake", "cash", "won", "void"),
    [
        ("JPY", "1000", "100", "7", ("SETTLED", "WIN", 240, 2), "1000"),
        ("BTC", "1.00000000", "0.00000010", "0.00000003", ("SETTLED", "WIN", 21, 2), "1.00000000"),
    ],
)
def test_a_cash_out_and_a_void_in_currencies_of_other_places(
    currency: str, funds: str, stake: str, cash: str, won: tuple[str, str, int, int], void: str
) -> None:
    player = FundedPlayer.create(funds, currency)
    limit("Operator", currency, 10**15)
    accepted(bet(player, bet_id="T-1", stake=stake))
    done("cash_out", "T-1", each={"stake": cash, "amount": cash})
    tell(said(outcomes={"X": WON}))
    assert state() == won

    batch = done("void", "T-1")
    assert player.balance == void
    done("undo", undoes=batch.pk)

    assert state()[:3] == won[:3]
    assert_sound()


def test_a_winner_that_is_not_placed_is_refused(player: FundedPlayer) -> None:
    accepted(bet(player, selection(price="5.00", place_fraction="1/4"), bet_id="T-1",
                 each_way=True))  # fmt: skip

    with pytest.raises(NothingToDo, match=r"^T-1: Leg 1 won, so it was placed"):
        done("settle", "T-1", each=leg(result="win", place_result="lose"))

    assert state() == ("OPEN", "NONE", 0, 0)


def test_parts_of_a_builder_are_settled_by_hand(player: FundedPlayer) -> None:
    accepted(bet(player, *builder("A", "B", "C"), bet_id="T-1", kind="single"))
    done("settle", "T-1", each=PARTS_WON)

    done("settle", "T-1", each={"legs": [{"position": 3, "result": "void"}]})
    assert state() == ("SETTLED", "REFUND", 1000, 1)
    done("resettle", "T-1", each={"legs": [{"position": 3, "result": "win"}]})
    assert state() == ("SETTLED", "WIN", 4500, 2)
    done("resettle", "T-1", each={"legs": [{"position": 3, "result": "lose"}]})

    assert state() == ("SETTLED", "LOSE", 0, 3)
    assert_sound()


@pytest.mark.parametrize("words", [{"result": "half_win"}, {"result": "win", "dead_heat": "1/2"}])
def test_a_builder_with_a_half_result_is_left_open_with_the_reason(
    player: FundedPlayer, words: dict[str, str]
) -> None:
    accepted(bet(player, *builder("A", "B", "C"), bet_id="T-1", kind="single"))
    done("settle", "T-1", each=PARTS_WON)

    shown = previewed("settle", "T-1", each={"legs": [{"position": 3, **words}]})

    assert shown.seen[0].expected.startswith("OPEN NONE 0")
    assert shown.seen[0].doubts == (
        "A bet builder with a half result or a dead heat is settled by hand.",
    )


def test_a_free_bet_pays_its_profit_by_every_act(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1", free_bet_ref="F-1"))

    done("settle", "T-1", each={"result": "win"})
    assert state() == ("SETTLED", "WIN", 1500, 1)
    done("resettle", "T-1", each={"result": "refund"})
    assert state() == ("SETTLED", "REFUND", 0, 2)
    done("resettle", "T-1", each={"result": "half_win"})
    assert state() == ("SETTLED", "HALF_WIN", 750, 3)
    for act, then in [
        ("void", ("SETTLED", "REFUND", 0, 4)),
        ("cancel", ("CANCELLED", "NONE", 0, 5)),
        ("reject", ("REJECTED", "NONE", 0, 6)),
        ("reopen", ("OPEN", "NONE", 0, 7)),
    ]:
        done(act, "T-1")
        assert state() == then

    assert player.balance == "100.00"
    assert_sound()


def test_a_free_bet_keeps_what_was_cashed_out_of_it(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1", free_bet_ref="F-1"))
    done("cash_out", "T-1", each={"stake": "5.00", "amount": "3.00"})
    tell(said(outcomes={"X": WON}))
    assert state() == ("SETTLED", "WIN", 1050, 2)

    done("void", "T-1")

    assert state() == ("SETTLED", "REFUND", 300, 3)
    assert_sound()


def test_a_cancelled_ticket_is_rejected_and_no_money_moves(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    done("cancel", "T-1")

    done("reject", "T-1")

    assert state() == ("REJECTED", "NONE", 1000, 2)
    assert player.balance == "100.00"
    assert_sound()


def test_a_payout_beyond_the_ledger_is_refused(player: FundedPlayer) -> None:
    limit("Operator", "EUR", 2**63 - 1)
    accepted(bet(player, selection(price=None), bet_id="T-1"))

    with pytest.raises(NothingToDo, match=r"^T-1: It would pay more than the ledger can hold"):
        done("settle", "T-1", each=leg(result="win", starting_price="9" * 20))

    assert state() == ("OPEN", "NONE", 0, 0)


def test_legs_of_a_ticket_that_is_fixed_as_a_whole_are_not_resettled(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    done("settle", "T-1", each={"result": "win"})

    with pytest.raises(NothingToDo, match=r"^T-1: The whole ticket was fixed by hand, by olga"):
        done("resettle", "T-1", each=leg(result="lose"))

    assert state() == ("SETTLED", "WIN", 2500, 1)
