"""How an outcome ends: both certainties, undecided, rollbacks, and what each result pays."""

from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest

from settlement.fold.facts import MarketFact
from settlement.rules.legs import Factors, uof_factors
from settlement.rules.ruleset import DEFAULT, RuleSet
from settlement.said import MarketContent
from settlement.vocabulary import MarketFactKind, Source
from tests.settlement.fold.facts_of import (
    OUTCOME,
    accumulator,
    brief,
    doubts,
    leg_words,
    market_fact,
    outcome,
    rolled_back,
    said,
    settled,
    single,
    wanted,
    word_of,
)

CONFIRMED = RuleSet(certainty="confirmed")


@pytest.mark.parametrize(
    ("case", "facts", "expected"),
    [
        ("nothing was said", [], "open"),
        ("a live result", [settled("won", certainty=1)], "won"),
        ("a confirmed result", [settled("won", certainty=2)], "won"),
        (
            "confirmed as it was",
            [settled("won", at=1, certainty=1), settled("won", at=2, certainty=2)],
            "won",
        ),
        (
            "confirmed otherwise",
            [settled("won", at=1, certainty=1), settled("lost", at=2, certainty=2)],
            "lost",
        ),
        (
            "a late live result after the confirmed one",
            [settled("lost", at=1, certainty=2), settled("won", at=2, certainty=1)],
            "lost",
        ),
        (
            "a later live result",
            [settled("won", at=1, certainty=1), settled("lost", at=2, certainty=1)],
            "lost",
        ),
        (
            "two confirmed ones that differ",
            [settled("won", at=1, certainty=2), settled("lost", at=2, certainty=2)],
            "lost",
        ),
        (
            "live and confirmed at the same time",
            [settled("lost", at=1, certainty=2), settled("won", at=1, certainty=1)],
            "lost",
        ),
    ],
)
def test_the_later_settlement_is_in_force_but_live_never_overrides_confirmed(
    case: str, facts: list[MarketFact], expected: str
) -> None:
    found = {outcome(list(order)) for order in permutations(facts)}

    assert found == {expected}, case


def test_two_settlements_that_differ_in_their_content_alone_are_ordered_by_it() -> None:
    won, lost = settled("won", at=1), settled("lost", at=1)
    last = "won" if won.key > lost.key else "lost"

    assert {outcome([won, lost]), outcome([lost, won])} == {last}


def test_a_corrected_result_of_the_same_word_is_still_a_correction() -> None:
    before = wanted(single(), {1: [settled("won", at=1)]})
    after = wanted(single(), {1: [settled("won", at=1), settled("tied 1/2", at=2)]})

    assert (brief(before), brief(after)) == (
        ("SETTLED", "WIN", 2500),
        ("SETTLED", "MIXED", 1250),
    )


def test_live_says_all_lost_and_another_producer_refunds_later() -> None:
    live, prematch = settled("lost", at=1, certainty=1), settled("void", at=2, certainty=1)

    assert outcome([prematch, live]) == "void"


@pytest.mark.parametrize(
    ("case", "facts", "expected"),
    [
        ("alone", [settled("undecided", at=1)], "open"),
        (
            "later than a decision",
            [settled("won", at=1), settled("undecided", at=2)],
            "open",
        ),
        (
            "at the same time as a decision, whatever their content",
            [settled("won", at=1), settled("undecided", at=1)],
            "open",
        ),
        (
            "at the same time as another decision",
            [settled("lost", at=1), settled("undecided", at=1)],
            "open",
        ),
        (
            "earlier than a decision",
            [settled("undecided", at=1), settled("won", at=2)],
            "won",
        ),
        (
            "of lower certainty than the decision",
            [settled("won", at=1, certainty=2), settled("undecided", at=2, certainty=1)],
            "won",
        ),
        (
            "of lower certainty, at the same time",
            [settled("won", at=1, certainty=2), settled("undecided", at=1, certainty=1)],
            "won",
        ),
        (
            "of higher certainty than the decision",
            [settled("won", at=1, certainty=1), settled("undecided", at=2, certainty=2)],
            "open",
        ),
        (
            "of higher certainty, at the same time",
            [settled("won", at=1, certainty=1), settled("undecided", at=1, certainty=2)],
            "open",
        ),
        (
            "of equal certainty, both confirmed",
            [settled("won", at=1, certainty=2), settled("undecided", at=2, certainty=2)],
            "open",
        ),
        (
            "confirmed, and a live result later: whatever comes later decides",
            [
                settled("lost", at=1, certainty=2),
                settled("undecided", at=2, certainty=2),
                settled("won", at=3, certainty=1),
            ],
            "won",
        ),
        (
            "live, between a confirmed result and a live one",
            [
                settled("lost", at=1, certainty=2),
                settled("undecided", at=2, certainty=1),
                settled("won", at=3, certainty=1),
            ],
            "lost",
        ),
        (
            "of lower certainty: it clears the live one, the confirmed one stays",
            [
                settled("lost", at=1, certainty=2),
                settled("won", at=2, certainty=1),
                settled("undecided", at=3, certainty=1),
            ],
            "lost",
        ),
        (
            "confirmed, at the time of a live result: it clears that too",
            [
                settled("lost", at=1, certainty=2),
                settled("undecided", at=2, certainty=2),
                settled("won", at=2, certainty=1),
            ],
            "open",
        ),
        (
            "confirmed, before a live result that the confirmed one outranked",
            [
                settled("lost", at=1, certainty=2),
                settled("won", at=3, certainty=1),
                settled("undecided", at=2, certainty=2),
            ],
            "won",
        ),
    ],
)
def test_undecided_clears_what_is_not_later_and_not_more_certain(
    case: str, facts: list[MarketFact], expected: str
) -> None:
    found = {outcome(list(order)) for order in permutations(facts)}

    assert found == {expected}, case


@pytest.mark.parametrize(
    ("case", "facts", "expected"),
    [
        ("of the whole market", [settled("won", at=1), rolled_back(at=2)], "open"),
        ("of this outcome", [settled("won", at=1), rolled_back(OUTCOME, at=2)], "open"),
        ("of another outcome", [settled("won", at=1), rolled_back("2", at=2)], "won"),
        ("of both", [settled("won", at=1), rolled_back("2", OUTCOME, at=2)], "open"),
        ("at the same time", [settled("won", at=1), rolled_back(at=1)], "open"),
        ("of an earlier time", [settled("won", at=2), rolled_back(at=1)], "won"),
        ("alone", [rolled_back(at=1)], "open"),
        (
            "and a result after it",
            [settled("won", at=1), rolled_back(at=2), settled("lost", at=3)],
            "lost",
        ),
        (
            "of a confirmed result, and a live one after it",
            [settled("won", at=1, certainty=2), rolled_back(at=2), settled("lost", at=3)],
            "lost",
        ),
        (
            "of two results: none revives",
            [settled("won", at=1), settled("lost", at=2, certainty=2), rolled_back(at=3)],
            "open",
        ),
        (
            "between two results",
            [settled("won", at=1, certainty=2), rolled_back(at=2), settled("lost", at=3)],
            "lost",
        ),
        (
            "whoever sends it",
            [settled("won", at=1), rolled_back(at=2, source=Source.LSPORTS)],
            "open",
        ),
    ],
)
def test_a_rollback_clears_settlements_that_are_not_later(
    case: str, facts: list[MarketFact], expected: str
) -> None:
    found = {outcome(list(order)) for order in permutations(facts)}

    assert found == {expected}, case


def test_a_rollback_that_arrives_first_waits_for_the_older_settlement() -> None:
    rollback, late = rolled_back(at=5), settled("won", at=4)

    assert outcome([rollback]) == "open"
    assert outcome([rollback, late]) == "open"
    assert outcome([rollback, late, settled("won", at=6)]) == "won"


def test_a_ticket_can_be_settled_again_after_a_rollback() -> None:
    facts = [settled("won", at=1), rolled_back(at=2), settled("lost", at=3), rolled_back(at=4)]
    seen = [brief(wanted(single(), {1: facts[:count]})) for count in range(1, 5)]

    assert seen == [
        ("SETTLED", "WIN", 2500),
        ("OPEN", "NONE", 0),
        ("SETTLED", "LOSE", 0),
        ("OPEN", "NONE", 0),
    ]
    assert brief(wanted(single(), {1: [*facts, settled("won", at=5)]})) == (
        "SETTLED",
        "WIN",
        2500,
    )


def test_an_outcome_that_a_settlement_leaves_out_stays_open() -> None:
    fact = market_fact(MarketFactKind.SETTLEMENT, MarketContent(outcomes=said(**{"2": "won"})))

    assert outcome([fact]) == "open"


def test_the_parts_of_a_partial_settlement_are_each_themselves() -> None:
    first = market_fact(
        MarketFactKind.SETTLEMENT,
        MarketContent(outcomes=said(**{OUTCOME: "undecided", "2": "won"})),
        at=1,
    )
    second = settled("lost", at=2)

    assert [outcome([first]), outcome([second, first])] == ["open", "lost"]


@pytest.mark.parametrize(
    ("case", "facts", "expected"),
    [
        ("a live result", [settled("won", at=1, certainty=1)], "open"),
        ("a confirmed result", [settled("won", at=1, certainty=2)], "won"),
        (
            "a live one after it",
            [settled("won", at=1, certainty=2), settled("lost", at=2, certainty=1)],
            "won",
        ),
        (
            "a live undecided after it",
            [settled("won", at=1, certainty=2), settled("undecided", at=2, certainty=1)],
            "won",
        ),
        (
            "a confirmed undecided after it",
            [settled("won", at=1, certainty=2), settled("undecided", at=2, certainty=2)],
            "open",
        ),
        (
            "a rollback after it, and a live result",
            [settled("won", at=1, certainty=2), rolled_back(at=2), settled("lost", at=3)],
            "open",
        ),
        ("LSports, which is certain", [settled("won", source=Source.LSPORTS, certainty=2)], "won"),
    ],
)
def test_the_policy_confirmed_leaves_live_results_out(
    case: str, facts: list[MarketFact], expected: str
) -> None:
    found = {outcome(list(order), rules=CONFIRMED) for order in permutations(facts)}

    assert found == {expected}, case


@pytest.mark.parametrize("reason", [3, 15])
def test_a_manual_void_reason_counts_as_undecided_and_asks_a_person(reason: int) -> None:
    facts = [settled("won", at=1), settled("void", at=2, void_reason=reason)]

    found = wanted(single(), {1: facts})

    assert brief(found) == ("OPEN", "NONE", 0)
    assert doubts(found) == ["MANUAL_VOID_REASON"]
    assert f"void reason {reason}" in found.doubts[0].sentence


@pytest.mark.parametrize(
    ("case", "facts", "expected", "asked"),
    [
        (
            "a later result decides",
            [settled("void", at=1, void_reason=15), settled("won", at=2)],
            "won",
            [],
        ),
        (
            "it does not clear a more certain result",
            [settled("won", at=1, certainty=2), settled("void", at=2, void_reason=15)],
            "won",
            [],
        ),
        (
            "it clears one of the same time",
            [settled("won", at=1), settled("void", at=1, void_reason=15)],
            "open",
            ["MANUAL_VOID_REASON"],
        ),
        (
            "a rollback takes the question away",
            [settled("void", at=1, void_reason=15), rolled_back(at=2)],
            "open",
            [],
        ),
        (
            "a live result of a confirmed question decides when it comes later",
            [
                settled("void", at=1, certainty=2, void_reason=3),
                settled("lost", at=2, certainty=1),
            ],
            "lost",
            [],
        ),
    ],
)
def test_a_manual_void_reason_follows_the_rules_of_undecided(
    case: str, facts: list[MarketFact], expected: str, asked: list[str]
) -> None:
    for order in permutations(facts):
        found = wanted(single(), {1: order})

        assert (leg_words(found), doubts(found)) == ([expected], asked), case


@pytest.mark.parametrize("reason", [*range(3), *range(4, 15), 16, 99])
def test_other_void_reasons_void(reason: int) -> None:
    found = wanted(single(), {1: [settled("void", void_reason=reason)]})

    assert brief(found) == ("SETTLED", "REFUND", 1000)


def test_which_void_reasons_ask_a_person_is_a_setting() -> None:
    rules = RuleSet(manual_void_reasons=(7,))

    asked, followed = (
        wanted(single(), {1: [settled("void", void_reason=reason)]}, rules=rules)
        for reason in (7, 15)
    )

    assert (brief(asked), doubts(asked)) == (("OPEN", "NONE", 0), ["MANUAL_VOID_REASON"])
    assert (brief(followed), doubts(followed)) == (("SETTLED", "REFUND", 1000), [])


def test_the_policy_confirmed_hears_no_live_void_reason() -> None:
    found = wanted(single(), {1: [settled("void", void_reason=15)]}, rules=CONFIRMED)

    assert (brief(found), doubts(found)) == (("OPEN", "NONE", 0), [])


@pytest.mark.parametrize(
    ("case", "facts", "expected"),
    [
        (
            "−1 takes the settlement back: it is no void",
            [
                settled("won", at=1, certainty=2, source=Source.LSPORTS),
                settled("undecided", at=2, certainty=2, source=Source.LSPORTS),
            ],
            ("OPEN", "NONE", 0),
        ),
        (
            "−1, then a new code",
            [
                settled("won", at=1, certainty=2, source=Source.LSPORTS),
                settled("undecided", at=2, certainty=2, source=Source.LSPORTS),
                settled("lost", at=3, certainty=2, source=Source.LSPORTS),
            ],
            ("SETTLED", "LOSE", 0),
        ),
        (
            "a new code with a later LastUpdate",
            [
                settled("lost", at=1, certainty=2, source=Source.LSPORTS),
                settled("half won", at=2, certainty=2, source=Source.LSPORTS),
            ],
            ("SETTLED", "HALF_WIN", 1750),
        ),
        (
            "an old code from a snapshot",
            [
                settled("won", at=2, certainty=2, source=Source.LSPORTS),
                settled("undecided", at=1, certainty=2, source=Source.LSPORTS),
            ],
            ("SETTLED", "WIN", 2500),
        ),
    ],
)
def test_lsports_is_followed_by_last_update(
    case: str, facts: list[MarketFact], expected: tuple[str, str, int]
) -> None:
    found = {brief(wanted(single(), {1: order})) for order in permutations(facts)}

    assert found == {expected}, case


@pytest.mark.parametrize(
    ("case", "word", "expected"),
    [
        ("lost", "lost", ("SETTLED", "LOSE", 0)),
        ("won", "won", ("SETTLED", "WIN", 2500)),
        ("refunded in full", "void", ("SETTLED", "REFUND", 1000)),
        ("half won: (price + 1) / 2", "half won", ("SETTLED", "HALF_WIN", 1750)),
        ("half lost", "half lost", ("SETTLED", "HALF_LOSE", 500)),
        ("a dead heat of two: half the stake counts", "tied 1/2", ("SETTLED", "MIXED", 1250)),
        ("a dead heat of three", "tied 1/3", ("SETTLED", "MIXED", 833)),
        ("not decided", "undecided", ("OPEN", "NONE", 0)),
    ],
)
def test_a_single_of_10_at_2_50_pays(case: str, word: str, expected: tuple[str, str, int]) -> None:
    assert brief(wanted(single("2.50"), {1: [settled(word)]})) == expected, case


@pytest.mark.parametrize(
    ("case", "given", "expected"),
    [
        ("lose the entire bet", {"result": 0}, "lost"),
        ("win the entire bet", {"result": 1}, "won"),
        ("refund the entire bet", {"result": 0, "void_factor": "1"}, "void"),
        ("refund half, win half", {"result": 1, "void_factor": "1/2"}, "half won"),
        ("refund half, lose half", {"result": 0, "void_factor": "1/2"}, "half lost"),
        ("won and void: a refund", {"result": 1, "void_factor": "1"}, "void"),
        ("void_factor 0.0 is none", {"result": 1, "void_factor": "0"}, "won"),
        ("tied", {"result": 1, "dead_heat_factor": "1/2"}, "tied 1/2"),
        ("a dead heat factor of 1", {"result": 1, "dead_heat_factor": "1"}, "won"),
        ("undecided", {"result": -1}, "open"),
    ],
)
def test_uof_rows(case: str, given: dict[str, Any], expected: str) -> None:
    read: dict[str, Any] = {k: Fraction(v) if isinstance(v, str) else v for k, v in given.items()}

    assert word_of(uof_factors(**read)) == expected, case


def test_factors_that_are_not_the_usual_ones_are_kept_exactly() -> None:
    found = wanted(single("3"), {1: [settled("tied 1/3")]}, rules=DEFAULT)

    assert found.legs[0].win == Factors(Fraction(1, 3), Fraction(0))
    assert found.payout == 1000


@pytest.mark.parametrize(
    ("case", "first", "second", "expected"),
    [
        ("one void leg counts as 1", "void", "won", ("SETTLED", "MIXED", 3000)),
        ("both void", "void", "void", ("SETTLED", "REFUND", 1000)),
        ("both won", "won", "won", ("SETTLED", "WIN", 6000)),
        ("a half won leg", "half won", "won", ("SETTLED", "MIXED", 4500)),
        ("a half lost leg", "half lost", "won", ("SETTLED", "MIXED", 1500)),
        ("a tied leg", "tied 1/2", "won", ("SETTLED", "MIXED", 3000)),
        ("one lost, one open", "lost", "undecided", ("SETTLED", "LOSE", 0)),
        ("one lost, one void", "lost", "void", ("SETTLED", "LOSE", 0)),
        ("one won, one open", "won", "undecided", ("OPEN", "NONE", 0)),
    ],
)
def test_a_double_at_2_and_3_pays(
    case: str, first: str, second: str, expected: tuple[str, str, int]
) -> None:
    found = wanted(accumulator("2", "3"), {1: [settled(first)], 2: [settled(second)]})

    assert brief(found) == expected, case


def test_an_accumulator_that_is_lost_early_keeps_the_later_legs_results() -> None:
    lost, won, half = [settled("lost", at=1)], [settled("won", at=2)], [settled("half won", at=3)]

    found = wanted(accumulator("2", "3", "4"), {1: lost, 2: won, 3: half})

    assert brief(found) == ("SETTLED", "LOSE", 0)
    assert leg_words(found) == ["lost", "won", "half won"]


def test_a_later_void_of_the_losing_leg_opens_the_accumulator_again() -> None:
    lost, won = settled("lost", at=1), settled("won", at=2)
    void = settled("void", at=3)

    early = wanted(accumulator("2", "3", "4"), {1: [lost], 2: [won]})
    reopened = wanted(accumulator("2", "3", "4"), {1: [lost, void], 2: [won]})
    done = wanted(accumulator("2", "3", "4"), {1: [lost, void], 2: [won], 3: [won]})

    assert [brief(one) for one in (early, reopened, done)] == [
        ("SETTLED", "LOSE", 0),
        ("OPEN", "NONE", 0),
        ("SETTLED", "MIXED", 12000),
    ]


def test_a_winner_at_price_1_is_no_loser() -> None:
    assert brief(wanted(single("1"), {1: [settled("won")]})) == ("SETTLED", "WIN", 1000)
