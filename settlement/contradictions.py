"""A provider who contradicts later what one of our own did by hand: the act stands; we ask."""

from settlement.book import Book, StoredTicket
from settlement.fold.acts import NO_ACTS, acts_of
from settlement.fold.facts import Doubt, TicketFact, Wanted
from settlement.vocabulary import ReviewKind, TicketFactKind, TicketResult, TicketStatus
from wallet.money import Unit, text


def against_the_feed(book: Book, ticket: StoredTicket, wanted: Wanted) -> tuple[Doubt, ...]:
    """Return the doubt about an act that a provider has contradicted since it was done."""
    facts = book.ticket_facts.get(ticket.id, ())
    acts = acts_of(facts) if facts else NO_ACTS
    pins = [fact for fact in (acts.pin, *acts.legs) if fact is not None and says_how(fact)]
    if not pins:
        return ()
    newest = max(pins, key=lambda fact: fact.id)
    now = book.unpinned(ticket)
    if now.status == TicketStatus.OPEN or state_text(now) in (newest.act.then, state_text(wanted)):
        return ()
    unit = book.units[ticket.currency]
    said, stands = (said_of(one, unit) for one in (now, wanted))
    return (
        Doubt(
            ReviewKind.ACT_AGAINST_FEED,
            f"Since {newest.actor.removeprefix('user:')} acted by hand, the provider says: {said}. "
            f"By the act it stays: {stands}.",
        ),
    )


def says_how(fact: TicketFact) -> bool:
    """Whether an act says how a ticket or a leg ended: a price or Rule 4 contradicts nobody."""
    return fact.kind != TicketFactKind.LEG or fact.act.win is not None


def state_text(wanted: Wanted) -> str:
    """Return a state as an act remembers it: what people compare of two."""
    return f"{wanted.status} {wanted.result} {wanted.payout}"


def said_of(wanted: Wanted, unit: Unit) -> str:
    """Return a state in a few words."""
    word = wanted.status if wanted.result == TicketResult.NONE else wanted.result
    return f"{word.replace('_', ' ').lower()}, {text(wanted.payout, unit.precision)} {unit.code}"
