"""A ticket's timeline: one list of all that happened to it, told in sentences, oldest first."""

import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from backoffice.timeline import What, timeline_of
from feeds.models import FeedMessage
from settlement import selectors
from settlement.models import (
    Batch,
    Market,
    MarketFact,
    Review,
    SettlementEvent,
    Ticket,
    TicketFact,
)
from settlement.reviews import market_subject, ticket_subject
from settlement.said import key_of, ticks_of
from settlement.vocabulary import Source
from tests.backoffice.api.asking import get
from tests.backoffice.telling import NAMES, story, titles
from tests.factories import FundedPlayer
from tests.feeds.bets import lost, message, settled
from tests.feeds.test_inbox import bring, odds88
from tests.settlement.acting import SAM, act_said, done, no_limits, running_act
from tests.settlement.asked import accepted, bet, legs, selection
from tests.settlement.settling import LOST, WON, receive_and_process, said, tell

Desk = Callable[[str], Client]


@pytest.fixture
def punter(own_database: str) -> FundedPlayer:
    """Player P with 100.00 EUR, in a database where what happens is committed step by step."""
    return FundedPlayer.create("100.00", external_id="P")


def printed(bet_id: str = "T-1") -> list[str]:
    """Return what the command prints, with a word in the place of our clock's times."""
    out = io.StringIO()
    call_command("ticket", bet_id, "--timeline", stdout=out)
    return [re.sub(r"^  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d  ", "  at  ", line)
            for line in out.getvalue().splitlines()]  # fmt: skip


def test_a_bet_that_was_settled_corrected_voided_and_asked_about(punter: FundedPlayer) -> None:
    no_limits()
    bring(odds88(punter, selection(**NAMES)))
    receive_and_process(message(settled()), message(settled()))
    receive_and_process(message(lost()))
    void = done("void", "T-1", reason="WRONG_RESULT", note="The shirt, not the man")
    done("undo", undoes=void.pk, reason="OTHER", note="The man")
    receive_and_process(message(settled(payout=99, settlementTime="2026-11-20T13:00:00Z")))
    done("resettle", "T-1", each={"result": "lose"}, reason="RULES", note="It stays")

    assert printed() == [
        "T-1",
        "  Settled: paid 0.00 EUR.",
        "  at  The bet was taken in: 10.00 EUR staked, from the player's cash, "
        "balance 90.00 after.",
        "                       P placed it at 2026-11-20 10:00:00 UTC.",
        "  at  Message 1 came from Odds88, 2 times in all: done.",
        "  at  Odds88 says: won, pays 25.00 EUR.",
        "                       By Odds88's clock: 2026-11-20 12:00:00 UTC, multiplier 2.5.",
        "  at  Settled: WIN, paid 25.00 EUR (+25.00), balance 115.00 after.",
        "  at  Message 2 came from Odds88: done.",
        "  at  Odds88 says: lost, pays 0.00 EUR.",
        "                       By Odds88's clock: 2026-11-20 12:00:01 UTC, multiplier 0.",
        "  at  Settled anew: LOSE instead of WIN, paid 0.00 EUR (−25.00), balance 90.00 after.",
        "  at  olga voids the bet in act 1: wrong result — “The shirt, not the man”.",
        "  at  Settled anew: REFUND instead of LOSE, paid 10.00 EUR (+10.00), "
        "balance 100.00 after.",
        "  at  olga takes back act 1 in act 2: other — “The man”.",
        "                       Fact 3: olga voids the bet in act 1: wrong result — “The shirt, "
        "not the man”.",
        "  at  Settled anew: LOSE instead of REFUND, paid 0.00 EUR (−10.00), balance 90.00 after.",
        "  at  Message 3 came from Odds88: done.",
        "  at  Odds88 says: won, pays 99.00 EUR.",
        "                       By Odds88's clock: 2026-11-20 13:00:00 UTC, multiplier 2.5.",
        "  at  A person has to look: The payout 99 is not the stake 10.00 EUR × 2.5 = 25, "
        "neither as it stands nor converted.",
        "                       Payout mismatch: +25.00 EUR is held back until then.",
        "  at  olga settles the bet as lose in act 3: rules — “It stays”.",
        "  at  Nobody has to look any more: review 1, payout mismatch.",
    ]


def test_acts_done_undone_and_deciding_reviews_are_told_with_their_numbers(
    punter: FundedPlayer,
) -> None:
    no_limits()
    bring(odds88(punter))
    void = done("void", "T-1")
    done("undo", undoes=void.pk, actor=SAM)
    receive_and_process(message(settled(payout=99)))
    done("accept", reviews=[Review.objects.get().pk], actor=SAM)

    why = "provider down — “He does not answer.”."
    assert printed()[4:] == [
        f"  at  olga voids the bet in act 1: {why}",
        "  at  Settled: REFUND, paid 10.00 EUR (+10.00), balance 100.00 after.",
        f"  at  sam takes back act 1 in act 2: {why}",
        f"                       Fact 1: olga voids the bet in act 1: {why}",
        "  at  Reopened, paid 0.00 EUR (−10.00), balance 90.00 after.",
        "  at  Message 1 came from Odds88: done.",
        "  at  Odds88 says: won, pays 99.00 EUR.",
        "                       By Odds88's clock: 2026-11-20 12:00:00 UTC, multiplier 2.5.",
        "  at  A person has to look: The payout 99 is not the stake 10.00 EUR × 2.5 = 25, "
        "neither as it stands nor converted.",
        "                       Payout mismatch: +25.00 EUR is held back until then.",
        "  at  sam accepts review 1, payout mismatch, in act 3 — “He does not answer.”.",
        "  at  Settled: WIN, paid 25.00 EUR (+25.00), balance 115.00 after.",
        f"                       By sam in act 3: {why}",
    ]


def test_a_market_that_its_provider_changes_his_mind_about(punter: FundedPlayer) -> None:
    noon = ticks_of(datetime(2026, 11, 20, 12, tzinfo=UTC))
    accepted(bet(punter, selection(**NAMES), bet_id="T-1", provider="sportradar"))
    tell(said(ticks=noon, outcomes={"X": WON, "Y": LOST}))
    tell(said(ticks=noon, outcomes={"X": LOST}, certainty=2))
    tell(said("ROLLBACK", noon))
    tell(said("CANCEL", noon, void_reason=3, start=1795082400000))
    tell(said("CANCEL_ROLLBACK", noon, start=1795082400000))
    tell(said(ticks=noon, outcomes={"Y": LOST}))

    leg = "                       Leg 1: Hull v York · Result · Hull."
    clock = "                       By Sportradar's clock: 2026-11-20 12:00:00 UTC."
    window = "for bets accepted from 2026-11-19 10:00:00 UTC"
    assert printed()[4:] == [
        "  at  Sportradar says: Hull won (live).", leg, clock,
        "  at  Settled: WIN, paid 25.00 EUR (+25.00), balance 115.00 after.",
        "  at  Sportradar says: Hull lost (confirmed).", leg, clock,
        "  at  Settled anew: LOSE instead of WIN, paid 0.00 EUR (−25.00), balance 90.00 after.",
        "  at  Sportradar takes back its result of “Result”.", leg, clock,
        "  at  Reopened, nothing paid.",
        f"  at  Sportradar cancels “Result” {window}.", leg,
        f"{clock.removesuffix('.')}, "
        "void reason 3: the result can't be verified (RESULT_UNVERIFIABLE).",
        "  at  A person has to look: The provider gives void reason 3, the result can't be "
        "verified: how the leg ended has to be decided by hand.",
        "                       Manual void reason.",
        f"  at  Sportradar takes back its cancellation of “Result” {window}.", leg, clock,
        "  at  Nobody has to look any more: review 1, manual void reason.",
        "  at  Sportradar speaks of “Result” and not of what was bet on: outcome Y lost.",
        leg, clock,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ({"free_bet_ref": "F-1"}, "10.00 EUR staked, free bet F-1."),
        ({"stake_taken": False}, "10.00 EUR staked, taken elsewhere."),
    ],
)
def test_a_bet_that_took_no_money_says_so(
    player: FundedPlayer, words: dict[str, Any], title: str
) -> None:
    accepted(bet(player, **words))

    (told,) = story()

    assert told.title == f"The bet was taken in: {title}"
    assert (told.change, told.balance_after, told.transfer) == (None, None, None)


def test_what_no_line_can_hold_stays_on_its_line(player: FundedPlayer) -> None:
    no_limits()
    accepted(bet(player, bet_id="T-1"))
    done("void", "T-1", note="A\n  2026-11-20 12:00:00  Settled\x1b[2J\u2028B")

    assert printed()[4] == (
        "  at  olga voids the bet in act "
        f"{Batch.objects.get().pk}: provider down — “A   2026-11-20 12:00:00  Settled [2J B”."
    )


def test_a_transfer_is_told_with_its_event_and_never_twice(player: FundedPlayer) -> None:
    accepted(bet(player))
    tell(said(outcomes={"X": WON}))

    told = story()

    key = f"ticket:{Ticket.objects.get().pk}"
    assert [
        (one.what, one.change, one.balance_after, one.payout, one.transfer) for one in told
    ] == [
        ("PLACED", "-10.00", "90.00", None, f"{key}:0"),
        ("SAID", None, None, None, None),
        ("EVENT", "25.00", "115.00", "25.00", f"{key}:1"),
    ]


def test_a_message_that_came_before_its_ticket_is_told_before_it(punter: FundedPlayer) -> None:
    receive_and_process(message(settled()))
    bring(odds88(punter))

    assert [one.what for one in story()] == ["MESSAGE", "PLACED", "SAID", "EVENT"]


def test_an_older_result_says_that_it_changes_nothing(punter: FundedPlayer) -> None:
    bring(odds88(punter))
    receive_and_process(message(lost()))
    receive_and_process(message(settled()))

    *_, last = story()

    assert (last.title, last.details[1:]) == (
        "Odds88 says: won, pays 25.00 EUR.",
        ("It is older than what was heard before, so it changes nothing.",),
    )


def test_a_question_that_is_over_says_so(player: FundedPlayer) -> None:
    accepted(bet(player, provider="sportradar"))
    tell(said("CANCEL", 1000, void_reason=3))
    tell(said("CANCEL_ROLLBACK", 2000))

    number = Review.objects.get().pk
    assert titles(What.REVIEW_OPENED, What.REVIEW_CLOSED) == [
        "A person has to look: The provider gives void reason 3, the result can't be verified: "
        "how the leg ended has to be decided by hand.",
        f"Nobody has to look any more: review {number}, manual void reason.",
    ]


def test_what_is_asked_about_a_market_is_told_of_the_tickets_on_it(punter: FundedPlayer) -> None:
    no_limits()
    each = {"place_fraction": "1/4", "place_market": "2", "place_outcome": "X"}
    accepted(
        bet(punter, *legs(2, **NAMES), bet_id="T-1", kind="double"),
        bet(punter, selection(**NAMES, **each), bet_id="placed", each_way=True),
        bet(punter, selection(3), bet_id="elsewhere"),
    )
    tell(said(outcomes={"X": WON}, event="E-2", certainty=2))
    tell(said(ticks=2000, outcomes={"X": LOST}, event="E-2", certainty=2))
    tell(said("CANCEL_ROLLBACK", market="2"))
    done("dismiss", reviews=[Review.objects.get(kind="TWO_CONFIRMED").pk], actor=SAM)

    assert asked_about("T-1") == [
        ("A person has to look: The provider has confirmed two results of outcome X: won, then "
         "lost. The later one is in force.",
         ("Two confirmed.", "Leg 2: Hull v York · Result · Hull.")),
        ("sam dismisses review 1, two confirmed, in act 1 — “He does not answer.”.", ()),
    ]  # fmt: skip
    assert asked_about("placed") == [
        ("A person has to look: The provider takes back a cancellation that he never sent, or one "
         "of another window: nothing was changed.",
         ("Cancel rollback unmatched.", "Leg 1, place part: Hull v York · 2 · X.")),
    ]  # fmt: skip
    assert asked_about("elsewhere") == []


def asked_about(bet_id: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return what a person was asked about a ticket, and how that ended."""
    ticket = selectors.ticket(bet_id)
    assert ticket is not None
    return [(one.title, one.details) for one in timeline_of(ticket) if one.review]


def test_a_question_about_its_market_stands_on_the_page_of_a_ticket_and_holds_nothing(
    player: FundedPlayer, desk: Desk
) -> None:
    accepted(bet(player, bet_id="T-1"))
    tell(said("CANCEL_ROLLBACK"))

    page = desk("Support").get(f"/admin/settlement/ticket/{Ticket.objects.get().pk}/change/")

    assert page.context["open_reviews"] == [
        "The provider takes back a cancellation that he never sent, or one of another window: "
        "nothing was changed."
    ]
    assert page.context["sentence"] == "Open: its leg is not decided yet."
    found = get(desk("Support"), "/api/v1/tickets/T-1/")[1]
    assert [one["kind"] for one in found["reviews"]] == ["CANCEL_ROLLBACK_UNMATCHED"]


def test_a_long_story_takes_as_many_queries_as_a_short_one(
    player: FundedPlayer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    bring(odds88(player, *legs(5), kind="accumulator"))
    long_past()
    ticket = selectors.ticket("T-1")
    assert ticket is not None

    with django_assert_num_queries(9):
        told = timeline_of(ticket)

    assert len(told) == 1 + 1000 + 1000 + 500 + 2 * (300 + 200)


def test_the_api_too_takes_as_many_queries(
    player: FundedPlayer, desk: Desk, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    bring(odds88(player, *legs(5), kind="accumulator"))
    receive_and_process(message(settled()))
    client = desk("Support")
    with CaptureQueriesContext(connection) as short:
        get(client, "/api/v1/tickets/T-1/timeline/")
    long_past()

    with django_assert_num_queries(len(short)):
        get(client, "/api/v1/tickets/T-1/timeline/")

    assert len(short) == 16


def long_past() -> None:
    """Give the only ticket hundreds of messages, facts and reviews."""
    ticket, market = Ticket.objects.get(), Market.objects.order_by("id")[0]
    now = datetime.now(UTC)
    messages = FeedMessage.objects.bulk_create(
        FeedMessage(feed="odds88", sha256=key_of(number), state="DONE") for number in range(1000)
    )
    words = {"source": Source.SPORTRADAR, "ticks": 1, "content": "{}"}
    MarketFact.objects.bulk_create(
        MarketFact(market=market, kind="ROLLBACK", key=key_of(one.pk), message=one.pk, **words)
        for one in messages
    )
    batch = running_act()
    TicketFact.objects.bulk_create(act_said(batch, "RELEASE") for _ in range(500))
    over: dict[str, Any] = {
        "sentence": "Look.", "closed_at": now, "end": "BY_ITSELF", "closed_by": "system:settlement",
    }  # fmt: skip
    Review.objects.bulk_create(
        Review(kind="EQUAL_TIME", subject=ticket_subject(ticket.pk), ticket=ticket, **over)
        for _ in range(300)
    )
    Review.objects.bulk_create(
        Review(kind="TWO_CONFIRMED", subject=market_subject(market.pk), market=market, **over)
        for _ in range(200)
    )


def test_the_timeline_is_read_over_http(player: FundedPlayer, desk: Desk) -> None:
    bring(odds88(player))
    receive_and_process(message(settled()))

    status, found = get(desk("Support"), "/api/v1/tickets/T-1/timeline/")

    event, number = SettlementEvent.objects.get(), FeedMessage.objects.get().pk
    assert status == 200
    assert (found["bet_id"], found["status"], found["currency"], found["sentence"]) == (
        "T-1", "SETTLED", "EUR", "Settled: paid 25.00 EUR.",
    )  # fmt: skip
    assert [one["what"] for one in found["entries"]] == ["PLACED", "MESSAGE", "SAID", "EVENT"]
    assert found["entries"][3] == {
        "at": event.created_at.isoformat(), "what": "EVENT", "kind": "SETTLE",
        "title": "Settled: WIN, paid 25.00 EUR (+25.00), balance 115.00 after.", "details": [],
        "actor": "feed:odds88", "source": "odds88", "reason": "PROVIDER_RESULT", "note": None,
        "payout": "25.00", "change": "25.00", "balance_after": "115.00", "message": None,
        "fact": None, "event": 1, "transfer": f"ticket:{event.ticket_id}:1", "review": None,
        "batch": None, "lookup": None,
    }  # fmt: skip
    fact = TicketFact.objects.get().pk
    assert [(one["message"], one["fact"]) for one in found["entries"]] == [
        (None, None), (number, None), (number, fact), (None, None),
    ]  # fmt: skip


def test_the_command_tells_programs_what_the_api_does(player: FundedPlayer, desk: Desk) -> None:
    bring(odds88(player))
    receive_and_process(message(settled()))
    out = io.StringIO()

    call_command("ticket", "T-1", "--timeline", "--json", stdout=out)

    assert json.loads(out.getvalue()) == get(desk("Support"), "/api/v1/tickets/T-1/timeline/")[1]


def test_the_page_tells_it_with_a_way_to_each_message(player: FundedPlayer, desk: Desk) -> None:
    bring(odds88(player))
    receive_and_process(message(settled()))

    page = desk("Support").get(f"/admin/settlement/ticket/{Ticket.objects.get().pk}/change/")

    text = page.content.decode()
    number = FeedMessage.objects.get().pk
    assert [text.count(one.title) for one in story() if "'" not in one.title] == [1, 1, 1]
    assert text.count(f'href="/admin/feeds/feedmessage/{number}/change/"') == 2
    assert '<td class="amount credit">+25.00</td><td class="amount">115.00</td>' in text
