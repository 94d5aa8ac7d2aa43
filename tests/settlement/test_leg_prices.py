"""The price that a leg is settled at: Rule 4, best odds guaranteed, starting price."""

from fractions import Fraction

import pytest

from settlement.rules.legs import HALF_LOST, HALF_WON, LOST, VOID, WON, Factors, Leg, priced
from settlement.rules.ruleset import DEFAULT, rule_set
from tests.settlement.quoting import Json, bet, exact, leg, quoted

F = Fraction
FOUR, SIX = Fraction(4), Fraction(6)


@pytest.mark.parametrize(
    ("what", "deductions", "rule4", "pays"),
    [
        ("off the profit", ["5"], {}, "3.85"),
        ("off the whole", ["5"], {"basis": "stake"}, "3.8"),
        ("several are added", ["10", "15"], {}, "3.25"),
        ("90 % at most", ["60", "45"], {}, "1.3"),
        ("another most", ["60", "45"], {"cap": "75"}, "1.75"),
        ("all of the profit", ["60", "45"], {"cap": "100"}, "1"),
        ("all of everything", ["60", "45"], {"cap": "100", "basis": "stake"}, "0"),
        ("5 % in all is waived", ["5"], {"ignore_5p": True}, "4"),
        ("less than 5 % is waived", ["2", "2.5"], {"ignore_5p": True}, "4"),
        ("more than 5 % is not", ["5", "0.01"], {"ignore_5p": True}, "3.8497"),
        ("twice 5 % is not", ["5", "5"], {"ignore_5p": True}, "3.7"),
    ],
)
def test_rule_4_takes_its_percents_off(
    what: str, deductions: list[str], rule4: Json, pays: str
) -> None:
    leg = Leg("", FOUR, WON, deductions=tuple(map(F, deductions)))

    found = priced(leg, rule_set({"rule4": rule4}), each_way=False)

    assert (found.win, found.price) == (F(pays), F(pays))


def test_rule_4_comes_before_the_dead_heat() -> None:
    leg = Leg("", SIX, WON.tied(F(1, 2)), deductions=(F(20),))

    assert priced(leg, DEFAULT, each_way=False).win == F("2.5")


@pytest.mark.parametrize(("ended", "pays"), [(LOST, "0"), (VOID, "1"), (HALF_LOST, "1/2")])
def test_rule_4_leaves_a_leg_without_profit_alone(ended: Factors, pays: str) -> None:
    leg = Leg("", FOUR, ended, deductions=(F(50),))

    assert priced(leg, DEFAULT, each_way=False).win == F(pays)


def test_rule_4_takes_as_much_off_the_places_profit() -> None:
    leg = Leg("", FOUR, WON, WON, place_fraction=F(1, 5), deductions=(F(10),))

    found = priced(leg, DEFAULT, each_way=True)

    assert (found.win, found.place) == (F("3.7"), F("1.54"))


@pytest.mark.parametrize(
    ("what", "best_odds", "price", "starting", "deduction", "pays"),
    [
        ("no guarantee", "off", "4", "6", "0", "4"),
        ("a longer starting price", "before_rule4", "4", "6", "0", "6"),
        ("a shorter one", "before_rule4", "4", "3", "0", "4"),
        ("the same", "before_rule4", "4", "4", "25", "3.25"),
        ("longer, without any deduction", "before_rule4", "4", "5", "25", "5"),
        ("between the price and what is left of it", "before_rule4", "4", "3.5", "25", "3.25"),
        ("the same, compared with what is left", "after_rule4", "4", "3.5", "25", "3.5"),
        ("shorter than what is left", "after_rule4", "4", "3.2", "25", "3.25"),
        ("not known yet", "after_rule4", "4", None, "25", "3.25"),
    ],
)
def test_best_odds_guaranteed_compares_as_the_rules_say(
    what: str, best_odds: str, price: str, starting: str | None, deduction: str, pays: str
) -> None:
    leg = Leg(
        "",
        F(price),
        WON,
        starting_price=None if starting is None else F(starting),
        deductions=(F(deduction),),
    )

    found = priced(leg, rule_set({"best_odds": best_odds}), each_way=False)

    assert (found.win, found.price) == (F(pays), F(pays))


@pytest.mark.parametrize(
    ("what", "ended", "starting", "pays"),
    [
        ("won", WON, "5", "5"),
        ("half won", HALF_WON, "5", "3"),
        ("won, the price awaited", WON, None, None),
        ("lost, the price awaited", LOST, None, "0"),
        ("void, the price awaited", VOID, None, "1"),
        ("half lost, the price awaited", HALF_LOST, None, "1/2"),
        ("not decided", None, "5", None),
    ],
)
def test_a_leg_at_starting_price_is_never_reduced(
    what: str, ended: Factors | None, starting: str | None, pays: str | None
) -> None:
    price = None if starting is None else F(starting)
    leg = Leg("", None, ended, starting_price=price, deductions=(F(40),))

    found = priced(leg, DEFAULT, each_way=False)

    assert found.win == (None if pays is None else F(pays))


def test_rule_4_still_reduces_an_agreed_place_price_when_the_starting_price_is_taken() -> None:
    rules = rule_set({"best_odds": "before_rule4"})
    taken = Leg("", FOUR, LOST, WON, place_price=F(2), starting_price=F(8), deductions=(F(10),))

    assert priced(taken, rules, each_way=True).place == F("1.9")


@pytest.mark.parametrize(
    ("what", "table", "withdrawn", "pays"),
    [
        ("the usual bands", "tattersalls", ["3.0", "12"], "2.95"),
        ("bands without a 5p one", "without_5p", ["3.0", "12"], "3.1"),
    ],
)
def test_a_withdrawn_price_is_deducted_by_the_rule_sets_own_table(
    what: str, table: str, withdrawn: list[str], pays: str
) -> None:
    asked = bet("single", leg("4", withdrawn=withdrawn), stake="1")

    found = exact(asked | {"rules": {"rule4": {"table": table}}})

    assert found == F(pays)


def test_percents_and_withdrawn_prices_are_added() -> None:
    found = quoted(bet("single", leg("4", rule4=[10, "5"], withdrawn=["3.0"])))

    assert found["returns"] == "26.50"
