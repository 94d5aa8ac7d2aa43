"""Each-way bets: two parts from win-only feeds, from an outcome of their own, or by hand."""

from typing import Any

import pytest

from settlement.fold.facts import TicketFact
from tests.settlement.fold.facts_of import (
    ENDED,
    Brief,
    act,
    brief,
    cancelled,
    doubts,
    each_way,
    leg,
    leg_act,
    leg_words,
    settled,
    settled_by_us,
    ticket,
    wanted,
    word_of,
)


@pytest.mark.parametrize(
    ("case", "word", "expected", "place", "asked"),
    [
        ("won: placed too", "won", ("SETTLED", "WIN", 7000), "won", []),
        ("won in a dead heat: placed", "tied 1/2", ("SETTLED", "MIXED", 4500), "won", []),
        ("void: both", "void", ("SETTLED", "REFUND", 2000), "void", []),
        ("lost: it may be placed", "lost", ("OPEN", "NONE", 0), "open", ["PLACE_PART"]),
        ("half won", "half won", ("OPEN", "NONE", 0), "open", ["PLACE_PART"]),
        ("half lost", "half lost", ("OPEN", "NONE", 0), "open", ["PLACE_PART"]),
        ("undecided", "undecided", ("OPEN", "NONE", 0), "open", []),
    ],
)
def test_a_feed_that_speaks_of_the_win_part_alone(
    case: str, word: str, expected: Brief, place: str, asked: list[str]
) -> None:
    found = wanted(each_way("5"), {1: [settled(word)]})

    assert (brief(found), doubts(found)) == (expected, asked), case
    assert word_of(found.legs[0].place) == place


def test_a_cancel_voids_both_parts() -> None:
    found = wanted(each_way("5"), {1: [settled("lost"), cancelled(at=2)]})

    assert (brief(found), doubts(found)) == (("SETTLED", "REFUND", 2000), [])


@pytest.mark.parametrize(
    ("win", "place", "expected"),
    [
        ("won", "won", ("SETTLED", "WIN", 7000)),
        ("lost", "won", ("SETTLED", "PLACE_WIN", 2000)),
        ("lost", "tied 1/2", ("SETTLED", "PLACE_WIN", 1000)),
        ("lost", "lost", ("SETTLED", "LOSE", 0)),
        ("tied 1/2", "won", ("SETTLED", "MIXED", 4500)),
        ("void", "void", ("SETTLED", "REFUND", 2000)),
        ("won", "void", ("SETTLED", "MIXED", 6000)),
        ("won", "undecided", ("OPEN", "NONE", 0)),
        ("lost", "undecided", ("OPEN", "NONE", 0)),
        ("undecided", "won", ("OPEN", "NONE", 0)),
    ],
)
def test_with_a_place_outcome_each_part_follows_its_own(
    win: str, place: str, expected: Brief
) -> None:
    bet = each_way("5", place_outcome=True)

    found = wanted(bet, {1: [settled(win)], 10: [settled(place)]})

    assert (brief(found), doubts(found)) == (expected, [])


def test_a_winner_is_not_taken_as_placed_where_a_place_outcome_says_so() -> None:
    found = wanted(each_way("5", place_outcome=True), {1: [settled("won")]})

    assert brief(found) == ("OPEN", "NONE", 0)
    assert word_of(found.legs[0].place) == "open"


def test_the_place_outcome_s_own_cancel_voids_the_place_part_alone() -> None:
    bet = each_way("5", place_outcome=True)

    found = wanted(bet, {1: [settled("won")], 10: [settled("won"), cancelled()]})

    assert brief(found) == ("SETTLED", "MIXED", 6000)


def test_a_double_of_two_winners_pays_both_parts() -> None:
    won = [settled("won")]

    found = wanted(each_way("5", "9"), {1: won, 2: won})

    assert brief(found) == ("SETTLED", "WIN", 51000)


def test_a_double_of_a_winner_and_a_loser_waits_for_the_place_part() -> None:
    found = wanted(each_way("5", "9"), {1: [settled("won")], 2: [settled("lost")]})

    assert (brief(found), doubts(found)) == (("OPEN", "NONE", 0), ["PLACE_PART"])


def test_a_leg_without_place_terms_follows_its_win_part() -> None:
    bet = ticket(leg(1, "5"), each_way=True, stake=2_000)

    found = wanted(bet, {1: [settled("won")]})

    assert (brief(found), doubts(found)) == (("SETTLED", "WIN", 6000), [])


def test_an_agreed_place_price_is_paid() -> None:
    bet = ticket(leg(1, "5", place_price="1.80"), each_way=True, stake=2_000)

    assert brief(wanted(bet, {1: [settled("won")]})) == ("SETTLED", "WIN", 6800)


@pytest.mark.parametrize(
    ("case", "place", "expected"),
    [
        ("placed", "won", ("SETTLED", "PLACE_WIN", 2000)),
        ("placed in a dead heat", "tied 1/2", ("SETTLED", "PLACE_WIN", 1000)),
        ("not placed", "lost", ("SETTLED", "LOSE", 0)),
    ],
)
def test_an_operator_settles_both_parts_of_a_leg(case: str, place: str, expected: Brief) -> None:
    by_hand = leg_act(1, "lost", place=place, number=1)

    found = wanted(each_way("5"), {1: [settled("lost")]}, [by_hand])

    assert (brief(found), doubts(found)) == (expected, []), case


def place_only(word: str) -> TicketFact:
    """Return an act that says how leg 1's place part ended, and nothing of its win part."""
    return act("LEG", number=1, position=1, place=ENDED[word])


@pytest.mark.parametrize(
    ("case", "place", "expected"),
    [
        ("placed", "won", ("SETTLED", "PLACE_WIN", 2000)),
        ("not placed", "lost", ("SETTLED", "LOSE", 0)),
    ],
)
def test_an_act_on_the_place_part_alone_leaves_the_win_part_to_the_provider(
    case: str, place: str, expected: Brief
) -> None:
    found = wanted(each_way("5"), {1: [settled("lost")]}, [place_only(place)])

    assert (brief(found), doubts(found)) == (expected, []), case


def test_an_act_on_the_win_part_alone_leaves_the_place_part_to_the_provider() -> None:
    by_hand = act("LEG", number=1, position=1, win=ENDED["lost"])
    bet = each_way("5", place_outcome=True)

    found = wanted(bet, {1: [settled("won")], 10: [settled("won")]}, [by_hand])

    assert brief(found) == ("SETTLED", "PLACE_WIN", 2000)


ONE_DOUBT = "A leg has one doubt for both parts, and left_open takes a void reason for the win's."


@pytest.mark.parametrize(
    ("case", "said", "asked"),
    [
        ("the place part is asked about still", {"win": ENDED["won"]}, ["MANUAL_VOID_REASON"]),
        ("the place part is answered, the win part just open", {"place": ENDED["won"]}, []),
    ],
)
def test_an_act_on_one_part_answers_what_was_asked_about_that_part_alone(
    case: str, said: dict[str, Any], asked: list[str]
) -> None:
    bet = each_way("5", place_outcome=True)
    asking = {10: [settled("void", void_reason=15)]}

    found = wanted(bet, asking, [act("LEG", number=1, position=1, **said)])

    assert (brief(found), doubts(found)) == (("OPEN", "NONE", 0), asked), case


def test_our_act_on_the_market_speaks_of_the_win_part_too() -> None:
    won, lost = settled_by_us("won", number=1), settled_by_us("lost", number=1)

    placed = wanted(each_way("5"), {1: [settled("lost"), won]})
    waiting = wanted(each_way("5"), {1: [settled("won"), lost]})

    assert (brief(placed), doubts(placed)) == (("SETTLED", "WIN", 7000), [])
    assert (brief(waiting), doubts(waiting)) == (("OPEN", "NONE", 0), ["PLACE_PART"])


def test_a_double_that_no_part_can_save_is_lost() -> None:
    bet = each_way("5", "9", place_outcome=True)
    lost = [settled("lost")]

    found = wanted(bet, {1: lost, 10: lost})

    assert (brief(found), leg_words(found)) == (("SETTLED", "LOSE", 0), ["lost", "open"])
