"""The money that an act is measured by: what moves now, or what it lets a ticket pay later."""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from settlement.fold.acts import NO_ACTS, acts_of
from settlement.fold.computing import computed, minor
from settlement.fold.facts import LegState, Wanted
from settlement.reading import Book, StoredTicket
from settlement.rules.exact import NeedsDecision, RulesRefusal
from settlement.rules.legs import LOST, WON
from settlement.vocabulary import TicketStatus


class Measure(NamedTuple):
    """Minor units; `is_known` is false when what may be paid later can't be computed."""

    moved: int
    is_known: bool = True


def measured(book: Book, after: Book, ticket: StoredTicket, wanted: Wanted) -> Measure:
    """Return what an act moves: `book` is before it, `after` with it.

    A leg that is said to have won pays nothing while others are open: what the ticket may pay then,
    more than if that leg had lost, counts all the same.
    """
    now = abs(wanted.payout - ticket.payout)
    if wanted.status != TicketStatus.OPEN:
        return Measure(now)
    before = book.wanted(ticket)
    if ticket.status == TicketStatus.OPEN and before.legs == wanted.legs:
        return Measure(now)
    best = could_pay(after, ticket, [as_won(leg) for leg in wanted.legs])
    if ticket.status != TicketStatus.OPEN:
        least: int | None = ticket.payout
    else:
        both = zip(before.legs, wanted.legs, strict=True)
        least = could_pay(
            after, ticket, [as_won(new) if old == new else LOST_LEG for old, new in both]
        )
    if best is None or least is None:
        return Measure(now, is_known=False)
    return Measure(max(now, best - least))


def most_it_could_pay(book: Book, ticket: StoredTicket, wanted: Wanted) -> int | None:
    """Return what a ticket would pay if it had never been cashed out and its open legs won."""
    agreed = book.agreed(ticket)
    legs = [as_won(leg) for leg in wanted.legs]
    try:
        return minor(computed(agreed, NO_ACTS, legs, book.rules[ticket.rule_set]), agreed)
    except (NeedsDecision, RulesRefusal):
        return None


LOST_LEG = LegState(LOST, LOST)


def could_pay(book: Book, ticket: StoredTicket, legs: Sequence[LegState]) -> int | None:
    """Return what a ticket would pay on these legs; nothing, when that can't be computed."""
    agreed = book.agreed(ticket)
    acts = acts_of(book.ticket_facts.get(ticket.id, ()))
    try:
        return minor(computed(agreed, acts, legs, book.rules[ticket.rule_set]), agreed)
    except (NeedsDecision, RulesRefusal):
        return None


def as_won(leg: LegState) -> LegState:
    """Return a leg whose open parts won."""
    return replace(leg, win=leg.win or WON, place=leg.place or WON)
