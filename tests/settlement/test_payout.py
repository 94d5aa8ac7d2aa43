"""What a bet pays, when it is decided, and what its end is called."""

from fractions import Fraction
from typing import Any

import pytest

from settlement.rules.exact import RulesRefusal
from settlement.rules.kinds import shape_of
from settlement.rules.legs import WON, Leg
from settlement.rules.payout import Bet, settle
from settlement.rules.ruleset import DEFAULT
from settlement.vocabulary import TicketResult
from tests.settlement.quoting import Json, bet, exact, leg, quoted, refusal

FIFTH = {"place_fraction": "1/5"}
WON_LEG, LOST_LEG, VOID_LEG, OPEN = leg("3"), leg("3", "lose"), leg("3", "void"), leg("3", None)


def legs(words: str, **more: Any) -> list[Json]:
    return [leg("3", None if word == "open" else word, **more) for word in words.split()]


@pytest.mark.parametrize(
    ("kind", "words", "result"),
    [
        ("single", "win", "win"),
        ("single", "lose", "lose"),
        ("single", "void", "refund"),
        ("single", "half_win", "half_win"),
        ("single", "half_lose", "half_lose"),
        ("single", "open", "none"),
        ("double", "win win", "win"),
        ("double", "win lose", "lose"),
        ("double", "void void", "refund"),
        ("double", "void lose", "lose"),
        ("double", "half_win win", "mixed"),
        ("double", "half_lose half_lose", "mixed"),
        ("patent", "win lose lose", "mixed"),
        ("patent", "void lose lose", "mixed"),
        ("patent", "lose lose lose", "lose"),
        ("trixie", "win lose lose", "lose"),
    ],
)
def test_a_ticket_is_called_by_its_legs_results(kind: str, words: str, result: str) -> None:
    assert quoted(bet(kind, *legs(words)))["result"] == result


@pytest.mark.parametrize(
    ("kind", "words", "result"),
    [
        ("single", "win", "win"),
        ("single", "place", "place_win"),
        ("single", "lose", "lose"),
        ("single", "void", "refund"),
        ("single", "open", "none"),
        ("double", "win win", "win"),
        ("double", "win place", "mixed"),
        ("double", "place lose", "lose"),
        ("double", "void void", "refund"),
    ],
)
def test_a_ticket_each_way_is_called_by_its_legs_results(
    kind: str, words: str, result: str
) -> None:
    assert quoted(bet(kind, *legs(words, **FIFTH), each_way=True))["result"] == result


def test_a_place_where_no_places_are_paid_is_not_called_a_place_win() -> None:
    found = quoted(bet("single", leg("3", "place"), each_way=True))

    assert (found["returns"], found["result"]) == ("10.00", "mixed")


def test_money_does_not_name_the_end_of_a_ticket() -> None:
    found = quoted(bet("single", leg("1")))

    assert (found["returns"], found["total_stake"], found["result"]) == ("10.00", "10.00", "win")


@pytest.mark.parametrize(
    ("what", "kind", "ends", "more"),
    [
        ("an accumulator with a loser", "treble", [LOST_LEG, OPEN, OPEN], {}),
        ("a Trixie with two losers", "trixie", [LOST_LEG, LOST_LEG, OPEN], {}),
        (
            "a system whose banker lost",
            "system:1/2",
            [OPEN, OPEN, LOST_LEG | {"banker": True}],
            {},
        ),
        ("both parts of a leg each-way lost", "double", [LOST_LEG | FIFTH, OPEN | FIFTH],
         {"each_way": True}),
        ("a loser before a starting price is known", "double", [LOST_LEG, leg(None)], {}),
    ],
)  # fmt: skip
def test_a_ticket_is_lost_as_soon_as_no_line_can_pay(
    what: str, kind: str, ends: list[Json], more: Json
) -> None:
    found = quoted(bet(kind, *ends, **more))

    assert (found["returns"], found["exact"], found["result"]) == ("0.00", "0/1", "lose")


@pytest.mark.parametrize(
    ("what", "kind", "ends", "more"),
    [
        ("an open leg", "double", [WON_LEG, OPEN], {}),
        ("an open leg beside a void one", "double", [VOID_LEG, OPEN], {}),
        ("lines without the loser", "patent", [LOST_LEG, LOST_LEG, OPEN], {}),
        ("a placed leg", "double", [leg("3", "place", **FIFTH), OPEN | FIFTH], {"each_way": True}),
        ("a starting price that is awaited", "single", [leg(None)], {}),
        (
            "a placed leg whose starting price is awaited",
            "single",
            [leg(None, "place", **FIFTH)],
            {"each_way": True},
        ),
        ("a free bet that may still win", "single", [OPEN], {"free_bet": True}),
        ("the rest of a ticket", "single", [OPEN], {"cashed_out": {"stake": "5", "amount": "9"}}),
    ],
)
def test_a_ticket_is_open_while_a_leg_matters(
    what: str, kind: str, ends: list[Json], more: Json
) -> None:
    found = quoted(bet(kind, *ends, **more))

    assert (found["returns"], found["returns_down"], found["exact"]) == (None, None, None)
    assert found["result"] == "none"


@pytest.mark.parametrize("end", [WON_LEG, LOST_LEG, VOID_LEG, OPEN, leg(None)])
def test_a_full_cash_out_pays_what_was_agreed_whatever_the_legs_do(end: Json) -> None:
    found = quoted(bet("single", end, cashed_out={"stake": "10", "amount": "17.25"}))

    assert (found["returns"], found["result"]) == ("17.25", "cash_out")


def test_a_full_cash_out_asks_nobody_about_its_legs() -> None:
    parts = [leg("6", "win", group="g"), leg("6", "half_win", group="g")]

    found = quoted(bet("single", *parts, cashed_out={"stake": "10", "amount": "17.25"}))

    assert found["returns"] == "17.25"


@pytest.mark.parametrize(
    ("what", "end", "stake", "amount", "pays"),
    [
        ("a quarter, and the rest won", WON_LEG, "2.50", "4", "26.50"),
        ("a quarter, and the rest lost", LOST_LEG, "2.50", "4", "4.00"),
        ("a quarter, and the rest void", VOID_LEG, "2.50", "4", "11.50"),
        ("a third, exactly", WON_LEG, "10/3", "4", "24.00"),
        ("for nothing", WON_LEG, "5", "0", "15.00"),
    ],
)
def test_a_partial_cash_out_pays_its_amount_and_the_rest_as_agreed(
    what: str, end: Json, stake: str, amount: str, pays: str
) -> None:
    found = quoted(bet("single", end, cashed_out={"stake": stake, "amount": amount}))

    assert (found["returns"], found["total_stake"]) == (pays, "10.00")


def test_no_more_stake_is_cashed_out_than_there_is() -> None:
    asked = bet("double", WON_LEG, WON_LEG, cashed_out={"stake": "10.01", "amount": "1"})

    assert refusal(asked) == "More stake was cashed out than there is."


@pytest.mark.parametrize(
    ("what", "asked", "ticket", "line"),
    [
        ("a winner", bet("single", leg("7")), "60.00", "60.00"),
        ("a loser", bet("single", LOST_LEG), "0.00", "0.00"),
        ("a half winner", bet("single", leg("3", "half_win")), "10.00", "10.00"),
        ("a half loser", bet("single", leg("3", "half_lose")), "0.00", "0.00"),
        ("a dead heat below evens", bet("single", leg("1.8", dead_heat="1/2")), "0.00", "0.00"),
        ("one winner of a patent", bet("patent", *legs("win lose lose")), "0.00", "20.00"),
        ("two winners of a patent", bet("patent", *legs("win win lose")), "80.00", "120.00"),
        ("a winner and a void leg", bet("patent", *legs("win void lose")), "0.00", "40.00"),
        (
            "placed each-way",
            bet("single", leg("11", "place", **FIFTH), each_way=True),
            "10.00",
            "20.00",
        ),
    ],
)
def test_a_free_bet_pays_without_its_stake(what: str, asked: Json, ticket: str, line: str) -> None:
    found = {
        scope: quoted(asked | {"free_bet": True, "rules": {"snr_scope": scope}})["returns"]
        for scope in ("ticket", "line")
    }

    assert found == {"ticket": ticket, "line": line}


@pytest.mark.parametrize(
    ("kind", "words", "returned"),
    [
        ("single", "void", True),
        ("patent", "void void void", True),
        ("single", "lose", False),
        ("patent", "void void lose", False),
        ("single", "win", False),
        ("single", "open", False),
    ],
)
def test_a_free_bet_is_given_back_when_all_of_it_is_void(
    kind: str, words: str, returned: bool
) -> None:
    assert quoted(bet(kind, *legs(words), free_bet=True))["free_bet_returned"] is returned


def test_the_money_of_a_void_free_bet_is_not_given_back() -> None:
    assert exact(bet("single", VOID_LEG, free_bet=True)) == 0


def test_settling_takes_the_whole_stake_and_spreads_it_exactly() -> None:
    shape = shape_of("patent", legs=3)
    ticket = Bet(shape, Fraction(10), (Leg("", Fraction(2), WON),) * 3)

    found = settle(ticket, DEFAULT)

    assert (ticket.unit_stake, found.exact) == (Fraction(10, 7), Fraction(260, 7))
    assert (found.returns, found.result) == (Fraction("37.14"), TicketResult.WIN)


@pytest.mark.parametrize("stake", [Fraction(0), Fraction(-1, 100)])
def test_a_bet_without_a_stake_is_refused(stake: Fraction) -> None:
    ticket = Bet(shape_of("single", legs=1), stake, (Leg("", Fraction(2), WON),))

    with pytest.raises(RulesRefusal, match="The stake must be above zero"):
        settle(ticket, DEFAULT)


def test_an_open_ticket_says_that_it_is_not_decided() -> None:
    ticket = Bet(shape_of("single", legs=1), Fraction(10), (Leg("", Fraction(2), None),))

    found = settle(ticket, DEFAULT)

    assert (found.decided, found.returns, found.result) == (False, None, TicketResult.NONE)
