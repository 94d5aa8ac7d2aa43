"""The demo's tickets come through the real intake: every kind, in five currencies, once."""

from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from backoffice import demo_odds88, truths
from backoffice.demo_odds88 import (
    CORRECTED_THERE,
    OPEN_THERE,
    PENDING_THERE,
    REJECTED_THERE,
    SETTLED_THERE,
    UNKNOWN_THERE,
    Odds88,
)
from backoffice.demo_tickets import TICKETS
from feeds import looking_up
from feeds.differences import differences
from settlement.models import Selection, Ticket
from settlement.vocabulary import BetKind, Provider
from tests.feeds.asking import odds88
from wallet.models import Account, Transfer


def seed() -> str:
    """Fill the database; return what the command said."""
    said = StringIO()
    call_command("seed_demo", "--yes-this-is-a-demo", stdout=said)
    return said.getvalue()


def books() -> list[object]:
    """Return what a second run must leave as it is."""
    counts = [model.objects.count() for model in (Ticket, Selection, Transfer)]
    return [*counts, *Account.objects.order_by("pk").values_list("balance", "version")]


def assert_odds88_tells_what_the_readme_says() -> None:
    """Look up the bets that the README names."""
    with odds88() as sandbox:
        demo_odds88.acquaint(Odds88(sandbox.port))
        found = {bet_id: looked_up(bet_id) for bet_id in (*SHOWN, *CORRECTED_THERE)}
        known = len(sandbox.vendor.bets.known)
        assert sandbox.counts["messages_pushed"] == 0
    for bet_id in SETTLED_THERE:
        assert found[bet_id] == ("OPEN", "accepted", True), bet_id
    for bet_id in CORRECTED_THERE:
        assert found[bet_id] == ("SETTLED", "accepted", True)
    assert found[REJECTED_THERE] == ("OPEN", "rejected", False)
    assert found[PENDING_THERE] == ("OPEN", "pending", False)
    assert found[OPEN_THERE] == ("OPEN", "accepted", False)
    assert found[UNKNOWN_THERE] == ("OPEN", "", False)
    assert known == Ticket.objects.filter(provider="ODDS88").count() - 1
    tour = (Path(__file__).parents[2] / "README.md").read_text()
    assert [bet_id for bet_id in found if bet_id[-5:] not in tour] == []


SHOWN = (*SETTLED_THERE, REJECTED_THERE, PENDING_THERE, UNKNOWN_THERE, OPEN_THERE)


def looked_up(bet_id: str) -> tuple[str, str, bool]:
    """Return how a bet stands here, how at Odds88, and whether its payout or result differs."""
    ticket = Ticket.objects.get(bet_id=bet_id)
    found = looking_up.look_up(ticket=ticket.pk, actor="test")
    fields = {one.field: one.differs for one in differences(ticket=ticket, found=found)}
    label = found.status.label if found.status else ""
    return ticket.status, label, fields["result"] or fields["payout"]


@pytest.mark.own_database
def test_the_demo_has_tickets_of_every_kind_and_its_books_are_sound(own_database: str) -> None:
    said = seed()

    tickets = Ticket.objects.all()
    assert f"Brought in {tickets.count():,} tickets." in said
    assert tickets.count() == TICKETS, "a player was given a bet that he can't pay"
    kinds = Counter(tickets.values_list("kind", flat=True))
    currencies = Counter(tickets.values_list("currency_id", flat=True))
    assert set(kinds) == set(BetKind)
    assert min(kinds.values()) >= 5
    assert set(currencies) == {"EUR", "GBP", "USD", "JPY", "BTC"}
    assert min(currencies.values()) >= 100
    assert set(tickets.values_list("provider", flat=True)) == set(Provider)
    assert tickets.exclude(free_bet_ref="").exists()
    assert tickets.filter(cash_stake=0, free_bet_ref="").exists()
    assert tickets.filter(each_way=True).exists()
    assert tickets.filter(bankers__gt=0).exists()
    assert Selection.objects.exclude(group="").exists()
    assert Selection.objects.filter(price=None).exists()
    cash = tickets.filter(cash_stake__gt=0).count()
    assert Transfer.objects.filter(kind="STAKE").count() == cash > TICKETS * 9 // 10
    assert [(found.name, found.rows) for found in truths.check() if found.rows] == []

    assert_odds88_tells_what_the_readme_says()

    before = books()
    assert "The demo's tickets are there already." in seed()
    assert books() == before
