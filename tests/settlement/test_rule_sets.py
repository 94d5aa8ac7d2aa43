"""New rules are for bets to come: each ticket keeps those that were in force when it was placed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, transaction

from settlement import selectors
from settlement.models import RuleSet, Ticket
from settlement.rule_sets import LEAD, RuleSetRefused, add_rule_set
from settlement.rules.ruleset import DEFAULT
from tests.factories import FundedPlayer
from tests.settlement.asked import accepted, bet, refused

MINUTE = timedelta(minutes=1)
ROUND_DOWN = {"rounding": {"mode": "DOWN"}}


def added(begins: datetime, **settings: Any) -> RuleSet:
    """Put rules in force."""
    return add_rule_set(
        settings=settings or ROUND_DOWN, in_force_from=begins, note="New terms", actor="test"
    )


def placed(player: FundedPlayer, at: datetime) -> int:
    """Bring in a ticket placed at a moment; return its rule set."""
    (answer,) = accepted(bet(player, placed_at=at.isoformat(), stake="0.01"))
    return Ticket.objects.get(pk=answer.ticket_id).rule_set_id


def test_there_are_rules_for_all_time(player: FundedPlayer) -> None:
    first = RuleSet.objects.get()

    assert placed(player, datetime(1970, 1, 1, tzinfo=UTC)) == first.pk
    assert placed(player, datetime.now(UTC)) == first.pk
    assert selectors.rules_of(Ticket.objects.latest("id")) == DEFAULT


def test_a_ticket_has_the_rules_that_were_in_force_when_it_was_placed(
    player: FundedPlayer,
) -> None:
    begins = datetime.now(UTC) + 5 * MINUTE
    first, new = RuleSet.objects.get(), added(begins)

    with time_machine.travel(begins + 60 * MINUTE):
        found = [
            placed(player, begins - timedelta(microseconds=1)),
            placed(player, begins),
            placed(player, begins + MINUTE),
        ]

    assert found == [first.pk, new.pk, new.pk]
    assert selectors.rules_of(Ticket.objects.latest("id")).rounding.mode == "DOWN"


def test_of_two_rule_sets_from_the_same_moment_the_later_counts(player: FundedPlayer) -> None:
    begins = datetime.now(UTC) + 5 * MINUTE
    added(begins)
    last = added(begins, rounding={"mode": "HALF_EVEN"})

    with time_machine.travel(begins + MINUTE):
        assert placed(player, begins) == last.pk


def test_rules_are_found_by_their_time_and_not_by_their_number(player: FundedPlayer) -> None:
    now = datetime.now(UTC)
    late = added(now + 20 * MINUTE)
    early = added(now + 10 * MINUTE, dead_heat_method="profit")

    with time_machine.travel(now + 60 * MINUTE):
        found = [placed(player, now + minutes * MINUTE) for minutes in (5, 15, 25)]

    assert found == [RuleSet.objects.earliest("id").pk, early.pk, late.pk]


@pytest.mark.parametrize("ahead", [timedelta(seconds=30), timedelta(hours=23)])
def test_nobody_gets_rules_to_come_by_naming_a_time_to_come(
    player: FundedPlayer, ahead: timedelta
) -> None:
    now = datetime.now(UTC)
    first = RuleSet.objects.get()
    added(now + 2 * MINUTE)

    assert placed(player, now + ahead) == first.pk


def test_a_ticket_keeps_its_rules_when_new_ones_come(player: FundedPlayer) -> None:
    asked = bet(player)
    accepted(asked)
    first, new = RuleSet.objects.get(), added(datetime.now(UTC) + 2 * MINUTE)

    with time_machine.travel(new.in_force_from + MINUTE):
        (again,) = accepted(asked)

    assert again.repeated
    assert Ticket.objects.get().rule_set == first


def test_a_refused_ticket_says_nothing_of_rules(player: FundedPlayer) -> None:
    assert refused(bet(player, stake="100.01")).code == "insufficient_funds"


def test_what_is_stored_names_every_setting(db: None) -> None:
    new = added(datetime.now(UTC) + 2 * MINUTE, cap={"amount": {"EUR": "500000"}})

    stored = RuleSet.objects.get(pk=new.pk)
    assert stored.settings["cap"] == {"amount": {"EUR": "500000"}, "on": "return"}
    assert stored.settings["rounding"] == {"mode": "HALF_UP", "scope": "ticket", "quantum": {}}
    assert (stored.note, stored.actor) == ("New terms", "test")


def test_a_note_is_kept_without_the_blanks_around_it(db: None) -> None:
    begins = datetime.now(UTC) + 2 * MINUTE

    new = add_rule_set(settings=ROUND_DOWN, in_force_from=begins, note=" Because\n", actor="test")

    assert new.note == "Because"


REFUSALS: list[tuple[str, dict[str, Any], str]] = [
    ("no note", {"note": ""}, "A note must say why the rules change."),
    ("a blank note", {"note": " \n"}, "A note must say why the rules change."),
    ("a beginning in the past", {"in_force_from": -MINUTE},
     "New rules begin at least a minute from now; none reach back."),
    ("now", {"in_force_from": timedelta()},
     "New rules begin at least a minute from now; none reach back."),
    ("too soon", {"in_force_from": LEAD - timedelta(seconds=1)},
     "New rules begin at least a minute from now; none reach back."),
    ("what is in force anyway", {"settings": {"rounding": {"mode": "HALF_UP"}}},
     "These are the rules that will be in force then: nothing changes."),
    ("a setting that nobody knows", {"settings": {"rounding": {"made": "UP"}}}, "unknown field"),
    ("a value that a setting can't have", {"settings": {"rounding": {"mode": "UP"}}},
     "Invalid enum value"),
    ("a number that is none", {"settings": {"cap": {"amount": "much"}}}, "is not a number"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "words", "sentence"), REFUSALS)
def test_rules_are_refused_in_a_sentence_and_nothing_changes(
    db: None, what: str, words: dict[str, Any], sentence: str
) -> None:
    begins = words.get("in_force_from", 2 * MINUTE)
    given: dict[str, Any] = {"settings": ROUND_DOWN, "note": "New", "actor": "test"} | words
    given["in_force_from"] = datetime.now(UTC) + begins

    with pytest.raises(RuleSetRefused, match=sentence):
        add_rule_set(**given)

    assert RuleSet.objects.count() == 1


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("a note that is too long", {"note": "x" * 501}),
        ("nobody", {"actor": ""}),
        ("a name that is too long", {"actor": "x" * 201}),
    ],
)
def test_what_the_database_has_no_room_for_adds_no_rules(
    db: None, what: str, words: dict[str, str]
) -> None:
    given: dict[str, Any] = {"settings": ROUND_DOWN, "note": "New", "actor": "test"} | words

    with pytest.raises(DatabaseError), transaction.atomic():
        add_rule_set(in_force_from=datetime.now(UTC) + 2 * MINUTE, **given)

    assert RuleSet.objects.count() == 1


def test_rules_that_were_left_may_come_back(db: None) -> None:
    now = datetime.now(UTC)
    added(now + 2 * MINUTE)

    again = added(now + 3 * MINUTE, rounding={"mode": "HALF_UP"})

    assert RuleSet.objects.count() == 3
    assert again.settings["rounding"]["mode"] == "HALF_UP"


def test_rules_that_differ_only_until_others_begin_may_still_be_added(db: None) -> None:
    now = datetime.now(UTC)
    added(now + 10 * MINUTE)

    added(now + 5 * MINUTE)

    assert RuleSet.objects.count() == 3
