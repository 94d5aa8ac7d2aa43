"""What a ticket could pay at most, if every leg that is still open won."""

from msgspec.structs import replace

from settlement.fold.acts import acts_of
from settlement.fold.computing import computed, minor
from settlement.fold.facts import LegState, Wanted
from settlement.reading import Book, StoredTicket
from settlement.rules.exact import NeedsDecision, RulesRefusal
from settlement.rules.legs import WON


def could_pay(book: Book, ticket: StoredTicket, wanted: Wanted) -> int:
    """Return the most that a ticket could pay; what it pays now, when that can't be computed."""
    agreed = book.agreed(ticket)
    acts = acts_of(book.ticket_facts.get(ticket.id, ()))
    rules = book.rules[ticket.rule_set]
    try:
        best = computed(agreed, acts, [as_won(leg) for leg in wanted.legs], rules)
    except (NeedsDecision, RulesRefusal):
        return wanted.payout
    return minor(best, agreed) or wanted.payout


def as_won(leg: LegState) -> LegState:
    """Return a leg whose open parts won."""
    return replace(leg, win=leg.win or WON, place=leg.place or WON)
