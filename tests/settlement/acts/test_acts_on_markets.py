"""Acts on markets: whose money they move, and what they do beside acts on tickets."""

import pytest

from backoffice import truths
from settlement.acts import services
from settlement.models import Batch, BatchLine, DueMarket, DueTicket, Market, SettlementEvent
from settlement.orders import BadOrder
from settlement.recording import ForMarket, record_market_facts
from settlement.said import Ended
from tests.factories import FundedPlayer
from tests.feeds.test_interleavings import assert_sound
from tests.settlement.acting import OLGA, done, no_limits, previewed
from tests.settlement.asked import accepted, bet, legs, selection
from tests.settlement.settling import LOST, WON, said, state, tell

MARKET = {"provider": "manual", "event": "E-1", "market": "1"}
WON_BY_HAND = MARKET | {"outcomes": {"X": {"result": "win"}}}


@pytest.fixture(autouse=True)
def _limits(player: FundedPlayer) -> None:
    no_limits()


def begun() -> Batch:
    """Let olga settle market 1 of E-1; its tickets are not looked for yet."""
    shown = previewed("market_settle", market=WON_BY_HAND)
    batch = services.act(order=shown.order, actor=OLGA, token=shown.token)
    assert batch.state == "RUNNING"
    return batch


def say_meanwhile(kind: str = "SETTLEMENT", **outcomes: Ended) -> None:
    """Let a feed speak of market 1 of E-1; nobody looks for its tickets."""
    market = Market.objects.get(event__ref="E-1").pk
    record_market_facts([ForMarket(market, said(kind, outcomes=outcomes), None)])


def test_money_that_an_act_on_a_market_moves_names_who_did_it(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    batch = begun()
    say_meanwhile(X=LOST)

    services.finish(batch=batch)

    assert state() == ("SETTLED", "WIN", 2500, 1)
    event = SettlementEvent.objects.get()
    assert (event.actor, event.source, event.batch) == ("user:olga", "OPERATOR", batch.pk)


def test_money_that_an_act_on_one_of_two_markets_moves_names_who_did_it(
    player: FundedPlayer,
) -> None:
    accepted(bet(player, *legs(2), bet_id="T-1", kind="double"))
    tell(said(outcomes={"X": WON}, event="E-2"))
    batch = begun()
    say_meanwhile(X=LOST)

    services.finish(batch=batch)

    assert state() == ("SETTLED", "WIN", 6250, 1)
    event = SettlementEvent.objects.get()
    assert (event.actor, event.source, event.batch) == ("user:olga", "OPERATOR", batch.pk)


def test_a_line_tells_what_an_act_on_a_market_did_whatever_a_feed_said_meanwhile(
    player: FundedPlayer,
) -> None:
    accepted(bet(player, bet_id="T-1"))
    batch = begun()
    say_meanwhile(Z=LOST)
    say_meanwhile("ROLLBACK")

    services.finish(batch=batch)

    line = BatchLine.objects.get()
    assert (line.state, line.difference) == ("DONE", 2500)


def test_deductions_of_more_than_all_there_is_are_cut_at_ninety_percent(
    player: FundedPlayer,
) -> None:
    accepted(bet(player, bet_id="T-1"))
    tell(said(outcomes={"X": WON}))

    done("market_deduct", market=MARKET | {"percent": "60"})
    assert state() == ("SETTLED", "WIN", 1600, 2)
    done("market_deduct", market=MARKET | {"percent": "60"})

    assert state() == ("SETTLED", "WIN", 1150, 3)
    assert_sound()


@pytest.mark.parametrize("percent", ["   ", "%", "0"])
def test_a_deduction_of_nothing_is_refused(player: FundedPlayer, percent: str) -> None:
    accepted(bet(player, bet_id="T-1"))
    tell(said(outcomes={"X": WON}))

    with pytest.raises(BadOrder, match="Rule 4"):
        previewed("market_deduct", market=MARKET | {"percent": percent})

    assert state() == ("SETTLED", "WIN", 2500, 1)


def test_a_deduction_on_a_market_is_undone_beside_one_on_a_leg(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    tell(said(outcomes={"X": WON}))
    on_market = done("market_deduct", market=MARKET | {"percent": "40"})
    on_leg = done("resettle", "T-1", each={"legs": [{"position": 1, "rule4": "20"}]})
    assert state()[2] == 2200

    done("undo", undoes=on_market.pk)
    assert state()[2] == 2200
    done("undo", undoes=on_leg.pk)

    assert state()[2] == 2500
    assert_sound()


def test_truth_four_sees_a_ticket_that_missed_an_act_on_its_event(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-0"))
    done("market_void", market={"provider": "manual", "event": "E-1"})
    accepted(bet(player, selection(market="9", outcome="Y", price="3.00"), bet_id="T-1"))

    DueTicket.objects.all().delete()
    DueMarket.objects.all().delete()

    assert state("T-1") == ("OPEN", "NONE", 0, 0)
    assert [found.truth for found in truths.check() if found.rows] == [4]


def test_a_nameless_outcome_is_voided_with_its_market(player: FundedPlayer) -> None:
    nameless = selection(outcome="", outcome_name="Home", provider="lsports")
    accepted(bet(player, nameless, bet_id="T-1", provider="lsports"))

    done("market_void", market={"provider": "lsports", "event": "E-1"})

    assert state() == ("SETTLED", "REFUND", 1000, 1)


def test_outcomes_without_an_id_are_not_settled_together(player: FundedPlayer) -> None:
    home, away = (
        selection(outcome="", outcome_name=name, provider="lsports") for name in ("Home", "Away")
    )
    accepted(
        bet(player, home, bet_id="T-1", provider="lsports"),
        bet(player, away, bet_id="T-2", provider="lsports"),
    )
    market = MARKET | {"provider": "lsports", "outcomes": {"": {"result": "win"}}}

    with pytest.raises(BadOrder, match="An outcome's id has 1 to"):
        previewed("market_settle", market=market)

    assert [state("T-1"), state("T-2")] == [("OPEN", "NONE", 0, 0)] * 2
