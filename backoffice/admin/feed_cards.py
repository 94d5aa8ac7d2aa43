"""What the page of feeds shows of each: words, signs and colours."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from backoffice.admin.package_cards import lsports_shown, package_badges
from backoffice.admin.producer_cards import producer_badges, sportradar_shown
from feeds.models import Connected, RevisionKind
from feeds.names import name_of
from feeds.odds88.revision import Gap
from feeds.onwards import ConnectsLeft, NextConnect
from feeds.sentences import FeedState, moment, spell
from feeds.standing import MOST_COUNTED, Connect, LastMessage, Standing, Sweeping
from feeds.standing import Unfinished as Counts

# What a state is called, its sign, and its colour.
STATES = {
    FeedState.RECEIVING: ("Receiving", "✓", "good"),
    FeedState.CONNECTING: ("Connecting", "◐", "warn"),
    FeedState.WAITING: ("Waiting", "◐", "warn"),
    FeedState.TROUBLE: ("In trouble", "✗", "bad"),
    FeedState.STOPPED: ("Stopped", "■", "warn"),
    FeedState.NOBODY: ("Nobody receives it", "✗", "bad"),
    FeedState.NOT_SET_UP: ("Not set up", "–", "muted"),
}
OUTCOMES = {
    Connected.ASKED: ("Asked", "◐", "muted"),
    Connected.OPENED: ("Opened", "✓", "good"),
    Connected.REFUSED: ("Refused", "✗", "bad"),
    Connected.UNREACHED: ("Not reached", "✗", "bad"),
}
KINDS = {
    RevisionKind.PROPER: "that ask from a time on",
    RevisionKind.WITHOUT: "that ask for all there is",
}
LITTLE_LEFT = 86400  # seconds until a feed can't tell all any more
SILENT_FOR = 15  # seconds; a feed says that it lives every five, a producer every ten
PRODUCERS_SILENT_FOR = 25
LATE = 60  # seconds


def card(standing: Standing) -> dict[str, Any]:
    """Return all that the page shows of a feed."""
    theirs = standing.sportradar
    return {
        "name": name_of(standing.feed),
        "feed": standing.feed,
        "badges": badges(standing),
        "sentence": standing.sentence,
        "halted": standing.halted,
        "facts": [one for one in facts(standing) if one],
        "counts": counts(standing),
        "connects": [connect_line(one, standing.at) for one in standing.connects],
        "sweep": sweep_shown(standing.sweep, standing.at) if standing.sweep else None,
        "sportradar": sportradar_shown(theirs, standing.at, is_received=is_received(standing))
        if theirs
        else None,
        "lsports": lsports_shown(standing.lsports, standing.at, is_received=is_received(standing))
        if standing.lsports
        else None,
    }


def badges(standing: Standing) -> list[dict[str, str]]:
    """Return a feed's state, and what else there is to see at a glance."""
    found = [badge(*STATES[standing.state])]
    if standing.halted:
        found.append(badge("Processing stopped", "✗", "bad"))
    onwards = standing.next_connect
    if standing.state == FeedState.RECEIVING and onwards and onwards.recovering:
        found.append(badge("Catching up", "↻", "muted"))
    if standing.sportradar:
        told = producer_badges(standing.sportradar, is_received=is_received(standing))
        found += [badge(*one) for one in told]
    if standing.lsports:
        told = package_badges(standing.lsports, is_received=is_received(standing))
        found += [badge(*one) for one in told]
    if standing.sweep and not standing.sweep.done_at:
        found.append(badge("Looking tickets up", "↻", "warn"))
    return found


def is_received(standing: Standing) -> bool:
    """Whether somebody receives a feed, so that what it tells of itself is known."""
    return standing.is_running and not standing.stopped_by


def badge(word: str, sign: str, look: str) -> dict[str, str]:
    """Return a word with its sign and colour."""
    return {"word": word, "sign": sign, "look": look}


def facts(standing: Standing) -> list[dict[str, Any] | None]:
    """Return what there is to say of a feed, line by line."""
    return [
        life(standing),
        last_message(standing.last_message, standing.at),
        fact("Messages", came(standing)),
        asks_for(standing.next_connect, standing.at),
        tells_all(standing.next_connect, standing.at),
        fact("Connects left", budget_told(standing.connects_left)),
    ]


def fact(title: str, told: str, look: str = "", page: str = "") -> dict[str, Any] | None:
    """Return a line; nothing when there is nothing to say."""
    return {"title": title, "told": told, "look": look, "page": page} if told else None


def life(standing: Standing) -> dict[str, Any] | None:
    """Say when a feed last gave a sign of life; a package says it of its heartbeats."""
    if standing.lsports and standing.lsports.heard_at:
        return None
    if standing.heard_at is None:
        return fact("Last sign of life", "none yet") if standing.is_configured else None
    ago = (standing.at - standing.heard_at).total_seconds()
    most = PRODUCERS_SILENT_FOR if standing.sportradar else SILENT_FOR
    look = "bad" if ago > most and standing.state == FeedState.RECEIVING else ""
    return fact("Last sign of life", since(standing.heard_at, standing.at), look)


def last_message(last: LastMessage | None, at: datetime) -> dict[str, Any] | None:
    """Say when the newest message came, and how long after what it tells."""
    if last is None:
        return fact("Last new message", "none yet")
    page = reverse("admin:feeds_feedmessage_change", args=[last.id])
    told = since(last.received_at, at)
    if last.lag_seconds is not None:
        told += f"; it came {lag_told(last.lag_seconds)} its settlement"
    return fact("Last new message", told, page=page)


def lag_told(seconds: float) -> str:
    """Say how long after something a message came."""
    if abs(seconds) < 1:
        return "right after"
    return f"{spell(abs(seconds))} {'after' if seconds > 0 else 'before'}"


def came(standing: Standing) -> str:
    """Say how many messages came; those of the seeded day came by no connection."""
    today = f"{standing.messages_today:,}{' or more' if standing.more_today else ''} new today"
    told = standing.messages >= standing.messages_today
    theirs = standing.lsports
    if theirs and theirs.passed_by:
        today += f"; {theirs.passed_by:,} more that settle nothing were counted and not stored"
    return f"{standing.messages:,} received, {today}" if told and standing.messages else today


def asks_for(onwards: NextConnect | None, at: datetime) -> dict[str, Any] | None:
    """Say what the next connect asks for."""
    if onwards is None:
        return None
    asked = f"from {moment(onwards.from_at, at)}, " if onwards.from_at else ""
    is_lost = onwards.gap is Gap.TOO_LONG and not onwards.recovering
    return fact("Next connect asks", f"{asked}{onwards.why}", "warn" if is_lost else "")


def tells_all(onwards: NextConnect | None, at: datetime) -> dict[str, Any] | None:
    """Say for how long the feed may be away."""
    if onwards is None or onwards.tells_all_until is None:
        return None
    left = (onwards.tells_all_until - at).total_seconds()
    until = moment(onwards.tells_all_until, at)
    told = f"until {until}, {spell(left)} from now; whoever connects later is not told all"
    return fact("Can catch up", told, "warn" if left < LITTLE_LEFT else "")


def budget_told(left: list[ConnectsLeft]) -> str:
    """Say how many connects the provider still takes."""
    return "; ".join(kind_told(one) for one in left)


def kind_told(one: ConnectsLeft) -> str:
    """Say how many connects of a kind the provider still takes."""
    window = spell(one.window_seconds)
    told = f"{one.left} of {one.left + one.used} in {window} {KINDS[one.kind]}"
    return f"{told}, the next in {spell(one.wait_seconds)}" if one.wait_seconds else told


def counts(standing: Standing) -> list[dict[str, Any]]:
    """Return how many messages are not done with, each with the list of them."""
    found: Counts = standing.unfinished
    waits = since(found.stored_since, standing.at) if found.stored_since else ""
    shown = [
        ("To be processed", found.stored, "STORED", waits and f"the oldest came {waits}",
         "warn" if found.stored and is_late(found.stored_since, standing.at) else ""),
        ("Parked", found.parked, "PARKED", "no ticket bears their id yet", ""),
        ("Quarantined", found.quarantined, "QUARANTINED", "they can't be read",
         "bad" if found.quarantined else ""),
    ]  # fmt: skip
    return [
        {
            "title": title,
            "count": f"{count:,}{'+' if count >= MOST_COUNTED else ''}",
            "hint": hint if count else "",
            "look": look,
            "page": messages_page(standing.feed, state),
        }
        for title, count, state, hint, look in shown
    ]


def messages_page(feed: str, state: str) -> str:
    """Return the address of a feed's messages in a state."""
    words = urlencode({"state": state, "feed": feed})
    return f"{reverse('admin:feeds_feedmessage_changelist')}?{words}"


def connect_line(one: Connect, at: datetime) -> dict[str, Any]:
    """Return a connect as the list shows it."""
    word, sign, look = OUTCOMES[one.outcome]
    return {
        "at": one.asked_at,
        "asked": f"from {moment(one.from_at, at)}" if one.from_at else "all there is",
        "word": f"{sign} {word}",
        "look": look,
        "sentence": one.sentence,
    }


def sweep_shown(sweep: Sweeping, at: datetime) -> dict[str, Any]:
    """Return how far the look-ups of open tickets have come."""
    return {
        "sweep": sweep,
        "percent": 100 if sweep.done_at else 100 * sweep.asked // max(1, sweep.total),
        "told": sweep_told(sweep),
        "waits": waits_told(sweep, at),
        "failed": sweep.failed,
    }


def sweep_told(sweep: Sweeping) -> str:
    """Say what came of the look-ups."""
    found = f"{sweep.settled:,} settled, {sweep.still_open:,} still open"
    if sweep.failed:
        found += f", {sweep.failed:,} without an answer"
    return f"{sweep.asked:,} of {sweep.total:,} asked: {found}."


def waits_told(sweep: Sweeping, at: datetime) -> str:
    """Say why the look-ups wait, when they do."""
    if sweep.waits_until is None or sweep.waits_until <= at:
        return ""
    left = spell((sweep.waits_until - at).total_seconds())
    return f"It goes on in {left}. {sweep.sentence}"


def is_late(since: datetime | None, at: datetime) -> bool:
    """Whether something waits for longer than it should."""
    return since is not None and (at - since).total_seconds() > LATE


def since(when: datetime, at: datetime) -> str:
    """Say how long ago something was, and when."""
    return f"{spell((at - when).total_seconds())} ago ({moment(when, at)})"


def overview_line(standing: Standing) -> dict[str, Any]:
    """Return a feed in a line: only what is not well has a colour."""
    shown = [one for one in badges(standing) if one["look"] in ("warn", "bad")]
    return {
        "name": name_of(standing.feed),
        "badges": shown or [badge(STATES[standing.state][0], STATES[standing.state][1], "muted")],
        "sentence": standing.halted.why if standing.halted else in_short(standing),
    }


def in_short(standing: Standing) -> str:
    """Return what a feed is doing; of a package that is received, how it stands."""
    return (
        standing.lsports.sentence
        if standing.lsports and is_received(standing)
        else standing.sentence
    )
