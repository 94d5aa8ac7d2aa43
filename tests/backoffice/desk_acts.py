"""Short words for tests that act at the desk: pages asked, previews confirmed."""

import re
from html import unescape
from typing import Any

from django.test import Client

from settlement.models import Batch, Ticket

TICKETS = "/admin/settlement/ticket/"
ACTS = "/admin/settlement/batch/"
WHY = {"reason": "PROVIDER_DOWN", "note": "He does not answer."}
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?')


def act_page(bet_id: str, word: str) -> str:
    """Return the address of an act on a ticket."""
    return f"{TICKETS}{Ticket.objects.get(bet_id=bet_id).pk}/act/{word}/"


def ticket_page(bet_id: str) -> str:
    """Return the address of a ticket's page."""
    return f"{TICKETS}{Ticket.objects.get(bet_id=bet_id).pk}/change/"


def read(client: Client, address: str) -> str:
    """Return what a page that opens says."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return said(answer.content)


def said(content: bytes) -> str:
    """Return a page's content without its marks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", content.decode())))


def asked(client: Client, address: str, **words: Any) -> tuple[str, dict[str, str]]:
    """Send a form; return what the page says then, and what its next step would send."""
    answer = client.post(address, {**WHY, **words})
    assert answer.status_code == 200, answer.status_code
    return said(answer.content), carried(answer.content)


def carried(content: bytes) -> dict[str, str]:
    """Return what a page's hidden fields hold."""
    found = {name: unescape(value) for name, value in HIDDEN.findall(content.decode())}
    return {name: value for name, value in found.items() if name != "csrfmiddlewaretoken"}


def confirmed(client: Client, address: str, sent: dict[str, str]) -> str:
    """Confirm a preview; return what the page says that follows."""
    answer = client.post(address, sent, follow=True)
    assert answer.status_code == 200, answer.status_code
    return said(answer.content)


def done(client: Client, address: str, **words: Any) -> str:
    """Preview an act and do it; return what the page says that follows."""
    shown, sent = asked(client, address, **words)
    assert "token" in sent, shown
    return confirmed(client, address, sent)


def last() -> Batch:
    """Return the newest act."""
    return Batch.objects.order_by("-id")[0]
