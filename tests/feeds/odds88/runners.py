"""Odds88's runners in processes of their own, and what the bets of their tests come to."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from feeds.models import FeedCursor, FeedLease, FeedMessage, Unfinished
from feeds.odds88.sandbox import Sandbox
from feeds.odds88.windows import Windows
from settlement.models import Ticket
from settlement.said import moment_of, ticks_of
from tests.factories import FundedPlayer
from tests.feeds import words
from tests.feeds.live import FEED, at_ours
from tests.feeds.processes import DIVISOR, Process
from tests.settlement.asked import accepted

WINDOWS = Windows().divided(DIVISOR)


def process(sandbox: Sandbox, database: str, transport: str, log: Path) -> Process:
    """Start `manage.py run_feed odds88`."""
    return Process("odds88", settings_for(sandbox, transport), database, log)


def settings_for(sandbox: Sandbox, transport: str = "websocket") -> dict[str, str]:
    """Return what tells a program where Odds88 is."""
    return {
        "ODDS88_FEED_URL": sandbox.ws_url if transport == "websocket" else sandbox.http_url,
        "ODDS88_API_URL": sandbox.api_url,
        "ODDS88_CLIENT_ID": "sandbox",
        "ODDS88_PASSWORD": "sandbox",
        "ODDS88_DIVIDE_TIMES_BY": str(DIVISOR),
    }


def tickets(count: int) -> list[FundedPlayer]:
    """Place so many bets T-1, T-2, … of four players."""
    players = [FundedPlayer.create(f"{count * 10}.00") for _ in range(4)]
    for start in range(0, count, 500):
        numbers = range(start + 1, min(start + 500, count) + 1)
        accepted(
            *[
                at_ours(players[number % 4], f"T-{number}", placed_at="2026-11-01T10:00:00Z")
                for number in numbers
            ]
        )
    return players


def said(number: int, version: int, at: datetime) -> bytes:
    """Return a message about a bet: each version of it has another result than the one before."""
    word, paid = (("won", "2.5"), ("lost", "0"), ("void", "1"))[(number + version) % 3]
    return words.odds88(
        f"T-{number}",
        word,
        at=0,
        multiplier=paid,
        legs={"701": word},
        version=version,
    ).replace(settled_at_noon(), at.isoformat().encode())


def settled_at_noon() -> bytes:
    """Return the time that the tests' messages bear."""
    return moment_of(words.START).isoformat().encode()


def over_two_days(count: int, tickets: int) -> list[bytes]:
    """Return so many messages, in order: the tickets' results and their corrections."""
    start, step = datetime.now(UTC) - timedelta(hours=47), timedelta(hours=46) / count
    return [
        said(number % tickets + 1, number // tickets, start + number * step)
        for number in range(count)
    ]


def away_since(hours: float) -> None:
    """Let the feed have been connected until so many hours ago."""
    at = datetime.now(UTC) - timedelta(hours=hours)
    ticks = ticks_of(at)
    FeedLease.objects.create(feed=FEED, heard_at=at)
    FeedCursor.objects.create(
        feed=FEED,
        greatest_ticks=ticks,
        smallest_ticks=ticks,
        opened_with=int(at.timestamp()) - 500,
        opened_at=at - timedelta(minutes=10),
        recovered_at=at,
    )


def all_told(messages: int) -> bool:
    """Whether so many messages are there, and nothing waits."""
    return (
        FeedMessage.objects.filter(feed=FEED).count() >= messages
        and not Unfinished.objects.exists()
    )


def settled_count() -> int:
    """Return how many tickets are settled."""
    return Ticket.objects.filter(status="SETTLED").count()
