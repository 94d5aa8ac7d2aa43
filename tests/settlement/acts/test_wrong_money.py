"""Sequences of acts after which the books must say what was meant."""

import json

import pytest

from backoffice import truths
from feeds import inbox
from settlement.acts.services import NothingToDo
from settlement.models import Review, Ticket, TicketFact
from tests.factories import FundedPlayer
from tests.feeds.words import odds88
from tests.settlement.acting import done, no_limits, previewed
from tests.settlement.asked import accepted, bet, legs
from tests.settlement.settling import LOST, VOID, WON, receive_and_process, said, state, tell


@pytest.fixture(autouse=True)
def _limits(player: FundedPlayer) -> None:
    no_limits()


def unsound() -> list[object]:
    return [(one.truth, one.rows) for one in truths.check() if one.rows]


@pytest.mark.parametrize("first", ["A", "B"])
def test_two_batches_undone_in_either_order_leave_nothing(player: FundedPlayer, first: str) -> None:
    accepted(bet(player, bet_id="T-1"), bet(player, bet_id="T-2"))
    a = done("settle", "T-1", "T-2", each={"result": "win"})
    b = done("resettle", "T-1", each={"result": "lose"})

    order = [a, b] if first == "A" else [b, a]
    for one in order:
        done("undo", undoes=one.pk)

    assert [state("T-1")[:3], state("T-2")[:3]] == [("OPEN", "NONE", 0)] * 2
    assert unsound() == []


def test_an_act_that_the_provider_agrees_with_is_released(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    done("settle", "T-1", each={"result": "win"})
    tell(said(outcomes={"X": WON}))

    done("release", "T-1")
    tell(said(ticks=2000, outcomes={"X": LOST}))

    assert state()[:3] == ("SETTLED", "LOSE", 0)


def test_an_act_that_the_provider_agrees_with_is_undone(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    batch = done("settle", "T-1", each={"result": "win"})
    tell(said(outcomes={"X": WON}))

    done("undo", undoes=batch.pk)
    tell(said(ticks=2000, outcomes={"X": LOST}))

    assert state()[:3] == ("SETTLED", "LOSE", 0)


def hold_back(player: FundedPlayer) -> None:
    """A ticket of Odds88 whose payout does not fit: it waits for a person."""
    accepted(bet(player, bet_id="O-1", provider="odds88"))
    body = json.loads(odds88("O-1", "won"))
    body["payout"] = 99.99
    receive_and_process(json.dumps(body).encode())
    inbox.drain()
    assert Review.objects.get(closed_at=None).kind == "PAYOUT_MISMATCH"
    assert state() == ("OPEN", "NONE", 0, 0)


def test_no_more_than_the_stake_is_cashed_out_while_a_result_is_held(
    player: FundedPlayer,
) -> None:
    hold_back(player)

    for _ in range(3):
        try:
            done("cash_out", "O-1", each={"stake": "6.00", "amount": "7.00"})
        except Exception as error:
            print("refused", error)
        print(state(), player.balance)

    stakes = [json.loads(one.content).get("stake", 0) for one in
              TicketFact.objects.filter(kind="CASH_OUT")]  # fmt: skip
    assert sum(stakes) <= 1000
    ticket = Ticket.objects.get()
    assert ticket.cashed_out_stake <= ticket.stake
    assert unsound() == []


def test_a_cash_out_while_a_result_is_held_is_refused(player: FundedPlayer) -> None:
    hold_back(player)

    with pytest.raises(NothingToDo, match="A result waits in a review"):
        done("cash_out", "O-1", each={"stake": "4.00", "amount": "5.00"})

    assert player.balance == "90.00"


@pytest.mark.parametrize("act", ["void", "cancel", "reject", "settle", "leg"])
def test_acts_on_a_held_ticket_end_the_hold(player: FundedPlayer, act: str) -> None:
    hold_back(player)

    if act == "leg":
        batch = done("settle", "O-1", each={"legs": [{"position": 1, "result": "lose"}]})
    else:
        batch = done(act, "O-1", each={"result": "win"} if act == "settle" else {})
    print(state(), batch.lines.get().sentence)
    assert unsound() == []
    done("undo", undoes=batch.pk)
    print(state(), player.balance, [r.kind for r in Review.objects.filter(closed_at=None)])
    assert unsound() == []


def test_two_deductions_of_more_than_all_there_is(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    tell(said(outcomes={"X": WON}))
    market = {"provider": "manual", "event": "E-1", "market": "1"}

    done("market_deduct", market=market | {"percent": "60"})
    print(state())
    done("market_deduct", market=market | {"percent": "60"})

    print(state(), [(r.kind, r.sentence) for r in Review.objects.all()])
    assert state()[0] == "SETTLED"
    assert unsound() == []


@pytest.mark.parametrize("percent", ["   ", "%", "0"])
def test_a_deduction_of_nothing_is_refused(player: FundedPlayer, percent: str) -> None:
    accepted(bet(player, bet_id="T-1"))
    tell(said(outcomes={"X": WON}))
    market = {"provider": "manual", "event": "E-1", "market": "1", "percent": percent}

    with pytest.raises(Exception):
        previewed("market_deduct", market=market)


def test_truth_four_sees_a_ticket_that_missed_an_act_on_its_event(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-0"))
    done("market_void", market={"provider": "manual", "event": "E-1"})
    accepted(bet(player, {"event": "E-1", "market": "9", "outcome": "Y", "price": "3.00"},
                 bet_id="T-1"))  # fmt: skip
    from settlement.models import DueTicket, DueMarket

    DueTicket.objects.all().delete()
    DueMarket.objects.all().delete()
    assert state("T-1")[0] == "OPEN"

    assert unsound() != []


def test_a_release_is_taken_back_after_the_feed(player: FundedPlayer) -> None:
    accepted(bet(player, *legs(2), bet_id="T-1", kind="double"))
    done("void", "T-1", each={"legs": [{"position": 2}]})
    tell(said(outcomes={"X": WON}, event="E-1"))
    assert state()[2] == 2500
    release = done("release", "T-1")
    assert state()[:3] == ("OPEN", "NONE", 0)
    done("undo", undoes=release.pk)
    assert state()[2] == 2500
    tell(said(outcomes={"X": VOID}, event="E-2"))
    assert unsound() == []


def test_a_cash_out_is_undone_after_all_was_settled(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    cash = done("cash_out", "T-1", each={"stake": "4.00", "amount": "6.00"})
    tell(said(outcomes={"X": WON}))
    assert state()[2] == 2100
    done("resettle", "T-1", each={"payout": "6.00"})
    assert state()[2] == 600
    done("undo", undoes=cash.pk)
    print(state())
    assert unsound() == []
    done("release", "T-1")
    assert state()[2] == 2500
    assert unsound() == []


@pytest.mark.parametrize(
    ("currency", "stake", "amount"), [("JPY", "100", "7"), ("BTC", "0.00000010", "0.00000003")]
)
def test_currencies_of_other_places(db: None, currency: str, stake: str, amount: str) -> None:
    from tests.settlement.acting import limit
    from wallet.models import Currency

    if not Currency.objects.filter(pk=currency).exists():
        pytest.skip(currency)
    player = FundedPlayer.create("1000" if currency == "JPY" else "1.00000000", currency)
    limit("Operator", currency, 10**15)
    accepted(bet(player, bet_id="T-1", stake=stake))
    done("cash_out", "T-1", each={"stake": amount, "amount": amount})
    tell(said(outcomes={"X": WON}))
    print(state(), player.balance)
    v = done("void", "T-1")
    print(state(), player.balance)
    done("undo", undoes=v.pk)
    print(state(), player.balance)
    assert unsound() == []


def test_a_release_taken_back_leaves_no_payout_below_what_was_cashed_out(
    player: FundedPlayer,
) -> None:
    accepted(bet(player, bet_id="T-1"))
    done("settle", "T-1", each={"payout": "0"})
    release = done("release", "T-1")
    done("cash_out", "T-1", each={"stake": "4.00", "amount": "6.00"})

    try:
        done("undo", undoes=release.pk)
    except Exception as error:
        print(type(error).__name__, error)

    ticket = Ticket.objects.get()
    print(state(), ticket.cashed_out_amount, player.balance)
    assert ticket.payout >= ticket.cashed_out_amount


def test_no_cash_out_pays_more_than_the_ticket_could_win(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))

    with pytest.raises(Exception):
        done("cash_out", "T-1", each={"stake": "0.01", "amount": "500.00"})


def test_a_winner_that_is_not_placed_is_refused(player: FundedPlayer) -> None:
    accepted(bet(player, {"event": "E-1", "market": "1", "outcome": "X", "price": "5.00",
                          "place_fraction": "1/4"}, bet_id="T-1", each_way=True))  # fmt: skip

    with pytest.raises(Exception):
        done(
            "settle",
            "T-1",
            each={"legs": [{"position": 1, "result": "win", "place_result": "lose"}]},
        )
