"""A provider who contradicts later what one of our own did by hand: the act stands; we ask."""

from settlement.fold.acts import NO_ACTS, PINNING, acts_of
from settlement.fold.facts import Doubt, Fact, TicketFact, Wanted
from settlement.reading import Book, StoredTicket
from settlement.vocabulary import ReviewKind, TicketResult, TicketStatus
from wallet.money import Unit, text


def against_the_feed(book: Book, ticket: StoredTicket, wanted: Wanted) -> tuple[Doubt, ...]:
    """Return the doubt about an act that a provider has contradicted since it was done."""
    facts = book.ticket_facts.get(ticket.id, ())
    acts = acts_of(facts) if facts else NO_ACTS
    pins = [*([acts.pin] if acts.pin else []), *acts.legs]
    if not pins:
        return ()
    newest = max(pins, key=lambda fact: fact.id)
    last = newest.id
    if wanted.cause is None or wanted.cause.id <= last:
        return ()
    now = book.as_if(ticket, lambda fact: is_no_pin(fact))
    then = book.as_if(ticket, lambda fact: is_no_pin(fact) and fact.id < last)
    if now.status == TicketStatus.OPEN or outcome_of(now) in (outcome_of(then), outcome_of(wanted)):
        return ()
    unit = book.units[ticket.currency]
    said, stands = (said_of(one, unit) for one in (now, wanted))
    return (
        Doubt(
            ReviewKind.ACT_AGAINST_FEED,
            f"Since {newest.actor} acted by hand, the provider says: {said}. "
            f"By the act it stays: {stands}.",
        ),
    )


def is_no_pin(fact: Fact) -> bool:
    """Whether a fact would be heard if nobody had fixed the ticket or its legs by hand."""
    return not isinstance(fact, TicketFact) or fact.kind not in PINNING


def outcome_of(wanted: Wanted) -> tuple[str, str, int]:
    """Return what people compare of two states."""
    return wanted.status, wanted.result, wanted.payout


def said_of(wanted: Wanted, unit: Unit) -> str:
    """Return a state in a few words."""
    word = wanted.status if wanted.result == TicketResult.NONE else wanted.result
    return f"{word.replace('_', ' ').lower()}, {text(wanted.payout, unit.precision)} {unit.code}"
