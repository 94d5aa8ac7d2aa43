"""Tickets by HTTP: bring them in, read one, ask how its payout comes about and what happened."""

from collections import Counter
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from rest_framework.request import Request  # type: ignore[import-untyped]

from backoffice import tickets
from backoffice.api import schema
from backoffice.api.base import ApiView, actor_of, reply
from backoffice.api.bodies import body_of
from backoffice.api.errors import Refused
from backoffice.api.shapes import Results, TakenIn, result_of
from backoffice.intake import Answer, bring_in
from backoffice.one_moment import one_moment
from backoffice.timeline import timeline_object
from settlement import selectors
from settlement.intake import MOST_AT_ONCE
from settlement.models import Ticket

# All other refusals are about what stands in the books, so they are conflicts.
MAKES_NO_SENSE = frozenset({"invalid", "unknown"})


class Intake(ApiView):
    """The way in, for one ticket or for many."""

    permission = "settlement.place_ticket"

    @schema.intake
    def post(self, request: Request) -> HttpResponse:
        """Bring in a ticket, or a list of them. Send the same again at will: nothing doubles."""
        asked = body_of(request)
        if isinstance(asked, list):
            return bring_many(asked, actor_of(request))
        if not isinstance(asked, dict):
            raise Refused(422, "invalid", "A ticket is a JSON object, many are a list of them.")
        return bring_one(asked, actor_of(request))


def bring_one(ticket: dict[str, Any], actor: str) -> HttpResponse:
    """Bring in one ticket; a refusal is the answer's status."""
    [answer] = bring_in(tickets=[ticket], actor=actor)
    if answer.status == "refused":
        raise refusal_of(answer)
    address = reverse("api:ticket", args=[answer.bet_id])
    taken = TakenIn(answer.bet_id, answer.status, address)
    if answer.status == "repeated":
        return reply(taken)
    return reply(taken, HTTPStatus.CREATED, {"Location": address})


def refusal_of(answer: Answer) -> Refused:
    """Return the refusal of a ticket."""
    status = 422 if answer.code in MAKES_NO_SENSE else 409
    return Refused(status, answer.code, answer.error, field=answer.field)


def bring_many(asked: list[Any], actor: str) -> HttpResponse:
    """Bring in a list of tickets; each is answered by itself."""
    if not asked:
        raise Refused(422, "invalid", "The list holds no ticket.")
    if len(asked) > MOST_AT_ONCE:
        raise Refused(413, "too_large", f"A list holds at most {MOST_AT_ONCE:,} tickets.")
    answers = bring_in(tickets=asked, actor=actor)
    counts = Counter(answer.status for answer in answers)
    return reply(
        Results(
            created=counts["created"],
            repeated=counts["repeated"],
            refused=counts["refused"],
            results=[result_of(answer) for answer in answers],
        )
    )


class Page(ApiView):
    """One ticket."""

    permission = "settlement.view_ticket"

    @schema.ticket
    def get(self, request: Request, bet_id: str) -> HttpResponse:
        """Read a ticket: its selections, the money that moved for it, where it stands."""
        with one_moment():
            found = tickets.ticket_object(bet_id)
        if found is None:
            raise missing()
        return reply(found)


class Explanation(ApiView):
    """How one ticket's payout comes about."""

    permission = "settlement.view_ticket"

    @schema.explanation
    def get(self, request: Request, bet_id: str) -> HttpResponse:
        """Read how a ticket's payout comes about, or what it could still return."""
        with one_moment():
            return reply(tickets.explanation_object(ticket_or_404(bet_id)))


class Timeline(ApiView):
    """All that happened to one ticket."""

    permission = "settlement.view_ticket"

    @schema.timeline
    def get(self, request: Request, bet_id: str) -> HttpResponse:
        """Read all that happened to a ticket, the oldest first, in sentences and in figures."""
        with one_moment():
            return reply(timeline_object(ticket_or_404(bet_id)))


def ticket_or_404(bet_id: str) -> Ticket:
    """Return a ticket that is there."""
    if (found := selectors.ticket(bet_id)) is None:
        raise missing()
    return found


def missing() -> Refused:
    """Return the refusal for a ticket that is not there."""
    return Refused(404, "not_found", "There is no such ticket.")
