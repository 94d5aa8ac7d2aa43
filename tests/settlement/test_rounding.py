"""An exact return becomes money once, in the rule set's own way."""

from fractions import Fraction
from typing import Any

import pytest

from settlement.rules.rounding import quantum_of, rounded
from settlement.rules.ruleset import Rounding
from tests.settlement.quoting import bet, leg, quoted

CENT, FIVE_CENTS = Fraction("0.01"), Fraction("0.05")


@pytest.mark.parametrize(
    ("what", "value", "half_up", "half_even", "down"),
    [
        ("nothing", "0", "0", "0", "0"),
        ("whole cents", "25.10", "25.10", "25.10", "25.10"),
        ("just below the half", "0.0049999", "0", "0", "0"),
        ("the half above nothing", "0.005", "0.01", "0", "0"),
        ("the half above an odd cent", "0.015", "0.02", "0.02", "0.01"),
        ("the half above an even cent", "0.025", "0.03", "0.02", "0.02"),
        ("just above that half", "0.0250001", "0.03", "0.03", "0.02"),
        ("a third", "1/3", "0.33", "0.33", "0.33"),
        ("two thirds", "2/3", "0.67", "0.67", "0.66"),
        ("just below the next cent", "0.0199999", "0.02", "0.02", "0.01"),
        ("Betfair's example", "41.875", "41.88", "41.88", "41.87"),
        ("Pinnacle's example", "234.325", "234.33", "234.32", "234.32"),
        ("three legs at 1.25 on 10", "19.53125", "19.53", "19.53", "19.53"),
        ("what a float would get wrong", "1.005", "1.01", "1.00", "1.00"),
        ("an amount beyond 64 bits", "99999999999999999999.995", "1e20", "1e20", None),
    ],
)
def test_an_amount_is_rounded_by_its_mode(
    what: str, value: str, half_up: str, half_even: str, down: str | None
) -> None:
    given = Fraction(value)

    assert rounded(given, CENT, "HALF_UP") == Fraction(half_up)
    assert rounded(given, CENT, "HALF_EVEN") == Fraction(half_even)
    assert rounded(given, CENT, "DOWN") == Fraction(down or "99999999999999999999.99")


@pytest.mark.parametrize(
    ("value", "half_up", "half_even", "down"),
    [
        ("0.12", "0.10", "0.10", "0.10"),
        ("0.125", "0.15", "0.10", "0.10"),
        ("0.175", "0.20", "0.20", "0.15"),
        ("0.18", "0.20", "0.20", "0.15"),
        ("19.53125", "19.55", "19.55", "19.50"),
    ],
)
def test_five_cents_may_be_the_smallest_step(
    value: str, half_up: str, half_even: str, down: str
) -> None:
    modes = {"HALF_UP": half_up, "HALF_EVEN": half_even, "DOWN": down}

    found = {mode: rounded(Fraction(value), FIVE_CENTS, mode) for mode in modes}

    assert found == {mode: Fraction(expected) for mode, expected in modes.items()}


@pytest.mark.parametrize(
    ("what", "setting", "currency", "precision", "quantum"),
    [
        ("nothing said", {}, "EUR", 2, "0.01"),
        ("a currency without cents", {}, "JPY", 0, "1"),
        ("a coin", {}, "BTC", 8, "0.00000001"),
        ("one for all", "0.05", "EUR", 2, "0.05"),
        ("one for this currency", {"EUR": "0.05"}, "EUR", 2, "0.05"),
        ("one for another currency", {"AUD": "0.05"}, "EUR", 2, "0.01"),
        ("whole units", "1", "EUR", 2, "1"),
        ("finer than the currency", "0.001", "EUR", 2, "0.01"),
        ("no multiple of its minor unit", "0.015", "EUR", 2, "0.01"),
        ("too fine for one of the currencies", "0.05", "JPY", 0, "1"),
    ],
)
def test_a_return_is_rounded_to_a_multiple_of_the_minor_unit(
    what: str, setting: Any, currency: str, precision: int, quantum: str
) -> None:
    assert quantum_of(Rounding(quantum=setting), currency, precision) == Fraction(quantum)


PATENT = bet("patent", leg("1.25"), leg("1.25"), leg("1.25"), stake="0.10")
EACH_WAY = bet("single", leg("1.25", place_fraction="1/5"), stake="0.10", each_way=True)


@pytest.mark.parametrize(
    ("what", "asked", "mode", "ticket", "line"),
    [
        ("a patent", PATENT, "HALF_UP", "1.04", "1.07"),
        ("a patent", PATENT, "HALF_EVEN", "1.04", "1.04"),
        ("a patent", PATENT, "DOWN", "1.03", "1.00"),
        ("the two parts of a bet each-way", EACH_WAY, "HALF_UP", "0.23", "0.24"),
        ("the two parts of a bet each-way", EACH_WAY, "DOWN", "0.23", "0.22"),
    ],
)
def test_a_ticket_is_rounded_once_or_line_by_line(
    what: str, asked: dict[str, Any], mode: str, ticket: str, line: str
) -> None:
    scopes = {"ticket": ticket, "line": line}

    found = {
        scope: quoted(asked | {"rules": {"rounding": {"mode": mode, "scope": scope}}})["returns"]
        for scope in scopes
    }

    assert found == scopes


def test_equally_divided_each_way_lines_are_rounded_as_one() -> None:
    rules = {"rounding": {"scope": "line"}, "each_way_formula": "equally_divided"}

    assert quoted(EACH_WAY | {"rules": rules})["returns"] == "0.23"


@pytest.mark.parametrize(
    ("what", "asked", "scope", "pays"),
    [
        ("off all lines together", PATENT, "ticket", "0.37"),
        ("off each line", PATENT, "line", "0.37"),
        ("never below nothing", PATENT | {"legs": [leg("2"), *[leg("2", "lose")] * 2]}, "ticket",
         "0.00"),
    ],
)  # fmt: skip
def test_a_free_bets_stake_comes_off_lines_that_are_rounded(
    what: str, asked: dict[str, Any], scope: str, pays: str
) -> None:
    rules = {"rounding": {"scope": "line"}, "snr_scope": scope}

    assert quoted(asked | {"free_bet": True, "rules": rules})["returns"] == pays


@pytest.mark.parametrize(
    ("currency", "stake", "returns", "returns_down"),
    [
        ("EUR", "10", "19.53", "19.53"),
        ("JPY", "10", "20", "19"),
        ("KWD", "10", "19.531", "19.531"),
        ("BTC", "0.00000010", "0.00000020", "0.00000019"),
    ],
)
def test_an_accumulator_is_rounded_once_to_its_currency(
    currency: str, stake: str, returns: str, returns_down: str
) -> None:
    legs = [leg("1.25"), leg("1.25"), leg("1.25")]

    found = quoted(bet("treble", *legs, stake=stake, currency=currency))

    assert (found["returns"], found["returns_down"]) == (returns, returns_down)


@pytest.mark.parametrize(
    ("what", "asked", "rounding", "returns"),
    [
        ("a refund is the stake, whatever the quantum",
         bet("single", leg("2", "void"), stake="10.03"),
         {"quantum": "0.05", "mode": "DOWN"}, "10.03"),
        ("an agreed amount is paid as agreed",
         bet("single", leg("2", "win"), cashed_out={"stake": "10", "amount": "7.03"}),
         {"quantum": "0.05"}, "7.03"),
        ("lines of a refund are not rounded one by one",
         bet("trixie", leg("2", "void"), leg("2", "void"), leg("2", "void"), stake="10/11"),
         {"scope": "line", "mode": "DOWN"}, "3.63"),
    ],
)  # fmt: skip
def test_what_is_given_back_is_never_rounded_away(
    what: str, asked: dict[str, Any], rounding: dict[str, str], returns: str
) -> None:
    assert quoted(asked | {"rules": {"rounding": rounding}})["returns"] == returns
