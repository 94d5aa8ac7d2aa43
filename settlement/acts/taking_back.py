"""The way back from an act on a ticket whose provider's result waits in a review."""

from dataclasses import replace

import msgspec

from settlement.book import Book, StoredTicket
from settlement.fold.facts import Wanted
from settlement.fold.results import in_force
from settlement.models import SettlementEvent
from settlement.plans import Ours, Plan, planned
from settlement.vocabulary import Source


def take_back(found: Plan, book: Book, wanted: Wanted, ours: Ours) -> None:
    """Plan the way to where a ticket stood without the act and without the result that waits.

    What was accepted before does not wait again: the ticket goes back to that.
    """
    accepted = was_accepted(found.ticket, wanted)
    back = let_pass(wanted) if accepted else without_held(book, found.ticket)
    found.move = planned(book, found.ticket, back, ours).move
    found.hold = None if accepted else wanted.hold


def was_accepted(ticket: StoredTicket, wanted: Wanted) -> bool:
    """Whether a held state was the last that stood in the books by its provider's word."""
    events = SettlementEvent.objects.filter(ticket=ticket.id).exclude(source=Source.OPERATOR)
    last = events.order_by("-sequence").first()
    return last is not None and (last.after_status, last.after_result, last.after_payout) == (
        wanted.status,
        wanted.result,
        wanted.payout,
    )


def without_held(book: Book, ticket: StoredTicket) -> Wanted:
    """Return what a ticket's facts come to without the provider's results that have to wait."""
    left = book.ticket_facts.get(ticket.id, [])
    found = book.wanted(ticket)
    while found.hold is not None and (held := in_force(left)) is not None:
        left = [fact for fact in left if fact is not held]
        found = replace(book, ticket_facts={**book.ticket_facts, ticket.id: left}).wanted(ticket)
    return found


def let_pass(wanted: Wanted) -> Wanted:
    """Return a state that a person accepts as it is."""
    return msgspec.structs.replace(wanted, hold=None)
