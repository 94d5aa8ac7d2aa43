"""One event of Sportradar's told again: which producers are asked, and when."""

from collections.abc import Sequence

from feeds import standing
from feeds.models import Producer, ProducerState, Recovery
from feeds.producer_shapes import ProducerStanding, SportradarStanding
from feeds.producers import FEED, asked_as
from feeds.recovery_plans import Plan, RecoveryRefused, refuse_unknown
from feeds.recovery_shapes import Asked
from feeds.sentences import FeedState, spell
from feeds.sportradar import events
from feeds.standing import Standing
from settlement.vocabulary import Provider

EVENT = "an event “{}” of Sportradar's"


def plan_for(feeds: Sequence[str], event_ref: str) -> Plan:
    """Return who would be asked for an event, and when; refuse what can't be asked for."""
    found = standing.standing(FEED)
    if found is None or found.sportradar is None or not found.is_configured:
        raise RecoveryRefused(
            "Sportradar's feed is not set up here: its address and token are not given."
        )
    refuse_unknown(Provider.SPORTRADAR, event_ref, EVENT)
    asked = events.speakers(FEED, event_ref)
    if not asked:
        raise RecoveryRefused(nobody_to_ask(found.sportradar))
    numbers = [one.number for one in asked]
    return Plan(Provider.SPORTRADAR, event_ref, [FEED], numbers, sentence_of(asked, found))


def want(plan: Plan, why: str, actor: str) -> None:
    """Want an event's results told again, before all others."""
    events.want_one(feed=FEED, event_ref=plan.event, why=why, actor=actor)


def nobody_to_ask(found: SportradarStanding) -> str:
    """Say why there is nobody to ask."""
    if not found.producers:
        return "No producer of Sportradar's is known yet: the feed was never connected."
    return "None of Sportradar's active producers may know this event."


def last_of(event_ref: str, most: int) -> list[Asked]:
    """Return the last requests for an event, the newest first."""
    found = Recovery.objects.filter(event_ref=event_ref).select_related("producer")
    return [asked_as(one, one.producer.number) for one in found.order_by("-id")[:most]]


def newest_of(event_refs: Sequence[str]) -> dict[str, Asked]:
    """Return the last request for each of these events, where there is one."""
    found = Recovery.objects.filter(event_ref__in=event_refs).select_related("producer")
    newest = found.order_by("event_ref", "-id").distinct("event_ref")
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
