"""Cancels and their windows: who is void, what revives, and what asks a person."""

from itertools import permutations

import pytest

from settlement.fold.facts import MarketFact
from settlement.fold.outcomes import unmatched_rollbacks
from settlement.vocabulary import MarketFactKind
from tests.settlement.fold.facts_of import (
    Brief,
    accumulator,
    brief,
    cancel_rolled_back,
    cancelled,
    doubts,
    leg_words,
    market_act,
    outcome,
    rolled_back,
    settled,
    single,
    wanted,
)


@pytest.mark.parametrize(
    ("case", "cancel", "void"),
    [
        ("neither end: all bets", cancelled(), [999, 1000, 1001, 1999, 2000, 2001]),
        ("only a start: all after", cancelled(1000, None), [1000, 1001, 1999, 2000, 2001]),
        ("only an end: all before", cancelled(None, 2000), [999, 1000, 1001, 1999, 2000]),
        ("both, each included", cancelled(1000, 2000), [1000, 1001, 1999, 2000]),
        ("one millisecond", cancelled(2000, 2000), [2000]),
        ("the wrong way round: nobody", cancelled(2000, 1000), []),
        ("from the epoch on", cancelled(0, 999), [999]),
    ],
)
def test_a_cancel_voids_bets_accepted_in_its_window(
    case: str, cancel: MarketFact, void: list[int]
) -> None:
    times = [999, 1000, 1001, 1999, 2000, 2001]

    found = {at: outcome([settled("won"), cancel], accepted=at) for at in times}

    assert found == {at: "void" if at in void else "won" for at in times}, case


def test_a_cancelled_bet_is_settled_as_a_refund() -> None:
    assert brief(wanted(single(), {1: [cancelled()]})) == ("SETTLED", "REFUND", 1000)


def test_a_second_window_does_not_overwrite_the_first() -> None:
    facts = [settled("won", at=1), cancelled(1000, 1100, at=2), cancelled(2000, 2100, at=3)]

    found = [outcome(facts, accepted=at) for at in (1050, 1500, 2050)]

    assert found == ["void", "won", "void"]


def test_a_cancel_hits_a_settled_market_whichever_is_older() -> None:
    older = [settled("won", at=1, certainty=2), cancelled(at=2)]
    newer = [settled("won", at=3, certainty=2), cancelled(at=2)]

    assert [outcome(older), outcome(newer)] == ["void", "void"]


def test_a_rollback_of_settlements_leaves_cancels_alone() -> None:
    assert outcome([settled("won", at=1), cancelled(at=2), rolled_back(at=3)]) == "void"


def test_one_cancelled_leg_does_not_void_the_accumulator() -> None:
    found = wanted(accumulator("2", "3"), {1: [cancelled()], 2: [settled("won")]})

    assert brief(found) == ("SETTLED", "MIXED", 3000)
    assert leg_words(found) == ["void", "won"]


@pytest.mark.parametrize(
    ("case", "facts", "expected"),
    [
        (
            "the same window",
            [cancelled(500, 1500, at=2), cancel_rolled_back(500, 1500, at=3)],
            "won",
        ),
        ("the same open window", [cancelled(at=2), cancel_rolled_back(at=3)], "won"),
        (
            "only the same start",
            [cancelled(500, None, at=2), cancel_rolled_back(500, None, at=3)],
            "won",
        ),
        (
            "without times: all of the market's",
            [cancelled(500, 1500, at=2), cancelled(None, 1000, at=2), cancel_rolled_back(at=3)],
            "won",
        ),
        (
            "another end",
            [cancelled(500, 1500, at=2), cancel_rolled_back(500, 1501, at=3)],
            "void",
        ),
        (
            "a narrower one",
            [cancelled(at=2), cancel_rolled_back(500, 1500, at=3)],
            "void",
        ),
        (
            "one of two",
            [
                cancelled(500, 1500, at=2),
                cancelled(600, 1600, at=2),
                cancel_rolled_back(500, 1500, at=3),
            ],
            "void",
        ),
        ("at the same time", [cancelled(at=2), cancel_rolled_back(at=2)], "won"),
        ("earlier than the cancel", [cancelled(at=3), cancel_rolled_back(at=2)], "void"),
        (
            "and the same cancel once more",
            [cancelled(at=2), cancel_rolled_back(at=3), cancelled(at=4)],
            "void",
        ),
        (
            "between two equal cancels",
            [cancelled(at=2), cancelled(at=4), cancel_rolled_back(at=3)],
            "void",
        ),
    ],
)
def test_a_cancel_rollback_takes_the_equal_window_back(
    case: str, facts: list[MarketFact], expected: str
) -> None:
    found = {outcome(list(order)) for order in permutations([settled("won", at=1), *facts])}

    assert found == {expected}, case


def test_when_a_cancel_is_rolled_back_the_older_settlement_revives() -> None:
    facts = [settled("won", at=1), cancelled(at=2), cancel_rolled_back(at=3)]
    seen = [brief(wanted(single(), {1: facts[:count]})) for count in (1, 2, 3)]

    assert seen == [
        ("SETTLED", "WIN", 2500),
        ("SETTLED", "REFUND", 1000),
        ("SETTLED", "WIN", 2500),
    ]


def test_a_rolled_back_cancel_of_an_open_market_leaves_it_open() -> None:
    found = wanted(single(), {1: [cancelled(at=2), cancel_rolled_back(at=3)]})

    assert brief(found) == ("OPEN", "NONE", 0)


@pytest.mark.parametrize(
    ("case", "facts", "unmatched"),
    [
        ("no cancel at all", [cancel_rolled_back(at=2)], [2]),
        ("of another window", [cancelled(1, 2, at=1), cancel_rolled_back(1, 3, at=2)], [2]),
        ("earlier than the cancel", [cancelled(at=3), cancel_rolled_back(at=2)], [2]),
        ("of a window it takes back", [cancelled(1, 2, at=1), cancel_rolled_back(1, 2, at=2)], []),
        ("without times", [cancelled(1, 2, at=1), cancel_rolled_back(at=2)], []),
        ("of the same time", [cancelled(at=2), cancel_rolled_back(at=2)], []),
        (
            "of our own cancel, which only we can take back",
            [market_act(MarketFactKind.CANCEL, number=7), cancel_rolled_back(at=2)],
            [2],
        ),
    ],
)
def test_a_cancel_rollback_that_equals_no_window_is_told_of(
    case: str, facts: list[MarketFact], unmatched: list[int]
) -> None:
    for order in permutations(facts):
        assert [one.ticks for one in unmatched_rollbacks(order)] == unmatched, case


@pytest.mark.parametrize("reason", [3, 15])
@pytest.mark.parametrize(
    ("case", "accepted", "expected", "asked"),
    [
        ("inside", 1000, ("OPEN", "NONE", 0), ["MANUAL_VOID_REASON"]),
        ("at its end", 1500, ("OPEN", "NONE", 0), ["MANUAL_VOID_REASON"]),
        ("after it", 1501, ("SETTLED", "WIN", 2500), []),
        ("before it", 499, ("SETTLED", "WIN", 2500), []),
    ],
)
def test_a_cancel_with_a_manual_reason_asks_inside_its_window_alone(
    reason: int, case: str, accepted: int, expected: Brief, asked: list[str]
) -> None:
    facts = [settled("won", at=1), cancelled(500, 1500, at=2, void_reason=reason)]

    found = wanted(single(accepted=accepted), {1: facts})

    assert (brief(found), doubts(found)) == (expected, asked), case


def test_a_cancel_with_a_manual_reason_gives_way_to_one_that_voids() -> None:
    facts = [cancelled(at=1, void_reason=15), cancelled(500, 1500, at=2, void_reason=5)]

    found = wanted(single(), {1: facts})

    assert (brief(found), doubts(found)) == (("SETTLED", "REFUND", 1000), [])


def test_a_cancel_with_a_manual_reason_can_be_rolled_back() -> None:
    facts = [settled("won", at=1), cancelled(at=2, void_reason=15), cancel_rolled_back(at=3)]

    found = wanted(single(), {1: facts})

    assert (brief(found), doubts(found)) == (("SETTLED", "WIN", 2500), [])


def test_a_lost_leg_needs_nobody_to_decide_the_other() -> None:
    asking = [cancelled(void_reason=15)]

    found = wanted(accumulator("2", "3"), {1: [settled("lost")], 2: asking})

    assert (brief(found), doubts(found)) == (("SETTLED", "LOSE", 0), [])
