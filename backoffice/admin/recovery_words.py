"""Requests to be told something again, as pages show them: words, signs and colours."""

from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from backoffice.recoveries import MAY_ASK, MAY_READ
from backoffice.words import person
from feeds import recoveries
from feeds.models import RecoveryKind, RecoveryState
from feeds.names import name_of
from feeds.recoveries import TELLERS
from feeds.recovery_shapes import Asked
from feeds.sentences import moment, spell
from settlement.models import SportEvent
from settlement.vocabulary import Provider

PROVIDERS = {str(one).lower(): one for one in Provider}
# What a state is called, its sign, and its colour.
STATES = {
    RecoveryState.WANTED: ("Wanted", "◐", "warn"),
    RecoveryState.ASKED: ("Asked", "◐", "warn"),
    RecoveryState.RUNNING: ("Being told", "↻", "warn"),
    RecoveryState.TOLD: ("Told, being processed", "↻", "warn"),
    RecoveryState.DONE: ("Told and processed", "✓", "good"),
    RecoveryState.FAILED: ("Failed", "✗", "bad"),
    RecoveryState.ABANDONED: ("Cut off", "✗", "warn"),
}


def asked_line(one: Asked, at: datetime) -> dict[str, Any]:
    """Return a request as a list shows it."""
    word, sign, look = STATES[one.state]
    return {
        "id": one.id,
        "event": one.event,
        "page": event_page_named(one.event, PROVIDERS[one.feed.partition("-")[0]]),
        "producer": one.producer if one.producer is not None else name_of(one.feed),
        "about": about(one, at),
        "method": one.method,
        "brought": brought(one),
        "word": f"{sign} {word}",
        "look": look,
        "who": person(one.actor),
        "why": one.why,
        "rank": one.rank,
        "tries": one.tries,
        "wanted": since(one.wanted_at, at),
        "asked": since(one.asked_at, at),
        "ended": since(one.done_at or one.told_at, at),
        "status": one.http_status if one.http_status != HTTPStatus.OK else None,
        "sentence": one.sentence,
    }


def about(one: Asked, at: datetime) -> str:
    """Say what is told again, where it is no event."""
    if one.event:
        return f"fixture {one.event}"
    if one.kind == RecoveryKind.EVENT:
        return "fixtures that ended too long ago"
    return f"all since {moment(one.from_at, at)}" if one.from_at else "all there is"


def brought(one: Asked) -> str:
    """Say what a snapshot brought."""
    if one.fixtures is None or one.messages is None:
        return ""
    return f"{one.fixtures:,} fixture{'s'[: one.fixtures != 1]}, {one.messages:,} stored"


def since(when: datetime | None, at: datetime) -> str:
    """Say how long ago something was, and when; nothing of what was not."""
    if when is None:
        return ""
    return f"{spell((at - when).total_seconds())} ago ({moment(when, at)})"


def event_page_named(event_ref: str, provider: str = Provider.SPORTRADAR) -> str:
    """Return the address of an event's requests, by its provider's id."""
    words = {"event": event_ref}
    if provider != Provider.SPORTRADAR:
        words["provider"] = provider.lower()
    return f"{reverse('admin:feeds_event_named')}?{urlencode(words)}"


def event_page(event: int) -> str:
    """Return the address of an event's requests."""
    return reverse("admin:feeds_event", args=[event])


def again_blocks(
    request: HttpRequest, events: Iterable[SportEvent], at: datetime
) -> dict[int, dict[str, Any]]:
    """Return the way to have events told again, and how the last request stands, by event."""
    theirs = [one for one in events if one.provider in TELLERS]
    if not theirs or not request.user.has_perm(MAY_READ):
        return {}
    newest = recoveries.newest_of(theirs)
    may_ask = request.user.has_perm(MAY_ASK)
    return {
        one.pk: again_block(one, newest.get(one.pk), at, may_ask=may_ask)
        for one in theirs
        if may_ask or one.pk in newest
    }


def again_block(
    event: SportEvent, last: Asked | None, at: datetime, *, may_ask: bool
) -> dict[str, Any]:
    """Return the way to an event's requests."""
    return {
        "page": event_page(event.pk),
        "title": "Have its results told again…" if may_ask else "What was told again",
        "last": asked_line(last, at) if last else None,
    }
