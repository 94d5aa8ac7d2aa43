"""Rows that say how LSports' packages are doing, as their feeds would have left them."""

from datetime import datetime
from typing import Any

from pytest_django import Settings

from feeds.models import EndedFixture, FeedLease, Package, Snapshot
from tests.feeds.standing_rows import ago, leased

INPLAY, PREMATCH = "lsports-inplay", "lsports-prematch"
SNAPSHOT_URL = "http://127.0.0.1:1"


def given(package: str = "430", **words: str) -> dict[str, str]:
    """Return the settings of a package at addresses where nobody answers."""
    usual = {
        "AMQP_URL": "amqp://127.0.0.1:1",
        "QUEUE": f"_{package}_",
        "API_URL": "http://127.0.0.1:1",
        "SNAPSHOT_URL": SNAPSHOT_URL,
        "PACKAGE_ID": package,
        "USER": "us",
        "PASSWORD": "secret",
        "FORMAT": "json",
    }
    return usual | words


def set_up(settings: Settings, *names: str) -> None:
    """Let packages be set up here: both, unless some are named."""
    none = dict.fromkeys(given(), "")
    settings.LSPORTS = {
        name: given(package) if not names or name in names else none
        for name, package in (("INPLAY", "430"), ("PREMATCH", "431"))
    }


def ms(at: datetime) -> int:
    """Return a time in milliseconds, as LSports tells it."""
    return int(at.timestamp() * 1000)


def received(feed: str = INPLAY, **words: Any) -> FeedLease:
    """Let somebody receive a package."""
    return leased(**{"feed": feed, "depth": 0, "passed_by": 48211, **words})


def package(feed: str = INPLAY, **words: Any) -> Package:
    """Write down a package: healthy, and heard three seconds ago, unless told otherwise."""
    heard = words.pop("heard", 3.0)
    usual = {
        "state": "HEALTHY",
        "reason": "",
        "since": ago(3600),
        "heard_at": ago(heard),
        "heard_ms": ms(ago(heard + 0.2)),
        "healthy_ms": ms(ago(heard + 0.2)),
        "is_distributing": True,
        "consumers": 1,
        "asked_at": ago(6),
    }
    return Package.objects.create(feed=feed, **(usual | words))


def stale(feed: str = INPLAY, reason: str = "SILENT", **words: Any) -> Package:
    """Write down a package of which something may be missing."""
    return package(feed, state="STALE", reason=reason, **words)


def snapshot(one: Package, state: str = "DONE", **words: Any) -> Snapshot:
    """Write down a snapshot of all that changed since a time."""
    usual: dict[str, Any] = {
        "method": "GetFixtureMarkets",
        "since_ms": ms(ago(700)),
        "why": "The connection to LSports was new.",
        "actor": "system:lsports",
        "asked_at": ago(40),
    }
    if state != "ASKED":
        usual |= {"answered_at": ago(39), "done_at": ago(38)}
    if state == "DONE":
        usual |= {"http_status": 200, "fixtures": 312, "messages": 41}
    return Snapshot.objects.create(package=one, state=state, **(usual | words))


def of_fixture(one: Package, ref: str, state: str = "WANTED", **words: Any) -> Snapshot:
    """Write down that a fixture's markets are asked for."""
    usual: dict[str, Any] = {
        "fixture_ref": ref,
        "is_filtered": True,
        "since_ms": None,
        "why": "A player asks.",
        "actor": "user:olga",
    }
    if state == "WANTED":
        wanted = usual | {"method": "", "asked_at": None, "answered_at": None, "done_at": None}
        return snapshot(one, "WANTED", **(wanted | words))
    return snapshot(one, state, **(usual | words))


def over(feed: str, ref: str, seconds: float, asked: float | None = None) -> EndedFixture:
    """Write down a fixture that is over and has bets without a result."""
    return EndedFixture.objects.create(
        feed=feed,
        fixture_ref=ref,
        ended_at=ago(seconds),
        asked_at=None if asked is None else ago(asked),
    )
