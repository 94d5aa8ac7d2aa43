"""What one unit on a leg pays back: results, dead heats, places."""

from fractions import Fraction

import pytest

from settlement.rules.exact import NeedsDecision
from settlement.rules.legs import (
    HALF_LOST,
    HALF_WON,
    LOST,
    PLACE_PART,
    VOID,
    WIN_PART,
    WON,
    Factors,
    Leg,
    priced,
    uof_factors,
    word,
)
from settlement.rules.ruleset import DEFAULT, rule_set
from settlement.vocabulary import LegResult

F = Fraction
FOUR, SIX = Fraction(4), Fraction(6)


@pytest.mark.parametrize(
    ("result", "pays", "words"),
    [
        (LegResult.WIN, "4", "won"),
        (LegResult.PLACE, "0", "lost"),
        (LegResult.LOSE, "0", "lost"),
        (LegResult.VOID, "1", "void"),
        (LegResult.HALF_WIN, "5/2", "half won"),
        (LegResult.HALF_LOSE, "1/2", "half lost"),
    ],
)
def test_a_result_pays_its_part_of_the_price(result: LegResult, pays: str, words: str) -> None:
    ended = WIN_PART[result]

    found = priced(Leg("", FOUR, ended), DEFAULT, each_way=False)

    assert (found.win, found.place, word(ended)) == (F(pays), None, words)


@pytest.mark.parametrize(
    ("result", "win", "place"),
    [
        (LegResult.WIN, "6", "2"),
        (LegResult.PLACE, "0", "2"),
        (LegResult.LOSE, "0", "0"),
        (LegResult.VOID, "1", "1"),
    ],
)
def test_a_result_pays_each_way(result: LegResult, win: str, place: str) -> None:
    leg = Leg("", SIX, WIN_PART[result], PLACE_PART[result], place_fraction=F(1, 5))

    found = priced(leg, DEFAULT, each_way=True)

    assert (found.win, found.place) == (F(win), F(place))


@pytest.mark.parametrize(
    ("what", "result", "void_factor", "dead_heat_factor", "ended"),
    [
        ("lost", 0, None, None, LOST),
        ("won", 1, None, None, WON),
        ("refunded", 0, "1", None, VOID),
        ("half won", 1, "1/2", None, HALF_WON),
        ("half lost", 0, "1/2", None, HALF_LOST),
        ("refunded though it won", 1, "1", None, VOID),
        ("a void factor of nothing", 1, "0", None, WON),
        ("won in a dead heat", 1, None, "1/4", Factors(F(1, 4), F(0))),
        ("lost in a dead heat", 0, None, "1/2", LOST),
        ("refunded in a dead heat", 1, "1", "1/2", VOID),
        ("a dead heat with room for all", 1, None, "1", WON),
        ("half won with room for all", 1, "1/2", "1", HALF_WON),
        ("not decided", -1, None, None, None),
        ("not decided, no void factor", -1, "0", None, None),
        ("refunded before it was decided", -1, "1", None, VOID),
    ],
)
def test_uofs_result_and_void_factor_say_how_a_leg_ended(
    what: str,
    result: int,
    void_factor: str | None,
    dead_heat_factor: str | None,
    ended: Factors | None,
) -> None:
    found = uof_factors(
        result=result,
        void_factor=None if void_factor is None else F(void_factor),
        dead_heat_factor=None if dead_heat_factor is None else F(dead_heat_factor),
    )

    assert found == ended


@pytest.mark.parametrize(
    ("what", "result", "void_factor", "dead_heat_factor", "sentence"),
    [
        ("a strange void factor", 1, "1/4", None, "A void factor of 0.25 has no agreed meaning."),
        ("a strange result", 2, None, None, "The result 2 is not known."),
        (
            "half won in a dead heat",
            1,
            "1/2",
            "1/2",
            "A half result in a dead heat has to be decided by hand.",
        ),
        (
            "half lost in a dead heat",
            0,
            "1/2",
            "1/2",
            "A half result in a dead heat has to be decided by hand.",
        ),
    ],
)
def test_what_uof_never_defined_needs_a_person(
    what: str, result: int, void_factor: str | None, dead_heat_factor: str | None, sentence: str
) -> None:
    with pytest.raises(NeedsDecision) as refused:
        uof_factors(
            result=result,
            void_factor=F(void_factor or 0),
            dead_heat_factor=None if dead_heat_factor is None else F(dead_heat_factor),
        )

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("method", "price", "tied", "pays"),
    [
        ("stake", "6", "1/2", "3"),
        ("stake", "1.5", "1/2", "3/4"),
        ("stake", "4", "1/3", "4/3"),
        ("profit", "6", "1/2", "7/2"),
        ("profit", "1.5", "1/2", "5/4"),
        ("odds_floor_1", "6", "1/2", "3"),
        ("odds_floor_1", "1.5", "1/2", "1"),
        ("void_if_odds_on", "6", "1/2", "3"),
        ("void_if_odds_on", "2", "1/2", "1"),
        ("void_if_odds_on", "2", "1/4", "1/2"),
        ("void_if_odds_on", "1.99", "1/2", "1"),
    ],
)
def test_a_dead_heat_pays_by_its_method(method: str, price: str, tied: str, pays: str) -> None:
    rules = rule_set({"dead_heat_method": method})

    found = priced(Leg("", F(price), WON.tied(F(tied))), rules, each_way=False)

    assert found.win == F(pays)


@pytest.mark.parametrize(
    ("what", "ended", "tied"),
    [
        ("no dead heat", WON, None),
        ("more places than tied", WON, F(3, 2)),
        ("a loser", LOST, F(1, 2)),
        ("a void leg", VOID, F(1, 2)),
    ],
)
def test_a_tie_that_costs_nothing_changes_nothing(
    what: str, ended: Factors, tied: Fraction | None
) -> None:
    assert ended.tied(tied) == ended


@pytest.mark.parametrize(
    ("what", "fraction", "place_price", "place"),
    [
        ("a fifth", F(1, 5), None, "2"),
        ("all of it", F(1), None, "6"),
        ("an agreed place price", None, F(3, 2), "3/2"),
        ("an agreed price before the terms", F(1, 5), F(3, 2), "3/2"),
    ],
)
def test_a_place_pays_its_terms_or_its_price(
    what: str, fraction: Fraction | None, place_price: Fraction | None, place: str
) -> None:
    leg = Leg("", SIX, LOST, WON, place_fraction=fraction, place_price=place_price)

    assert priced(leg, DEFAULT, each_way=True).place == F(place)


@pytest.mark.parametrize(
    ("setting", "ended", "place"),
    [("void", WON, "1"), ("void", LOST, "1"), ("win", WON, "6"), ("win", LOST, "0")],
)
def test_where_no_places_are_paid_the_place_stake_goes_where_the_rules_say(
    setting: str, ended: Factors, place: str
) -> None:
    rules = rule_set({"place_win_only": setting})

    assert priced(Leg("", SIX, ended, ended), rules, each_way=True).place == F(place)
