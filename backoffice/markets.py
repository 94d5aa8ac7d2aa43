"""Questions about events and markets, and how many tickets are on them."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Q

from settlement.fold.outcomes import RANK
from settlement.models import Market, MarketFact, Outcome, SportEvent, Ticket
from settlement.reading import MARKET_CONTENT
from settlement.said import Ended
from settlement.vocabulary import MarketFactKind, Source, TicketStatus

MOST_MARKETS = 500
# Outcomes with and without an id of their provider's have an index each: to name both uses both.
ANY_REF = Q(ref="") | ~Q(ref="")


@dataclass(frozen=True, slots=True)
class LastWord:
    """What a provider said of an outcome last: how it ended, or what came and is not understood."""

    ended: Ended = None
    held: str = ""


@dataclass(frozen=True, slots=True)
class OutcomeBetOn:
    """An outcome, how many tickets are on it, how many of them wait, and what was said of it."""

    outcome: Outcome
    tickets: int
    still_open: int
    word: LastWord | None


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
    """Return the outcomes of a market that people bet on and a provider has an id for.

    A line that only the tickets name is an outcome's too.
    """
    found = Outcome.objects.filter(market=market).exclude(ref="")
    with_lines = found.annotate(line_bet_on=Max("selections__line"))
    return [with_line(one) for one in with_lines.order_by("id")]


def with_line(outcome: Any) -> Outcome:
    """Return an outcome with the line that tickets name, where it has none itself."""
    outcome.line = outcome.line or outcome.line_bet_on or ""
    found: Outcome = outcome
    return found


def open_tickets_on(event: SportEvent, most: int) -> tuple[list[Ticket], int]:
    """Return the newest open tickets with a leg on an event that has no result, and their count."""
    numbers = list(Market.objects.filter(event=event).values_list("pk", flat=True))
    outcomes = list(
        Outcome.objects.filter(ANY_REF, market__in=numbers).values_list("pk", flat=True)
    )
    found = Ticket.objects.filter(
        status=TicketStatus.OPEN, selections__result="", selections__outcome__in=outcomes
    ).distinct()
    return list(found.select_related("player", "currency").order_by("-id")[:most]), found.count()


def outcomes_bet_on(market: Market) -> list[OutcomeBetOn]:
    """Return the outcomes of a market that people bet on, and what was said of each last."""
    said = last_words(market)
    found = Outcome.objects.filter(ANY_REF, market=market).annotate(
        tickets=Count("selections__ticket", distinct=True),
        still_open=Count(
            "selections__ticket", distinct=True, filter=Q(selections__ticket__status="OPEN")
        ),
        line_bet_on=Max("selections__line"),
    )
    return [
        OutcomeBetOn(with_line(one), one.tickets, one.still_open, said.get(one.ref))
        for one in found.order_by("id")
    ]


def last_words(market: Market) -> dict[str, LastWord]:
    """Return what providers said last of each outcome of a market, by its id."""
    told = MarketFact.objects.filter(market=market, kind=MarketFactKind.SETTLEMENT)
    facts = told.exclude(source=Source.OPERATOR)
    words: dict[str, LastWord] = {}
    for fact in sorted(facts, key=lambda one: (one.ticks, RANK[MarketFactKind(one.kind)], one.pk)):
        content = MARKET_CONTENT.decode(fact.content)
        words |= {ref: LastWord(ended=one.ended) for ref, one in content.outcomes.items()}
        words |= {ref: LastWord(held=came) for ref, came in content.held.items()}
    return words


def markets_of_ticket(ticket: Ticket) -> list[tuple[int, Market]]:
    """Return the markets that a ticket's legs are on, with the leg's position."""
    legs = ticket.selections.select_related("outcome__market__event").order_by("position")
    return [(leg.position, leg.outcome.market) for leg in legs]
