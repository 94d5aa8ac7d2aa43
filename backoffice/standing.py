"""Where a ticket stands, in a sentence that the page, the API and the terminal share."""

from backoffice.tickets import Explained
from backoffice.words import grouped
from settlement.models import Ticket
from settlement.rules.payout import Settled
from wallet.money import text


def sentence(ticket: Ticket, explained: Explained, *, held: bool) -> str:
    """Say in a sentence where the ticket stands; `held` when a person has to look at it."""
    if ticket.status == "SETTLED":
        return f"Settled: paid {amount(ticket, ticket.payout)} {ticket.currency_id}."
    if ticket.status != "OPEN":
        return f"The whole bet was {ticket.status.lower()}."
    if held:
        return "Open: it waits for a person."
    if explained.settled is None and ticket.version:
        return f"Open again: {explained.lines[0]}"
    if explained.settled is None:
        return "Open: it is settled by its provider's payout or by hand."
    if explained.settled.decided:
        return "Open: every leg that matters is decided, and settlement has not come to it yet."
    return f"Open: {waiting_for(explained.settled)}."


def waiting_for(settled: Settled) -> str:
    """Name the legs that are still open."""
    each_way = settled.bet.each_way
    open_legs = [
        str(place)
        for place, leg in enumerate(settled.legs, start=1)
        if leg.win is None or (each_way and leg.place is None)
    ]
    if len(open_legs) == len(settled.legs):
        return "no leg is decided yet" if len(open_legs) > 1 else "its leg is not decided yet"
    return f"waiting for leg{'s'[: len(open_legs) > 1]} {', '.join(open_legs)}"


def amount(ticket: Ticket, minor: int) -> str:
    """Return an amount of the ticket's currency for people."""
    return grouped(text(minor, ticket.currency.precision))


def stake_from(ticket: Ticket) -> str:
    """Say whose money the stake was."""
    if ticket.free_bet_ref:
        return f"free bet {ticket.free_bet_ref}"
    return "from the player's cash" if ticket.cash_stake else "taken elsewhere"
