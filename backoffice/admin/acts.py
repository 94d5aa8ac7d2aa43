"""What a person may do by hand on a ticket: the block on its page, and a page for each act."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse

from backoffice import by_hand, markets
from backoffice.admin.act_forms import (
    AcceptForm,
    AmountForm,
    CashOutForm,
    LegsForm,
    ResultForm,
    TicketForm,
    VoidLegsForm,
)
from backoffice.admin.act_pages import Asking, asked, batch_page, crumbs, may, refuse_without
from backoffice.admin.act_words import BATCH_STATES, reason_of, state_in_words, title_of
from backoffice.admin.market_desk import event_page
from backoffice.standing import amount
from backoffice.words import person
from settlement import selectors
from settlement.acts.actors import AMOUNT, BULK, PERMISSIONS
from settlement.acts.work import NOT_TAKEN_BACK
from settlement.models import Batch, Ticket
from settlement.vocabulary import MARKET_ACTS, ActKind


def is_open(ticket: Ticket) -> bool:
    """Whether a ticket waits for its result."""
    return ticket.status == "OPEN"


def is_decided(ticket: Ticket) -> bool:
    """Whether a ticket has ended, however."""
    return ticket.status != "OPEN"


def has_legs(ticket: Ticket) -> bool:
    """Whether a ticket has several legs."""
    return ticket.selection_count > 1


def is_not(status: str) -> Callable[[Ticket], bool]:
    """Return the question whether a ticket has not ended like that yet."""
    return lambda ticket: ticket.status != status


def always(_: Ticket) -> bool:
    """Every ticket."""
    return True


@dataclass(frozen=True, slots=True)
class TicketAct:
    """One way to act on a ticket: its word in addresses, its name, whom it fits."""

    word: str
    kind: ActKind
    title: str
    told: str
    form: type[TicketForm] = TicketForm
    fits: Callable[[Ticket], bool] = always
    more: tuple[str, ...] = ()

    @property
    def permissions(self) -> tuple[str, ...]:
        """What one needs for it."""
        return (PERMISSIONS[self.kind], *self.more)


TICKET_ACTS = {
    one.word: one
    for one in (
        TicketAct("settle", ActKind.SETTLE, "Settle by result",
                  "The whole bet ended alike: won, lost or refunded.", ResultForm, is_open),
        TicketAct("settle-legs", ActKind.SETTLE, "Settle legs",
                  "Say how legs ended; the others go on waiting.", LegsForm, is_open),
        TicketAct("settle-amount", ActKind.SETTLE, "Settle by amount",
                  "Pays this amount, whatever the legs say.", AmountForm, is_open, (AMOUNT,)),
        TicketAct("resettle", ActKind.RESETTLE, "Resettle by result",
                  "The whole bet ended alike, and otherwise than it stands.", ResultForm,
                  is_decided),
        TicketAct("resettle-legs", ActKind.RESETTLE, "Resettle legs",
                  "Say how legs ended; the others stay as they are.", LegsForm, is_decided),
        TicketAct("resettle-amount", ActKind.RESETTLE, "Resettle by amount",
                  "Pays this amount, whatever the legs say.", AmountForm, is_decided, (AMOUNT,)),
        TicketAct("void-legs", ActKind.VOID, "Void legs",
                  "These legs are left out; the bet goes on without them.", VoidLegsForm,
                  has_legs),
        TicketAct("void", ActKind.VOID, "Void the bet", "The stake goes back."),
        TicketAct("reopen", ActKind.REOPEN, "Open again",
                  "What was paid is taken back, and nobody settles it until it is released.",
                  fits=is_decided),
        TicketAct("cash-out", ActKind.CASH_OUT, "Cash out",
                  "Pays now for the stake, or for a part of it.", CashOutForm, is_open),
        TicketAct("cancel", ActKind.CANCEL, "Cancel the bet",
                  "As if it had never been placed; the stake goes back.",
                  fits=is_not("CANCELLED")),
        TicketAct("reject", ActKind.REJECT, "Reject the bet",
                  "It should not have been accepted; the stake goes back.",
                  fits=is_not("REJECTED")),
        TicketAct("release", ActKind.RELEASE, "Release to the provider",
                  "Acts on the bet and its legs end; what the provider says counts again."),
        TicketAct("accept-result", ActKind.ACCEPT_RESULT, "Accept the provider's result",
                  "What the provider answered counts from when it was asked; acts on the bet and "
                  "its legs end. A later result on the feed still outranks it.", AcceptForm),
    )
}  # fmt: skip


class TicketActsMixin:
    """Acts by hand for the tickets' page."""

    admin_site: Any
    opts: Any

    def act_urls(self) -> list[URLPattern]:
        """Return the addresses of acts on one ticket."""
        view = self.admin_site.admin_view(self.act)
        return [path("<int:pk>/act/<slug:word>/", view, name="settlement_ticket_act")]

    def act(self, request: HttpRequest, pk: int, word: str) -> HttpResponse:
        """Ask for an act on a ticket."""
        chosen = TICKET_ACTS.get(word)
        if chosen is None:
            raise Http404("There is no such act.")
        if not request.user.has_perm("settlement.view_ticket"):
            raise PermissionDenied
        refuse_without(request, *chosen.permissions)
        found = Ticket.objects.select_related("player", "currency", "rule_set")
        ticket = found.filter(pk=pk).first()
        if ticket is None:
            raise Http404("There is no such ticket.")
        page = reverse("admin:settlement_ticket_change", args=[ticket.pk])
        form = chosen.form(
            request.POST or None,
            act=chosen.kind,
            ticket=ticket,
            selections=selectors.selections_of(ticket.pk),
            initial=request.GET.dict(),
        )
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "told": chosen.told,
            "about": about(ticket),
            "crumbs": crumbs(("Tickets", tickets_page()), (ticket.bet_id, page)),
        }
        title = f"{chosen.title}: {ticket.bet_id}"
        return asked(request, Asking(title, form, page, page, context))


def tickets_page() -> str:
    """Return the address of the list of tickets."""
    return reverse("admin:settlement_ticket_changelist")


def about(ticket: Ticket) -> dict[str, Any]:
    """Return where a ticket stands, for the head of a page that acts on it."""
    return {
        "state": state_in_words(ticket.status, ticket.result),
        "stake": amount(ticket, ticket.stake),
        "payout": amount(ticket, ticket.payout),
        "player": ticket.player,
        "code": ticket.currency_id,
    }


def block_of(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    """Return what the ticket's page shows of acts: those that one may do, and those done."""
    stand = by_hand.standing_acts_on(ticket)
    of_ticket = by_hand.acts_on(ticket) if may(request, "view_batch") else []
    held = bool(stand) and by_hand.is_held_by_hand(ticket)
    offered = [one for one in TICKET_ACTS.values() if is_offered(request, ticket, one, held=held)]
    return {
        "acts_offered": [
            {"title": one.title, "told": one.told, "page": act_page(ticket, one.word)}
            for one in offered
        ],
        "acts_done": [act_row(request, one, stands=one.pk in stand) for one in of_ticket],
        "acts_markets": markets_offered(request, ticket),
    }


def markets_offered(request: HttpRequest, ticket: Ticket) -> list[dict[str, Any]]:
    """Return the way to each leg's market, for whoever may act on markets."""
    if not may(request, PERMISSIONS[ActKind.MARKET_SETTLE]):
        return []
    return [
        {"leg": leg, "market": market, "page": f"{event_page(market.event)}#market-{market.pk}"}
        for leg, market in markets.markets_of_ticket(ticket)
    ]


def is_offered(request: HttpRequest, ticket: Ticket, one: TicketAct, *, held: bool) -> bool:
    """Whether somebody may act like that on a ticket as it stands."""
    if one.kind == ActKind.RELEASE and not held:
        return False
    if one.kind == ActKind.ACCEPT_RESULT:
        return False  # Its own page offers it, beside the answer.
    return one.fits(ticket) and may(request, *one.permissions)


def act_page(ticket: Ticket, word: str) -> str:
    """Return the address of an act on a ticket."""
    return reverse("admin:settlement_ticket_act", args=[ticket.pk, word])


def act_row(request: HttpRequest, batch: Batch, *, stands: bool) -> dict[str, Any]:
    """Return a line about an act that a ticket was in."""
    word, sign, look = BATCH_STATES[batch.state]
    return {
        "number": batch.pk,
        "page": batch_page(batch),
        "title": title_of(batch.act),
        "total": batch.total,
        "who": person(batch.maker),
        "created_at": batch.created_at,
        "reason": reason_of(batch.reason),
        "note": batch.note,
        "state": word,
        "sign": sign,
        "look": look,
        "stands": stands,
        "undo": reverse_page(batch) if stands and may_reverse(request, batch) else "",
    }


def may_reverse(request: HttpRequest, batch: Batch) -> bool:
    """Whether somebody may take an act back."""
    kind = ActKind(batch.act)
    if kind in NOT_TAKEN_BACK or batch.state != "DONE":
        return False
    many = (BULK,) if batch.total > 1 and kind not in MARKET_ACTS else ()
    return may(request, PERMISSIONS[ActKind.UNDO], PERMISSIONS[kind], *many)


def reverse_page(batch: Batch) -> str:
    """Return the address where an act is taken back."""
    return reverse("admin:settlement_batch_reverse", args=[batch.pk])
