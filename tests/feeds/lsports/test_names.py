"""Tickets that know their bet by its name and line alone."""

import itertools

import pytest

from settlement.models import Selection
from tests.factories import FundedPlayer
from tests.feeds.lsports.trade import (
    LOST,
    TAKEN_BACK,
    WON,
    asked,
    bring,
    hear,
    say,
    sentence,
    single,
    sound,
    told,
)
from tests.feeds.lsports.trade import payout as standing
from tests.settlement.asked import Json

OPEN = ("OPEN", "NONE", "0.00")
WIN, LOSE = ("SETTLED", "WIN", "25.00"), ("SETTLED", "LOSE", "0.00")


def by_name(player: FundedPlayer, bet_id: str = "T-1", **words: object) -> Json:
    """Return a single on “Over 2.5”, without the bet's id."""
    return single(player, bet_id, **{"outcome": "", "outcome_name": "Over", "line": "2.5"} | words)


def over(settlement: object = WON, ref: object = 11, at: float = 0, **words: object) -> Json:
    """Return the bet “Over 2.5”."""
    return told(ref, settlement, at, **{"Name": "Over", "Line": "2.5", "BaseLine": "2.5"} | words)


def under(settlement: object = LOST, ref: object = 12, at: float = 0, **words: object) -> Json:
    """Return the bet “Under 2.5”."""
    return over(settlement, ref, at, **{"Name": "Under"} | words)


@pytest.mark.parametrize("first", ["ticket", "settlement"])
def test_a_name_and_a_line_settle(player: FundedPlayer, first: str) -> None:
    if first == "ticket":
        bring(by_name(player))
    hear(say(over(), under()))
    if first == "settlement":
        bring(by_name(player))

    assert (standing(), asked()) == (WIN, [])
    assert player.balance == "115.00"
    assert sound()


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("4", "4.0", True),
        ("4.00", "4", True),
        ("-0.50", "-0.5", True),
        ("+1", "1", True),
        ("0:2", "0:2", True),
        ("0:2", "0:2.0", False),
        ("2", "0:2", False),
        ("-0.5", "0.5", False),
        ("1/2", "0.5", False),
        ("-0.5 (0-0)", "-0.5 (0-0)", True),
    ],
)
def test_lines_are_compared_as_numbers_where_both_are(
    player: FundedPlayer, ours: str, theirs: str, same: bool
) -> None:
    bring(by_name(player, line=ours))

    hear(say(over(Line=theirs, BaseLine=None)))

    assert standing() == (WIN if same else OPEN)


def test_the_line_of_the_pair_will_do_for_a_bet_without_its_own(player: FundedPlayer) -> None:
    bring(by_name(player, outcome_name="2", line="-0.5"))

    hear(say(over(Name="1", Line=None, BaseLine="-0.5", settlement=LOST),
             over(Name="2", Line=None, BaseLine="-0.5", ref=13)))  # fmt: skip

    assert standing() == WIN


@pytest.mark.parametrize("first", [0, 1])
def test_a_bet_that_has_another_line_than_its_pair_is_known_by_its_own(
    player: FundedPlayer, first: int
) -> None:
    bring(by_name(player, outcome_name="2", line="0.5"))
    ours = over(Name="2", Line="0.5", BaseLine="-0.5", ref=13)
    other = over(Name="2", Line="-0.5", BaseLine="0.5", ref=14, settlement=LOST)

    hear(say((other, ours)[first]))
    assert (standing(), asked()) == [(OPEN, ["OUTCOME_UNCLEAR"]), (WIN, [])][first]
    hear(say((ours, other)[first]))

    assert (standing(), asked()) == (WIN, [])


@pytest.mark.parametrize("name", ["Ada Byron", "ada byron", "4711"])
def test_a_players_or_a_participants_name_settles(player: FundedPlayer, name: str) -> None:
    bring(by_name(player, outcome_name=name, line=""))

    hear(say(told(11, WON, Name="Yes", PlayerName="Ada Byron", ParticipantId=4711),
             told(12, LOST, Name="Yes", PlayerName="Bob Hope", ParticipantId=4712)))  # fmt: skip

    assert (standing(), asked()) == (WIN, [])


def test_a_name_that_two_bets_bear_is_asked_about(player: FundedPlayer) -> None:
    bring(by_name(player))

    hear(say(over(), over(LOST, ref=13), under()))

    assert (standing(), asked()) == (OPEN, ["OUTCOME_UNCLEAR"])
    assert sentence("OUTCOME_UNCLEAR") == (
        "Bets on “Over 2.5” name no single bet that LSports has settled here: they wait. "
        "It has settled 11 (“Over 2.5”), 12 (“Under 2.5”), 13 (“Over 2.5”)."
    )


def test_a_name_that_no_bet_bears_is_asked_about(player: FundedPlayer) -> None:
    bring(by_name(player, outcome_name="More"))

    hear(say(over(), under()))

    assert (standing(), asked()) == (OPEN, ["OUTCOME_UNCLEAR"])


def test_a_ticket_that_comes_after_is_asked_about_too(player: FundedPlayer) -> None:
    bring(by_name(player, "other", outcome="11"))
    hear(say(over(), under()))
    assert asked() == []

    bring(by_name(player, outcome_name="More"))

    assert (standing(), asked()) == (OPEN, ["OUTCOME_UNCLEAR"])


def test_another_line_is_merely_not_settled_yet(player: FundedPlayer) -> None:
    bring(by_name(player, line="3.5"))

    hear(say(over(), under()))

    assert (standing(), asked()) == (OPEN, [])


def test_a_question_ends_when_the_bet_is_told(player: FundedPlayer) -> None:
    bring(by_name(player, outcome_name="Over", line=""))
    hear(say(over()))
    assert asked() == ["OUTCOME_UNCLEAR"]

    hear(say(over(ref=14, Line=None, BaseLine=None)))

    assert (standing(), asked()) == (WIN, [])


def test_a_settlement_by_name_is_taken_back_and_settled_anew(player: FundedPlayer) -> None:
    bring(by_name(player))

    hear(say(over()), say(over(TAKEN_BACK, at=60)))
    assert standing() == OPEN
    hear(say(over(LOST, at=61)))

    assert (standing(), asked()) == (LOSE, [])


def test_a_second_bet_of_that_name_takes_the_settlement_back_in_any_order(
    player: FundedPlayer,
) -> None:
    told_of = [say(over()), say(over(LOST, ref=13, at=60))]

    for number, order in enumerate(itertools.permutations(told_of)):
        fixture = str(100 + number)
        bring(by_name(player, fixture, event=fixture))
        for body in order:
            body["Body"]["Events"][0]["FixtureId"] = int(fixture)
            hear(body)
        assert standing(fixture) == OPEN

    assert asked() == ["OUTCOME_UNCLEAR", "OUTCOME_UNCLEAR"]
    assert player.balance == "80.00"


def test_a_name_keeps_what_was_stored(player: FundedPlayer) -> None:
    bring(by_name(player))

    hear(say(over()))

    outcome = Selection.objects.get().outcome
    assert (outcome.ref, outcome.name, outcome.line) == ("", "Over", "2.5")
