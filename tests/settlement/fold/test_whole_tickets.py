"""Whole tickets' results, as Odds88 gives them: which is in force, and what money it means."""

from itertools import permutations
from typing import Any

import pytest

from settlement.fold.facts import TicketFact
from settlement.rules.ruleset import DEFAULT, RuleSet
from settlement.said import Ended, LegSaid
from tests.settlement.fold.facts_of import (
    Brief,
    accumulator,
    brief,
    cash_out,
    doubts,
    each_way,
    held,
    leg,
    leg_act,
    leg_words,
    result,
    settled_by_us,
    single,
    ticket,
    wanted,
)

WIN_25 = ("SETTLED", "WIN", 2500)
LOSE = ("SETTLED", "LOSE", 0)
OPEN = ("OPEN", "NONE", 0)
WON: Ended = ("1", "0")
LOST: Ended = ("0", "0")


@pytest.mark.parametrize(
    ("case", "facts", "expected"),
    [
        ("nothing was said", [], OPEN),
        ("one result", [result("WIN", "25.00", "2.5")], WIN_25),
        (
            "a later one",
            [result("WIN", "25.00", "2.5", at=1), result("LOSE", "0", "0", at=2)],
            LOSE,
        ),
        (
            "100 ns later",
            [
                result("WIN", "25.00", "2.5", at=17_000_000_000_000_001),
                result("LOSE", "0", "0", at=17_000_000_000_000_002),
            ],
            LOSE,
        ),
        (
            "an older one with greater versions is ignored",
            [result("WIN", "25.00", "2.5", at=2), result("LOSE", "0", "0", at=1, versions=[9])],
            WIN_25,
        ),
        (
            "NONE opens the ticket again",
            [result("WIN", "25.00", "2.5", at=1), result("NONE", at=2)],
            OPEN,
        ),
        (
            "NONE, and a result after it",
            [
                result("WIN", "25.00", "2.5", at=1),
                result("NONE", at=2),
                result("LOSE", "0", "0", at=3),
            ],
            LOSE,
        ),
        (
            "a lost ticket that is won after all",
            [result("LOSE", "0", "0", at=1), result("WIN", "25.00", "2.5", at=2)],
            WIN_25,
        ),
        (
            "a cash-out of theirs is a result like the others",
            [result("CASH_OUT", "12.00", "1.2", at=1), result("LOSE", "0", "0", at=2)],
            LOSE,
        ),
    ],
)
def test_the_greatest_settlement_time_wins(
    case: str, facts: list[TicketFact], expected: Brief
) -> None:
    for order in permutations(facts):
        found = wanted(single(), facts=order)

        assert (brief(found), doubts(found), held(found)) == (expected, [], ""), case


@pytest.mark.parametrize(
    ("case", "facts", "expected", "asked"),
    [
        (
            "the greater sum of versions",
            [
                result("LOSE", "0", "0", versions=[1, 1]),
                result("WIN", "25.00", "2.5", versions=[1, 2]),
            ],
            WIN_25,
            ["EQUAL_TIME"],
        ),
        (
            "equal sums: the smaller payout",
            [
                result("WIN", "25.00", "2.5", versions=[2, 1]),
                result("MIXED", "12.50", "1.25", versions=[1, 2]),
            ],
            ("SETTLED", "MIXED", 1250),
            ["EQUAL_TIME"],
        ),
        (
            "the same money in other words",
            [result("WIN", "25.00", "2.5"), result("WIN", "25.0", "2.50")],
            WIN_25,
            [],
        ),
        (
            "another version of the same money",
            [
                result("WIN", "25.00", "2.5", versions=[1]),
                result("WIN", "25.00", "2.5", versions=[2]),
            ],
            WIN_25,
            [],
        ),
        (
            "an older one of other money asks nothing",
            [result("WIN", "25.00", "2.5", at=2), result("LOSE", "0", "0", at=1)],
            WIN_25,
            [],
        ),
    ],
)
def test_at_equal_times_versions_then_the_smaller_payout_decide(
    case: str, facts: list[TicketFact], expected: Brief, asked: list[str]
) -> None:
    for order in permutations(facts):
        found = wanted(single(), facts=order)

        assert (brief(found), doubts(found)) == (expected, asked), case


def test_at_equal_times_versions_and_payouts_the_content_decides() -> None:
    one = result("WIN", "25.00", "2.5", legs=(LegSaid("leg 1", ("1", "0")),))
    other = result("HALF_WIN", "25.00", "2.5", legs=(LegSaid("leg 1", ("1/2", "1/2")),))
    last = "WIN" if one.key > other.key else "HALF_WIN"

    found = [wanted(single(), facts=order) for order in ([one, other], [other, one])]

    assert [brief(each) for each in found] == [("SETTLED", last, 2500)] * 2
    assert [doubts(each) for each in found] == [[], []]


def test_a_doubt_about_equal_times_names_both_amounts() -> None:
    facts = [result("WIN", "25.00", "2.5"), result("LOSE", "0", "0")]

    (doubt,) = wanted(single(), facts=facts).doubts

    assert doubt.sentence == (
        "Two results of the same settlement time mean different money: "
        "lose 0.00 EUR, which is in force, and win 25.00 EUR."
    )


def test_a_result_that_is_taken_back_at_its_own_time_asks_a_person() -> None:
    facts = [result("WIN", "25.00", "2.5"), result("NONE")]

    found = wanted(single(), facts=facts)

    assert (brief(found), doubts(found)) == (OPEN, ["EQUAL_TIME"])


def test_equal_times_with_the_same_money_ask_nothing_whatever_the_status() -> None:
    facts = [result("NONE", flag="CANCELLED"), result("NONE", flag="REJECTED")]

    assert doubts(wanted(single(), facts=facts)) == []


def test_the_doubt_about_equal_times_does_not_depend_on_the_order_of_arrival() -> None:
    facts = [
        result("LOSE", "0", "0"),
        result("MIXED", "12.50", "1.25"),
        result("WIN", "25.00", "2.5"),
    ]

    found = {wanted(single(), facts=order).doubts for order in permutations(facts)}

    assert len(found) == 1


@pytest.mark.parametrize(
    ("case", "said", "expected", "hold"),
    [
        ("cancelled", result("NONE", flag="CANCELLED"), ("CANCELLED", "NONE", 1000), ""),
        ("rejected", result("NONE", flag="REJECTED"), ("REJECTED", "NONE", 1000), ""),
        (
            "cancelled with a refund",
            result("REFUND", "10.00", "1", flag="CANCELLED"),
            ("CANCELLED", "NONE", 1000),
            "",
        ),
        (
            "rejected with a refund",
            result("REFUND", "10.00", "1", flag="REJECTED"),
            ("REJECTED", "NONE", 1000),
            "",
        ),
        (
            "cancelled and won",
            result("WIN", "25.00", "2.5", flag="CANCELLED"),
            ("CANCELLED", "NONE", 1000),
            "PAYOUT_MISMATCH",
        ),
        (
            "rejected and lost",
            result("LOSE", "0", "0", flag="REJECTED"),
            ("REJECTED", "NONE", 1000),
            "PAYOUT_MISMATCH",
        ),
        (
            "cancelled, and another amount than the stake",
            result("REFUND", "9.00", "0.9", flag="CANCELLED"),
            ("CANCELLED", "NONE", 1000),
            "PAYOUT_MISMATCH",
        ),
    ],
)
def test_a_cancelled_or_rejected_bet_is_refunded(
    case: str, said: TicketFact, expected: Brief, hold: str
) -> None:
    found = wanted(single(), facts=[said])

    assert (brief(found), held(found)) == (expected, hold), case


def test_a_cancelled_bet_s_payout_may_be_converted_by_the_rate() -> None:
    said = result("REFUND", "20.00", "1", rate="0.5", flag="CANCELLED")

    found = wanted(single(), facts=[said])

    assert (brief(found), held(found)) == (("CANCELLED", "NONE", 1000), "")


@pytest.mark.parametrize(
    ("case", "payout", "multiplier", "more", "expected", "hold"),
    [
        ("they agree", "25.00", "2.5", {}, 2500, ""),
        ("a minor unit below", "24.99", "2.5", {}, 2499, ""),
        ("a minor unit above", "25.01", "2.5", {}, 2501, ""),
        ("a tenth more than that", "25.011", "2.5", {}, None, "PAYOUT_MISMATCH"),
        ("two minor units above", "25.02", "2.5", {}, None, "PAYOUT_MISMATCH"),
        ("the multiplier is not rounded", "3.33", "0.33333", {}, 333, ""),
        ("a wrong payout", "50.00", "2.5", {}, None, "PAYOUT_MISMATCH"),
        ("nothing at all, and a multiplier", "0", "2.5", {}, None, "PAYOUT_MISMATCH"),
        ("converted: payout × rate", "50.00", "2.5", {"rate": "0.5"}, 2500, ""),
        ("converted: payout ÷ rate", "12.50", "2.5", {"rate": "0.5"}, 2500, ""),
        ("converted by a rate of 20 places", "27.12", "2.5", {"rate": f"0.9217{1:016}"}, 2500, ""),
        ("in its own currency in spite of a rate", "25.00", "2.5", {"rate": "0.5"}, 2500, ""),
        ("converted, and wrong", "60.00", "2.5", {"rate": "0.5"}, None, "PAYOUT_MISMATCH"),
        ("a rate of nothing", "50.00", "2.5", {"rate": "0"}, None, "PAYOUT_MISMATCH"),
        ("neither figure", None, None, {}, None, "PAYOUT_MISMATCH"),
    ],
)
def test_the_payout_must_be_stake_times_multiplier_to_a_minor_unit(
    case: str,
    payout: str | None,
    multiplier: str | None,
    more: dict[str, Any],
    expected: int | None,
    hold: str,
) -> None:
    found = wanted(single(), facts=[result("WIN", payout, multiplier, **more)])

    assert held(found) == hold, case
    assert expected is None or found.payout == expected, case


@pytest.mark.parametrize(
    ("case", "payout", "multiplier", "rate"),
    [
        ("a rate of 29 digits", "27.12", "2.5", "0.92170000000000000000000000001"),
        ("a multiplier of 28", "6.67", "0.6666666666666666666666666667", None),
    ],
)
def test_numbers_of_29_digits_are_read(
    case: str, payout: str, multiplier: str, rate: str | None
) -> None:
    found = wanted(single(), facts=[result("MIXED", payout, multiplier, rate=rate)])

    assert held(found) == "", case


def test_a_mismatch_says_what_does_not_fit() -> None:
    hold = wanted(single(), facts=[result("WIN", "50.00", "2.5")]).hold

    assert hold is not None
    assert hold.sentence == (
        "The payout 50.00 is not the stake 10.00 EUR × 2.5 = 25, "
        "neither as it stands nor converted."
    )


@pytest.mark.parametrize(
    ("case", "stake", "precision", "payout", "multiplier", "expected"),
    [
        ("no minor unit", 1_000, 0, "2501", "2.5", 2501),
        ("three places", 10_000, 3, "25.001", "2.5", 25001),
        ("eight places", 100_000_000, 8, "2.50000001", "2.5", 250_000_001),
    ],
)
def test_the_minor_unit_is_the_currency_s(
    case: str, stake: int, precision: int, payout: str, multiplier: str, expected: int
) -> None:
    bet = single(stake=stake, precision=precision, currency="QQQ")

    found = wanted(bet, facts=[result("WIN", payout, multiplier)])

    assert (found.payout, held(found)) == (expected, ""), case


@pytest.mark.parametrize(
    ("case", "rules", "expected", "hold"),
    [
        ("the payout is the money", DEFAULT, 2499, ""),
        ("stake × multiplier is", RuleSet(money_basis="multiplier"), 2500, ""),
        ("no tolerance", RuleSet(money_tolerance=0), None, "PAYOUT_MISMATCH"),
        ("more tolerance", RuleSet(money_tolerance=5), 2499, ""),
    ],
)
def test_which_figure_is_the_money_is_a_setting(
    case: str, rules: RuleSet, expected: int | None, hold: str
) -> None:
    found = wanted(single(), facts=[result("WIN", "24.99", "2.5")], rules=rules)

    assert held(found) == hold, case
    assert expected is None or found.payout == expected, case


def test_an_each_way_double_said_to_be_won_may_return_less_than_the_stake() -> None:
    placed = (LegSaid("leg 1", LOST, WON), LegSaid("leg 2", LOST, WON))

    found = wanted(each_way("1.32", "1.96"), facts=[result("WIN", "13.39", "0.6696", legs=placed)])

    assert (brief(found), held(found)) == (("SETTLED", "MIXED", 1339), "")


@pytest.mark.parametrize(
    ("case", "said", "expected"),
    [
        ("won", result("WIN", "25.00", "2.5"), "WIN"),
        ("lost", result("LOSE", "0", "0"), "LOSE"),
        ("refunded", result("REFUND", "10.00", "1"), "REFUND"),
        ("half won", result("HALF_WIN", "17.50", "1.75"), "HALF_WIN"),
        ("half lost", result("HALF_LOSE", "5.00", "0.5"), "HALF_LOSE"),
        ("cashed out", result("CASH_OUT", "7.00", "0.7"), "CASH_OUT"),
        ("placed", result("PLACE_WIN", "20.00", "2"), "PLACE_WIN"),
        ("“won”, and nothing is paid", result("WIN", "0", "0"), "LOSE"),
        ("“lost”, and something is paid", result("LOSE", "5.00", "0.5"), "MIXED"),
        (
            "“won” in a dead heat",
            result("WIN", "12.50", "1.25", legs=(LegSaid("leg 1", ("1/2", "0")),)),
            "MIXED",
        ),
        (
            "“won”, as its leg says",
            result("WIN", "25.00", "2.5", legs=(LegSaid("leg 1", WON),)),
            "WIN",
        ),
    ],
)
def test_the_word_of_a_single_is_never_guessed_from_the_money(
    case: str, said: TicketFact, expected: str
) -> None:
    found = wanted(single(), facts=[said])

    assert (found.status, found.result, held(found)) == ("SETTLED", expected, ""), case


@pytest.mark.parametrize(
    ("word", "expected"),
    [("WIN", "WIN"), ("HALF_WIN", "MIXED"), ("HALF_LOSE", "MIXED"), ("PLACE_WIN", "MIXED")],
)
def test_words_that_are_named_for_singles_are_no_accumulator_s(word: str, expected: str) -> None:
    found = wanted(accumulator("2", "3"), facts=[result(word, "12.00", "1.2")])

    assert brief(found) == ("SETTLED", expected, 1200)


def test_an_accumulator_with_a_void_leg_is_not_won_in_full() -> None:
    legs = (LegSaid("leg 1", WON), LegSaid("leg 2", ("0", "1")))

    found = wanted(accumulator("2", "3"), facts=[result("WIN", "20.00", "2", legs=legs)])

    assert brief(found) == ("SETTLED", "MIXED", 2000)
    assert leg_words(found) == ["won", "void"]


def test_a_builder_s_parts_are_one_leg_of_a_single() -> None:
    bet = ticket(leg(1, "3", group="A"), leg(2, "3", group="A"), kind="single")

    found = wanted(bet, facts=[result("HALF_WIN", "20.00", "2")])

    assert brief(found) == ("SETTLED", "HALF_WIN", 2000)


@pytest.mark.parametrize(
    ("case", "word", "payout", "multiplier", "rules", "expected", "hold"),
    [
        ("nobody says", "WIN", "25.00", "2.5", DEFAULT, 1500, "PAYOUT_MISMATCH"),
        ("lost", "LOSE", "0", "0", DEFAULT, 0, ""),
        ("refunded: the token goes back", "REFUND", "10.00", "1", DEFAULT, 0, ""),
        (
            "the payout holds the stake",
            "WIN",
            "25.00",
            "2.5",
            RuleSet(free_bet_payout="return"),
            1500,
            "",
        ),
        (
            "half lost, the payout holds the stake",
            "HALF_LOSE",
            "5.00",
            "0.5",
            RuleSet(free_bet_payout="return"),
            0,
            "",
        ),
    ],
)
def test_a_free_bet_s_stake_is_never_paid(
    case: str, word: str, payout: str, multiplier: str, rules: RuleSet, expected: int, hold: str
) -> None:
    bet = single(free_bet=True)

    found = wanted(bet, facts=[result(word, payout, multiplier)], rules=rules)

    assert (found.payout, held(found)) == (expected, hold), case


def test_a_free_bet_s_payout_without_the_stake_is_compared_with_the_profit() -> None:
    rules = RuleSet(free_bet_payout="profit")

    found = wanted(single(free_bet=True), facts=[result("WIN", "15.00", "2.5")], rules=rules)

    assert (found.payout, held(found)) == (1500, "")


@pytest.mark.parametrize(
    ("holds", "payout"), [("profit", "14.99"), ("review", "14.99"), ("return", "24.99")]
)
def test_a_free_bet_s_payout_is_the_money_too(holds: Any, payout: str) -> None:
    rules = RuleSet(free_bet_payout=holds)

    found = wanted(single(free_bet=True), facts=[result("WIN", payout, "2.5")], rules=rules)

    assert (found.payout, held(found)) == (1499, "")


@pytest.mark.parametrize("flag", ["CANCELLED", "REJECTED"])
def test_a_cancelled_free_bet_pays_nothing(flag: str) -> None:
    found = wanted(single(free_bet=True), facts=[result("NONE", flag=flag)])

    assert (brief(found), held(found)) == ((flag, "NONE", 0), "")


def test_a_partial_refund_inside_the_payout_is_paid_once() -> None:
    bet = ticket(leg(1, None), kind="exotic")
    said = result("MIXED", "25.00", "2.5", partial_refund="2.00")

    found = wanted(bet, facts=[said])

    assert (brief(found), held(found)) == (("SETTLED", "MIXED", 2500), "")


def test_a_partial_refund_is_added_when_that_makes_the_figures_agree() -> None:
    bet = ticket(leg(1, None), kind="exotic")
    said = result("MIXED", "23.00", "2.5", partial_refund="2.00")

    found = wanted(bet, facts=[said])

    assert (brief(found), held(found)) == (("SETTLED", "MIXED", 2500), "")


def test_a_partial_refund_that_fits_neither_way_waits() -> None:
    bet = ticket(leg(1, None), kind="exotic")
    said = result("MIXED", "24.00", "2.5", partial_refund="2.00")

    assert held(wanted(bet, facts=[said])) == "PAYOUT_MISMATCH"


def test_without_a_payout_stake_times_multiplier_is_paid() -> None:
    found = wanted(single(), facts=[result("WIN", None, "2.5")])

    assert (brief(found), held(found)) == (WIN_25, "")


def test_without_a_multiplier_the_payout_is_checked_against_the_legs() -> None:
    said = result("WIN", "25.00", None, legs=(LegSaid("leg 1", WON),))

    found = wanted(single("2.50"), facts=[said])

    assert (brief(found), held(found)) == (WIN_25, "")


@pytest.mark.parametrize("kind", ["exotic", "tote", "pickem"])
def test_kinds_that_are_not_computed_follow_their_provider(kind: str) -> None:
    bet = ticket(leg(1, None), kind=kind)

    found = wanted(bet, facts=[result("WIN", "123.45", "12.345")])

    assert (brief(found), held(found)) == (("SETTLED", "WIN", 12345), "")


def test_a_result_s_legs_are_kept_by_what_they_name() -> None:
    bet = accumulator("2", "3", "4")
    said = result("LOSE", "0", "0", legs=(LegSaid("leg 3", LOST), LegSaid("leg 1", WON)))

    assert leg_words(wanted(bet, facts=[said])) == ["won", "open", "lost"]


def test_two_legs_of_one_name_are_told_apart_by_their_event() -> None:
    legs = [leg(1, "2", ref="9", event="A"), leg(2, "3", ref="9", event="B")]
    said = result(
        "LOSE", "0", "0", legs=(LegSaid("9", LOST, event="B"), LegSaid("9", WON, event="A"))
    )

    assert leg_words(wanted(ticket(*legs), facts=[said])) == ["won", "lost"]


def test_what_is_left_after_a_cash_out_of_ours_takes_its_share_of_the_result() -> None:
    facts = [cash_out(400, 700, number=1), result("WIN", "25.00", "2.5")]

    found = wanted(single(), facts=facts)

    assert brief(found) == ("SETTLED", "WIN", 2200)
    assert (found.cashed_out_stake, found.cashed_out_amount) == (400, 700)


def test_what_is_left_after_a_cash_out_of_ours_is_what_a_cancelled_bet_refunds() -> None:
    facts = [cash_out(400, 700, number=1), result("NONE", flag="CANCELLED")]

    assert brief(wanted(single(), facts=facts)) == ("CANCELLED", "NONE", 1300)


def test_an_act_on_a_leg_settles_the_ticket_by_its_legs() -> None:
    legs = (LegSaid("leg 1", LOST), LegSaid("leg 2", WON))
    said = result("LOSE", "0", "0", legs=legs)

    found = wanted(accumulator("2", "3"), facts=[said, leg_act(1, "void", number=1)])

    assert (brief(found), leg_words(found)) == (("SETTLED", "MIXED", 3000), ["void", "won"])


def test_an_act_on_a_market_outranks_the_leg_of_a_whole_ticket_s_result() -> None:
    legs = (LegSaid("leg 1", LOST), LegSaid("leg 2", WON))
    ours = settled_by_us("won", number=1)

    found = wanted(accumulator("2", "3"), {1: [ours]}, [result("LOSE", "0", "0", legs=legs)])

    assert (brief(found), leg_words(found)) == (("SETTLED", "WIN", 6000), ["won", "won"])
