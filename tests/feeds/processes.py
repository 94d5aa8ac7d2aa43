"""Runners of feeds in processes of their own, to be stopped, continued and killed.

All windows are a sixtieth of the real ones, and a lease lasts for a second.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.db import connection

from feeds.models import FeedLease
from tests import databases

PROJECT = Path(__file__).parents[2]
DIVISOR = 60
FOREIGN_WRITES = """
CREATE TABLE foreign_writes (session text, epoch bigint);
GRANT INSERT, SELECT ON foreign_writes TO PUBLIC;
CREATE FUNCTION note_foreign_writes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    now bigint := (SELECT epoch FROM feeds_feedlease WHERE feed = '{feed}');
BEGIN
    IF current_setting('application_name') <> 'feed {feed} ' || now THEN
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
    """`manage.py run_feed`, whose settings tell where its provider is."""

    def __init__(self, feed: str, settings: Mapping[str, str], database: str, log: Path) -> None:
        given = {"FEED_LEASE_SECONDS": "1", **settings}
        self.environment = databases.environment(database) | given
        self.feed, self.log = feed, log
        self.start()

    def start(self) -> None:
        """Start it, or start it again."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run_feed", self.feed],
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


def eventually(
    true: Callable[[], Any], seconds: float = 60, explain: Callable[[], Any] = dict
) -> float:
    """Wait until something is so; return how long that took."""
    start = time.monotonic()
    while not true():
        late = time.monotonic() - start > seconds
        assert not late, (explain(), list(FeedLease.objects.values()))
        time.sleep(0.02)
    return time.monotonic() - start


def note_foreign_writes(feed: str) -> None:
    """Have the database note what is written in the name of an epoch that is over."""
    databases.as_owner(FOREIGN_WRITES.format(feed=feed))


def foreign_writes() -> list[Any]:
    """Return what was written in the name of an epoch that was over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT session, epoch FROM foreign_writes")
        return list(cursor.fetchall())


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
 ORDER BY 1, 2, 3, 4, 5, 6, 7
"""
