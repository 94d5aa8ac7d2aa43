"""A look-up at Odds88 as its page shows it: what it comes to, ours beside theirs, the calls."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from backoffice.admin.act_pages import may
from backoffice.admin.acts import act_page
from backoffice.answers import comparison_of, may_be_accepted
from backoffice.calls import answer_told, asked_by, bet_for, took
from backoffice.facts import Bet
from backoffice.words import person, worded
from feeds.answers import NOT_SETTLED
from feeds.comparing import Compared
from feeds.looking_up import LookUp
from feeds.models import CallKind, LookupCall
from feeds.odds88.troubles import Trouble
from feeds.remembering import calls_about
from settlement.acts.actors import PERMISSIONS
from settlement.models import Ticket
from settlement.orders import OLDEST_ANSWER
from settlement.vocabulary import ActKind, TicketStatus

MOST_CALLS = 50
MOST_SHOWN = 20_000  # characters
NOBODY = "Nobody has asked Odds88 about this ticket yet."


def look_up_shown(request: HttpRequest, ticket: Ticket, found: LookUp | None) -> dict[str, Any]:
    """Return a look-up as its page shows it, with what was asked before."""
    bet = bet_for(ticket)
    calls = [call_row(one, bet) for one in calls_about(ticket=ticket.pk, most=MOST_CALLS)]
    shown: dict[str, Any] = {
        "found": found,
        "nobody": NOBODY,
        "calls": [one for one in calls if found is not None and one["number"] in found.calls][::-1],
        "earlier": [one for one in calls if found is None or one["number"] not in found.calls],
        "most_calls": MOST_CALLS,
    }
    if found is None:
        return shown
    compared = comparison_of(ticket, found)
    said = verdict(found, [one.field for one in compared if one.differs])
    return shown | {
        "verdict": said,
        "sentences": [one for one in found.sentences if one not in said["told"]],
        "fields": [field_row(one) for one in compared],
        **acceptance(request, ticket, found),
    }


def field_row(one: Compared) -> dict[str, Any]:
    """Return one field on both sides, in people's words."""
    return {
        "field": one.field,
        "ours": in_words(one.ours),
        "theirs": in_words(one.theirs),
        "differs": one.differs,
    }


def in_words(said: str) -> str:
    """Return a stored word as people write it; an amount as it is."""
    return worded(said) if said.replace("_", "").isalpha() else said


def verdict(found: LookUp, differing: Iterable[str]) -> dict[str, str]:
    """Say in a sentence what a look-up comes to, with a sign and a colour."""
    if found.trouble is not None:
        return {"look": "bad", "sign": "✗", "told": " ".join(found.sentences)}
    if found.complaint:
        told = f"The answer is not taken for this ticket's. {found.complaint}"
        return {"look": "bad", "sign": "✗", "told": told}
    if named := ", ".join(differing):
        return {"look": "warn", "sign": "≠", "told": f"Odds88 and we differ: {named}."}
    if found.result is None:
        return {"look": "muted", "sign": "◐", "told": NOT_SETTLED}
    return {"look": "good", "sign": "✓", "told": "Odds88 and we agree."}


def acceptance(request: HttpRequest, ticket: Ticket, found: LookUp) -> dict[str, Any]:
    """Return the way to accept an answer, or why it is not offered."""
    if not may_be_accepted(found) or not may(request, *needed_to_accept(ticket)):
        return {}
    if datetime.now(UTC) - found.asked_at > OLDEST_ANSWER:
        minutes = OLDEST_ANSWER.seconds // 60
        return {"too_old": f"The answer is older than {minutes} minutes. Ask again to accept it."}
    query = urlencode({"lookup": found.settlement_call or 0})
    return {"accept_page": f"{act_page(ticket, 'accept-result')}?{query}"}


def needed_to_accept(ticket: Ticket) -> list[str]:
    """Return the permissions that accepting a result of this ticket needs."""
    needed = [PERMISSIONS[ActKind.ACCEPT_RESULT]]
    if ticket.status != TicketStatus.OPEN:
        needed.append(PERMISSIONS[ActKind.RESETTLE])
    return needed


def call_row(call: LookupCall, bet: Bet) -> dict[str, Any]:
    """Return a line about something that was asked."""
    return {
        "number": call.pk,
        "at": call.asked_at,
        "who": person(call.actor),
        "asked": asked_by(call),
        "told": answer_told(call, bet),
        **went(call),
        "took": took(call),
        "sent": call.sent,
        "http_status": call.http_status,
        "answer": call.answer[:MOST_SHOWN],
        "cut": call.is_cut or len(call.answer) > MOST_SHOWN,
        "page": page_of_call(call),
    }


def went(call: LookupCall) -> dict[str, str]:
    """Return the colour and the sign of how a question went."""
    if not call.trouble:
        return {"look": "good", "sign": "✓"}
    if (call.kind, call.trouble) == (CallKind.SETTLEMENT, Trouble.UNKNOWN_BET):
        return {"look": "muted", "sign": "◐"}
    return {"look": "bad", "sign": "✗"}


def page_of_call(call: LookupCall) -> str:
    """Return the address of the look-up that a call began; nothing when it began none."""
    if call.kind != CallKind.STATUS:
        return ""
    page = reverse("admin:settlement_ticket_odds88", args=[call.ticket_id])
    return f"{page}?{urlencode({'call': call.pk})}"
