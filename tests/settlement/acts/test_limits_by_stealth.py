"""Ways to move more than one's limit alone: each must ask for another person."""

import pytest

from settlement.acts.services import NothingToDo
from settlement.models import Batch
from tests.factories import FundedPlayer
from tests.settlement.acting import SAM, confirmed, done, limit, no_limits, previewed
from tests.settlement.asked import accepted, bet, legs
from tests.settlement.settling import LOST, WON, said, state, tell

MARKET_2 = {"provider": "manual", "event": "E-2", "market": "1"}


@pytest.fixture(autouse=True)
def _nothing_alone(player: FundedPlayer) -> None:
    no_limits()
    limit("Operator", "EUR", 0)


def asked_for() -> list[Batch]:
    """The acts for which somebody else had to be asked."""
    return list(Batch.objects.exclude(why_asked=""))


def test_a_leg_said_to_have_won_before_the_last_leg_ends_asks(player: FundedPlayer) -> None:
    accepted(bet(player, *legs(2), bet_id="T-1", kind="double"))

    done("settle", "T-1", each={"legs": [{"position": 1, "result": "win"}]})
    tell(said(outcomes={"X": WON}, event="E-2"))
    tell(said(outcomes={"X": LOST}, event="E-1"))

    assert asked_for(), state()


def test_a_leg_won_under_a_pin_that_is_undone_asks(player: FundedPlayer) -> None:
    accepted(bet(player, *legs(2), bet_id="T-1", kind="double"))
    tell(said(outcomes={"X": LOST}, event="E-1"))

    done("reopen", "T-1")
    with pytest.raises(NothingToDo, match="fixed by hand"):
        done("settle", "T-1", each={"legs": [{"position": 1, "result": "win"}]})


def test_a_leg_won_under_another_that_is_said_to_have_lost_and_undone_asks(
    player: FundedPlayer,
) -> None:
    accepted(bet(player, *legs(2), bet_id="T-1", kind="double"))
    tell(said(outcomes={"X": LOST}, event="E-1"))

    lost = done("resettle", "T-1", each={"legs": [{"position": 2, "result": "lose"}]})
    done("resettle", "T-1", each={"legs": [{"position": 1, "result": "win"}]})
    done("undo", undoes=lost.pk)
    tell(said(outcomes={"X": WON}, event="E-2"))

    assert asked_for(), state()


def test_a_market_settled_under_a_pin_that_is_released_asks(player: FundedPlayer) -> None:
    accepted(bet(player, *legs(2), bet_id="T-1", kind="double"))
    tell(said(outcomes={"X": LOST}, event="E-2"))

    limit("Operator", "EUR", 1000)
    void = done("void", "T-1")
    done("market_settle", market=MARKET_2 | {"outcomes": {"X": {"result": "win"}}})
    done("undo", undoes=void.pk)
    tell(said(outcomes={"X": WON}, event="E-1"))

    assert asked_for(), state()


def test_many_ways_to_a_lost_leg_that_wins_each_ask(player: FundedPlayer) -> None:
    accepted(bet(player, *legs(3), bet_id="T-1", kind="treble"))
    tell(said(outcomes={"X": LOST}, event="E-1"), said(outcomes={"X": LOST}, event="E-2"))

    done("resettle", "T-1", each={"legs": [{"position": 1, "result": "win"}]})
    tell(said(ticks=2000, outcomes={"X": WON}, event="E-2"), said(outcomes={"X": WON}, event="E-3"))

    assert asked_for(), state()


def test_a_market_void_that_lets_a_lost_double_pay_later_asks(player: FundedPlayer) -> None:
    accepted(bet(player, *legs(2), bet_id="T-1", kind="double"))
    tell(said(outcomes={"X": LOST}, event="E-2"))
    assert state() == ("SETTLED", "LOSE", 0, 1)

    done("market_void", market=MARKET_2)
    tell(said(outcomes={"X": WON}, event="E-1"))

    assert asked_for(), state()


def test_a_market_settled_before_the_last_leg_ends_asks(player: FundedPlayer) -> None:
    accepted(bet(player, *legs(2), bet_id="T-1", kind="double"))

    done("market_settle", market=MARKET_2 | {"outcomes": {"X": {"result": "win"}}})
    tell(said(outcomes={"X": WON}, event="E-1"))

    assert asked_for(), state()


def test_a_starting_price_asks(player: FundedPlayer) -> None:
    accepted(bet(player, *legs(2, price=None), bet_id="T-1", kind="double"))

    done("settle", "T-1", each={"legs": [
        {"position": 1, "starting_price": "900"}, {"position": 2, "starting_price": "2"}]})  # fmt: skip
    tell(said(outcomes={"X": WON}, event="E-1"), said(outcomes={"X": WON}, event="E-2"))

    assert asked_for(), state()


def test_a_payout_raised_step_by_step_asks(player: FundedPlayer) -> None:
    limit("Operator", "EUR", 1000)
    accepted(bet(player, bet_id="T-1"))

    done("settle", "T-1", each={"payout": "10.00"})
    for amount in ("20.00", "30.00", "40.00"):
        done("resettle", "T-1", each={"payout": amount})

    assert asked_for(), state()


def test_a_result_confirmed_after_the_leg_changed_is_stale(player: FundedPlayer) -> None:
    no_limits()
    accepted(bet(player, *legs(2), bet_id="T-1", kind="double"))
    shown = previewed("settle", "T-1", each={"legs": [{"position": 1, "result": "win"}]})
    done("void", "T-1", each={"legs": [{"position": 1}]})

    with pytest.raises(Exception, match="Look again"):
        confirmed(shown)


def test_a_release_by_another_that_is_undone_alone_asks(player: FundedPlayer) -> None:
    accepted(bet(player, *legs(2), bet_id="T-1", kind="double"))
    no_limits()
    done("settle", "T-1", each={"legs": [{"position": 1, "result": "win"}]}, actor=SAM)
    release = done("release", "T-1", actor=SAM)
    limit("Operator", "EUR", 0)

    done("undo", undoes=release.pk)
    tell(said(outcomes={"X": WON}, event="E-2"))

    assert asked_for(), state()


def test_an_act_by_hand_that_another_by_hand_hid_asks_when_that_is_undone(
    player: FundedPlayer,
) -> None:
    accepted(bet(player, *legs(2), bet_id="T-1", kind="double"))

    lost = done("settle", "T-1", each={"legs": [{"position": 2, "result": "lose"}]})
    print(lost.why_asked, state())
    won = done("resettle", "T-1", each={"legs": [{"position": 1, "result": "win"}]})
    print(won.why_asked, state())
    back = done("undo", undoes=lost.pk)
    print(back.why_asked, state())
    tell(said(outcomes={"X": WON}, event="E-2"), said(outcomes={"X": LOST}, event="E-1"))

    assert asked_for(), state()
