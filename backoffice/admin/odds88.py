"""A ticket at Odds88: ask there, read the answer beside ours, accept it, send a wish."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.admin.act_pages import actor_at, crumbs, may
from backoffice.admin.acts import act_page, tickets_page
from backoffice.answers import comparison_of, may_be_accepted
from backoffice.calls import answer_told, asked_by, bet_for, took
from backoffice.facts import Bet
from backoffice.words import person, worded
from feeds.answers import NOT_SETTLED
from feeds.comparing import Compared
from feeds.looking_up import (
    CancelReason,
    LookUp,
    LookUpRefused,
    Sent,
    ask_to_cancel,
    ask_to_cash_out,
    look_up,
)
from feeds.models import CallKind, LookupCall
from feeds.odds88.troubles import Trouble
from feeds.remembering import calls_about, look_up_of
from settlement.acts.actors import PERMISSIONS
from settlement.models import Ticket
from settlement.orders import OLDEST_ANSWER
from settlement.vocabulary import ActKind, Provider, TicketStatus

ASK = "feeds.look_up_ticket"
READ = "feeds.view_lookupcall"
MOST_CALLS = 50
MOST_SHOWN = 20_000  # characters
NOBODY = "Nobody has asked Odds88 about this ticket yet."


class CancelForm(forms.Form):
    """Why Odds88 shall cancel a bet."""

    reason = forms.TypedChoiceField(
        choices=[
            (CancelReason.BOOKMAKER.value, "We want it cancelled"),
            (CancelReason.TIME_OUT.value, "It was not answered in time"),
        ],
        coerce=lambda given: CancelReason(int(given)),
        widget=UnfoldAdminSelectWidget,
    )


class CashOutForm(forms.Form):
    """What Odds88 shall pay for a bet."""

    amount = forms.DecimalField(
        max_digits=20, min_value=Decimal(0), widget=UnfoldAdminTextInputWidget
    )


class Odds88Mixin:
    """The pages about a ticket's bet at Odds88."""

    admin_site: Any
    opts: Any

    def odds88_urls(self) -> list[URLPattern]:
        """Return the addresses of what can be asked there."""
        views: dict[str, Callable[..., HttpResponse]] = {
            "": self.at_odds88,
            "ask/": self.ask,
            "cancel/": self.ask_to_cancel,
            "cash-out/": self.ask_to_cash_out,
        }
        return [
            path(
                f"<int:pk>/odds88/{word}",
                self.admin_site.admin_view(view),
                name=f"settlement_ticket_odds88{word and '_'}{word.strip('/').replace('-', '_')}",
            )
            for word, view in views.items()
        ]

    def at_odds88(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what Odds88 said of a ticket when it was asked last, or in the look-up named."""
        ticket = ticket_at_odds88(request, pk, READ)
        named = request.GET.get("call", "")
        number = int(named) if named.isascii() and named.isdecimal() and len(named) < 19 else None
        found = look_up_of(ticket=ticket.pk, call=number)
        if named and found is None:
            raise Http404("There is no such look-up of this ticket.")
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": f"At Odds88: {ticket.bet_id}",
            "ticket": ticket,
            "crumbs": crumbs(("Tickets", tickets_page()), (ticket.bet_id, ticket_page(ticket))),
            **look_up_shown(request, ticket, found),
            **wishes_of(request, ticket),
        }
        return TemplateResponse(request, "admin/settlement/odds88.html", context)

    def ask(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Look a ticket up at Odds88, and show what it says."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        ticket = ticket_at_odds88(request, pk, ASK)
        try:
            found = look_up(ticket=ticket.pk, actor=actor_at(request).name)
        except LookUpRefused as why:
            messages.error(request, f"Odds88 was not asked. {why}")
            return redirect(odds88_page(ticket))
        return redirect(f"{odds88_page(ticket)}?{urlencode({'call': found.calls[0]})}")

    def ask_to_cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send the wish that Odds88 cancels a bet."""
        ticket = ticket_at_odds88(request, pk, ASK, f"settlement.{PERMISSIONS[ActKind.CANCEL]}")

        def sent(wish: dict[str, Any]) -> Sent:
            return ask_to_cancel(
                ticket=ticket.pk, reason=wish["reason"], actor=actor_at(request).name
            )

        return self.wished(request, ticket, CancelForm(request.POST), sent)

    def ask_to_cash_out(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send the wish that Odds88 cashes a bet out."""
        ticket = ticket_at_odds88(request, pk, ASK, f"settlement.{PERMISSIONS[ActKind.CASH_OUT]}")

        def sent(wish: dict[str, Any]) -> Sent:
            return ask_to_cash_out(
                ticket=ticket.pk, amount=wish["amount"], actor=actor_at(request).name
            )

        return self.wished(request, ticket, CashOutForm(request.POST), sent)

    def wished(
        self,
        request: HttpRequest,
        ticket: Ticket,
        form: forms.Form,
        send: Callable[[dict[str, Any]], Sent],
    ) -> HttpResponse:
        """Send a wish, and say what came of it."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not form.is_valid():
            messages.error(request, f"Odds88 was not asked. {first_error(form)}")
            return redirect(odds88_page(ticket))
        try:
            sent = send(form.cleaned_data)
        except LookUpRefused as why:
            messages.error(request, f"Odds88 was not asked. {why}")
        else:
            say = messages.error if sent.trouble else messages.success
            say(request, sent.sentence)
        return redirect(odds88_page(ticket))


def ticket_at_odds88(request: HttpRequest, pk: int, *permissions: str) -> Ticket:
    """Return a ticket that is bet with Odds88, for whoever may do this with it."""
    if not request.user.has_perms(["settlement.view_ticket", *permissions]):
        raise PermissionDenied
    found = Ticket.objects.select_related("player", "currency").filter(pk=pk).first()
    if found is None or found.provider != Provider.ODDS88:
        raise Http404("There is no such ticket at Odds88.")
    return found


def odds88_page(ticket: Ticket) -> str:
    """Return the address of what Odds88 said of a ticket."""
    return reverse("admin:settlement_ticket_odds88", args=[ticket.pk])


def ticket_page(ticket: Ticket) -> str:
    """Return the address of a ticket."""
    return reverse("admin:settlement_ticket_change", args=[ticket.pk])


def first_error(form: forms.Form) -> str:
    """Return the first thing that is wrong with what was typed, and where."""
    name, errors = next(iter(form.errors.items()))
    return f"{name.capitalize()}: {errors[0]}"


def asking_block(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    """Return the way to Odds88 from a ticket's page."""
    there = ticket.provider == Provider.ODDS88
    asked = there and request.user.has_perm(READ) and bool(calls_about(ticket=ticket.pk, most=1))
    return {
        "may_ask_odds88": there and request.user.has_perm(ASK),
        "odds88_page": odds88_page(ticket) if asked else "",
    }


def look_up_shown(request: HttpRequest, ticket: Ticket, found: LookUp | None) -> dict[str, Any]:
    """Return a look-up as its page shows it, with what was asked before."""
    bet = bet_for(ticket)
    calls = [call_row(one, bet) for one in calls_about(ticket=ticket.pk, most=MOST_CALLS)]
    shown: dict[str, Any] = {
        "found": found,
        "nobody": NOBODY,
        "may_ask": request.user.has_perm(ASK),
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


def wishes_of(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    """Return the wishes that somebody may send about a ticket."""
    if not request.user.has_perm(ASK):
        return {}
    over = ticket.status in (TicketStatus.CANCELLED, TicketStatus.REJECTED)
    cancels = not over and may(request, PERMISSIONS[ActKind.CANCEL])
    cashes_out = ticket.status == TicketStatus.OPEN and may(request, PERMISSIONS[ActKind.CASH_OUT])
    return {
        "cancel_form": CancelForm() if cancels else None,
        "cash_out_form": CashOutForm() if cashes_out else None,
    }


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
