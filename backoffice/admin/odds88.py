"""A ticket at Odds88: ask there, read the answer beside ours, accept it, send a wish."""

from collections.abc import Callable
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
from backoffice.admin.acts import tickets_page
from backoffice.admin.odds88_shown import look_up_shown
from feeds.looking_up import (
    CancelReason,
    LookUpRefused,
    Sent,
    ask_to_cancel,
    ask_to_cash_out,
    look_up,
)
from feeds.remembering import calls_about, look_up_of
from settlement.acts.actors import PERMISSIONS
from settlement.models import Ticket
from settlement.vocabulary import ActKind, Provider, TicketStatus

ASK = "feeds.look_up_ticket"
READ = "feeds.view_lookupcall"


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
        if named and (number is None or found is None):
            raise Http404("There is no such look-up of this ticket.")
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": f"At Odds88: {ticket.bet_id}",
            "ticket": ticket,
            "crumbs": crumbs(("Tickets", tickets_page()), (ticket.bet_id, ticket_page(ticket))),
            "may_ask": request.user.has_perm(ASK),
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
