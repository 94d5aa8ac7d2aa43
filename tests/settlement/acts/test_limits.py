"""Ways to move more than one's limit alone: each asks another person, and does nothing before."""

import pytest

from settlement.acts.services import NothingToDo
from settlement.models import Batch
from tests.factories import FundedPlayer
from tests.settlement.acting import SAM, done, limit, no_limits
from tests.settlement.asked import accepted, bet, legs
from tests.settlement.settling import LOST, WON, said, state, tell

MARKET_2 = {"provider": "manual", "event": "E-2", "market": "1"}
LEG_1_WON = {"legs": [{"position": 1, "result": "win"}]}
LEG_2_LOST = {"legs": [{"position": 2, "result": "lose"}]}


@pytest.fixture(autouse=True)
def _nothing_alone(player: FundedPlayer) -> None:
    no_limits()
    limit("Operator", "EUR", 0)


def asked(batch: Batch) -> str:
    """Return why somebody else is asked about an act, which waits for that."""
    assert batch.state == "WAITING"
    return batch.why_asked


def test_a_leg_said_to_have_won_before_the_last_leg_ends_asks(player: FundedPlayer) -> None:
    accepted(bet(player, *legs(2), bet_id="T-1", kind="double"))

    batch = done("settle", "T-1", each=LEG_1_WON)

    assert asked(batch) == "The act moves 62.50 EUR; alone you move at most 0.00 EUR."
    tell(said(outcomes={"X": WON}, event="E-2"), said(outcomes={"X": LOST}, event="E-1"))
    assert state() == ("SETTLED", "LOSE", 0, 1)


def test_a_leg_of_a_ticket_that_is_fixed_as_a_whole_is_refused(player: FundedPlayer) -> None:
    accepted(bet(player, *legs(2), bet_id="T-1", kind="double"))
    tell(said(outcomes={"X": LOST}, event="E-1"))
    done("reopen", "T-1")

    with pytest.raises(NothingToDo, match=r"^T-1: The whole ticket was fixed by hand, by olga"):
        done("settle", "T-1", each=LEG_1_WON)

    assert state() == ("OPEN", "NONE", 0, 2)


def test_a_loss_by_hand_that_hid_a_win_by_hand_asks_before_it_is_undone(
    player: FundedPlayer,
) -> None:
    accepted(bet(player, *legs(2), bet_id="T-1", kind="double"))
    lost = done("settle", "T-1", each=LEG_2_LOST)
    won = done("resettle", "T-1", each=LEG_1_WON)
    assert (lost.state, won.state) == ("DONE", "DONE")

    back = done("undo", undoes=lost.pk)

    assert asked(back) == "The act moves 62.50 EUR; alone you move at most 0.00 EUR."
    tell(said(outcomes={"X": WON}, event="E-2"))
    assert state() == ("SETTLED", "LOSE", 0, 1)


def test_a_loss_by_hand_that_hid_what_a_provider_lost_asks_before_it_is_undone(
    player: FundedPlayer,
) -> None:
    accepted(bet(player, *legs(2), bet_id="T-1", kind="double"))
    tell(said(outcomes={"X": LOST}, event="E-1"))
    lost = done("resettle", "T-1", each=LEG_2_LOST)
    won = done("resettle", "T-1", each=LEG_1_WON)
    assert (lost.state, won.state) == ("DONE", "DONE")

    back = done("undo", undoes=lost.pk)

    assert asked(back) == "The act moves 62.50 EUR; alone you move at most 0.00 EUR."
    tell(said(outcomes={"X": WON}, event="E-2"))
    assert state() == ("SETTLED", "LOSE", 0, 1)


def test_a_market_settled_under_a_pin_asks_before_the_pin_is_undone(player: FundedPlayer) -> None:
    limit("Operator", "EUR", 1000)
    accepted(bet(player, *legs(2), bet_id="T-1", kind="double"))
    tell(said(outcomes={"X": LOST}, event="E-2"))
    void = done("void", "T-1")
    won = done("market_settle", market=MARKET_2 | {"outcomes": {"X": {"result": "win"}}})
    assert (void.state, won.state) == ("DONE", "DONE")

    back = done("undo", undoes=void.pk)

    assert asked(back) == "The act moves 52.50 EUR; alone you move at most 10.00 EUR."
    tell(said(outcomes={"X": WON}, event="E-1"))
    assert state() == ("SETTLED", "REFUND", 1000, 2)


def test_one_of_two_lost_legs_that_wins_asks(player: FundedPlayer) -> None:
    accepted(bet(player, *legs(3), bet_id="T-1", kind="treble"))
    tell(said(outcomes={"X": LOST}, event="E-1"), said(outcomes={"X": LOST}, event="E-2"))

    batch = done("resettle", "T-1", each=LEG_1_WON)

    assert asked(batch) == "The act moves 156.25 EUR; alone you move at most 0.00 EUR."
    tell(said(ticks=2000, outcomes={"X": WON}, event="E-2"), said(outcomes={"X": WON}, event="E-3"))
    assert state() == ("SETTLED", "LOSE", 0, 1)


def test_a_market_void_that_lets_a_lost_double_pay_later_asks(player: FundedPlayer) -> None:
    accepted(bet(player, *legs(2), bet_id="T-1", kind="double"))
    tell(said(outcomes={"X": LOST}, event="E-2"))

    batch = done("market_void", market=MARKET_2)

    assert asked(batch) == "The act moves 25.00 EUR; alone you move at most 0.00 EUR."
    tell(said(outcomes={"X": WON}, event="E-1"))
    assert state() == ("SETTLED", "LOSE", 0, 1)


def test_a_market_settled_before_the_last_leg_ends_asks(player: FundedPlayer) -> None:
    accepted(bet(player, *legs(2), bet_id="T-1", kind="double"))

    batch = done("market_settle", market=MARKET_2 | {"outcomes": {"X": {"result": "win"}}})

    assert asked(batch) == "The act moves 62.50 EUR; alone you move at most 0.00 EUR."
    tell(said(outcomes={"X": WON}, event="E-1"))
    assert state() == ("OPEN", "NONE", 0, 0)


def test_starting_prices_ask_before_any_leg_ends(player: FundedPlayer) -> None:
    accepted(bet(player, *legs(2, price=None), bet_id="T-1", kind="double"))

    prices = [{"position": 1, "starting_price": "900"}, {"position": 2, "starting_price": "2"}]
    batch = done("settle", "T-1", each={"legs": prices})

    assert asked(batch) == "The act moves 18000.00 EUR; alone you move at most 0.00 EUR."
    tell(said(outcomes={"X": WON}, event="E-1"), said(outcomes={"X": WON}, event="E-2"))
    assert state() == ("OPEN", "NONE", 0, 0)


def test_a_payout_raised_step_by_step_asks_when_the_steps_pass_the_limit(
    player: FundedPlayer,
) -> None:
    limit("Operator", "EUR", 1000)
    accepted(bet(player, bet_id="T-1"))
    assert done("settle", "T-1", each={"payout": "10.00"}).state == "DONE"

    batch = done("resettle", "T-1", each={"payout": "20.00"})

    assert asked(batch) == "The act moves 20.00 EUR; alone you move at most 10.00 EUR."
    assert state() == ("SETTLED", "MIXED", 1000, 1)


def test_somebody_elses_release_asks_before_it_is_undone(player: FundedPlayer) -> None:
    accepted(bet(player, *legs(2), bet_id="T-1", kind="double"))
    done("settle", "T-1", each=LEG_1_WON, actor=SAM)
    release = done("release", "T-1", actor=SAM)

    back = done("undo", undoes=release.pk)

    assert asked(back) == "The act moves 62.50 EUR; alone you move at most 0.00 EUR."
    tell(said(outcomes={"X": WON}, event="E-2"))
    assert state() == ("OPEN", "NONE", 0, 0)
