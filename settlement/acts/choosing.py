"""Which tickets an act is on, when people don't name them: by market, event and time."""

from dataclasses import dataclass
from datetime import datetime

from settlement.acts.market_sayings import tickets_on
from settlement.models import Market, Ticket
from settlement.orders import MOST_TICKETS, BadOrder
from settlement.vocabulary import Provider, TicketStatus


@dataclass(frozen=True, slots=True)
class Choice:
    """What tickets have in common. Times are those of placing, both ends included."""

    provider: Provider | None = None
    event: str = ""
    market: str = ""
    specifiers: str = ""
    placed_from: datetime | None = None
    placed_to: datetime | None = None
    status: TicketStatus | None = TicketStatus.OPEN


def chosen(choice: Choice) -> list[str]:
    """Return the bet ids of the tickets, the oldest first; refuse a choice of all there are."""
    if not choice.event and not (choice.placed_from and choice.placed_to):
        raise BadOrder("Name an event, or when the tickets were placed: from and to.", "event")
    found = Ticket.objects.all()
    if choice.event:
        found = found.filter(pk__in=tickets_on(markets_of(choice)))
    elif choice.provider:
        found = found.filter(provider=choice.provider)
    if choice.placed_from:
        found = found.filter(placed_at__gte=choice.placed_from)
    if choice.placed_to:
        found = found.filter(placed_at__lte=choice.placed_to)
    if choice.status:
        found = found.filter(status=choice.status)
    bet_ids = list(found.order_by("id").values_list("bet_id", flat=True)[: MOST_TICKETS + 1])
    if len(bet_ids) > MOST_TICKETS:
        raise BadOrder(f"These are more than {MOST_TICKETS:,} tickets: narrow the choice.")
    if not bet_ids:
        raise BadOrder("No ticket is chosen by that.")
    return bet_ids


def markets_of(choice: Choice) -> list[int]:
    """Return the markets that a choice names."""
    found = Market.objects.filter(event__ref=choice.event)
    if choice.provider:
        found = found.filter(event__provider=choice.provider)
    if choice.market:
        found = found.filter(ref=choice.market, specifiers=choice.specifiers)
    return list(found.values_list("pk", flat=True))
