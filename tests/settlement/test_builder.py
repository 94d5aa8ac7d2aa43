"""Bet builders: one price for several parts, and what a void part makes of it."""

from fractions import Fraction
from typing import Any

import pytest

from settlement.rules.builder import BuilderPart, builder_leg, builder_outcome
from settlement.rules.exact import NeedsDecision
from settlement.rules.legs import HALF_WON, LOST, VOID, WON, Factors
from settlement.rules.ruleset import RuleSet, rule_set
from tests.settlement.quoting import bet, exact, leg, quoted, refusal

F = Fraction
ENDS = {"won": WON, "lost": LOST, "void": VOID, "open": None}
VOID_ALL: dict[str, Any] = {}
LOSER_WINS = {"bet_builder_void_beats_lose": False}
STRIP = {"bet_builder_void": "strip_void_price"}
STRIP_LOSER_WINS = STRIP | LOSER_WINS
MANUAL = {"bet_builder_void": "manual"}


def parts(words: str, prices: tuple[str | None, ...] = ("2", "3", "4")) -> tuple[BuilderPart, ...]:
    return tuple(
        BuilderPart(f"part {place}", ENDS[word], None if price is None else F(price))
        for place, (word, price) in enumerate(zip(words.split(), prices, strict=False), start=1)
    )


def rules(settings: dict[str, Any]) -> RuleSet:
    return rule_set(settings)


@pytest.mark.parametrize(
    ("words", "settings", "ended", "price"),
    [
        ("won won won", VOID_ALL, WON, "20"),
        ("won lost won", VOID_ALL, LOST, "20"),
        ("won void won", VOID_ALL, VOID, "20"),
        ("void void void", VOID_ALL, VOID, "20"),
        ("lost void won", VOID_ALL, VOID, "20"),
        ("lost void won", LOSER_WINS, LOST, "20"),
        ("won void won", LOSER_WINS, VOID, "20"),
        ("lost void won", STRIP, LOST, "20"),
        ("lost void won", STRIP_LOSER_WINS, LOST, "20"),
        ("lost void won", MANUAL, LOST, "20"),
        ("won won won", STRIP, WON, "20"),
        ("won void won", STRIP, WON, "20/3"),
        ("won void void", STRIP, WON, "2"),
        ("void void void", STRIP, VOID, "20"),
        ("void void void", MANUAL, VOID, "20"),
        ("won won won", MANUAL, WON, "20"),
    ],
)
def test_a_builder_ends_by_its_parts(
    words: str, settings: dict[str, Any], ended: Factors, price: str
) -> None:
    found = builder_outcome(parts(words), F(20), rules(settings))

    assert found[:2] == (ended, F(price))


@pytest.mark.parametrize(
    ("words", "settings", "ended"),
    [
        ("won open won", VOID_ALL, None),
        ("void open won", VOID_ALL, None),
        ("lost open won", VOID_ALL, None),
        ("lost void open", VOID_ALL, None),
        ("void open won", LOSER_WINS, None),
        ("lost open won", LOSER_WINS, LOST),
        ("lost void open", LOSER_WINS, LOST),
        ("void open won", STRIP, None),
        ("lost open won", STRIP, LOST),
        ("lost open won", MANUAL, LOST),
        ("won open won", MANUAL, None),
    ],
)
def test_a_builder_stays_open_while_a_part_without_a_result_may_matter(
    words: str, settings: dict[str, Any], ended: Factors | None
) -> None:
    assert builder_outcome(parts(words), F(20), rules(settings))[0] == ended


@pytest.mark.parametrize(
    ("what", "words", "prices", "settings", "sentence"),
    [
        (
            "rules that leave it to a person",
            "won void",
            ("2", "3"),
            MANUAL,
            "part 2 is void: the builder has to be priced by hand.",
        ),
        (
            "no price of the void part",
            "won void won",
            ("2", None, "4"),
            STRIP,
            "A part is void and the parts' own prices are not known.",
        ),
        (
            "no price of the only part left",
            "won void void",
            (None, "3", "4"),
            STRIP,
            "A part is void and the parts' own prices are not known.",
        ),
        (
            "less than the stake would be left",
            "won won void",
            ("2", "3", "21"),
            STRIP,
            "Without its void parts the builder would pay 0.9523….",
        ),
    ],
)
def test_a_builder_that_no_rule_prices_needs_a_person(
    what: str,
    words: str,
    prices: tuple[str | None, ...],
    settings: dict[str, Any],
    sentence: str,
) -> None:
    with pytest.raises(NeedsDecision) as refused:
        builder_outcome(parts(words, prices), F(20), rules(settings))

    assert str(refused.value) == sentence


@pytest.mark.parametrize("ended", [HALF_WON, WON.tied(F(1, 2))])
def test_a_half_result_or_a_dead_heat_in_a_builder_needs_a_person(ended: Factors) -> None:
    some = (BuilderPart("a", WON), BuilderPart("b", ended))

    with pytest.raises(NeedsDecision, match="a half result or a dead heat is settled by hand"):
        builder_outcome(some, F(20), rules({}))


def test_a_builder_is_one_leg_that_names_its_parts() -> None:
    found = builder_leg(parts=parts("won won"), price=F(7), rules=rules({}), banker=True)

    assert (found.name, found.builder) == ("Bet builder: part 1 + part 2", ("part 1", "part 2"))
    assert (found.price, found.win, found.banker) == (F(7), WON, True)


def test_a_void_builder_in_a_double_counts_1() -> None:
    void = [leg("7", "win", group="g"), leg("7", "void", group="g")]

    found = quoted(bet("double", *void, leg("3")))

    assert (found["returns"], found["lines"]) == ("30.00", 1)


def test_two_builders_in_a_double_keep_apart() -> None:
    first = [leg("7", "win", group="a"), leg("7", "win", group="a")]
    second = [leg("5", "win", group="b"), leg("5", "lose", group="b")]

    assert exact(bet("double", first[0], second[0], first[1], second[1])) == 0
    assert exact(bet("double", first[0], second[0], first[1])) == 350


@pytest.mark.parametrize(
    ("what", "changes", "sentence"),
    [
        ("two prices", {"price": "8"}, "group g: all parts carry the builder's one price."),
        ("no price", {"price": None}, "group g: all parts carry the builder's one price."),
        (
            "a dead heat",
            {"dead_heat": "1/2"},
            "group g, part 2: deductions and dead heats in a builder go by hand.",
        ),
        (
            "a deduction",
            {"rule4": 10},
            "group g, part 2: deductions and dead heats in a builder go by hand.",
        ),
        (
            "a half result",
            {"result": "half_win"},
            "A bet builder with a half result or a dead heat is settled by hand.",
        ),
        (
            "an own price below 1",
            {"part_price": "0.9"},
            "group g, part 2: decimal odds of 0.9 are below 1.",
        ),
    ],
)
def test_a_part_that_does_not_fit_its_builder_is_refused(
    what: str, changes: dict[str, Any], sentence: str
) -> None:
    part = leg("7", "win", group="g")

    assert refusal(bet("single", part, part | changes)) == sentence


@pytest.mark.parametrize("zero", [{"rule4": 0}, {"rule4": "0"}, {"dead_heat": "0"}])
def test_a_deduction_of_nothing_does_not_stop_a_builder(zero: dict[str, Any]) -> None:
    part = leg("7", "win", group="g")

    assert exact(bet("single", part, part | zero)) == 70


def test_a_dead_heat_for_a_place_does_not_pass_a_builder_unseen() -> None:
    part = leg("7", "win", group="g", place_fraction="1/5", place_dead_heat="1/2")

    sentence = refusal(bet("single", part, part, each_way=True))

    assert sentence.startswith("group g, part 1: ")
