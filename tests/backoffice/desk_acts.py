"""Short words for tests that act at the desk: pages asked, previews confirmed."""

import re
from html import unescape
from typing import Any

from django.test import Client

from backoffice import truths
from settlement.models import Batch, SportEvent, Ticket

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


def sound() -> bool:
    """Whether every truth holds."""
    return not [finding for finding in truths.check() if finding.rows]


def last() -> Batch:
    """Return the newest act."""
    return Batch.objects.order_by("-id")[0]


def form_of(order: dict[str, Any]) -> tuple[str, dict[str, str]] | None:
    """Return the desk's page for an order and what is typed there; none when it has no page."""
    if "undoes" in order:
        return f"{ACTS}{order['undoes']}/reverse/", {}
    if "market" in order:
        return market_form(order)
    if "reviews" in order:
        if len(order["reviews"]) > 1:
            return None
        return f"/admin/settlement/review/{order['reviews'][0]}/decide/{order['act']}/", {}
    if len(order["tickets"]) > 1:
        pasted = "\n".join(one["bet_id"] for one in order["tickets"])
        result = order["tickets"][0].get("result", "").upper()
        return f"{ACTS}new/", {"kind": order["act"].upper(), "result": result, "pasted": pasted}
    return ticket_form(order)


def ticket_form(order: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """Return the page for an act on one ticket."""
    [ticket] = order["tickets"]
    word = order["act"].replace("_", "-")
    if "legs" in ticket:
        [leg] = ticket["legs"]
        typed = {"leg-1-result": leg["result"].upper()} if "result" in leg else {"leg-1-void": "on"}
        return act_page(ticket["bet_id"], f"{word}-legs"), typed
    if "payout" in ticket:
        return act_page(ticket["bet_id"], f"{word}-amount"), {"payout": ticket["payout"]}
    names = ("result", "amount", "lookup")
    typed = {name: str(ticket[name]).upper() for name in names if name in ticket}
    return act_page(ticket["bet_id"], word), typed


def market_form(order: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """Return the page for an act on a market or an event."""
    asked_for = order["market"]
    word = order["act"].removeprefix("market_")
    event = SportEvent.objects.get(ref=asked_for["event"])
    typed = {"percent": asked_for["percent"]} if "percent" in asked_for else {}
    if "market" not in asked_for:
        return f"{ACTS}event/{event.pk}/{word}/", typed
    market = event.markets.get(ref=asked_for["market"])
    if "outcomes" in asked_for:
        outcome = market.outcomes.get(ref="X")
        typed[f"outcome-{outcome.pk}-result"] = "WIN"
    return f"{ACTS}market/{market.pk}/{word}/", typed
