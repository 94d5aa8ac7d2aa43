"""Feed messages and reviews at the desk: who sees them, and who processes one again."""

from typing import Any

import pytest
from django.urls import reverse

from feeds.models import FeedMessage
from settlement.models import Review, SettlementEvent, Ticket
from tests.factories import FundedPlayer
from tests.feeds.bets import lost, message, settled
from tests.feeds.test_inbox import bring, odds88
from tests.settlement.settling import receive_and_process, state


@pytest.fixture
def quarantined(db: None) -> FeedMessage:
    """A message that can't be read."""
    receive_and_process(b'<script>alert("x")</script>')
    return FeedMessage.objects.get()


def test_a_message_is_shown_as_it_came(desk: Any, quarantined: FeedMessage) -> None:
    page = desk("Support").get(f"/admin/feeds/feedmessage/{quarantined.pk}/change/")

    text = page.content.decode()
    assert "Quarantined" in text
    assert "It is not JSON" in text
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;" in text
    assert "Process again" not in text


def test_ops_process_a_message_again(desk: Any, player: FundedPlayer) -> None:
    receive_and_process(message(settled()))
    found = FeedMessage.objects.get()
    bring(odds88(player))

    page = desk("Ops").post(reverse("admin:feeds_process_again", args=[found.pk]), follow=True)

    assert "The message was processed again: 0 tickets changed." in page.content.decode()
    assert state() == ("SETTLED", "WIN", 2500, 1)


@pytest.mark.parametrize("role", ["Support", "Operator", "Senior", "Auditor", "Admin"])
def test_nobody_else_does(desk: Any, quarantined: FeedMessage, role: str) -> None:
    page = desk(role).post(reverse("admin:feeds_process_again", args=[quarantined.pk]))

    assert page.status_code == 403
    quarantined.refresh_from_db()
    assert quarantined.attempts == 1


def test_processing_again_needs_a_post(desk: Any, quarantined: FeedMessage) -> None:
    page = desk("Ops").get(reverse("admin:feeds_process_again", args=[quarantined.pk]))

    assert page.status_code == 405


@pytest.mark.parametrize("number", ["0", "999", "x", "99999999999999999999"])
def test_a_message_that_is_not_there(desk: Any, db: None, number: str) -> None:
    assert desk("Ops").get(f"/admin/feeds/feedmessage/{number}/change/").status_code == 404


@pytest.mark.parametrize("path", ["feeds/feedmessage", "settlement/review"])
def test_lists_are_read_by_all_at_the_desk_but_admins(desk: Any, db: None, path: str) -> None:
    for role in ("Support", "Operator", "Senior", "Ops", "Auditor"):
        assert desk(role).get(f"/admin/{path}/").status_code == 200, role
    assert desk("Admin").get(f"/admin/{path}/").status_code == 403


@pytest.mark.parametrize("path", ["feeds/feedmessage", "settlement/review"])
@pytest.mark.parametrize("act", ["add/", "1/delete/"])
def test_nobody_writes_there(desk: Any, db: None, path: str, act: str) -> None:
    assert desk("Senior").post(f"/admin/{path}/{act}").status_code in (403, 404)


def test_a_review_leads_to_its_ticket(desk: Any, player: FundedPlayer) -> None:
    bring(odds88(player))
    receive_and_process(message(settled(payout=99)))

    page = desk("Operator").get("/admin/settlement/review/?open=yes").content.decode()

    assert "Payout mismatch" in page
    assert reverse("admin:settlement_ticket_change", args=[Ticket.objects.get().pk]) in page
    closed = desk("Operator").get("/admin/settlement/review/?open=no").content.decode()
    assert Review.objects.get().sentence not in closed


def test_a_ticket_tells_its_story(desk: Any, player: FundedPlayer) -> None:
    bring(odds88(player))
    receive_and_process(message(settled()))
    receive_and_process(message(lost(betSettlement=0)))

    page = desk("Support").get(f"/admin/settlement/ticket/{Ticket.objects.get().pk}/change/")

    text = page.content.decode()
    assert "Open again: Odds88 took its settlement back at 2026-11-20 12:00:01 UTC" in text
    for said in ("Reopen", "feed:odds88", "+25.00", "−25.00", "Bet reopened"):
        assert said in text, said
    assert text.count("/admin/feeds/feedmessage/") >= 2


def test_a_held_ticket_says_that_a_person_has_to_look(desk: Any, player: FundedPlayer) -> None:
    bring(odds88(player))
    receive_and_process(message(settled(payout=99)))

    page = desk("Support").get(f"/admin/settlement/ticket/{Ticket.objects.get().pk}/change/")

    text = page.content.decode()
    assert "Open: it waits for a person." in text
    assert "A person has to look:" in text
    assert Review.objects.get().sentence in text
    assert not SettlementEvent.objects.exists()


def test_the_api_carries_events_and_reviews(desk: Any, player: FundedPlayer) -> None:
    bring(odds88(player))
    receive_and_process(message(settled()))

    found = desk("Support").get("/api/v1/tickets/T-1/").json()

    assert [(one["kind"], one["difference"]) for one in found["events"]] == [("SETTLE", "25.00")]
    assert [one["key"].split(":")[-1] for one in found["transfers"]] == ["0", "1"]
    assert found["balance"] == "115.00"
    assert desk("Support").get("/api/v1/tickets/T-1/explanation/").json()["decided"] is True
