"""What an act would do, ticket by ticket, before anything is done; and the same again when it is.

The facts that the act consists of are added to what was said, and everything is folded anew.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
import structlog

from settlement.acts.market_sayings import MarketSaying
from settlement.acts.potential import Measure, measured, most_it_could_pay
from settlement.acts.sayings import About, NotForTicket, Saying, retracted, sayings_of
from settlement.acts.taking_back import let_pass, take_back
from settlement.acts.work import Work
from settlement.book import Book, StoredTicket
from settlement.contradictions import against_the_feed, state_text
from settlement.fold.acts import PINNING, acts_of
from settlement.fold.facts import LegState, MarketFact, TicketFact, Wanted
from settlement.fold.holding import Applied, differs
from settlement.orders import Order
from settlement.plans import OUR_FAULT, By, Plan, ours_by_its_cause, planned
from settlement.said import encoded
from settlement.vocabulary import ActKind, Source, TicketResult, TicketStatus
from wallet.money import MOST_MINOR_UNITS, Unit, text

log = structlog.get_logger(__name__)

AT_ONCE = 5000
# Numbers for facts that are not written yet: later than all that are.
NOT_YET = 2**62
Numbers = Callable[[int], Sequence[int]]


@dataclass(slots=True)
class Seen:
    """What an act would do to one ticket. `skipped` says why it does nothing to it.

    `moved` is the money by which it is measured: what moves now, or what may be paid more later;
    `heard` the number of what was said last before.
    """

    bet_id: str
    ticket: StoredTicket | None
    unit: Unit | None = None
    after: Applied | None = None
    legs: tuple[tuple[int, str, str], ...] = ()
    held: str = ""
    doubts: tuple[str, ...] = ()
    skipped: str = ""
    moved: int = 0
    is_measured: bool = True
    heard: int = 0
    plan: Plan | None = None
    facts: tuple[TicketFact, ...] = ()

    @property
    def difference(self) -> int:
        """What the player's cash gets at once."""
        if self.ticket is None or self.after is None or self.skipped:
            return 0
        return self.after.payout - self.ticket.payout

    @property
    def expected(self) -> str:
        """The state that the act leads to, as it is compared."""
        if self.after is None:
            return ""
        one = self.after
        return (
            f"{one.status} {one.result} {one.payout} {one.cashed_out_stake} "
            f"{one.cashed_out_amount}{' held' if self.held else ''} after {self.heard}"
        )


def looked_at(
    work: Work, ids: Sequence[int], read: Callable[[Sequence[int]], Book], numbers: Numbers
) -> tuple[Book, list[Seen]]:
    """Return what an act would do to some of its tickets, with the book that says so.

    `read` locks them or does not; `numbers` gives the facts theirs.
    """
    book = read(sorted(ids))
    said: dict[int, list[Saying]] = {}
    skipped: dict[int, str] = {}
    for ticket in book.tickets:
        try:
            said[ticket.id] = with_then(book, ticket, said_of(work, book, ticket))
        except NotForTicket as reason:
            skipped[ticket.id] = str(reason)
    given = iter(numbers(sum(map(len, said.values()))))
    facts = {
        ticket: tuple([fact_of(one, next(given), work.by) for one in sayings])
        for ticket, sayings in said.items()
    }
    after = with_facts(book, facts, work)
    by_id = {ticket.id: ticket for ticket in book.tickets}
    return after, [
        Seen(ticket.bet_id, ticket, book.units[ticket.currency], skipped=skipped[ticket.id])
        if ticket.id in skipped
        else compared(work, book, after, ticket, facts[ticket.id])
        for ticket in (by_id[number] for number in ids if number in by_id)
    ]


def said_of(work: Work, book: Book, ticket: StoredTicket) -> list[Saying]:
    """Return what the act says of one ticket itself."""
    if work.is_on_markets or work.order.act == ActKind.ACCEPT:
        return []
    facts = book.ticket_facts.get(ticket.id, [])
    if work.undone is not None:
        return retracted(facts, work.undone.pk)
    about = About(ticket, book.legs[ticket.id], book.units[ticket.currency], acts_of(facts))
    return sayings_of(work.order, work.asked[ticket.id], about)


def with_then(book: Book, ticket: StoredTicket, sayings: Sequence[Saying]) -> list[Saying]:
    """Return what an act says; what fixes a ticket remembers what the providers' word came to."""
    if not any(one.kind in PINNING for one in sayings):
        return list(sayings)
    then = state_text(book.unpinned(ticket)) if book.newest_heard(ticket) else NOTHING_SAID
    return [
        one._replace(said=msgspec.structs.replace(one.said, then=then))
        if one.kind in PINNING
        else one
        for one in sayings
    ]


NOTHING_SAID = f"{TicketStatus.OPEN} {TicketResult.NONE} 0"


def fact_of(saying: Saying, number: int, by: By) -> TicketFact:
    """Return something said of a ticket as a fact."""
    return TicketFact(
        id=number,
        source=Source.OPERATOR,
        actor=by.actor,
        reason=by.reason,
        note=by.note,
        batch=by.batch,
        ticks=saying.ticks,
        kind=saying.kind,
        position=saying.position,
        result=saying.said.says,
        act=saying.said,
    )


def with_facts(book: Book, facts: Mapping[int, Sequence[TicketFact]], work: Work) -> Book:
    """Return a book in which the act was said, of its tickets or of its markets."""
    if work.is_on_markets:
        said = dict(book.market_facts)
        for number, saying in enumerate(work.markets, start=NOT_YET):
            for market in saying.reaches:
                said[market] = [*said.get(market, ()), market_fact_of(saying, number, work.by)]
        return replace(
            book,
            market_facts=said,
            states={},
            memories={},
            books_without={},
            book_unpinned=None,
        )
    of_tickets = {**book.ticket_facts}
    for ticket, more in facts.items():
        of_tickets[ticket] = [*of_tickets.get(ticket, ()), *more]
    return replace(book, ticket_facts=of_tickets, books_without={}, book_unpinned=None)


def market_fact_of(saying: MarketSaying, number: int, by: By) -> MarketFact:
    """Return something said of a market as a fact."""
    return MarketFact(
        id=number,
        source=Source.OPERATOR,
        actor=by.actor,
        reason=by.reason,
        note=by.note,
        batch=by.batch,
        kind=saying.kind,
        content=saying.content,
    )


def compared(
    work: Work, book: Book, after: Book, ticket: StoredTicket, facts: Sequence[TicketFact]
) -> Seen:
    """Return what the act changes about one ticket. An error in it stops no other."""
    found = Seen(ticket.bet_id, ticket, book.units[ticket.currency], facts=tuple(facts))
    try:
        accepting = work.order.act == ActKind.ACCEPT
        wanted = let_pass(book.wanted(ticket)) if accepting else after.wanted(ticket)
        found.plan = plan = plan_of(work, book, after, ticket, wanted)
        if not any(fact.kind in PINNING for fact in facts):
            plan.doubts += against_the_feed(after, ticket, wanted)
        found.skipped = why_skipped(work, book, after, plan, wanted)
        found.legs = legs_changed(book, plan)
        found.moved, found.is_measured = measure(work, book, after, ticket, wanted)
        found.heard = book.newest_heard(ticket)
    except Exception:
        log.exception("act_cannot_be_previewed", bet_id=ticket.bet_id, ticket_id=ticket.id)
        found.skipped = OUR_FAULT.sentence
        return found
    found.after = ticket.applied if plan.move is None else state_of(plan.move.wanted)
    found.held = plan.hold.sentence if plan.hold else ""
    found.doubts = tuple(doubt.sentence for doubt in plan.doubts)
    return found


def measure(work: Work, book: Book, after: Book, ticket: StoredTicket, wanted: Wanted) -> Measure:
    """Return the money that the act is measured by on one ticket.

    What leaves all legs to the providers lets nothing be paid that they would not pay themselves.
    """
    if work.order.act in LEAVES_IT_TO_THEM and not any(leg.by_act for leg in wanted.legs):
        return Measure(abs(wanted.payout - ticket.payout))
    return measured(book, after, ticket, wanted)


LEAVES_IT_TO_THEM = (
    ActKind.UNDO,
    ActKind.RELEASE,
    ActKind.REOPEN,
    ActKind.ACCEPT,
    ActKind.ACCEPT_RESULT,
)


def plan_of(work: Work, book: Book, after: Book, ticket: StoredTicket, wanted: Wanted) -> Plan:
    """Return what is to be done about a ticket: what was waiting before waits on.

    Unless it is the provider's own result that somebody accepts: he looked at it.
    """
    accepted = work.order.act == ActKind.ACCEPT
    looked_at = accepted or work.order.act == ActKind.ACCEPT_RESULT

    def ours(*_: object) -> bool:
        if looked_at or wanted.by_act:
            return True
        return not differs(ticket.applied, book.wanted(ticket))

    found = planned(after, ticket, wanted, ours)
    if accepted and found.move is not None:
        found.move = found.move._replace(by=work.by)
    if wanted.hold is not None and work.order.act in TAKES_BACK and ours():
        take_back(found, after, wanted, ours)
    return found


# What stood by an act stands no more when the act is taken back, though the rest has to wait.
TAKES_BACK = (ActKind.UNDO, ActKind.RELEASE)


def why_skipped(work: Work, book: Book, after: Book, plan: Plan, wanted: Wanted) -> str:
    """Return why an act does nothing to a ticket after all."""
    if abs(wanted.payout - plan.applied.payout) > MOST_MINOR_UNITS:
        return "It would pay more than the ledger can hold."
    if wanted.payout < wanted.cashed_out_amount:
        return "It would take back what was cashed out since."
    if work.order.act == ActKind.CASH_OUT:
        if plan.hold is not None:
            return "A result waits in a review: decide that first."
        most = most_it_could_pay(after, plan.ticket, wanted)
        if most is not None and wanted.payout > most:
            unit = book.units[plan.ticket.currency]
            return (
                f"It could pay {text(most, unit.precision)} {unit.code} at most: that is too much."
            )
    if work.order.act == ActKind.ACCEPT_RESULT:
        return why_not_accepted(book, plan.ticket, wanted)
    if work.order.act not in TAKES_BACK and is_for_nothing(book, plan.ticket, wanted):
        return NO_CHANGE
    return ""


NO_CHANGE = "Nothing would change: it stands like that already."


def why_not_accepted(book: Book, ticket: StoredTicket, wanted: Wanted) -> str:
    """Return why accepting a provider's result does nothing to a ticket.

    To let go of what was done by hand is something, also when it comes to the same.
    """
    pinned = [n for n, leg in enumerate(wanted.legs, 1) if leg.pinned]
    if pinned:
        return f"An act on its market holds leg {pinned[0]}: take that back first."
    acts = acts_of(book.ticket_facts.get(ticket.id, ()))
    if acts.pin is None and not acts.legs and is_for_nothing(book, ticket, wanted):
        return NO_CHANGE
    return ""


def is_for_nothing(book: Book, ticket: StoredTicket, wanted: Wanted) -> bool:
    """Whether an act neither changes a ticket nor answers something that is asked about it."""
    if differs(ticket.applied, wanted):
        return False
    before = book.wanted(ticket)
    if list(map(untimed, wanted.legs)) != list(map(untimed, before.legs)):
        return False
    asked = planned(book, ticket, before, ours_by_its_cause)
    return asked.hold is None and not asked.doubts


def untimed(leg: LegState) -> LegState:
    """Return how a leg stands, whenever that was said."""
    return msgspec.structs.replace(leg, ticks=0)


def legs_changed(book: Book, plan: Plan) -> tuple[tuple[int, str, str], ...]:
    """Return the legs whose result changes: position, before, after."""
    stored = {leg.id: leg for leg in book.legs[plan.ticket.id]}
    return tuple(
        (stored[number].position, stored[number].written[-1] or "", row[-1] or "")
        for number, row in plan.legs
        if stored[number].written[-1] != row[-1]
    )


def state_of(wanted: Wanted) -> Applied:
    """Return a wanted state as it will stand in the books."""
    return Applied(
        wanted.status,
        wanted.result,
        wanted.payout,
        wanted.cashed_out_stake,
        wanted.cashed_out_amount,
    )


def previewed(work: Work, read: Callable[[Sequence[int]], Book]) -> list[Seen]:
    """Return what an act would do to all of its tickets, unknown ones at the end."""
    found: list[Seen] = []
    for start in range(0, len(work.ids), AT_ONCE):
        _, seen = looked_at(work, work.ids[start : start + AT_ONCE], read, not_yet)
        for one in seen:
            one.plan = None
        found += seen
    return found + unknown(work)


def unknown(work: Work) -> list[Seen]:
    """Return the tickets that nobody knows."""
    return [Seen(bet_id, None, skipped="There is no such ticket.") for bet_id in work.unknown]


def not_yet(count: int) -> Sequence[int]:
    """Return numbers for facts that are only thought of."""
    return range(NOT_YET, NOT_YET + count)


def digest_of(order: Order, seen: Iterable[Seen]) -> bytes:
    """Return what stands for an order and for all that its preview showed."""
    found = hashlib.sha256(encoded(order).encode())
    for one in seen:
        version = one.ticket.version if one.ticket else 0
        found.update(f"\n{one.bet_id}\x1f{version}\x1f{one.expected}\x1f{one.skipped}".encode())
    return found.digest()
