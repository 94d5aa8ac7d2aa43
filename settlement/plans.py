"""What is to be done about a ticket: nothing, a change, or a review. Decided without writing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

import structlog

from settlement.book import Book, StoredTicket
from settlement.contradictions import against_the_feed
from settlement.fold.facts import OPEN_LEG, Doubt, LegState, Wanted
from settlement.fold.holding import Applied, by_us, differs, why_held
from settlement.fold.legs import leg_result
from settlement.rules.legs import HALF_LOST, HALF_WON, LOST, VOID, WON, Factors
from settlement.vocabulary import EventKind, ReviewKind, TicketResult, TicketStatus
from wallet.money import Unit

log = structlog.get_logger(__name__)

# By identity: the usual five are constants, and hashing a ratio takes longer than all the rest.
WRITTEN = {
    id(WON): ("1", "0"),
    id(LOST): ("0", "0"),
    id(VOID): ("0", "1"),
    id(HALF_WON): ("1/2", "1/2"),
    id(HALF_LOST): ("0", "1/2"),
}
Written = tuple[str | None, ...]


class By(NamedTuple):
    """Who lets a change happen, and why, when it is not its cause that says so."""

    actor: str
    reason: str
    note: str
    batch: int


class Move(NamedTuple):
    """A change of a ticket's state that is to be made now."""

    ticket: StoredTicket
    applied: Applied
    wanted: Wanted
    kind: EventKind
    unit: Unit
    legs: tuple[Written, ...]
    by: By | None = None

    @property
    def difference(self) -> int:
        """What the player's cash gets."""
        return self.wanted.payout - self.applied.payout


@dataclass(slots=True)
class Plan:
    """What a ticket's facts ask for: a move, or a state that has to wait, and why."""

    ticket: StoredTicket
    applied: Applied
    wanted: Wanted | None = None
    move: Move | None = None
    hold: Doubt | None = None
    doubts: tuple[Doubt, ...] = ()
    by_us: bool = False
    legs: list[tuple[int, Written]] = field(default_factory=list)


def plan(book: Book, ticket: StoredTicket) -> Plan:
    """Return what is to be done about one ticket. An error in it stops no other."""
    try:
        wanted = book.wanted(ticket)
        found = planned(book, ticket, wanted, ours_by_its_cause)
        found.doubts += against_the_feed(book, ticket, wanted)
        return found
    except Exception:
        log.exception("ticket_cannot_be_folded", bet_id=ticket.bet_id, ticket_id=ticket.id)
        return Plan(ticket, ticket.applied, doubts=(OUR_FAULT,))


OUR_FAULT = Doubt(
    ReviewKind.CANNOT_SETTLE,
    "Our own program failed on this ticket; the log says where. Nothing was changed: "
    "settle it by hand, and tell those who look after the program.",
)


Ours = Callable[[Book, StoredTicket, Wanted], bool]


def ours_by_its_cause(book: Book, ticket: StoredTicket, wanted: Wanted) -> bool:
    """Whether a difference is what one of our own asked for, as far as its cause tells."""
    return by_us(ticket.applied, wanted, lambda act: book.without(ticket, act))


def planned(book: Book, ticket: StoredTicket, wanted: Wanted, ours: Ours) -> Plan:
    """Return the way from where a ticket stands to what is wanted.

    A difference that is not `ours` may have to wait by the ticket's rules.
    """
    applied = ticket.applied
    found = Plan(ticket, applied, wanted, doubts=wanted.doubts)
    legs = book.legs[ticket.id]
    now = tuple(
        [
            written(state, each_way=ticket.each_way and leg.has_place_terms)
            for leg, state in zip(legs, wanted.legs, strict=True)
        ]
    )
    if differs(applied, wanted):
        rules, unit = book.rules[ticket.rule_set], book.units[ticket.currency]
        found.by_us = ours(book, ticket, wanted)
        if not found.by_us:
            last = book.last_settled.get(ticket.id)
            found.hold = why_held(applied, wanted, rules, unit.code, unit.precision, last)
        found.hold = wanted.hold or found.hold
        if found.hold is None:
            kind = event_kind(applied, wanted)
            found.move = Move(ticket, applied, wanted, kind, unit, now)
    found.legs = [(leg.id, row) for leg, row in zip(legs, now, strict=True) if row != leg.written]
    return found


def written(state: LegState, *, each_way: bool) -> Written:
    """Return what is written on a selection, in the order of its columns."""
    if state is OPEN_LEG:
        return UNWRITTEN
    win = factors_text(state.win)
    place = factors_text(state.place) if each_way else (None, None)
    off, start = state.deduction, state.starting_price
    result = leg_result(state, each_way=each_way)
    return (*win, *place, str(off) if off else None, str(start) if start else None, result or "")


UNWRITTEN: Written = (None, None, None, None, None, None, "")


def factors_text(part: Factors | None) -> tuple[str | None, str | None]:
    """Return a part's factors as they are stored."""
    if part is None:
        return None, None
    return WRITTEN.get(id(part)) or (factor_text(part.win), factor_text(part.void))


def factor_text(factor: Fraction) -> str:
    """Return a factor as a column holds it: as it is, or cut after twenty places."""
    if factor.denominator < LARGEST_DIVISOR:
        return str(factor)
    return f"0.{factor.numerator * 10**20 // factor.denominator:020d}"


LARGEST_DIVISOR = 10**19


def event_kind(applied: Applied, wanted: Wanted) -> EventKind:
    """Return what to call a change."""
    if wanted.status == TicketStatus.CANCELLED:
        return EventKind.CANCEL
    if wanted.status == TicketStatus.REJECTED:
        return EventKind.REJECT
    if wanted.cashed_out_stake != applied.cashed_out_stake:
        return EventKind.CASH_OUT
    if wanted.status == TicketStatus.OPEN:
        return EventKind.REOPEN
    if applied.status != TicketStatus.OPEN:
        return EventKind.RESETTLE
    return EventKind.VOID if wanted.result == TicketResult.REFUND else EventKind.SETTLE
