"""Short words for tests that tell a ticket's story: what is bet on, and what is told of it."""

from typing import Any

from backoffice.timeline import Entry, What, timeline_of
from settlement.models import Ticket

NAMES = {"event_name": "Hull v York", "market_name": "Result", "outcome_name": "Hull"}
MARKET = {"provider": "manual", "event": "E-1", "market": "1"}
WORDS: dict[str, Any] = {"reason": "WRONG_RESULT", "note": "He said so"}


def story() -> list[Entry]:
    """Return the only ticket's timeline."""
    return timeline_of(Ticket.objects.select_related("player", "currency").get())


def titles(*sorts: What) -> list[str]:
    """Return the titles of these sorts of entries."""
    return [one.title for one in story() if one.what in sorts]


def details(*sorts: What) -> list[tuple[str, ...]]:
    """Return the details of these sorts of entries."""
    return [one.details for one in story() if one.what in sorts]
