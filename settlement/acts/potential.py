"""The money that an act is measured by: what moves now, or what it lets a ticket pay later."""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from settlement.book import Book, StoredTicket
from settlement.fold.acts import NO_ACTS, acts_of
from settlement.fold.computing import computed, minor
from settlement.fold.facts import LegState, Wanted
from settlement.rules.exact import NeedsDecision, RulesRefusal
from settlement.rules.legs import LOST, WON
from settlement.vocabulary import TicketResult, TicketStatus


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
    lost = wanted.result == TicketResult.LOSE
    if wanted.status != TicketStatus.OPEN and not lost:
        return Measure(now)
    changed = legs_changed(book, after, ticket, wanted)
    if not any(changed) and (lost or ticket.status == TicketStatus.OPEN):
        return Measure(now)
    legs = [
        leg if acted and leg.win else hopeful(leg)
        for leg, acted in zip(wanted.legs, changed, strict=True)
    ]
    best = could_pay(after, ticket, legs)
    least: int | None = ticket.payout
    if ticket.status == TicketStatus.OPEN or lost:
        without = [LOST_LEG if acted else leg for leg, acted in zip(legs, changed, strict=True)]
        least = could_pay(after, ticket, without)
    if best is None or least is None:
        return Measure(now, is_known=False)
    return Measure(max(now, best - least))


def legs_changed(book: Book, after: Book, ticket: StoredTicket, wanted: Wanted) -> list[bool]:
    """Return which legs an act speaks of; none, when the ticket is fixed as a whole."""
    if acts_of(after.ticket_facts.get(ticket.id, ())).pin is not None:
        return [False for _ in wanted.legs]
    before = book.wanted(ticket)
    return [old != new for old, new in zip(before.legs, wanted.legs, strict=True)]


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


def hopeful(leg: LegState) -> LegState:
    """Return a leg as its provider may still say: won, also where he said that it lost."""
    if leg.by_act or leg.win != LOST:
        return as_won(leg)
    return replace(leg, win=WON, place=WON)
