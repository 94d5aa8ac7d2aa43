"""A ticket's past for its page: all that happened, and what a person has to look at now."""

from collections.abc import Sequence
from typing import Any

from backoffice.timeline import Entry, What, timeline_of
from backoffice.words import SOURCES, grouped, person, signed, source_name
from settlement import histories
from settlement.models import Selection, Ticket

STATE_LOOKS = {"DONE": "good", "PARKED": "warn", "QUARANTINED": "bad"}
MESSAGE_LOOKS = STATE_LOOKS | {"DONE": "muted"}
EVENT_LOOKS = {"REOPEN": "warn", "RESETTLE": "warn"}
WORDS = {
    What.PLACED: ("▸", "Placed"),
    What.MESSAGE: ("✉", "Message"),
    What.LOOKUP: ("⇄", "Look-up"),
    What.SAID: ("❝", "Said"),
    What.ACT: ("✎", "Act"),
    What.EVENT: ("●", "Ticket"),
    What.REVIEW_OPENED: ("?", "Review"),
    What.REVIEW_CLOSED: ("✓", "Review"),
}


def history_of(ticket: Ticket, selections: Sequence[Selection]) -> dict[str, Any]:
    """Return all of a ticket's past that its page shows."""
    reviews = histories.reviews_of(ticket, selections)
    return {
        "held": histories.waits_for_a_person(ticket, reviews),
        "timeline": [entry_row(one) for one in timeline_of(ticket)],
        "open_reviews": [one.sentence for one in reviews if one.closed_at is None],
    }


def entry_row(entry: Entry) -> dict[str, Any]:
    """Return an entry's line."""
    icon, word = WORDS[entry.what]
    return {
        "at": entry.at,
        "icon": icon,
        "word": word,
        "look": look_of(entry),
        "strong": entry.what == What.EVENT,
        "title": entry.title,
        "details": entry.details,
        "by": person(entry.actor) or by_source(entry.source),
        "change": signed(entry.change) if entry.change else "",
        "is_credit": bool(entry.change) and not (entry.change or "").startswith("-"),
        "balance_after": grouped(entry.balance_after) if entry.balance_after else "",
        "message": entry.message,
        "numbers": numbers_of(entry),
    }


def look_of(entry: Entry) -> str:
    """Return the colour of an entry's word."""
    if entry.what == What.MESSAGE:
        return MESSAGE_LOOKS.get(entry.kind, "muted")
    if entry.what == What.EVENT:
        return EVENT_LOOKS.get(entry.kind, "")
    if entry.what == What.REVIEW_OPENED:
        return "warn"
    return "muted" if entry.what in (What.PLACED, What.LOOKUP, What.REVIEW_CLOSED) else ""


def by_source(source: str) -> str:
    """Return the name of the provider whose word it is."""
    return source_name(source.upper()) if source.upper() in SOURCES else source


def numbers_of(entry: Entry) -> str:
    """Return the numbers under which others may ask for what is told here."""
    if entry.event is not None:
        return f"event {entry.event}"
    if entry.lookup is not None:
        return f"look-up {entry.lookup}"
    if entry.review is not None:
        return f"review {entry.review}"
    if entry.fact is not None:
        return f"fact {entry.fact}"
    return ""
