"""More sequences: holds, starting prices, builders, free bets, and who is named."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from backoffice import truths
from settlement import reading, services
from settlement.acts import services as acts
from settlement.models import BatchLine, Market, MarketFact, Review, SettlementEvent, Ticket
from settlement.recording import ForMarket, record_market_facts
from tests.factories import FundedPlayer
from tests.settlement.acting import OLGA, SAM, confirmed, done, limit, no_limits, previewed
from tests.settlement.asked import accepted, bet, builder, legs, selection
from tests.settlement.settling import LOST, VOID, WON, said, state, tell
from tests.settlement.test_settling import play_by

MONTH = 31 * 24 * 3600 * 10_000_000
M1 = {"provider": "manual", "event": "E-1", "market": "1"}


@pytest.fixture(autouse=True)
def _limits(player: FundedPlayer) -> Iterator[None]:
    no_limits()
    yield
    reading.RULES_READ.clear()


def unsound() -> list[object]:
    return [(one.truth, one.rows) for one in truths.check() if one.rows]


def test_a_late_correction_is_held_though_a_starting_price_was_set_by_hand(
    player: FundedPlayer,
) -> None:
    accepted(bet(player, selection(price=None), bet_id="T-1"))
    done("settle", "T-1", each={"legs": [{"position": 1, "starting_price": "2.5"}]})
    tell(said(outcomes={"X": WON}))
    assert state()[:3] == ("SETTLED", "WIN", 2500)

    tell(said(ticks=MONTH + 2000, outcomes={"X": LOST}))

    assert Review.objects.filter(kind="LATE_CORRECTION", closed_at=None).exists(), state()


def test_a_late_correction_is_held_though_rule_4_was_set_by_hand(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    tell(said(outcomes={"X": WON}))
    done("resettle", "T-1", each={"legs": [{"position": 1, "rule4": "10"}]})

    tell(said(ticks=MONTH + 2000, outcomes={"X": LOST}))

    assert Review.objects.filter(kind="LATE_CORRECTION", closed_at=None).exists(), state()


def test_rule_4_by_hand_is_nothing_that_a_provider_contradicts(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    done("settle", "T-1", each={"legs": [{"position": 1, "rule4": "10"}]})
    tell(said(outcomes={"X": WON}))
    assert state()[2] == 2350
    assert not Review.objects.filter(closed_at=None).exists(), Review.objects.get().sentence


def test_money_that_an_act_on_a_market_moves_names_who_did_it(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    shown = previewed("market_settle", market=M1 | {"outcomes": {"X": {"result": "win"}}})
    batch = acts.act(order=shown.order, actor=OLGA, token=shown.token)
    record_market_facts([ForMarket(Market.objects.get().pk, said(outcomes={"X": LOST}), None)])

    acts.finish(batch=batch)

    event = SettlementEvent.objects.get()
    print(
        event.actor,
        event.source,
        event.batch,
        state(),
        BatchLine.objects.values("state", "difference"),
    )
    assert (event.actor, event.batch) == ("user:olga", batch.pk)


def test_a_line_tells_what_an_act_on_a_market_did(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    shown = previewed("market_settle", market=M1 | {"outcomes": {"X": {"result": "win"}}})
    batch = acts.act(order=shown.order, actor=OLGA, token=shown.token)
    record_market_facts(
        [
            ForMarket(Market.objects.get().pk, said(outcomes={"Z": LOST}), None),
            ForMarket(Market.objects.get().pk, said("ROLLBACK"), None),
        ]
    )
    acts.finish(batch=batch)
    assert BatchLine.objects.get().difference == 2500


@pytest.mark.parametrize(
    "settings", [{"auto_resettle_limit": {"EUR": "1"}}, {"negative_balance": "hold"}]
)
def test_acts_and_their_undoing_are_not_held(
    player: FundedPlayer, settings: dict[str, Any]
) -> None:
    play_by(player, **settings)
    accepted(bet(player, bet_id="T-1", stake="60.00"), bet(player, bet_id="T-2", stake="40.00"))
    one = done("market_settle", market=M1 | {"outcomes": {"X": {"result": "win"}}})
    assert state("T-1")[2] == 15000
    player.post("-250.00", kind=__import__("wallet.vocabulary").vocabulary.TransferKind.WITHDRAWAL)
    done("undo", undoes=one.pk)
    assert (state("T-1")[2], state("T-2")[2]) == (0, 0)
    tell(said(outcomes={"X": WON}))
    print(state("T-1"), [r.kind for r in Review.objects.filter(closed_at=None)])
    assert unsound() == []


def test_parts_of_a_builder_are_settled_by_hand(player: FundedPlayer) -> None:
    accepted(bet(player, *builder("A", "B", "C"), bet_id="T-1", kind="single"))
    done(
        "settle",
        "T-1",
        each={"legs": [{"position": 1, "result": "win"}, {"position": 2, "result": "win"}]},
    )
    one = done("settle", "T-1", each={"legs": [{"position": 3, "result": "void"}]})
    print(state())
    done("resettle", "T-1", each={"legs": [{"position": 3, "result": "win"}]})
    assert state()[2] == 4500
    done("resettle", "T-1", each={"legs": [{"position": 3, "result": "lose"}]})
    assert state()[2] == 0
    for odd in (
        {"result": "half_win"},
        {"result": "win", "dead_heat": "1/2"},
        {"rule4": "10"},
        {"result": "win", "rule4": "50"},
    ):
        try:
            shown = previewed("resettle", "T-1", each={"legs": [{"position": 3, **odd}]})
            print(odd, shown.seen[0].expected, shown.seen[0].doubts)
        except Exception as error:
            print(odd, type(error).__name__, error)
    assert unsound() == []


def test_a_free_bet_by_every_act(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1", free_bet_ref="F-1"))
    start = player.balance
    for act, each, payout in [
        ("settle", {"result": "win"}, 1500),
        ("resettle", {"result": "refund"}, 0),
        ("resettle", {"result": "half_win"}, 750),
        ("void", {}, 0),
        ("cancel", {}, 0),
        ("reject", {}, 0),
        ("resettle", {"legs": [{"position": 1, "result": "win"}]}, 0),
        ("reopen", {}, 0),
    ]:
        try:
            done(act, "T-1", each=each)
        except Exception as error:
            print(act, each, error)
        print(act, each, state())
    assert player.balance == start
    assert unsound() == []


def test_a_cash_out_of_a_free_bet_and_then_its_result(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1", free_bet_ref="F-1"))
    done("cash_out", "T-1", each={"stake": "5.00", "amount": "3.00"})
    tell(said(outcomes={"X": WON}))
    assert state()[2] == 300 + 750
    done("void", "T-1")
    assert state()[2] == 300
    assert unsound() == []


def test_a_market_deduction_is_undone_after_one_on_a_leg(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    tell(said(outcomes={"X": WON}))
    one = done("market_deduct", market=M1 | {"percent": "40"})
    two = done("resettle", "T-1", each={"legs": [{"position": 1, "rule4": "20"}]})
    assert state()[2] == 2200
    done("undo", undoes=one.pk)
    assert state()[2] == 2200
    done("undo", undoes=two.pk)
    assert state()[2] == 2500
    assert unsound() == []


def test_an_undo_by_one_of_a_batch_partly_pinned_by_another_later(player: FundedPlayer) -> None:
    accepted(*[bet(player, bet_id=f"T-{n}") for n in range(3)])
    a = done("void", "T-0", "T-1", "T-2")
    b = done("cancel", "T-1")
    c = done("release", "T-2") if False else None
    back = done("undo", undoes=a.pk)
    print([(x.bet_id, x.state, x.sentence) for x in back.lines.order_by("position")])
    done("undo", undoes=b.pk)
    assert state("T-1")[0] == "OPEN"


def test_a_reject_of_a_cancelled_ticket_moves_nothing_and_needs_no_more(
    player: FundedPlayer,
) -> None:
    accepted(bet(player, bet_id="T-1"))
    done("cancel", "T-1")
    shown = previewed("reject", "T-1")
    confirmed(shown)
    assert state()[:3] == ("REJECTED", "NONE", 1000)
    assert unsound() == []


def test_accepting_a_review_of_a_ticket_with_an_act_pending_due(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    tell(said(outcomes={"X": WON}))
    tell(said(ticks=MONTH + 2000, outcomes={"X": LOST}))
    shown = previewed("accept", reviews=[Review.objects.get().pk])
    record_market_facts(
        [ForMarket(Market.objects.get().pk, said(ticks=MONTH + 3000, outcomes={"X": VOID}), None)]
    )
    try:
        confirmed(shown)
    except Exception as error:
        print(type(error).__name__, error)
    services.drain()
    from settlement.recording import look_for_tickets

    look_for_tickets()
    services.drain()
    print(state(), list(Review.objects.values_list("kind", "end", "amount")))
    assert unsound() == []


def test_a_nameless_outcome_is_voided_with_its_market(player: FundedPlayer) -> None:
    accepted(
        bet(
            player,
            selection(outcome="", outcome_name="Home", provider="lsports"),
            bet_id="T-1",
            provider="lsports",
        )
    )
    done("market_void", market={"provider": "lsports", "event": "E-1"})
    assert state()[:3] == ("SETTLED", "REFUND", 1000)


def test_a_held_accept_of_a_huge_payout_is_refused_in_a_sentence(player: FundedPlayer) -> None:
    limit("Operator", "EUR", 2**63 - 1)
    accepted(bet(player, selection(price=None), bet_id="T-1"))
    with pytest.raises(Exception) as error:
        batch = done(
            "settle",
            "T-1",
            each={"legs": [{"position": 1, "result": "win", "starting_price": "9" * 20}]},
        )
        print(batch.state, batch.lines.get().state, batch.lines.get().sentence)
    print(type(error.value), error.value)
    from settlement.orders import ActRefused

    assert isinstance(error.value, ActRefused)


def test_a_resettlement_by_legs_of_a_ticket_fixed_as_a_whole_is_refused_or_done(
    player: FundedPlayer,
) -> None:
    accepted(bet(player, bet_id="T-1"))
    done("settle", "T-1", each={"result": "win"})

    try:
        done("resettle", "T-1", each={"legs": [{"position": 1, "result": "lose"}]})
    except Exception as error:
        print(error)
        return

    assert state()[:3] == ("SETTLED", "LOSE", 0)


TODAY = 17_951_760_000_000_000


@pytest.mark.parametrize("how", ["undo", "release", "cash-out", "market"])
def test_a_first_result_after_an_act_was_taken_back_is_no_late_correction(
    player: FundedPlayer, how: str
) -> None:
    accepted(bet(player, bet_id="T-1"))
    if how == "market":
        batch = done("market_void", market=M1)
    elif how == "cash-out":
        batch = done("cash_out", "T-1", each={"amount": "5.00"})
    else:
        batch = done("void", "T-1")
    done("release", "T-1") if how == "release" else done("undo", undoes=batch.pk)
    assert state()[0] == "OPEN"

    tell(said(ticks=TODAY, outcomes={"X": WON}))

    assert state()[:3] == ("SETTLED", "WIN", 2500), Review.objects.get().sentence


def test_money_that_an_act_on_one_of_two_markets_moves_names_who_did_it(
    player: FundedPlayer,
) -> None:
    accepted(bet(player, *legs(2), bet_id="T-1", kind="double"))
    tell(said(outcomes={"X": WON}, event="E-2"))
    shown = previewed("market_settle", market=M1 | {"outcomes": {"X": {"result": "win"}}})
    batch = acts.act(order=shown.order, actor=OLGA, token=shown.token)
    market = Market.objects.get(event__ref="E-1").pk
    record_market_facts([ForMarket(market, said(outcomes={"X": LOST}), None)])

    acts.finish(batch=batch)

    assert state() == ("SETTLED", "WIN", 6250, 1)
    event = SettlementEvent.objects.get()
    assert (event.actor, event.batch) == ("user:olga", batch.pk)


def test_outcomes_without_an_id_are_not_settled_together(player: FundedPlayer) -> None:
    accepted(
        bet(
            player,
            selection(outcome="", outcome_name="Home", provider="lsports"),
            bet_id="T-1",
            provider="lsports",
        ),
        bet(
            player,
            selection(outcome="", outcome_name="Away", provider="lsports"),
            bet_id="T-2",
            provider="lsports",
        ),
    )
    market = {
        "provider": "lsports",
        "event": "E-1",
        "market": "1",
        "outcomes": {"": {"result": "win"}},
    }

    try:
        done("market_settle", market=market)
    except Exception as error:
        print(error)

    assert [state("T-1")[0], state("T-2")[0]] == ["OPEN", "OPEN"]
