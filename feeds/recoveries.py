"""One event's results told again: who would be asked, and that somebody wants it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from feeds import standing
from feeds.models import Producer, ProducerState, Recovery
from feeds.producer_shapes import (
    Asked,
    ProducerStanding,
    SportradarStanding,
)
from feeds.producers import (
    FEEDS,
    asked_as,
)
from feeds.sentences import FeedState, spell
from feeds.sportradar import events
from feeds.standing import Standing
from settlement.models import SportEvent
from settlement.orders import writable
from settlement.vocabulary import Provider

FEED = "sportradar"
MOST_SHOWN = 10
LONGEST_NOTE = 200


class RecoveryRefused(Exception):
    """An event's results can't be asked for; the text says why."""


class UnknownEvent(RecoveryRefused):
    """Nobody has bet on the event."""


class BadNote(RecoveryRefused):
    """Nobody said why, or in too many words."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An event that is to be told again: by which producers, and when they are asked."""

    feed: str
    event: str
    producers: list[int]
    sentence: str


def plan_for(*, feed: str, event_ref: str) -> Plan:
    """Return who would be asked for an event, and when; refuse what can't be asked for."""
    found = standing.standing(feed)
    if feed not in FEEDS:
        raise RecoveryRefused(f"{feed} tells no single event again: only Sportradar does.")
    if found is None or found.sportradar is None or not found.is_configured:
        raise RecoveryRefused(
            "Sportradar's feed is not set up here: its address and token are not given."
        )
    if (
        not storable(event_ref)
        or not SportEvent.objects.filter(provider=Provider.SPORTRADAR, ref=event_ref).exists()
    ):
        raise UnknownEvent(f"Nobody has bet on an event “{shown(event_ref)}” of Sportradar's.")
    asked = events.speakers(feed, event_ref)
    if not asked:
        raise RecoveryRefused(nobody_to_ask(found.sportradar))
    return Plan(feed, event_ref, [one.number for one in asked], sentence_of(asked, found))


def storable(text: str) -> bool:
    """Whether the database takes a text."""
    return "\0" not in text and writable(text)


def shown(event_ref: str) -> str:
    """Return an event's id for a sentence, whatever it holds."""
    return event_ref[:200].encode(errors="replace").decode().replace("\0", "")


def refuse_note(note: str) -> None:
    """Refuse a note that says nothing, or can't be written down."""
    if not note.strip() or len(note) > LONGEST_NOTE or not storable(note):
        raise BadNote(f"Say in a note why, in at most {LONGEST_NOTE} characters.")


def nobody_to_ask(found: SportradarStanding) -> str:
    """Say why there is nobody to ask."""
    if not found.producers:
        return "No producer of Sportradar's is known yet: the feed was never connected."
    return "None of Sportradar's active producers may know this event."


@transaction.atomic
def want(*, feed: str, event_ref: str, note: str, actor: str) -> Plan:
    """Want an event's results told again, before all others; return who is asked."""
    refuse_note(note)
    plan = plan_for(feed=feed, event_ref=event_ref)
    events.want_one(feed=feed, event_ref=event_ref, why=note, actor=actor)
    return plan


def last_of(event_ref: str) -> list[Asked]:
    """Return the last requests for an event, the newest first."""
    found = Recovery.objects.filter(event_ref=event_ref).select_related("producer")
    return [asked_as(one, one.producer.number) for one in found.order_by("-id")[:MOST_SHOWN]]


def newest_of(event_refs: Sequence[str]) -> dict[str, Asked]:
    """Return the last request for each of these events, where there is one."""
    found = Recovery.objects.filter(event_ref__in=[ref for ref in event_refs if ref])
    newest = found.select_related("producer").order_by("event_ref", "-id").distinct("event_ref")
    return {one.event_ref: asked_as(one, one.producer.number) for one in newest}


def sentence_of(asked: Sequence[Producer], found: Standing) -> str:
    """Say how many producers are asked, and when."""
    count = len(asked)
    whom = "1 producer is" if count == 1 else f"{count:,} producers are"
    return f"{whom} asked, {when_of({one.number for one in asked}, found)}"


def when_of(numbers: set[int], found: Standing) -> str:
    """Say when producers can be asked."""
    if found.state == FeedState.STOPPED:
        return f"when the feed is started again. {found.sentence}"
    if not found.is_running:
        return f"when the feed is received again. {found.sentence}"
    told = found.sportradar
    if told is None or not any(
        may_be_asked(one) for one in told.producers if one.number in numbers
    ):
        return "as soon as what they missed is told: now they are down."
    waits = [one.wait_seconds for one in told.left if one.bucket == "EVENT" and not one.left]
    if waits:
        return f"in {spell(max(waits) + 1)}: the limit for single events is reached until then."
    return "within seconds."


def may_be_asked(one: ProducerStanding) -> bool:
    """Whether a producer hears us."""
    return one.state != ProducerState.DOWN and not one.is_silent
