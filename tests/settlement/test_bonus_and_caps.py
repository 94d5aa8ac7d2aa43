"""Extras on top of a return, and the most that one bet pays."""

from typing import Any

import pytest

from tests.settlement.quoting import Json, bet, leg, quoted

WON, LOST, VOID = leg("3"), leg("3", "lose"), leg("3", "void")
HALF_LOST = leg("3", "half_lose")


def lucky(*legs: Json, **more: Any) -> Json:
    return bet("lucky15", *legs, stake="1", **more)


def returns(asked: Json, **rules: Any) -> str:
    return str(quoted(asked | {"rules": rules})["returns"])


@pytest.mark.parametrize(
    ("what", "asked", "pays"),
    [
        ("one winner doubles its profit", lucky(WON, LOST, LOST, LOST), "5.00"),
        ("two winners", lucky(WON, WON, LOST, LOST), "15.00"),
        ("one winner beside a non-runner", lucky(WON, VOID, LOST, LOST), "7.00"),
        ("no winner", lucky(LOST, LOST, LOST, LOST), "0.00"),
        ("a Lucky 31, which the rules don't name", bet("lucky31", WON, *[LOST] * 4), "30.00"),
        ("a Yankee", bet("yankee", WON, LOST, LOST, LOST), "0.00"),
        ("a free bet", lucky(WON, LOST, LOST, LOST, free_bet=True), "0.00"),
    ],
)
def test_a_luckys_only_winner_earns_more(what: str, asked: Json, pays: str) -> None:
    assert returns(asked, bonus={"one_winner": {"lucky15": "100"}}) == pays


def test_the_only_winners_bonus_is_for_its_win_part() -> None:
    each_way = {"place_fraction": "1/5"}
    legs = [leg("5", **each_way), *[leg("5", "lose", **each_way)] * 3]

    found = returns(lucky(*legs, each_way=True), bonus={"one_winner": {"lucky15": "100"}})

    assert found == "10.80"


@pytest.mark.parametrize(
    ("what", "legs", "basis", "pays"),
    [
        ("of the profit", [WON] * 4, "profit", "279.00"),
        ("of the return", [WON] * 4, "return", "280.50"),
        ("a loser", [WON, WON, WON, LOST], "profit", "63.00"),
        ("a half loser is no winner", [WON, WON, WON, HALF_LOST], "profit", "95.00"),
        ("a non-runner", [WON, WON, WON, VOID], "profit", "127.00"),
    ],
)
def test_a_luckys_winners_all_together_earn_more(
    what: str, legs: list[Json], basis: str, pays: str
) -> None:
    bonus = {"all_winners": {"lucky15": "10"}, "basis": basis}

    assert returns(lucky(*legs), bonus=bonus) == pays


def test_a_half_loser_is_not_called_the_only_winner() -> None:
    bonus = {"one_winner": {"lucky15": "100"}}

    found = quoted(lucky(HALF_LOST, LOST, LOST, LOST, rules={"bonus": bonus}))

    assert not [line for line in found["explanation"] if "only winner" in line]


@pytest.mark.parametrize(
    ("what", "kind", "legs", "pays"),
    [
        ("below the first tier", "double", [WON] * 2, "90.00"),
        ("the first tier", "treble", [WON] * 3, "283.00"),
        ("between the tiers", "accumulator", [WON] * 4, "850.00"),
        ("the second tier", "accumulator", [WON] * 5, "2672.00"),
        ("a tier lower after a void", "accumulator", [*[WON] * 4, VOID], "850.00"),
        ("no tier after a void", "treble", [WON, WON, VOID], "90.00"),
        ("a loser", "accumulator", [*[WON] * 4, LOST], "0.00"),
        ("all void", "treble", [VOID] * 3, "10.00"),
        ("winners that lose money", "treble", [leg("1.6", dead_heat="1/2")] * 3, "5.12"),
        ("a system of one line", "system:3/3", [WON] * 3, "283.00"),
        ("a system of several", "system:2/3", [WON] * 3, "270.00"),
    ],
)
def test_an_accumulator_earns_by_the_legs_left_after_voids(
    what: str, kind: str, legs: list[Json], pays: str
) -> None:
    bonus = {"accumulator": {"3": "5", "5": "10"}}

    assert returns(bet(kind, *legs), bonus=bonus) == pays


def test_a_refunded_bet_never_earns_a_bonus() -> None:
    bonus = {"accumulator": {"2": "10"}, "basis": "return"}

    assert returns(bet("double", VOID, VOID), bonus=bonus) == "10.00"


def test_a_bet_that_was_partly_cashed_out_earns_no_bonus() -> None:
    asked = bet("treble", WON, WON, WON, cashed_out={"stake": "5", "amount": "1"})

    assert returns(asked, bonus={"accumulator": {"3": "5"}}) == "136.00"


CASHED_OUT = {"stake": "10", "amount": "70"}
PARTLY_CASHED_OUT = {"stake": "5", "amount": "60"}


@pytest.mark.parametrize(
    ("what", "asked", "cap", "pays"),
    [
        ("of the return", bet("single", leg("5")), {"amount": "30"}, "30.00"),
        ("of the profit", bet("single", leg("5")), {"amount": "30", "on": "profit"}, "40.00"),
        ("not reached", bet("single", leg("5")), {"amount": "50"}, "50.00"),
        ("for its currency", bet("single", leg("5")), {"amount": {"EUR": "30"}}, "30.00"),
        ("for another currency", bet("single", leg("5")), {"amount": {"USD": "30"}}, "50.00"),
        (
            "of a free bet's profit",
            bet("single", leg("5"), free_bet=True),
            {"amount": "30", "on": "profit"},
            "30.00",
        ),
        (
            "a full cash-out is not cut",
            bet("single", leg("5"), cashed_out=CASHED_OUT),
            {"amount": "30"},
            "70.00",
        ),
        (
            "of a partial cash-out only the rest is cut",
            bet("single", leg("5"), cashed_out=PARTLY_CASHED_OUT),
            {"amount": "30"},
            "60.00",
        ),
        (
            "the rest up to the cap",
            bet("single", leg("5"), cashed_out=PARTLY_CASHED_OUT),
            {"amount": "80"},
            "80.00",
        ),
    ],
)
def test_a_bet_pays_no_more_than_its_cap(what: str, asked: Json, cap: Json, pays: str) -> None:
    assert returns(asked, cap=cap) == pays


def test_the_cap_comes_after_the_bonus() -> None:
    bonus = {"all_winners": {"lucky15": "10"}}

    assert returns(lucky(*[WON] * 4), bonus=bonus, cap={"amount": "260"}) == "260.00"


HUNDRED: Any = {"stake": "100"}
REFUNDS = [
    ("a void single", bet("single", VOID, **HUNDRED), "100.00"),
    (
        "a void single each-way",
        bet("single", VOID | {"place_fraction": "1/5"}, each_way=True, **HUNDRED),
        "200.00",
    ),
    ("a void double", bet("double", VOID, VOID, **HUNDRED), "100.00"),
    ("the void lines of a patent", bet("patent", VOID, VOID, LOST, **HUNDRED), "300.00"),
    ("the void half of a half winner", bet("single", leg("5", "half_win"), **HUNDRED), "50.00"),
    ("the void half of a half loser", bet("single", HALF_LOST, **HUNDRED), "50.00"),
    (
        "the void rest of a cash-out",
        bet("single", VOID, cashed_out={"stake": "50", "amount": "60"}, **HUNDRED),
        "110.00",
    ),
    (
        "a place stake where no places are paid",
        bet("single", LOST, each_way=True, **HUNDRED),
        "100.00",
    ),
    (
        "both stakes of a void builder each-way",
        bet("single", VOID | {"group": "g"}, each_way=True, **HUNDRED),
        "200.00",
    ),
]


@pytest.mark.parametrize(("what", "asked", "pays"), REFUNDS)
def test_a_cap_never_cuts_a_refund(what: str, asked: Json, pays: str) -> None:
    assert returns(asked, cap={"amount": "20"}) == pays


def test_a_cap_never_cuts_a_dead_heat_that_is_void_below_evens() -> None:
    asked = bet("single", leg("1.5", dead_heat="1/2"), **HUNDRED)

    found = returns(asked, cap={"amount": "20"}, dead_heat_method="void_if_odds_on")

    assert found == "100.00"
