"""Short words for tests that tell a ticket's story: acts of olga's, and what is told of them."""

from typing import Any

from backoffice.timeline import Entry, What, timeline_of
from settlement import services
from settlement.models import Market, MarketFact, Ticket, TicketFact
from settlement.said import ActSaid, MarketContent, encoded, key_of
from settlement.vocabulary import MarketFactKind, Source, TicketFactKind

NAMES = {"event_name": "Hull v York", "market_name": "Result", "outcome_name": "Hull"}


def act(kind: str, said: ActSaid | None = None, **words: Any) -> TicketFact:
    """Let olga say something of the only ticket."""
    return TicketFact.objects.create(
        ticket=Ticket.objects.get(),
        kind=TicketFactKind(kind),
        content=encoded(said or ActSaid()),
        **({"reason": "WRONG_RESULT"} | by_olga() | words),
    )


def market_act(kind: str, content: MarketContent | None = None, **words: Any) -> MarketFact:
    """Let olga say something of the only market."""
    return MarketFact.objects.create(
        kind=MarketFactKind(kind),
        content=encoded(content or MarketContent()),
        **({"reason": "ABANDONED", "market": Market.objects.get()} | by_olga() | words),
    )


def by_olga() -> dict[str, Any]:
    """Return what makes a fact an act of olga's."""
    number = TicketFact.objects.count() + MarketFact.objects.count()
    return {
        "source": Source.OPERATOR, "ticks": 0, "key": key_of("act", number), "actor": "user:olga",
    }  # fmt: skip


def settle() -> None:
    """Bring the only ticket to where its facts say."""
    services.settle(ticket_ids=[Ticket.objects.get().pk])


def story() -> list[Entry]:
    """Return the only ticket's timeline."""
    return timeline_of(Ticket.objects.select_related("player", "currency").get())


def titles(*sorts: What) -> list[str]:
    """Return the titles of these sorts of entries."""
    return [one.title for one in story() if one.what in sorts]
