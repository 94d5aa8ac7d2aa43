"""What a provider answered when he was asked counts, once one of our own accepts it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import msgspec
import pytest
from django.db import DatabaseError, transaction

from feeds import inbox
from settlement import reading, services
from settlement.acts import services as acts
from settlement.acts.actors import NotAllowed
from settlement.acts.services import NothingToDo
from settlement.acts.tokens import StalePreview
from settlement.models import (
    Batch,
    Review,
    RuleSet,
    Selection,
    SettlementEvent,
    Ticket,
    TicketFact,
)
from settlement.orders import BadOrder, StaleAnswer, read_order
from settlement.rules.ruleset import DEFAULT, rule_set, settings_of
from settlement.said import ActSaid, ResultSaid, encoded
from settlement.vocabulary import TicketResult
from tests.factories import FundedPlayer
from tests.feeds.bets import Json, settled
from tests.feeds.test_interleavings import assert_sound
from tests.feeds.words import odds88
from tests.settlement.accepting import LOST, accept, accept_shown, accepting, answer
from tests.settlement.acting import (
    OLGA,
    SAM,
    act_said,
    confirmed,
    done,
    limit,
    no_limits,
    previewed,
    running_act,
    words,
)
from tests.settlement.asked import accepted, bet
from tests.settlement.settling import WON, receive_and_process, state


@pytest.fixture(autouse=True)
def _ticket(player: FundedPlayer) -> Iterator[None]:
    no_limits()
    accepted(bet(player, bet_id="O-1", provider="odds88"))
    yield
    reading.RULES_READ.clear()


def feed(*messages: bytes) -> None:
    """Let the feed speak of the ticket."""
    receive_and_process(*messages)
    inbox.drain()


def later(*, seconds: int, **said: object) -> bytes:
    """Return a message of the feed with a time so many seconds from now."""
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    return json.dumps(settled("O-1", settlementTime=at.isoformat(), **said)).encode()


LOSES: Json = {"betSettlement": 2, "payoutMultiplier": 0, "payout": 0}


def limit_corrections(most: str) -> None:
    """Let corrections of more than that wait for a person."""
    rules = rule_set(settings_of(DEFAULT) | {"auto_resettle_limit": {"EUR": most}})
    reading.RULES_READ[RuleSet.objects.get().pk] = rules


def open_reviews() -> list[str]:
    """Return what people are asked about."""
    return list(Review.objects.filter(closed_at=None).values_list("kind", flat=True))


def test_an_open_ticket_is_settled_as_its_provider_answered(player: FundedPlayer) -> None:
    said = answer(leg=WON)

    shown = accept_shown("O-1", said)
    batch = confirmed(shown)

    assert shown.seen[0].expected == "SETTLED WIN 2500 0 0 after 0"
    assert [one.difference for one in shown.totals] == [2500]
    assert batch.state == "DONE"
    assert state() == ("SETTLED", "WIN", 2500, 1)
    assert player.balance == "115.00"
    assert Selection.objects.get().result == "WIN"
    event = SettlementEvent.objects.get()
    assert (event.kind, event.source, event.actor) == ("SETTLE", "ODDS88", "user:olga")
    assert (event.reason, event.batch) == ("PROVIDER_DOWN", batch.pk)
    assert event.settled_ticks == said.ticks
    fact = TicketFact.objects.get()
    assert (fact.kind, fact.source, fact.ticks) == ("ACCEPT", "OPERATOR", said.ticks)
    assert (fact.actor, fact.batch) == ("user:olga", batch.pk)
    assert json.loads(fact.content)["lookup"] == 17
    assert_sound()


def test_a_settled_ticket_follows_by_the_difference(player: FundedPlayer) -> None:
    feed(odds88("O-1", "won"))

    accept("O-1", answer(*LOST))

    assert state() == ("SETTLED", "LOSE", 0, 2)
    assert player.balance == "90.00"
    assert_sound()


def test_a_result_that_comes_later_on_the_feed_outranks_it(player: FundedPlayer) -> None:
    accept("O-1", answer())

    feed(later(seconds=30, **LOSES))

    assert state() == ("SETTLED", "LOSE", 0, 2)
    assert player.balance == "90.00"
    assert_sound()


def test_a_result_of_an_earlier_time_changes_nothing_any_more(player: FundedPlayer) -> None:
    accept("O-1", answer(*LOST))

    feed(odds88("O-1", "won"))

    assert state() == ("SETTLED", "LOSE", 0, 1)
    assert player.balance == "90.00"
    assert not open_reviews()
    assert_sound()


def test_the_feed_saying_the_same_after_it_moves_nothing(player: FundedPlayer) -> None:
    accept("O-1", answer())

    feed(later(seconds=30))

    assert state() == ("SETTLED", "WIN", 2500, 1)
    assert player.balance == "115.00"


@pytest.mark.parametrize(
    ("act", "each"),
    [
        ("settle", {"result": "lose"}),
        ("settle", {"payout": "3.00"}),
        ("settle", {"legs": [{"position": 1, "result": "lose"}]}),
        ("void", {}),
        ("cancel", {}),
        ("reject", {}),
    ],
)
def test_what_was_done_by_hand_lets_go(player: FundedPlayer, act: str, each: Json) -> None:
    done(act, "O-1", each=each)

    accept("O-1", answer(leg=WON))

    assert state() == ("SETTLED", "WIN", 2500, 2)
    assert player.balance == "115.00"
    feed(later(seconds=30, **LOSES))
    assert state() == ("SETTLED", "LOSE", 0, 3)
    assert_sound()


def test_an_act_that_paid_the_same_lets_go_as_well(player: FundedPlayer) -> None:
    done("settle", "O-1", each={"result": "win"})

    batch = accept("O-1", answer())

    assert batch.state == "DONE"
    assert state() == ("SETTLED", "WIN", 2500, 1)
    feed(later(seconds=30, **LOSES))
    assert state() == ("SETTLED", "LOSE", 0, 2)


def test_a_later_act_by_hand_outranks_it(player: FundedPlayer) -> None:
    accept("O-1", answer())

    done("resettle", "O-1", each={"result": "lose"})

    assert state() == ("SETTLED", "LOSE", 0, 2)
    assert player.balance == "90.00"
    done("release", "O-1")
    assert state() == ("SETTLED", "WIN", 2500, 3)
    assert_sound()


def test_it_is_taken_back(player: FundedPlayer) -> None:
    batch = accept("O-1", answer())

    done("undo", undoes=batch.pk)

    assert state() == ("OPEN", "NONE", 0, 2)
    assert player.balance == "90.00"
    assert_sound()


def test_taken_back_what_was_done_by_hand_before_stands_again(player: FundedPlayer) -> None:
    done("settle", "O-1", each={"payout": "3.00"})
    batch = accept("O-1", answer())

    done("undo", undoes=batch.pk)

    assert state() == ("SETTLED", "MIXED", 300, 3)
    assert player.balance == "93.00"
    assert_sound()


def test_accepted_again_after_it_was_taken_back_it_counts_again(player: FundedPlayer) -> None:
    said = answer()
    batch = accept("O-1", said)
    done("undo", undoes=batch.pk)

    accept("O-1", said)

    assert state() == ("SETTLED", "WIN", 2500, 3)
    assert player.balance == "115.00"
    assert_sound()


def test_what_the_feed_says_after_one_taken_back_is_no_correction_of_it(
    player: FundedPlayer,
) -> None:
    limit_corrections("10")
    batch = accept("O-1", answer("WIN", "250.00", "25"))
    done("undo", undoes=batch.pk)

    feed(later(seconds=30))

    assert state() == ("SETTLED", "WIN", 2500, 3)
    assert not open_reviews()


def test_a_settlement_taken_back_opens_the_ticket(player: FundedPlayer) -> None:
    feed(odds88("O-1", "won"))

    accept("O-1", answer("NONE", None, None))

    assert state() == ("OPEN", "NONE", 0, 2)
    assert player.balance == "90.00"


def test_a_payout_that_does_not_fit_waits_for_a_person(player: FundedPlayer) -> None:
    shown = accept_shown("O-1", answer("WIN", "99.99", "2.5"))
    batch = confirmed(shown)

    assert shown.seen[0].held.startswith("The payout 99.99 is not the stake 10.00 EUR × 2.5")
    assert batch.state == "DONE"
    assert state() == ("OPEN", "NONE", 0, 0)
    assert open_reviews() == ["PAYOUT_MISMATCH"]
    done("accept", reviews=[Review.objects.get().pk], actor=SAM)
    assert state() == ("SETTLED", "WIN", 2500, 1)
    done("void", "O-1")
    done("undo", undoes=Batch.objects.latest("id").pk)
    assert state() == ("SETTLED", "WIN", 2500, 3)
    assert_sound()


def test_taken_back_it_waits_no_more(player: FundedPlayer) -> None:
    batch = accept("O-1", answer("WIN", "99.99", "2.5"))

    done("undo", undoes=batch.pk)

    assert state() == ("OPEN", "NONE", 0, 0)
    assert not open_reviews()


def test_a_correction_that_waits_by_our_limit_is_applied_when_it_is_accepted(
    player: FundedPlayer,
) -> None:
    limit_corrections("10")
    feed(odds88("O-1", "won"))
    feed(odds88("O-1", "lost", at=1))
    assert (state()[:3], open_reviews()) == (("SETTLED", "WIN", 2500), ["LIMIT"])

    accept("O-1", answer(*LOST))

    assert state() == ("SETTLED", "LOSE", 0, 2)
    assert not open_reviews()
    assert_sound()


def test_a_part_that_was_cashed_out_stays_cashed_out(player: FundedPlayer) -> None:
    done("cash_out", "O-1", each={"stake": "4.00", "amount": "5.00"})

    accept("O-1", answer())

    assert state() == ("SETTLED", "WIN", 2000, 2)
    assert player.balance == "110.00"
    assert_sound()


def test_a_ticket_that_was_cashed_out_whole_stays_so(player: FundedPlayer) -> None:
    done("cash_out", "O-1", each={"amount": "5.00"})

    with pytest.raises(NothingToDo, match="Nothing would change"):
        accept_shown("O-1", answer())


def test_what_stands_like_that_already_is_left_alone(player: FundedPlayer) -> None:
    feed(odds88("O-1", "won"))

    with pytest.raises(NothingToDo, match="Nothing would change: it stands like that already"):
        accept_shown("O-1", answer(leg=WON))

    assert state() == ("SETTLED", "WIN", 2500, 1)


def test_a_leg_that_an_act_on_its_market_holds_is_named(player: FundedPlayer) -> None:
    done(
        "market_settle",
        market={"provider": "odds88", "event": "E-1", "market": "1",
                "outcomes": {"X": {"result": "lose"}}},
    )  # fmt: skip

    with pytest.raises(NothingToDo, match="An act on its market holds leg 1: take that back first"):
        accept_shown("O-1", answer())

    assert state() == ("SETTLED", "LOSE", 0, 1)


def test_an_answer_of_more_than_a_quarter_of_an_hour_ago_is_refused(player: FundedPlayer) -> None:
    old = answer(ago=timedelta(minutes=15, seconds=1))

    with pytest.raises(StaleAnswer, match=r"more than 15 minutes ago\. Ask again, then accept\."):
        accept_shown("O-1", old)

    assert not TicketFact.objects.exists()


def test_a_preview_that_grew_old_is_not_done_but_one_that_was_done_is_answered_again(
    player: FundedPlayer,
) -> None:
    shown = accept_shown("O-1", answer(ago=timedelta(minutes=14)))
    other = accept_shown("O-1", answer(ago=timedelta(minutes=14)))
    batch = confirmed(shown)

    with patch("settlement.orders.OLDEST_ANSWER", timedelta(minutes=13)):
        again = acts.act(order=shown.order, actor=OLGA, token=shown.token)
        with pytest.raises(StaleAnswer):
            acts.act(order=other.order, actor=OLGA, token=other.token)

    assert again.pk == batch.pk
    assert state() == ("SETTLED", "WIN", 2500, 1)


def test_a_message_of_the_feed_in_between_makes_the_preview_stale(player: FundedPlayer) -> None:
    shown = accept_shown("O-1", answer(*LOST))
    feed(odds88("O-1", "won"))

    with pytest.raises(StalePreview, match=r"^Odds88 has spoken of O-1|was settled by"):
        confirmed(shown)

    assert state() == ("SETTLED", "WIN", 2500, 1)


def test_another_answer_than_the_preview_showed_is_refused(player: FundedPlayer) -> None:
    shown = accept_shown("O-1", answer())
    other = accepting("O-1", answer("WIN", "250.00", "25"))

    with pytest.raises(StalePreview):
        acts.act(order=other, actor=OLGA, token=shown.token)

    assert state() == ("OPEN", "NONE", 0, 0)


def test_above_the_limit_it_asks_another_person_who_needs_no_fresh_answer(
    player: FundedPlayer,
) -> None:
    limit("Operator", "EUR", 2000)
    batch = accept("O-1", answer(ago=timedelta(minutes=14)))
    assert batch.state == "WAITING"
    assert batch.why_asked == "The act moves 25.00 EUR; alone you move at most 20.00 EUR."

    with patch("settlement.orders.OLDEST_ANSWER", timedelta(minutes=13)):
        acts.accept(batch_id=batch.pk, actor=SAM, note="Looked as well.")

    assert state() == ("SETTLED", "WIN", 2500, 1)
    assert_sound()


@pytest.mark.parametrize(
    ("is_settled", "missing"),
    [(False, "settle_ticket"), (True, "settle_ticket"), (True, "resettle_ticket")],
)
def test_it_needs_what_settling_needs_and_on_a_settled_ticket_resettling_too(
    player: FundedPlayer, is_settled: bool, missing: str
) -> None:
    if is_settled:
        feed(odds88("O-1", "won"))
    before = state()
    lacking = replace(OLGA, permissions=OLGA.permissions - {missing})

    with pytest.raises(NotAllowed, match=f"settlement.{missing}"):
        accept_shown("O-1", answer(*LOST), actor=lacking)

    assert state() == before


def test_to_let_go_of_an_act_on_a_settled_ticket_needs_resettling_too(
    player: FundedPlayer,
) -> None:
    done("settle", "O-1", each={"result": "win"})
    lacking = replace(OLGA, permissions=OLGA.permissions - {"resettle_ticket"})

    with pytest.raises(NotAllowed, match=r"settlement\.resettle_ticket"):
        accept_shown("O-1", answer(), actor=lacking)


def test_an_answer_that_leaves_a_bet_open_moves_nothing_alone(player: FundedPlayer) -> None:
    limit("Operator", "EUR", 0)

    batch = accept("O-1", answer("NONE", None, None, leg=WON))

    assert batch.state == "DONE"
    assert state() == ("OPEN", "NONE", 0, 0)


def test_an_open_ticket_asks_for_no_resettling(player: FundedPlayer) -> None:
    lacking = replace(OLGA, permissions=OLGA.permissions - {"resettle_ticket"})

    assert accept_shown("O-1", answer(), actor=lacking).token


@pytest.mark.parametrize(
    ("each", "sentence"),
    [
        ({}, r"^O-1: say by which look-up its provider was asked\.$"),
        ({"lookup": "seventeen"}, r"lookup: Expected `int \| null`"),
        ({"lookup": 17, "result": "WIN"}, "ACCEPT_RESULT has nothing to do with result"),
        ({"lookup": 17, "answer": {"result": {"result": "WIN"}}}, "unknown field `answer`"),
        ({"lookup": 17, "says": {"result": "WIN"}}, "unknown field `says`"),
    ],
)
def test_no_client_says_what_the_provider_answered(each: Json, sentence: str) -> None:
    with pytest.raises(BadOrder, match=sentence):
        read_order(words("accept_result", "O-1", each=each))


def test_a_look_up_that_nobody_has_read_is_not_accepted(player: FundedPlayer) -> None:
    with pytest.raises(BadOrder, match=r"^O-1: nobody has read look-up 17\.$"):
        previewed("accept_result", "O-1", each={"lookup": 17})


@pytest.mark.parametrize("act", ["settle", "void", "release"])
def test_no_other_act_names_a_look_up(act: str) -> None:
    with pytest.raises(BadOrder, match="has nothing to do with lookup"):
        read_order(words(act, "O-1", each={"lookup": 17}))


def test_the_results_of_many_tickets_are_accepted_up_to_two_hundred() -> None:
    each = {"lookup": 17}

    with pytest.raises(BadOrder, match="At most 200 providers' results are accepted at once"):
        read_order(words("accept_result", *(f"O-{n}" for n in range(201)), each=each))


@pytest.mark.parametrize(
    "change",
    [
        {"says": ResultSaid(TicketResult.WIN, payout="2500.00", multiplier="250")},
        {"says": None},
        {"lookup": 18},
        {"source": None},
    ],
)
def test_the_database_refuses_another_result_than_the_act_names(
    player: FundedPlayer, change: Json
) -> None:
    batch, told = half_done()
    forged = encoded(msgspec.structs.replace(told, **change))

    with pytest.raises(DatabaseError, match="it is not what act"), transaction.atomic():
        act_said(batch, "ACCEPT", content=forged, ticks=1234).save()

    assert not TicketFact.objects.exists()


def test_the_database_refuses_an_accepted_result_of_another_time(player: FundedPlayer) -> None:
    batch, told = half_done()

    with pytest.raises(DatabaseError, match="it is not what act"), transaction.atomic():
        act_said(batch, "ACCEPT", told, ticks=1235).save()

    act_said(batch, "ACCEPT", told, ticks=1234).save()


def test_the_database_refuses_an_accepted_result_in_another_act(player: FundedPlayer) -> None:
    batch = running_act()
    told = ActSaid(says=answer().result, source=answer().source, lookup=17)

    with pytest.raises(DatabaseError, match="it is not what act"), transaction.atomic():
        act_said(batch, "ACCEPT", told, ticks=1234).save()

    services.settle(ticket_ids=[Ticket.objects.get().pk])
    assert state() == ("OPEN", "NONE", 0, 0)


def half_done() -> tuple[Batch, ActSaid]:
    """Return an act that runs and has done nothing yet, and what it says of the ticket."""
    said = msgspec.structs.replace(answer(), ticks=1234)
    order = accepting("O-1", said)
    batch = running_act(act="ACCEPT_RESULT", content=encoded(order))
    return batch, ActSaid(says=said.result, source=said.source, lookup=17)
