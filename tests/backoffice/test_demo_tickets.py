"""The demo's tickets come through the real intake: every kind, in five currencies, once."""

from collections import Counter
from io import StringIO

import pytest
from django.core.management import call_command

from backoffice import truths
from backoffice.demo_tickets import TICKETS
from settlement.models import Selection, Ticket
from settlement.vocabulary import BetKind, Provider
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


@pytest.mark.django_db
def test_the_demo_has_tickets_of_every_kind_and_its_books_are_sound() -> None:
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

    before = books()
    assert "The demo's tickets are there already." in seed()
    assert books() == before
