"""Questions about events and markets, and how many tickets are on them."""

from django.db.models import Count, Q

from settlement.models import Market, Outcome, SportEvent, Ticket

MOST_MARKETS = 500


def events_named(ref: str) -> list[SportEvent]:
    """Return the events that a provider knows by this id."""
    return list(SportEvent.objects.filter(ref=ref).order_by("provider"))


def markets_of(event: SportEvent) -> list[tuple[Market, int, int]]:
    """Return an event's markets, each with how many tickets are on it, and how many are open."""
    ticket = "outcomes__selections__ticket"
    found = Market.objects.filter(event=event).annotate(
        tickets=Count(ticket, distinct=True),
        still_open=Count(ticket, distinct=True, filter=Q(**{f"{ticket}__status": "OPEN"})),
    )
    return [(one, one.tickets, one.still_open) for one in found.order_by("id")[:MOST_MARKETS]]


def outcomes_of(market: Market) -> list[Outcome]:
    """Return the outcomes of a market that people bet on and a provider has an id for."""
    return list(Outcome.objects.filter(market=market).exclude(ref="").order_by("id"))


def markets_of_ticket(ticket: Ticket) -> list[tuple[int, Market]]:
    """Return the markets that a ticket's legs are on, with the leg's position."""
    legs = ticket.selections.select_related("outcome__market__event").order_by("position")
    return [(leg.position, leg.outcome.market) for leg in legs]
