"""That one event's results shall be told again: by whom, when, and why it can't be asked for."""

from dataclasses import dataclass

from settlement.models import SportEvent
from settlement.orders import writable
from settlement.vocabulary import Provider

LONGEST_NOTE = 200


class RecoveryRefused(Exception):
    """An event's results can't be asked for; the text says why."""


class UnknownEvent(RecoveryRefused):
    """Nobody has bet on the event."""


class BadNote(RecoveryRefused):
    """Nobody said why, or in too many words."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An event that is to be told again: by which feeds and producers, and when they are asked."""

    provider: Provider
    event: str
    feeds: list[str]
    producers: list[int]
    sentence: str


def refuse_note(note: str) -> None:
    """Refuse a note that says nothing, or can't be written down."""
    if not note.strip() or len(note) > LONGEST_NOTE or not storable(note):
        raise BadNote(f"Say in a note why, in at most {LONGEST_NOTE} characters.")


def refuse_unknown(provider: Provider, event_ref: str, whose: str) -> None:
    """Refuse an event that nobody has bet on."""
    known = SportEvent.objects.filter(provider=provider, ref=event_ref)
    if not storable(event_ref) or not known.exists():
        raise UnknownEvent(f"Nobody has bet on {whose.format(shown(event_ref))}.")


def storable(text: str) -> bool:
    """Whether the database takes a text."""
    return "\0" not in text and writable(text)


def shown(event_ref: str) -> str:
    """Return an event's id for a sentence, whatever it holds."""
    return event_ref[:200].encode(errors="replace").decode().replace("\0", "")
