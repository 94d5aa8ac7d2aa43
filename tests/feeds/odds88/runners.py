"""Runners in processes of their own, to be stopped, continued and killed; and what they may write.

All windows are a sixtieth of the real ones, and a lease lasts for a second.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from feeds.models import FeedCursor, FeedLease, FeedMessage, Unfinished
from feeds.odds88.sandbox import Sandbox
from feeds.odds88.windows import Windows
from settlement.models import Ticket
from settlement.said import moment_of, ticks_of
from tests import databases
from tests.factories import FundedPlayer
from tests.feeds import words
from tests.feeds.live import FEED, at_ours
from tests.settlement.asked import accepted

PROJECT = Path(__file__).parents[3]
DIVISOR = 60
WINDOWS = Windows().divided(DIVISOR)
FOREIGN_WRITES = """
CREATE TABLE foreign_writes (session text, epoch bigint);
GRANT INSERT, SELECT ON foreign_writes TO PUBLIC;
CREATE FUNCTION note_foreign_writes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    now bigint := (SELECT epoch FROM feeds_feedlease WHERE feed = 'odds88');
BEGIN
    IF current_setting('application_name') <> 'feed odds88 ' || now THEN
        INSERT INTO foreign_writes VALUES (current_setting('application_name'), now);
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER foreign_writes AFTER INSERT OR UPDATE OF times_received
    ON feeds_feedmessage DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION note_foreign_writes();
"""


class Process:
    """`manage.py run_feed odds88`."""

    def __init__(self, sandbox: Sandbox, database: str, transport: str, log: Path) -> None:
        self.words = {
            "ODDS88_FEED_URL": sandbox.ws_url if transport == "websocket" else sandbox.http_url,
            "ODDS88_API_URL": sandbox.api_url,
            "ODDS88_CLIENT_ID": "sandbox",
            "ODDS88_PASSWORD": "sandbox",
            "ODDS88_DIVIDE_TIMES_BY": str(DIVISOR),
            "FEED_LEASE_SECONDS": "1",
        }
        self.environment = databases.environment(database) | self.words
        self.log = log
        self.start()

    def start(self) -> None:
        """Start it, or start it again."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run_feed", "odds88"],
                cwd=PROJECT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @property
    def receives(self) -> bool:
        """Whether it is the one that receives."""
        holder = f" {self.process.pid}"
        return FeedLease.objects.filter(holder__endswith=holder, state="RECEIVING").exists()

    @property
    def holds(self) -> bool:
        """Whether the lease is its own."""
        return FeedLease.objects.filter(holder__endswith=f" {self.process.pid}").exists()

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        os.kill(self.process.pid, number)

    def kill(self) -> None:
        """Kill it, whatever it is at."""
        self.process.kill()
        self.process.wait()

    def end(self) -> int:
        """Ask it to end; return its exit code."""
        with suppress(ProcessLookupError):
            self.send(signal.SIGCONT)
            self.send(signal.SIGTERM)
        return self.process.wait(20)


@contextmanager
def ending(*processes: Process) -> Iterator[None]:
    """End processes with the block."""
    try:
        yield
    finally:
        for one in processes:
            if one.process.poll() is None:
                one.end()


def eventually(true: Callable[[], Any], seconds: float = 60) -> float:
    """Wait until something is so; return how long that took."""
    start = time.monotonic()
    while not true():
        assert time.monotonic() - start < seconds, list(FeedLease.objects.values())
        time.sleep(0.02)
    return time.monotonic() - start


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


def digest() -> list[tuple[Any, ...]]:
    """Return how everything stands: tickets, legs and balances."""
    with connection.cursor() as cursor:
        cursor.execute(DIGEST)
        return list(cursor.fetchall())


DIGEST = """
SELECT t.bet_id, t.status, t.result, t.payout, s.result, s.win_factor, s.void_factor
  FROM settlement_ticket t JOIN settlement_selection s ON s.ticket_id = t.id
 UNION ALL
SELECT p.external_id, '', '', a.balance, '', '', ''
  FROM wallet_account a JOIN wallet_player p ON p.id = a.player_id
 ORDER BY 1, 2, 3, 4
"""


def all_told(messages: Sequence[bytes]) -> bool:
    """Whether every message is there, and nothing waits."""
    return (
        FeedMessage.objects.filter(feed=FEED).count() >= len(set(messages))
        and not Unfinished.objects.exists()
    )


def foreign_writes() -> list[Any]:
    """Return what was written in the name of an epoch that was over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT session, epoch FROM foreign_writes")
        return list(cursor.fetchall())


def settled_count() -> int:
    """Return how many tickets are settled."""
    return Ticket.objects.filter(status="SETTLED").count()
