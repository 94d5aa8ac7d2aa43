"""A ticket at its provider over HTTP: looked up there beside ours, and wishes sent there."""

from collections.abc import Callable
from decimal import Decimal
from http import HTTPStatus
from typing import NoReturn

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from rest_framework.request import Request  # type: ignore[import-untyped]

from backoffice.acting import exact
from backoffice.answers import look_up_object
from backoffice.api import provider_schema
from backoffice.api.acts import object_of, read
from backoffice.api.base import ApiView, actor_of, reply
from backoffice.api.errors import Refused
from backoffice.api.provider_shapes import CancelAsked, CashOutAsked, Wish
from backoffice.api.tickets import ticket_or_404
from feeds import looking_up
from feeds.looking_up import CancelReason, LookUpRefused, Sent
from feeds.odds88.troubles import Trouble
from settlement.acts.actors import PERMISSIONS
from settlement.models import Ticket
from settlement.orders import BadOrder
from settlement.vocabulary import ActKind
from wallet.money import Money, MoneyError, text

ASK = "feeds.look_up_ticket"
# What is no answer of ours: the provider's silence, his refusal, or that he asks us to wait.
STATUS = {
    Trouble.TIMED_OUT: HTTPStatus.GATEWAY_TIMEOUT,
    Trouble.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
    Trouble.REFUSED: HTTPStatus.CONFLICT,
    Trouble.UNKNOWN_BET: HTTPStatus.CONFLICT,
}
REASONS = {"bookmaker": CancelReason.BOOKMAKER, "time_out": CancelReason.TIME_OUT}


class LookUp(ApiView):
    """What the provider says of a ticket."""

    permission = ASK
    http_method_names = ["get"]

    @provider_schema.look_up
    def get(self, request: Request, bet_id: str) -> HttpResponse:
        """Ask the provider now where a ticket stands and how it ended, and compare. It is kept."""
        ticket = ticket_or_404(bet_id)
        try:
            found = looking_up.look_up(ticket=ticket.pk, actor=actor_of(request))
        except LookUpRefused as why:
            refuse(why)
        if found.trouble is not None:
            raise troubled(found.trouble, " ".join(found.sentences))
        return reply(look_up_object(ticket, found))


class Cancel(ApiView):
    """The wish that the provider cancels a bet."""

    permission = f"settlement.{PERMISSIONS[ActKind.CANCEL]}"

    @provider_schema.cancel
    def post(self, request: Request, bet_id: str) -> HttpResponse:
        """Ask the provider to cancel a bet. It moves no money by itself."""
        refuse_without_asking(request)
        asked = read(object_of(request), CancelAsked)
        ticket = ticket_or_404(bet_id)
        return wished(
            ticket,
            lambda: looking_up.ask_to_cancel(
                ticket=ticket.pk, reason=REASONS[asked.reason], actor=actor_of(request)
            ),
        )


class CashOut(ApiView):
    """The wish that the provider cashes a bet out."""

    permission = f"settlement.{PERMISSIONS[ActKind.CASH_OUT]}"

    @provider_schema.cash_out
    def post(self, request: Request, bet_id: str) -> HttpResponse:
        """Ask the provider to cash a bet out. It moves no money by itself."""
        refuse_without_asking(request)
        asked = read(exact(object_of(request)), CashOutAsked)
        ticket = ticket_or_404(bet_id)
        amount = amount_of(asked, ticket)
        return wished(
            ticket,
            lambda: looking_up.ask_to_cash_out(
                ticket=ticket.pk, amount=amount, actor=actor_of(request)
            ),
        )


def refuse_without_asking(request: Request) -> None:
    """Refuse whoever may not ask the provider anything."""
    if not request.user.has_perm(ASK):
        raise PermissionDenied


def amount_of(asked: CashOutAsked, ticket: Ticket) -> Decimal:
    """Return the amount of a cash-out; refuse what is no money in the ticket's currency."""
    unit = ticket.currency.unit
    try:
        return Decimal(text(Money.parse(asked.amount, unit).minor, unit.precision))
    except MoneyError as error:
        raise BadOrder(str(error), "amount") from None


def wished(ticket: Ticket, send: Callable[[], Sent]) -> HttpResponse:
    """Send a wish, and answer what came of it."""
    try:
        sent = send()
    except LookUpRefused as why:
        refuse(why)
    if sent.trouble is not None:
        raise troubled(sent.trouble, sent.sentence)
    return reply(Wish(ticket.bet_id, sent.call, sent.sentence), HTTPStatus.ACCEPTED)


def refuse(why: LookUpRefused) -> NoReturn:
    """Answer that the provider was not asked."""
    raise Refused(HTTPStatus.CONFLICT, "not_asked", str(why)) from None


def troubled(trouble: Trouble, sentence: str) -> Refused:
    """Return the answer when the provider gave none."""
    return Refused(STATUS.get(trouble, HTTPStatus.BAD_GATEWAY), trouble.lower(), sentence)
