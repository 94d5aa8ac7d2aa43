"""A rule set names what it changes; what it can't mean is refused in a sentence."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from settlement.rules.exact import RulesRefusal
from settlement.rules.ruleset import (
    DEFAULT,
    Rule4,
    deduction_for,
    for_currency,
    rule_set,
    settings_of,
)

PUBLISHED = json.loads(
    Path(__file__).with_name("vectors").joinpath("rule4_tables.json").read_text()
)
DEFAULTS = {
    "rounding": {"mode": "HALF_UP", "scope": "ticket", "quantum": {}},
    "dead_heat_method": "stake",
    "each_way_formula": "win_place",
    "place_win_only": "void",
    "rule4": {"table": "tattersalls", "basis": "profit", "cap": "90", "ignore_5p": False},
    "best_odds": "off",
    "bet_builder_void": "void_all",
    "bet_builder_void_beats_lose": True,
    "snr_scope": "ticket",
    "bonus": {"one_winner": {}, "all_winners": {}, "accumulator": {}, "basis": "profit"},
    "cap": {"amount": {}, "on": "return"},
    "certainty": "first",
    "manual_void_reasons": [3, 15],
    "money_basis": "payout",
    "money_tolerance": 1,
    "free_bet_payout": "review",
    "auto_resettle_limit": {},
    "auto_resettle_days": 30,
    "negative_balance": "allow",
}


def test_a_rule_set_that_names_nothing_is_the_default() -> None:
    assert rule_set({}) == DEFAULT
    assert settings_of(DEFAULT) == DEFAULTS


@pytest.mark.parametrize(
    "settings",
    [
        DEFAULTS,
        {"rounding": {"mode": "DOWN", "quantum": {"AUD": "0.05"}}},
        {"rule4": {"table": "without_5p", "cap": "75"}, "cap": {"amount": "250000"}},
        {"bonus": {"one_winner": {"lucky15": "100"}, "accumulator": {"4": "2.5"}}},
    ],
)
def test_a_stored_rule_set_is_read_back_the_same(settings: dict[str, Any]) -> None:
    rules = rule_set(settings)

    assert rule_set(json.loads(json.dumps(settings_of(rules)))) == rules


@pytest.mark.parametrize(
    ("what", "settings", "sentence"),
    [
        ("no object", [], "Rules: Expected `object`, got `array`"),
        ("nothing", None, "Rules: Expected `object`, got `null`"),
        (
            "an unknown setting",
            {"dead_heat": "stake"},
            "Rules: Object contains unknown field `dead_heat`",
        ),
        (
            "an unknown setting inside",
            {"rule4": {"max": "90"}},
            "Rules: Object contains unknown field `max` - at `$.rule4`",
        ),
        (
            "an unknown choice",
            {"rounding": {"mode": "UP"}},
            "Rules: Invalid enum value 'UP' - at `$.rounding.mode`",
        ),
        (
            "a choice in another case",
            {"dead_heat_method": "STAKE"},
            "Rules: Invalid enum value 'STAKE' - at `$.dead_heat_method`",
        ),
        (
            "a number that is not text",
            {"cap": {"amount": 100}},
            "Rules: Expected `str | object`, got `int` - at `$.cap.amount`",
        ),
        (
            "a truth in text",
            {"rule4": {"ignore_5p": "yes"}},
            "Rules: Expected `bool`, got `str` - at `$.rule4.ignore_5p`",
        ),
        (
            "a quantum of nothing",
            {"rounding": {"quantum": "0"}},
            "Rules: rounding.quantum must be above zero. - at `$.rounding`",
        ),
        (
            "a cap of nothing in one currency",
            {"cap": {"amount": {"EUR": "10", "USD": "0.00"}}},
            "Rules: cap.amount must be above zero. - at `$.cap`",
        ),
        (
            "a negative cap",
            {"cap": {"amount": "-5"}},
            "Rules: cap.amount: “-5” is not a number like 2.50 or a ratio like 5/3. - at `$.cap`",
        ),
        (
            "more than all of it",
            {"rule4": {"cap": "101"}},
            "Rules: rule4.cap must be 0 to 100. - at `$.rule4`",
        ),
        (
            "a bonus that is no number",
            {"bonus": {"one_winner": {"lucky15": "double"}}},
            "Rules: bonus.one_winner.lucky15: “double” is not a number like 2.50 or a ratio like"
            " 5/3. - at `$.bonus`",
        ),
        (
            "no number of legs",
            {"bonus": {"accumulator": {"four": "5"}}},
            "Rules: bonus.accumulator: “four” is not a number of legs. - at `$.bonus`",
        ),
    ],
)
def test_what_a_rule_set_cannot_mean_is_refused(what: str, settings: Any, sentence: str) -> None:
    with pytest.raises(RulesRefusal) as refused:
        rule_set(settings)

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("what", "bonus"),
    [
        ("a misspelt kind", {"one_winner": {"lukcy15": "100"}}),
        ("a kind that has no such bonus", {"all_winners": {"trixie": "10"}}),
        ("no legs at all", {"accumulator": {"0": "10"}}),
        ("a raised digit", {"accumulator": {"²": "10"}}),
    ],
)
def test_a_bonus_that_nothing_can_earn_is_refused(what: str, bonus: dict[str, Any]) -> None:
    with pytest.raises(RulesRefusal):
        rule_set({"bonus": bonus})


@pytest.mark.parametrize(
    ("setting", "currency", "amount"),
    [
        ("10", "EUR", "10"),
        ({"EUR": "10", "JPY": "1000"}, "JPY", "1000"),
        ({"EUR": "10"}, "JPY", None),
        ({}, "EUR", None),
    ],
)
def test_a_setting_is_for_all_currencies_or_for_each(
    setting: Any, currency: str, amount: str | None
) -> None:
    assert for_currency(setting, currency) == (None if amount is None else Fraction(amount))


@pytest.mark.parametrize(
    ("table", "published"),
    [("tattersalls", "decimal_continuous_upper_bounds"), ("without_5p", "unibet_decimal")],
)
def test_a_deduction_table_is_the_published_one(table: Any, published: str) -> None:
    bands = [(Fraction(bound), percent) for bound, percent in PUBLISHED[published]["bands"]]
    nexts = [percent for _, percent in bands[1:]] + [0]
    rules = Rule4(table=table)

    at_bounds = [deduction_for(bound, rules) for bound, _ in bands]
    above = [deduction_for(bound + Fraction(1, 10**6), rules) for bound, _ in bands]

    assert at_bounds == [percent for _, percent in bands]
    assert above == nexts


FRACTIONAL = [
    (fraction, percent)
    for shorter, longer, percent in PUBLISHED["tattersalls_fractional_bands"]["bands"]
    for fraction in (shorter, longer)
    if fraction and fraction[0].isdigit()
]


@pytest.mark.parametrize(("fraction", "percent"), FRACTIONAL)
def test_tattersalls_fractions_fall_into_their_bands(fraction: str, percent: int) -> None:
    assert deduction_for(1 + Fraction(fraction), Rule4()) == percent


def test_the_longest_prices_are_not_deducted() -> None:
    assert deduction_for(Fraction("15.01"), Rule4()) == 0
    assert deduction_for(Fraction("11"), Rule4(table="without_5p")) == 0
