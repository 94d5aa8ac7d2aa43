"""Orders that accept what a provider answered: they name the look-up, its words stand in the books.

No client ever says what was answered.
"""

from feeds.looking_up import LookUpRefused, said_in
from feeds.models import LookupCall
from settlement import selectors
from settlement.orders import ActRefused, Answer, Order, TicketAsked, answered
from settlement.said import ticks_of
from settlement.vocabulary import ActKind


class NoAnswer(ActRefused):
    """The look-up is not one that says how this ticket ended."""

    code = "no_answer"


def with_answers(order: Order) -> Order:
    """Return an order with what was answered to the look-ups that it names."""
    if order.act != ActKind.ACCEPT_RESULT:
        return order
    known = selectors.tickets_by_bet_id([one.bet_id for one in order.tickets])
    return answered(
        order,
        {
            one.bet_id: answer_to(one, known[one.bet_id].id)
            for one in order.tickets
            if one.bet_id in known
        },
    )


def answer_to(asked: TicketAsked, ticket: int) -> Answer:
    """Return what was answered to a look-up of a ticket, as of when it was asked."""
    number = asked.lookup or 0
    try:
        said = said_in(call=number, ticket=ticket)
    except LookUpRefused as why:
        raise NoAnswer(f"{asked.bet_id}: {why}") from None
    asked_at = LookupCall.objects.values_list("asked_at", flat=True).get(pk=number)
    return Answer(said.source, ticks_of(asked_at), said.result)
