"""What is shown of a ticket is of one moment, however much is settled while it is read."""

from collections.abc import Callable
from html import unescape
from threading import Thread
from typing import Any

import pytest
from django.db import InternalError, connection
from django.test import Client

from backoffice.admin import tickets
from backoffice.admin.ticket_history import history_of
from backoffice.one_moment import one_moment
from settlement import histories
from settlement.models import Ticket
from tests.backoffice.api.asking import by_token
from tests.factories import FundedPlayer, UserFactory
from tests.settlement.asked import accepted, bet, selection
from tests.settlement.settling import WON, said, tell

pytestmark = pytest.mark.own_database


@pytest.fixture
def ticket(own_database: str) -> Ticket:
    """A single of 10.00 EUR at 2.50 that is open."""
    accepted(bet(FundedPlayer.create("100.00"), selection(), bet_id="T-1", provider="sportradar"))
    return Ticket.objects.get()


def settle() -> None:
    """Settle the ticket as a worker does: on a connection of his own."""
    try:
        tell(said(outcomes={"X": WON}))
    finally:
        connection.close()


def settled_before(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that does its work just after somebody settled the ticket."""

    def late(*given: Any, **words: Any) -> Any:
        worker = Thread(target=settle)
        worker.start()
        worker.join()
        return function(*given, **words)

    return late


def test_a_page_tells_no_ticket_as_open_that_it_shows_paid(
    ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    client.force_login(
        UserFactory.create(role="Support"), backend="django.contrib.auth.backends.ModelBackend"
    )
    address = f"/admin/settlement/ticket/{ticket.pk}/change/"
    with monkeypatch.context() as patched:
        patched.setattr(f"{tickets.__name__}.history_of", settled_before(history_of))
        before = unescape(client.get(address).content.decode())
    after = unescape(client.get(address).content.decode())

    assert "not decided" in before
    assert "Settled: WIN" not in before
    assert "Settled: WIN" in after


def test_an_answer_to_a_program_does_neither(
    ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = by_token(UserFactory.create(role="Support"))
    address = "/api/v1/tickets/T-1/"
    with monkeypatch.context() as patched:
        patched.setattr(histories, "events_of", settled_before(histories.events_of))
        answer = client.get(address).json()
    assert (answer["status"], answer["events"]) == ("OPEN", [])
    assert client.get(address).json()["status"] == "SETTLED"


def test_within_one_moment_nothing_is_written(ticket: Ticket) -> None:
    with pytest.raises(InternalError, match="read-only"), one_moment():
        Ticket.objects.update(result="LOSE")
