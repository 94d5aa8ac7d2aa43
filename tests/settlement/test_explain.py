"""The way to a payout, in the very words that people read."""

import pytest

from settlement.rules.explain import structure_of
from settlement.rules.payout import settle
from settlement.rules.quote import bet_of
from tests.settlement.quoting import Json, bet, leg, quoted


def explained(asked: Json) -> list[str]:
    explanation: list[str] = quoted(asked)["explanation"]
    return explanation


def test_a_single() -> None:
    assert explained(bet("single", leg("2.5"))) == [
        "Single: 10.00 staked.",
        "Leg 1: won at 2.5 → × 2.5.",
        "10.00 × 2.5 = 25.00.",
        "Returns 25.00 EUR.",
    ]


def test_a_lucky_15_with_a_void_leg_and_a_dead_heat() -> None:
    legs = [
        leg("3", name="Red Rum"),
        leg("4", "void", name="Shergar"),
        leg("6", dead_heat="1/2", name="Arkle"),
        leg("5", "lose"),
    ]

    assert explained(bet("lucky15", *legs, stake="0.10")) == [
        "Lucky 15: 15 lines of 0.10, 1.50 staked.",
        "1. Red Rum: won at 3 → × 3.",
        "2. Shergar: void → × 1.",
        "3. Arkle: won at 6; dead heat, 1/2 of the stake counts → × 3.",
        "Leg 4: lost → × 0.",
        "4 singles: 3 pay 0.10 × 7 = 0.70.",
        "6 doubles: 3 pay 0.10 × 15 = 1.50.",
        "4 trebles: 1 pays 0.10 × 9 = 0.90.",
        "1 fourfold: none pays.",
        "Lines together: 3.10.",
        "Returns 3.10 EUR.",
    ]


def test_a_single_each_way_with_rule_4_and_a_dead_heat_for_a_place() -> None:
    only = leg("6", place_fraction="1/5", place_dead_heat="0.33", rule4=[10, 5], name="Kauto Star")

    assert explained(bet("single", only, stake="5", each_way=True)) == [
        "Single each-way: 2 lines of 5.00, 10.00 staked.",
        "1. Kauto Star: win part won at 6; Rule 4 takes 15 % off the profit: 5.25; "
        "place part won at 2; Rule 4 takes 15 % off the profit: 1.85; "
        "dead heat, 1/3 of the stake counts → win × 5.25, place × 0.6166….",
        "Win part: 5.00 × 5.25 = 26.25.",
        "Place part: 5.00 × 0.6166… = 3.0833….",
        "Lines together: 29.3333….",
        "Returns 29.33 EUR: 29.3333… rounded half up to a multiple of 0.01.",
    ]


def test_a_double_each_way_of_which_one_leg_pays_no_places() -> None:
    legs = [leg("8", "place", place_fraction="1/4"), leg("3", "place")]

    assert explained(bet("double", *legs, stake="1", each_way=True)) == [
        "Double each-way: 2 lines of 1.00, 2.00 staked.",
        "Leg 1: win part lost; place part won at 2.75 → win × 0, place × 2.75.",
        "Leg 2: win part lost; no places are paid: its place stake is void → win × 0, place × 1.",
        "Win part: 1.00 × 0 = 0.00.",
        "Place part: 1.00 × 2.75 = 2.75.",
        "Lines together: 2.75.",
        "Returns 2.75 EUR.",
    ]


def test_a_system_with_a_banker_and_half_results() -> None:
    legs = [
        leg("2", banker=True),
        leg("1.5", "half_win"),
        leg("3"),
        leg("4", "half_lose"),
    ]

    assert explained(bet("system:2/3", *legs, stake="1")) == [
        "System 2 of 3: 3 lines of 1.00, 3.00 staked.",
        "Leg 1 (banker): won at 2 → × 2.",
        "Leg 2: half won at 1.5 → × 1.25.",
        "Leg 3: won at 3 → × 3.",
        "Leg 4: half lost → × 0.5.",
        "3 doubles with 1 banker: 3 pay 1.00 × 11.75 = 11.75.",
        "Returns 11.75 EUR.",
    ]


def test_a_treble_that_is_not_decided() -> None:
    assert explained(bet("treble", leg("2"), leg(None), leg("3", None))) == [
        "Treble: 10.00 staked.",
        "Leg 1: won at 2 → × 2.",
        "Leg 2: won, its starting price is awaited.",
        "Leg 3: not decided.",
        "Not decided yet: the open legs matter.",
    ]


def test_a_double_that_is_lost_while_a_leg_is_open() -> None:
    assert explained(bet("double", leg("2", "lose"), leg("3", None))) == [
        "Double: 10.00 staked.",
        "Leg 1: lost → × 0.",
        "Leg 2: not decided.",
        "10.00 × 0 = 0.00.",
        "Returns 0.00 EUR.",
    ]


def test_a_void_free_bet() -> None:
    assert explained(bet("single", leg("7", "void"), free_bet=True)) == [
        "Single: 10.00 free bet.",
        "Leg 1: void → × 1.",
        "10.00 × 1 = 10.00.",
        "The free bet's stake is not returned: 0.00.",
        "Returns 0.00 EUR: the free bet is given back, not its money.",
    ]


def test_a_partial_cash_out_under_a_cap() -> None:
    asked = bet("double", leg("7"), leg("3"), cashed_out={"stake": "5", "amount": "12.34"})

    assert explained(asked | {"rules": {"cap": {"amount": "50"}}}) == [
        "Double: 10.00 staked.",
        "Leg 1: won at 7 → × 7.",
        "Leg 2: won at 3 → × 3.",
        "10.00 × 21 = 210.00.",
        "Cashed out in part; the rest as agreed: 117.34.",
        "The most that one bet pays (return): 50.00.",
        "Returns 50.00 EUR.",
    ]


def test_a_full_cash_out() -> None:
    asked = bet("single", leg("7", "lose"), cashed_out={"stake": "10", "amount": "12.34"})

    assert explained(asked) == [
        "Single: 10.00 staked.",
        "Cashed out in full: 12.34.",
        "Returns 12.34 EUR.",
    ]


def test_a_bet_builder_without_its_void_part() -> None:
    parts = [
        leg("5", "win", group="g", part_price="1.5", name="Home"),
        leg("5", "void", group="g", part_price="2", name="Over 2.5"),
        leg("5", "win", group="g", part_price="2", name="Corners"),
    ]

    found = explained(bet("single", *parts, rules={"bet_builder_void": "strip_void_price"}))

    assert found == [
        "Single: 10.00 staked.",
        "1. Bet builder: Home + Over 2.5 + Corners: "
        "without Over 2.5 the builder pays 2.5; won at 2.5 → × 2.5.",
        "10.00 × 2.5 = 25.00.",
        "Returns 25.00 EUR.",
    ]


def test_best_odds_guaranteed() -> None:
    asked = bet("single", leg("4", starting_price="5", rule4=25))

    assert explained(asked | {"rules": {"best_odds": "after_rule4"}}) == [
        "Single: 10.00 staked.",
        "Leg 1: won at the starting price 5, better than the 4 taken → × 5.",
        "10.00 × 5 = 50.00.",
        "Returns 50.00 EUR.",
    ]


def test_an_agreed_place_price_is_not_called_the_starting_price() -> None:
    placed = leg(None, "place", starting_price="8", place_price="2")

    found = explained(bet("single", placed, each_way=True))

    assert found[1] == "Leg 1: win part lost; place part won at 2 → win × 0, place × 2."


@pytest.mark.parametrize(
    ("currency", "stake", "closing"),
    [
        ("JPY", "1501", "Returns 6855 JPY: 6855.067 rounded half up to a multiple of 1."),
        ("KWD", "1.1", "Returns 5.024 KWD: 5.0237 rounded half up to a multiple of 0.001."),
        (
            "BTC",
            "0.00012345",
            "Returns 0.00056380 BTC: 0.0005637961… rounded half up to a multiple of 0.00000001.",
        ),
    ],
)
def test_the_last_line_says_how_it_was_rounded(currency: str, stake: str, closing: str) -> None:
    found = explained(bet("single", leg("4.567"), stake=stake, currency=currency))

    assert found[-1] == closing


def test_the_same_for_programs() -> None:
    asked = bet("double", leg("3", name="Arkle"), leg("4"), stake="1")

    assert structure_of(settle(*bet_of(asked))) == {
        "legs": [
            {
                "position": 1,
                "name": "Arkle",
                "price": "3/1",
                "win_factor": "3/1",
                "place_factor": None,
                "banker": False,
                "reasons": [{"code": "RESULT", "text": "won at 3"}],
            },
            {
                "position": 2,
                "name": "",
                "price": "4/1",
                "win_factor": "4/1",
                "place_factor": None,
                "banker": False,
                "reasons": [{"code": "RESULT", "text": "won at 4"}],
            },
        ],
        "parts": [
            {
                "part": "all",
                "unit_stake": "1/1",
                "folds": [{"fold": "double", "lines": 1, "paying": 1, "factor": "12/1"}],
            }
        ],
        "steps": [{"code": "SUM", "text": "lines together", "amount": "12/1"}],
        "rounding": "HALF_UP",
        "result": "WIN",
    }
