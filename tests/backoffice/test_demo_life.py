"""The demo's life: bets through the real intake, and a story that is told of some."""

import random

import pytest

from backoffice import demo_life, truths
from backoffice.demo_life import Life
from backoffice.demo_odds88 import Odds88
from feeds import inbox
from feeds.models import FeedMessage
from feeds.odds88.sandbox import Sandbox
from settlement.models import SettlementEvent, Ticket, TicketFact
from tests.factories import FundedPlayer
from wallet.models import Transfer

pytestmark = pytest.mark.django_db


def hear(sandbox: Sandbox) -> None:
    """Receive and process all that was pushed, a message at a time."""
    for text in sandbox.vendor.store.texts:
        received = inbox.receive(feed="odds88", bodies=[text])
        inbox.process(message_ids=received.ids)


def test_somebody_bets_here_and_at_odds88() -> None:
    FundedPlayer.create("100.00", external_id="DEMO-0001")
    with Sandbox() as sandbox:
        Life(Odds88(sandbox.port)).bet(2)
        known = sandbox.vendor.bets.known["DEMO-L-00002"].bet

    ticket = Ticket.objects.get(bet_id="DEMO-L-00002")
    assert (ticket.status, ticket.provider, ticket.currency_id) == ("OPEN", "ODDS88", "EUR")
    assert (known.player, known.value, known.ends) == ("DEMO-0001", ticket.stake, True)
    assert len(known.selections) == ticket.selections.count()


def test_a_story_is_won_heard_twice_contradicted_too_late_and_lost() -> None:
    FundedPlayer.create("100.00", external_id="DEMO-0001")
    with Sandbox() as sandbox:
        life = Life(Odds88(sandbox.port))
        life.bet(1)
        while life.steps:
            life.steps.popleft()()
        hear(sandbox)

    events = SettlementEvent.objects.order_by("sequence")
    assert list(events.values_list("kind", flat=True)) == ["SETTLE", "RESETTLE"]
    ticket = Ticket.objects.get(bet_id=demo_life.FIRST)
    assert (ticket.status, ticket.result, ticket.payout) == ("SETTLED", "LOSE", 0)
    assert TicketFact.objects.count() == 3
    times = FeedMessage.objects.order_by("id").values_list("times_received", flat=True)
    assert list(times) == [2, 1, 1]
    assert [found.name for found in truths.check() if found.rows] == []


def test_who_has_too_little_pays_in_first() -> None:
    poor = FundedPlayer.create("49.99", external_id="DEMO-0001")

    assert demo_life.bettor(random.Random(1)) == "DEMO-0001"

    poor.account.refresh_from_db()
    assert poor.account.balance == 24_999
    assert Transfer.objects.filter(actor="system:demo", kind="DEPOSIT").count() == 1


def test_what_fails_does_not_end_the_demo_s_life() -> None:
    life = Life(Odds88(1))

    demo_life.beat(life)

    assert Ticket.objects.count() == 0
