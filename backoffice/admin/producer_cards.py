"""What the page of feeds shows of Sportradar's producers, limits and account."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from backoffice.admin.recovery_words import asked_line, since
from feeds.models import ProducerState, RecoveryBucket
from feeds.producer_shapes import (
    AccountStanding,
    EventsStanding,
    ProducerStanding,
    RequestsLeft,
    SportradarStanding,
)
from feeds.sentences import moment, spell

EVENTS_AN_HOUR = 300
LITTLE_LEFT = 3600  # seconds until a producer can't tell all any more
# What a state is called, its sign, and its colour.
STATES = {
    ProducerState.UP: ("Up", "✓", "good"),
    ProducerState.RECOVERING: ("Recovering", "↻", "warn"),
    ProducerState.DOWN: ("Down", "✗", "bad"),
}
UNHEARD, SILENT, LATE = ("Not heard", "?", "warn"), ("Silent", "!", "bad"), ("Late", "!", "warn")
BUCKETS = {
    RecoveryBucket.MINUTES: ("Less than 30 min back", "20 in 10 min, 60 an hour"),
    RecoveryBucket.HOURS: ("30 min to a day back", "4 in 10 min, 10 an hour"),
    RecoveryBucket.DAYS: ("A day back and more", "2 in 30 min, 4 in 2 h"),
    RecoveryBucket.EVENT: ("Single events", "100 in 10 min, 300 an hour"),
}


def sportradar_shown(
    found: SportradarStanding, at: datetime, *, is_received: bool
) -> dict[str, Any]:
    """Return all that the page shows of Sportradar's producers."""
    active = [one for one in found.producers if one.is_active]
    return {
        "warnings": found.warnings,
        "producers": [producer_line(one, at, is_received=is_received) for one in active],
        "off": ", ".join(named(one) for one in found.producers if not one.is_active),
        "events": events_shown(found.events, at),
        "left": [left_line(one) for one in found.left],
        "account": account_lines(found.account, found.depth, at),
    }


def producer_badges(found: SportradarStanding, *, is_received: bool) -> list[tuple[str, str, str]]:
    """Return how many producers are not as they should be, with sign and colour."""
    active = [one for one in found.producers if one.is_active]
    if not active or not is_received:
        return []
    looks = [state_of(one, is_received=True) for one in active]
    words = [
        (f"{len([one for one in looks if one[2] == 'bad'])} of {len(active)} producers down",
         "✗", "bad"),
        (f"{looks.count(STATES[ProducerState.RECOVERING])} recovering", "↻", "warn"),
        (f"{looks.count(LATE)} late", "!", "warn"),
    ]  # fmt: skip
    told = [one for one in words if not one[0].startswith("0 ")]
    return told or [("All producers up", "✓", "good")]


def state_of(one: ProducerStanding, *, is_received: bool) -> tuple[str, str, str]:
    """Return what a producer's state is called, its sign, and its colour."""
    if not is_received:
        return UNHEARD
    if one.state == ProducerState.UP and one.is_silent:
        return SILENT
    if one.state == ProducerState.UP and one.is_late:
        return LATE
    return STATES[one.state]


def producer_line(one: ProducerStanding, at: datetime, *, is_received: bool) -> dict[str, Any]:
    """Return a producer as the table shows it."""
    word, sign, look = state_of(one, is_received=is_received)
    return {
        "number": one.number,
        "name": one.name or one.code or "not named yet",
        "code": one.code,
        "word": f"{sign} {word}",
        "look": look,
        "synchronised": one.is_synchronised,
        "sentence": one.sentence,
        "heard": "never" if one.heard_seconds is None else spell(one.heard_seconds),
        "heard_look": "bad" if one.is_silent else "",
        "lag": "–" if one.lag_seconds is None else f"{one.lag_seconds:,.1f} s",
        "lag_look": "bad" if one.is_late else "",
        "checkpoint": moment(one.checkpoint_at, at) if one.checkpoint_at else "never",
        "window": window_left(one, at),
        "window_look": window_look(one, at),
        "events": events_of(one),
    }


def window_left(one: ProducerStanding, at: datetime) -> str:
    """Say for how long a producer still tells all that we may lack."""
    if one.tells_all_until is None:
        return "–"
    left = (one.tells_all_until - at).total_seconds()
    return spell(left) if left > 0 else f"over since {spell(-left)}"


def window_look(one: ProducerStanding, at: datetime) -> str:
    """Return the colour of what is left of a window."""
    if one.tells_all_until is None or one.is_synchronised:
        return ""
    left = (one.tells_all_until - at).total_seconds()
    return "bad" if left <= 0 else "warn" if left < LITTLE_LEFT else ""


def events_of(one: ProducerStanding) -> str:
    """Say how many events are asked for one by one."""
    counts = (
        (one.events_wanted, "wanted"),
        (one.events_asked, "on their way"),
        (one.events_failed, "failed"),
    )
    return ", ".join(f"{count:,} {word}" for count, word in counts if count) or "–"


def named(one: ProducerStanding) -> str:
    """Return a producer's number and name."""
    return f"{one.number} {one.name or one.code}".strip()


def events_shown(found: EventsStanding, at: datetime) -> dict[str, Any] | None:
    """Return the events that are asked for one by one; nothing when there are none."""
    if not (found.wanted or found.asked or found.failed):
        return None
    return {
        "counts": [
            count("Wanted", found.wanted, "WANTED", how_long(found.wanted), "warn"),
            count("On their way", found.asked, "RUNNING", "", ""),
            count("Failed in a day", found.failed, "FAILED", "settle by hand, or ask again", "bad"),
        ],
        "next": [asked_line(one, at) for one in found.next],
        "more": max(0, found.wanted - len(found.next)),
        "failures": [asked_line(one, at) for one in found.failures],
    }


def count(title: str, number: int, state: str, hint: str, look: str) -> dict[str, Any]:
    """Return a count with the list of what is counted."""
    words = urlencode({"state__exact": state, "kind__exact": "EVENT"})
    return {
        "title": title,
        "count": f"{number:,}",
        "hint": hint if number else "",
        "look": look if number else "",
        "page": f"{reverse('admin:feeds_recovery_changelist')}?{words}",
    }


def how_long(wanted: int) -> str:
    """Say how long asking for so many events takes at least."""
    if wanted <= EVENTS_AN_HOUR:
        return "within the hour, as far as the limits let us"
    return f"the last in {spell(wanted * 3600 / EVENTS_AN_HOUR)}, as the limits are"


def left_line(one: RequestsLeft) -> dict[str, Any]:
    """Return what is left of a limit."""
    title, limit = BUCKETS[one.bucket]
    whose = "" if one.producer is None else f", producer {one.producer} has the least"
    return {
        "title": title,
        "limit": f"{limit}{whose}",
        "left": one.left,
        "wait": f"the next in {spell(one.wait_seconds + 1)}" if not one.left else "",
        "look": "" if one.left else "warn",
    }


def account_lines(
    account: AccountStanding | None, depth: int | None, at: datetime
) -> list[dict[str, str]]:
    """Return what there is to say of the account, line by line."""
    lines = []
    if depth is not None:
        lines.append(("Wait at Sportradar", f"{depth:,} message{'s'[: depth != 1]}"))
    if account is not None:
        expires = account.expires_at
        lines += [
            ("Bookmaker", f"{account.bookmaker_id}, virtual host {account.virtual_host}"),
            ("Token expires", moment(expires, at) if expires else "not told"),
            ("Our clock", clock_told(account.clock_ahead_seconds)),
            ("Told by the API", since(account.asked_at, at)),
        ]
    return [{"title": title, "told": told} for title, told in lines]


def clock_told(ahead: float | None) -> str:
    """Say how our clock goes beside Sportradar's."""
    if ahead is None:
        return "not known"
    if abs(ahead) < 1:
        return "right to a second"
    return f"{abs(ahead):.1f} s {'ahead of' if ahead > 0 else 'behind'} Sportradar's"
