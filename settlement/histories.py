"""What was said of a ticket, what was done to it, and what is still asked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from settlement import arrays, reading
from settlement.fold.acts import Acts, acts_of
from settlement.fold.disputes import KINDS as DISPUTES
from settlement.fold.facts import TicketFact, Wanted
from settlement.fold.results import in_force
from settlement.models import Market, MarketFact, Review, Selection, SettlementEvent, Ticket
from settlement.models import TicketFact as StoredFact
from settlement.reviews import market_subject
from settlement.vocabulary import ReviewKind, Source


@dataclass(frozen=True, slots=True)
class Decided:
    """What a ticket's state follows from, when it is not its legs alone."""

    wanted: Wanted
    acts: Acts
    result: TicketFact | None

    @property
    def by_provider(self) -> TicketFact | None:
        """The provider's result of the whole ticket, when it is what counts."""
        pinned = any(leg.pinned for leg in self.wanted.legs)
        return None if self.acts.pin or pinned else self.result


def decided_by(ticket: Ticket) -> Decided:
    """Return what a ticket's facts come to, and which of them speak of the whole."""
    book = reading.unlocked([ticket.pk])
    facts = book.ticket_facts.get(ticket.pk, [])
    return Decided(book.wanted(book.tickets[0]), acts_of(facts), in_force(facts))


def events_of(ticket: Ticket) -> list[SettlementEvent]:
    """Return what happened to a ticket, the oldest first."""
    return list(SettlementEvent.objects.filter(ticket=ticket).order_by("sequence"))


def happened_to(ticket_ids: Sequence[int], since: datetime) -> list[SettlementEvent]:
    """Return the first things that happened to some tickets since a time."""
    found = SettlementEvent.objects.filter(ticket__in=ticket_ids, created_at__gt=since)
    return list(found.select_related("ticket").order_by("id")[:5])


def spoken_of(ticket_ids: Sequence[int], since: datetime) -> list[tuple[str, str]]:
    """Return who has spoken of some tickets since a time, or of what they bet on, and of which."""
    rows = arrays.fetch(SPOKEN, [since, since, arrays.numbers(sorted(ticket_ids))])
    return [(source, bet_id) for source, bet_id in rows]


SPOKEN = """
SELECT DISTINCT f.source, t.bet_id
  FROM settlement_ticket t
  CROSS JOIN LATERAL (
       SELECT source FROM settlement_ticketfact WHERE ticket_id = t.id AND created_at > %s
        UNION
       SELECT f.source FROM settlement_selection s
         JOIN settlement_outcome o ON o.id IN (s.outcome_id, s.place_outcome_id)
         JOIN settlement_marketfact f ON f.market_id = o.market_id
        WHERE s.ticket_id = t.id AND f.created_at > %s) f
 WHERE t.id = ANY ((%s::bigint[])[1:200])
 ORDER BY 2, 1 LIMIT 3
"""


def ticket_facts_of(ticket: Ticket) -> list[StoredFact]:
    """Return what was said of the whole ticket, the oldest first."""
    return list(StoredFact.objects.filter(ticket=ticket).order_by("id"))


def market_facts_of(selections: Iterable[Selection]) -> list[MarketFact]:
    """Return what was said of what selections bet on: markets and events, the oldest first."""
    markets = markets_under(selections)
    on = Q(market__in={one.pk for one in markets}) | Q(event__in={one.event_id for one in markets})
    found = MarketFact.objects.filter(on).select_related("market", "event")
    return list(found.order_by("id"))


def markets_under(selections: Iterable[Selection]) -> list[Market]:
    """Return the markets that selections bet on, or have their place on."""
    outcomes = [one for each in selections for one in (each.outcome, each.place_outcome) if one]
    return [one.market for one in outcomes]


def reviews_of(ticket: Ticket, selections: Iterable[Selection]) -> list[Review]:
    """Return what a person had or has to look at, the open ones first.

    What is asked about the markets and events that the ticket bets on is found by kind and subject:
    those are indexed.
    """
    markets = markets_under(selections)
    subjects = {market_subject(one.pk) for one in markets}
    subjects |= {f"{one.event.provider}:{one.event.ref}" for one in markets}
    found = Review.objects.filter(Q(ticket=ticket) | Q(kind__in=OF_MARKETS, subject__in=subjects))
    return sorted(found, key=lambda review: (review.closed_at is not None, -review.pk))


OF_MARKETS = (
    *DISPUTES,
    ReviewKind.MARKET_HELD,
    ReviewKind.EVENT_SUPERSEDED,
    ReviewKind.CANCEL_WITHOUT_MARKETS,
    ReviewKind.FROM_THE_FUTURE,
    ReviewKind.PAST_RETENTION,
)


def waits_for_a_person(ticket: Ticket, reviews: Iterable[Review]) -> bool:
    """Whether somebody has to look at the ticket itself; a question about a market holds none."""
    return any(one.closed_at is None and one.ticket_id == ticket.pk for one in reviews)


def subjects_of(ticket: Ticket) -> list[str]:
    """Return the ids under which messages name the whole ticket."""
    if ticket.provider != Source.ODDS88:
        return []
    return [ref for ref in (ticket.bet_id, ticket.provider_bet_id) if ref]
