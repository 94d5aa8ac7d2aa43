"""What the page of feeds shows of a package of LSports': its health, fixtures and snapshots."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from backoffice.admin.recovery_words import asked_line, event_page_named, since
from feeds.models import PackageState, StaleReason
from feeds.package_shapes import LsportsStanding, OverFixture, SnapshotLimits
from feeds.sentences import moment, spell
from settlement.vocabulary import Provider

LITTLE_LEFT = 6 * 3600  # seconds until results are gone that we may lack
MANY = 2_000  # messages that wait for us
# What a state is called, its sign, and its colour.
STATES = {
    PackageState.HEALTHY: ("Healthy", "✓", "good"),
    PackageState.RECOVERING: ("Recovering", "↻", "warn"),
    PackageState.STALE: ("Stale", "✗", "bad"),
}
REASONS = {
    StaleReason.NEVER: "never heard",
    StaleReason.CONNECTION: "new connection",
    StaleReason.SILENT: "silent",
    StaleReason.GAP: "heartbeats missing",
    StaleReason.INTERRUPTED: "interrupted",
    StaleReason.DISTRIBUTION: "not sent",
    StaleReason.ASKED: "asked for",
}
UNHEARD, SILENT = ("Not heard", "?", "warn"), ("Silent", "!", "bad")


def lsports_shown(found: LsportsStanding, at: datetime, *, is_received: bool) -> dict[str, Any]:
    """Return all that the page shows of a package."""
    word, sign, look = state_of(found, is_received=is_received)
    return {
        "word": word,
        "sign": sign,
        "look": look,
        "sentence": found.sentence,
        "warnings": found.warnings,
        "facts": facts(found, at),
        "over": [over_line(one, at) for one in found.fixtures.oldest],
        "more": max(0, found.fixtures.over - len(found.fixtures.oldest)),
        "snapshots": [asked_line(one, at) for one in found.snapshots],
    }


def package_badges(found: LsportsStanding, *, is_received: bool) -> list[tuple[str, str, str]]:
    """Return what is to be seen at a glance: the package's state, and what needs somebody."""
    told = [state_of(found, is_received=True)] if is_received else []
    if is_received and found.is_distributing is False:
        told.append(("Distribution off", "✗", "bad"))
    if is_received and (found.consumers or 0) > 1:
        told.append((f"{found.consumers} consumers", "!", "warn"))
    if found.fixtures.people_asked:
        told.append((f"{found.fixtures.people_asked:,} without results", "!", "warn"))
    return told


def state_of(found: LsportsStanding, *, is_received: bool) -> tuple[str, str, str]:
    """Return what a package's state is called, its sign, and its colour."""
    if not is_received:
        return UNHEARD
    if found.state == PackageState.HEALTHY and found.is_silent:
        return SILENT
    if found.state != PackageState.STALE or found.reason is None:
        return STATES[found.state]
    word, sign, look = STATES[found.state]
    return f"{word}: {REASONS[found.reason]}", sign, look


def facts(found: LsportsStanding, at: datetime) -> list[dict[str, str]]:
    """Return what there is to say of a package, line by line."""
    lines = [
        ("Last heartbeat", heard_told(found, at), "bad" if found.is_silent else ""),
        ("All stored until", since(found.healthy_at, at) or "not yet", ""),
        ("Time left", time_left(found, at), time_look(found, at)),
        ("Distribution", distribution_told(found, at), distribution_look(found)),
        ("Wait at LSports", depth_told(found), "bad" if (found.depth or 0) >= MANY else ""),
        ("Fixtures", fixtures_told(found), "warn" if found.fixtures.people_asked else ""),
        ("Asked for next", next_told(found, at), ""),
        ("Snapshots allowed", limits_told(found.limits), ""),
        ("Package", found.package, ""),
    ]
    return [{"title": title, "told": told, "look": look} for title, told, look in lines if told]


def heard_told(found: LsportsStanding, at: datetime) -> str:
    """Say when the last heartbeat came."""
    return since(found.heard_at, at) or "none yet"


def time_left(found: LsportsStanding, at: datetime) -> str:
    """Say for how long a package still tells all that we may lack."""
    if found.tells_all_until is None:
        return "not known: it was never healthy"
    left = (found.tells_all_until - at).total_seconds()
    until = moment(found.tells_all_until, at)
    if left <= 0:
        return f"over since {until}: results of fixtures that ended before may be gone at LSports"
    return f"{spell(left)}, until {until}; then results of fixtures that are over are gone"


def time_look(found: LsportsStanding, at: datetime) -> str:
    """Return the colour of the time that is left."""
    if found.tells_all_until is None or found.state == PackageState.HEALTHY:
        return ""
    left = (found.tells_all_until - at).total_seconds()
    return "bad" if left <= 0 else "warn" if left < LITTLE_LEFT else ""


def distribution_told(found: LsportsStanding, at: datetime) -> str:
    """Say whether LSports sends the package, and to how many."""
    if found.is_distributing is None:
        return "not known: LSports' API was not asked yet"
    told = "on" if found.is_distributing else "off"
    if found.consumers is not None:
        told += f", {found.consumers} consumer{'s'[: found.consumers != 1]}"
    if found.distribution_asked_at:
        told += f"; told {since(found.distribution_asked_at, at)}"
    if found.started_at and not found.is_distributing:
        told += f"; LSports was asked to send it {since(found.started_at, at)}"
    return told


def distribution_look(found: LsportsStanding) -> str:
    """Return the colour of the distribution."""
    if found.is_distributing is False:
        return "bad"
    return "warn" if (found.consumers or 0) > 1 else ""


def depth_told(found: LsportsStanding) -> str:
    """Say how many messages wait for us, and when LSports stops sending."""
    if found.depth is None:
        return ""
    return (
        f"{found.depth:,} message{'s'[: found.depth != 1]}; at {found.cut_off:,} LSports stops "
        "sending the package"
    )


def fixtures_told(found: LsportsStanding) -> str:
    """Say how many fixtures are followed, and how many lack results."""
    theirs = found.fixtures
    told = [f"{theirs.followed:,} followed"] if theirs.followed else []
    if theirs.over:
        told.append(f"{theirs.over:,} over with open bets")
    if theirs.people_asked:
        told.append(f"people were asked about {theirs.people_asked:,} of them")
    return ", ".join(told)


def next_told(found: LsportsStanding, at: datetime) -> str:
    """Say what waits to be asked for."""
    told = []
    if found.asked_not_before and found.asked_not_before > at:
        left = spell((found.asked_not_before - at).total_seconds() + 1)
        told.append(f"all that was missed, in {left}")
    if found.wanted:
        told.append(f"{found.wanted:,} fixture{'s'[: found.wanted != 1]} that somebody wants")
    return "; ".join(told)


def limits_told(limits: SnapshotLimits) -> str:
    """Say when LSports takes another request."""
    return (
        f"of everything {when(limits.of_all_seconds)}, of one fixture "
        f"{when(limits.of_fixtures_seconds)} (both packages together: one of everything in 15 s, "
        "one request a second)"
    )


def when(seconds: float) -> str:
    """Say when something is allowed."""
    return f"in {spell(seconds + 1)}" if seconds > 0 else "now"


def over_line(one: OverFixture, at: datetime) -> dict[str, str]:
    """Return a fixture that lacks results as the table shows it."""
    return {
        "fixture": one.fixture,
        "name": one.name,
        "page": event_page_named(one.fixture, Provider.LSPORTS),
        "ended": since(one.ended_at, at),
        "asked": since(one.asked_at, at),
        "reviews": f"{reverse('admin:settlement_review_changelist')}?kind=SETTLEMENT_MISSING",
    }
