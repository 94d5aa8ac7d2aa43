"""Acts by hand over HTTP: previewed, done as previewed, listed, taken back."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request  # type: ignore[import-untyped]

from backoffice import acts
from backoffice.acting import actor_for, order_of
from backoffice.api import act_schema, pages
from backoffice.api.act_shapes import ReversalAsked
from backoffice.api.base import ApiView, ReadsOrActs, reply
from backoffice.api.bodies import body_of
from backoffice.api.errors import Refused
from backoffice.api.tickets import ticket_or_404
from settlement.acts import services
from settlement.acts.actors import needed_for
from settlement.models import Batch, BatchLine
from settlement.orders import BadOrder, Order, in_sentence
from settlement.vocabulary import ActKind, BatchState, LineState

# A preview tells so many tickets and players; an act may be on more, and its totals count all.
MOST_TOLD = 1000
NAMED_BY_THE_ADDRESS = ("bet_id", "tickets", "market", "reviews", "undoes")
OF_THE_ORDER = ("act", "reason", "note")
Asked = TypeVar("Asked", bound=msgspec.Struct)


class Previews(ApiView):
    """What acts would do."""

    permission = "settlement.view_ticket"
    permission_classes = [ReadsOrActs]

    @act_schema.preview
    def post(self, request: Request) -> HttpResponse:
        """Preview an act: what it would do to each ticket, balance and total. Nothing changes."""
        return shown(order_of(object_of(request)), request)


class OnTicket(ApiView):
    """Acts on one ticket."""

    permission = "settlement.view_ticket"
    permission_classes = [ReadsOrActs]

    @act_schema.on_ticket
    def post(self, request: Request, bet_id: str) -> HttpResponse:
        """Do to one ticket what a preview showed, or ask another person to agree."""
        words, token = with_token(object_of(request))
        order = order_of(on_ticket(words, bet_id))
        actor_for(request.user).refuse_without(*needed_for(order, None))
        ticket_or_404(bet_id)
        return done(order, request, token)


class Batches(ApiView):
    """Acts on many tickets, on markets and events; and all acts there were."""

    permission = "settlement.view_batch"
    permission_classes = [ReadsOrActs]

    @act_schema.batches
    def get(self, request: Request) -> HttpResponse:
        """List acts, the newest first; narrow them by state, act and maker."""
        words = pages.words_of(request, "state", "act", "maker")
        found = Batch.objects.all()
        if state := words.get("state"):
            found = found.filter(state=pages.one_of(state, BatchState, "state"))
        if act := words.get("act"):
            found = found.filter(act=pages.one_of(act, ActKind, "act"))
        if maker := words.get("maker"):
            found = found.filter(maker=f"user:{maker.removeprefix('user:')}")
        return pages.page(found, request, lambda rows: [acts.batch_object(one) for one in rows])

    @act_schema.act
    def post(self, request: Request) -> HttpResponse:
        """Do what a preview showed, or ask another person to agree."""
        words, token = with_token(object_of(request))
        return done(order_of(words), request, token)


class Page(ApiView):
    """One act."""

    permission = "settlement.view_batch"

    @act_schema.batch
    def get(self, request: Request, number: int) -> HttpResponse:
        """Read an act: where it stands, how many of its tickets are done, who agreed."""
        return reply(acts.whole_batch_object(batch_or_404(number)))


class Lines(ApiView):
    """What became of an act's tickets."""

    permission = "settlement.view_batch"

    @act_schema.lines
    def get(self, request: Request, number: int) -> HttpResponse:
        """List what became of each ticket of an act, in their order; narrow it by state."""
        words = pages.words_of(request, "state")
        found = BatchLine.objects.filter(batch=batch_or_404(number))
        if state := words.get("state"):
            found = found.filter(state=pages.one_of(state, LineState, "state"))
        found = found.select_related("ticket__currency")
        return pages.page(found, request, acts.line_objects, key="position")


class Reverse(ApiView):
    """The way back."""

    permission = "settlement.undo_act"

    @act_schema.reverse
    def post(self, request: Request, number: int) -> HttpResponse:
        """Take a whole act back: without a token preview that, with its token do it."""
        asked = read(object_of(request), ReversalAsked)
        batch_or_404(number)
        order = order_of(
            {"act": "UNDO", "undoes": number, "reason": asked.reason, "note": asked.note}
        )
        return shown(order, request) if asked.token is None else done(order, request, asked.token)


def object_of(request: Request) -> dict[str, Any]:
    """Return the body, which is an object."""
    found = body_of(request)
    if not isinstance(found, dict):
        raise Refused(422, "invalid", "The body is a JSON object.")
    return found


def read(words: Mapping[str, Any], structure: type[Asked]) -> Asked:
    """Return a body as a structure of ours; refuse what can't be meant."""
    try:
        return msgspec.convert(words, structure)
    except msgspec.ValidationError as error:
        raise BadOrder(*in_sentence(error)) from None


def with_token(words: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Return an order's words and its preview's token."""
    rest = dict(words)
    token = rest.pop("token", None)
    if not isinstance(token, str) or not token:
        raise Refused(
            422, "invalid", "Preview the act first, and send the preview's token.", field="token"
        )
    return rest, token


def on_ticket(words: Mapping[str, Any], bet_id: str) -> dict[str, Any]:
    """Return the order for the ticket that the address names, and no other."""
    for name in NAMED_BY_THE_ADDRESS:
        if name in words:
            raise Refused(
                422, "invalid", f"The address names the ticket: leave “{name}” out.", field=name
            )
    order = {name: words[name] for name in OF_THE_ORDER if name in words}
    rest = {name: value for name, value in words.items() if name not in OF_THE_ORDER}
    return order | {"tickets": [{"bet_id": bet_id, **rest}]}


def shown(order: Order, request: Request) -> HttpResponse:
    """Answer with what an act would do, and the token that lets it be done."""
    preview = services.preview(order=order, actor=actor_for(request.user))
    return reply({"token": preview.token} | acts.preview_object(preview, most=MOST_TOLD))


def done(order: Order, request: Request, token: str) -> HttpResponse:
    """Do an act, and answer where it stands."""
    return answered(services.act(order=order, actor=actor_for(request.user), token=token))


def answered(batch: Batch) -> HttpResponse:
    """Answer with an act: 201 when it is done, 202 while somebody or something is waited for."""
    status = HTTPStatus.CREATED if batch.state == BatchState.DONE else HTTPStatus.ACCEPTED
    found = acts.whole_batch_object(batch)
    return reply(found, status, {"Location": found["url"]})


def batch_or_404(number: int) -> Batch:
    """Return an act that is there."""
    if (found := Batch.objects.filter(pk=number).first()) is None:
        raise Refused(404, "not_found", f"There is no act {number}.")
    return found
