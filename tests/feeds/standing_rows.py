"""Rows that say how a feed is doing, as its runner would have left them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from feeds.models import ConnectAttempt, FeedCursor, FeedLease
from settlement.said import ticks_of

FEED = "odds88"


def now() -> datetime:
    """Return the time, by our clock."""
    return datetime.now(UTC)


def ago(seconds: float) -> datetime:
    """Return a time that is over."""
    return now() - timedelta(seconds=seconds)


def leased(state: str = "RECEIVING", **words: Any) -> FeedLease:
    """Let somebody hold the lease for a minute."""
    usual = {
        "holder": "feeds@host box 7",
        "epoch": 1,
        "expires_at": ago(-60),
        "since": ago(600),
        "heard_at": ago(2),
        "messages": 1234,
    }
    return FeedLease.objects.create(state=state, **({"feed": FEED} | usual | words))


def came_to(settled_at: datetime, *, opened_at: datetime | None = None) -> FeedCursor:
    """Let the feed have told of settlements up to a time, on a connection of long ago."""
    ticks = ticks_of(settled_at)
    return FeedCursor.objects.create(
        feed=FEED,
        greatest_ticks=ticks,
        smallest_ticks=ticks,
        opened_with=int(settled_at.timestamp()) - 3600,
        opened_at=opened_at or ago(3600),
        recovered_at=None if opened_at else ago(3500),
    )


def connected(seconds: float, outcome: str = "OPENED", **words: Any) -> ConnectAttempt:
    """Write down a connect of so many seconds ago."""
    usual = {
        "epoch": 1,
        "kind": "PROPER",
        "revision": int(ago(7200).timestamp()),
        "asked_at": ago(seconds),
        "answered_at": ago(seconds),
    }
    return ConnectAttempt.objects.create(feed=FEED, outcome=outcome, **(usual | words))


def many_messages(count: int) -> None:
    """Store many messages without bodies, all of them done."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO feeds_feedmessage (feed, sha256, state) "
            "SELECT 'odds88', sha256(n::text::bytea), 'DONE' FROM generate_series(1, %s) n",
            [count],
        )
