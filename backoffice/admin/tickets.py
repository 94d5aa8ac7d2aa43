"""Tickets: found by any of their ids, and a page that says where each stands and why."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from backoffice import tickets
from backoffice.admin.acts import TicketActsMixin, block_of
from backoffice.admin.base import ReadOnlyAdmin, amount_cell, time_cell
from backoffice.admin.keyset import KeysetList
from backoffice.admin.ledger import CurrencyFilter
from backoffice.admin.odds88 import Odds88Mixin, asking_block
from backoffice.admin.recovery_words import again_blocks
from backoffice.admin.ticket_history import history_of
from backoffice.admin.ticket_import import TicketFilesMixin
from backoffice.one_moment import one_moment
from backoffice.standing import amount, sentence, stake_from
from backoffice.words import grouped, signed, worded
from settlement import selectors
from settlement.bets import event_name, outcome_name
from settlement.models import Selection, Ticket
from settlement.rules.exact import plain, ratio
from wallet import selectors as wallet
from wallet.models import Player, Transfer
from wallet.money import text

MOST_IDS = 1000
STATUS_LOOKS = {"OPEN": "warn", "SETTLED": "good", "CANCELLED": "muted", "REJECTED": "muted"}
LEG_LOOKS = {"WIN": "good", "HALF_WIN": "good", "LOSE": "bad", "HALF_LOSE": "bad"}


@admin.register(Ticket)
class TicketAdmin(TicketActsMixin, Odds88Mixin, TicketFilesMixin, ReadOnlyAdmin):
    """The list of tickets, a page for each, and files of them in and out."""

    change_list_template = "admin/settlement/tickets.html"
    list_display = (
        "bet_id", "player_link", "kind_title", "stake_cell", "payout_cell", "code", "state",
        "provider_word", "placed",
    )  # fmt: skip
    list_select_related = ("player", "currency")
    list_filter = ("status", "result", "provider", "kind", "each_way", CurrencyFilter)
    list_filter_submit = True
    search_fields = ("bet_id",)
    search_help_text = "Bet ids, provider's bet ids or a player's id, exactly; several at once."
    ordering = ("-id",)
    sortable_by = ()

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[KeysetList]:
        return KeysetList

    def get_urls(self) -> list[URLPattern]:
        return [*self.act_urls(), *self.odds88_urls(), *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Ticket], search_term: str
    ) -> tuple[QuerySet[Ticket], bool]:
        """Look for ids as they stand. A bet id may hold blanks, so the whole is tried as well."""
        term = search_term.strip()
        if not term:
            return queryset, False
        ids = list(dict.fromkeys([term, *re.split(r"[\s,;]+", term)]))[:MOST_IDS]
        players = list(Player.objects.filter(external_id__in=ids).values_list("pk", flat=True))
        asked = Q(bet_id__in=ids) | Q(provider_bet_id__in=ids)
        return queryset.filter(asked | Q(player__in=players) if players else asked), False

    @admin.display(description="Player")
    def player_link(self, ticket: Ticket) -> SafeString:
        return player_link(ticket)

    @admin.display(description="Kind")
    def kind_title(self, ticket: Ticket) -> str:
        return kind_title(ticket)

    @admin.display(description="Stake")
    def stake_cell(self, ticket: Ticket) -> SafeString:
        return amount_cell(text(ticket.stake, ticket.currency.precision))

    @admin.display(description="Payout")
    def payout_cell(self, ticket: Ticket) -> SafeString:
        if ticket.status == "OPEN":
            return format_html('<span class="amount cell hint">{}</span>', "–")
        return amount_cell(text(ticket.payout, ticket.currency.precision))

    @admin.display(description="Currency")
    def code(self, ticket: Ticket) -> str:
        return ticket.currency_id

    @admin.display(description="State")
    def state(self, ticket: Ticket) -> SafeString:
        return state_word(ticket)

    @admin.display(description="Provider")
    def provider_word(self, ticket: Ticket) -> str:
        return ticket.get_provider_display()

    @admin.display(description="Placed (UTC)")
    def placed(self, ticket: Ticket) -> SafeString:
        return time_cell(ticket.placed_at)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show where a ticket stands, how its payout comes about, and the money that moved."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        with one_moment():
            return self.page(request, object_id).render()

    def page(self, request: HttpRequest, object_id: str) -> TemplateResponse:
        """Return a ticket's page."""
        found = Ticket.objects.select_related("player", "currency", "rule_set")
        ticket = found.filter(pk=object_id).first() if is_key(object_id) else None
        if ticket is None:
            raise Http404("There is no such ticket.")
        context = self.admin_site.each_context(request) | {
            "title": ticket.bet_id,
            "opts": self.opts,
            **page_of(ticket, request),
            **block_of(request, ticket),
            **asking_block(request, ticket),
            "may_quote": request.user.has_perm("settlement.quote_bet"),
        }
        return TemplateResponse(request, "admin/settlement/ticket.html", context)


def is_key(given: str) -> bool:
    """Whether a text can be a row's key."""
    return given.isascii() and given.isdecimal() and len(given) < 19


def player_link(ticket: Ticket) -> SafeString:
    """Return the way to the ticket's player."""
    page = reverse("admin:wallet_player_change", args=[ticket.player_id])
    query = urlencode({"currency": ticket.currency_id})
    return format_html('<a class="link" href="{}?{}">{}</a>', page, query, ticket.player)


def kind_title(ticket: Ticket) -> str:
    """Return what people call the bet."""
    words = [ticket.shape.title]
    if ticket.each_way:
        words.append("each-way")
    if ticket.free_bet_ref:
        words.append("(free bet)")
    return " ".join(words)


def state_word(ticket: Ticket) -> SafeString:
    """Return the status, with the result once there is one."""
    word = ticket.status if ticket.result == "NONE" else f"{ticket.status}: {ticket.result}"
    return format_html('<span class="word {}">{}</span>', STATUS_LOOKS[ticket.status], worded(word))


def page_of(ticket: Ticket, request: HttpRequest) -> dict[str, Any]:
    """Return all that a ticket's page shows."""
    selections = selectors.selections_of(ticket.pk)
    explained = tickets.explained(ticket, selections)
    history = history_of(ticket, selections)
    account = wallet.account_of(player=ticket.player, currency=ticket.currency_id)
    return {
        "ticket": ticket,
        "player_link": player_link(ticket),
        "kind": kind_title(ticket),
        "state": state_word(ticket),
        "sentence": sentence(ticket, explained, held=history["held"]),
        "stake": amount(ticket, ticket.stake),
        "unit_stake": unit_stake(ticket),
        "payout": amount(ticket, ticket.payout),
        "balance": amount(ticket, account.balance or 0) if account else amount(ticket, 0),
        "stake_from": stake_from(ticket),
        "could_return": grouped(explained.could_return) if explained.could_return else "",
        "legs": leg_rows(request, ticket, selections),
        "explanation": "\n".join(explained.lines),
        "explanation_rows": min(len(explained.lines) + 1, 30),
        "transfers": [transfer_row(one) for one in tickets.transfers_of(ticket)],
        **history,
    }


def unit_stake(ticket: Ticket) -> str:
    """Return the stake on one line, when there are several."""
    if ticket.lines == 1:
        return ""
    unit = ticket.unit_stake
    if unit.denominator == 1:
        return f"{ticket.lines:,} × {amount(ticket, int(unit))}"
    return f"{ticket.lines:,} × {plain(unit / 10**ticket.currency.precision)}"


def leg_rows(
    request: HttpRequest, ticket: Ticket, selections: Sequence[Selection]
) -> list[dict[str, Any]]:
    """Return the selections' lines, with the way to have an event's results told again."""
    events = [one.outcome.market.event for one in selections]
    again = again_blocks(request, events, datetime.now(UTC))
    return [
        leg_row(one, ticket) | {"again": again.get(event.pk)}
        for one, event in zip(selections, events, strict=True)
    ]


def leg_row(one: Selection, ticket: Ticket) -> dict[str, Any]:
    """Return a selection's line."""
    return {
        "position": one.position,
        "event": event_name(one.outcome),
        "event_ref": one.outcome.market.event.ref,
        "market": one.outcome.market,
        "refs": " ".join(filter(None, refs_of(one))),
        "outcome": outcome_name(one.outcome),
        "price": one.price or "starting price",
        "terms": terms_of(one),
        "builder": one.group,
        "banker": one.banker,
        "provider": one.outcome.market.event.get_provider_display(),
        "result": worded(one.result) if one.result else "open",
        "look": LEG_LOOKS.get(one.result, "muted"),
        "factors": factors_of(one),
        "start_at": one.outcome.market.event.start_at,
    }


def refs_of(one: Selection) -> tuple[str, ...]:
    """Return the provider's own references, for whoever has to talk to him."""
    market = one.outcome.market
    return (f"market {market.ref}", market.specifiers, f"outcome {one.outcome.ref}")


def terms_of(one: Selection) -> str:
    """Return what is paid for a place."""
    if one.place_price:
        return f"place at {one.place_price}"
    return f"place {one.place_fraction} of the odds" if one.place_fraction else ""


def factors_of(one: Selection) -> str:
    """Return what settlement wrote on a selection."""
    said = []
    if one.win_factor is not None and one.void_factor is not None:
        said.append(f"win {one.win_factor}, void {one.void_factor}")
    if one.place_win_factor is not None and one.place_void_factor is not None:
        said.append(f"place {one.place_win_factor}, void {one.place_void_factor}")
    if one.deduction_percent and ratio(one.deduction_percent):
        said.append(f"Rule 4 {one.deduction_percent} %")
    return "; ".join(said)


def transfer_row(transfer: Transfer) -> dict[str, Any]:
    """Return a transfer's line."""
    line = wallet.statement_line(transfer, transfer.currency.unit)
    return {
        "created_at": line.created_at,
        "kind": worded(line.kind),
        "is_credit": line.is_credit,
        "change": signed(line.change),
        "balance_after": grouped(line.balance_after),
        "reason": worded(line.reason),
        "actor": line.actor,
        "key": line.key,
    }
