"""A ticket of ours beside what Odds88 says of it, as it would be if that were accepted."""

from dataclasses import replace
from fractions import Fraction

from feeds.comparing import Compared, Leg, Side, compare
from feeds.looking_up import LookUp
from settlement import bets, reading, selectors
from settlement.book import Book, StoredTicket
from settlement.fold.acts import PINNING
from settlement.fold.facts import TicketFact, Wanted
from settlement.fold.legs import leg_result
from settlement.fold.results import amount_text
from settlement.models import Ticket
from settlement.said import TicketSaid
from settlement.vocabulary import TicketFactKind, TicketStatus


def differences(*, ticket: Ticket, found: LookUp) -> list[Compared]:
    """Return a ticket's fields beside what a look-up found; amounts are in the ticket's money."""
    names = [bets.name_of(one.outcome) for one in selectors.selections_of(ticket.pk)]
    book = reading.unlocked([ticket.pk])
    return compare(ours(book, names), theirs(book, names, found))


def ours(book: Book, names: list[str]) -> Side:
    """Return a ticket as it stands in our books."""
    (ticket,) = book.tickets
    unit = book.units[ticket.currency]
    payout = None if ticket.status == TicketStatus.OPEN else ticket.payout
    return Side(
        status=ticket.status,
        result=word(ticket.result),
        payout=money(payout, unit.precision),
        payout_text=money_text(payout, unit.precision, unit.code),
        stake=money(ticket.stake, unit.precision),
        stake_text=money_text(ticket.stake, unit.precision, unit.code),
        legs=tuple(
            Leg(name, leg.written[-1] or "")
            for name, leg in zip(names, book.legs[ticket.id], strict=True)
        ),
    )


def theirs(book: Book, names: list[str], found: LookUp) -> Side:
    """Return the ticket as Odds88 says that it is."""
    (ticket,) = book.tickets
    if found.result is None:
        return nothing(names, found.status.label.upper() if found.status else "")
    unit = book.units[ticket.currency]
    said, wanted = found.result, accepted(book, ticket, found.result)
    payout = None if wanted.status == TicketStatus.OPEN else wanted.payout
    stake = None if said.stake is None else Fraction(said.stake, 10**said.precision)
    comparable = said.currency == ticket.currency
    return Side(
        status=wanted.status,
        result=word(wanted.result),
        payout=money(payout, unit.precision),
        payout_text=money_text(payout, unit.precision, unit.code),
        stake=stake if comparable else None,
        stake_text=stake_said(said, unit.precision),
        legs=tuple(
            Leg(name, leg_result(leg, each_way=ticket.each_way) or "")
            for name, leg in zip(names, wanted.legs, strict=True)
        ),
    )


def nothing(names: list[str], status: str) -> Side:
    """Return a side that says nothing of how the bet ended."""
    known = {"PENDING": "", "ACCEPTED": "OPEN"}
    legs = tuple(Leg(name, "") for name in names)
    return Side(known.get(status, status), "", None, "", None, "", legs)


def accepted(book: Book, ticket: StoredTicket, said: TicketSaid) -> Wanted:
    """Return what the ticket would come to by this result, with nothing fixed by hand."""
    fact = TicketFact(
        id=0, source=said.source, ticks=said.ticks, kind=TicketFactKind.RESULT, result=said.result
    )
    dropped = {*PINNING, TicketFactKind.RESULT, TicketFactKind.ACCEPT}
    kept = [one for one in book.ticket_facts.get(ticket.id, ()) if one.kind not in dropped]
    alone = replace(
        book, ticket_facts={ticket.id: [*kept, fact]}, market_facts={}, states={}, memories={}
    )
    return alone.wanted(ticket)


def stake_said(said: TicketSaid, precision: int) -> str:
    """Return the stake that Odds88 names, with as many places as ours has."""
    if said.stake is None:
        return ""
    stake = Fraction(said.stake, 10**said.precision)
    return f"{amount_text(stake, max(said.precision, precision))} {said.currency}"


def word(result: str) -> str:
    """Return a result; an open ticket has none."""
    return "" if result == "NONE" else result


def money(minor: int | None, precision: int) -> Fraction | None:
    """Return an amount in major units."""
    return None if minor is None else Fraction(minor, 10**precision)


def money_text(minor: int | None, precision: int, currency: str) -> str:
    """Return an amount for people."""
    amount = money(minor, precision)
    return "" if amount is None else f"{amount_text(amount, precision)} {currency}"
