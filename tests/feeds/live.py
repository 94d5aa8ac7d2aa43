"""Odds88's feed as it runs, in a thread of the test, against our own server of its protocol."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection

from feeds import gaps, inbox, runner
from feeds.connections import Source
from feeds.models import FeedLease, FeedMessage
from feeds.odds88 import tokens
from feeds.odds88.feed import Odds88Feed, Settings
from feeds.odds88.revision import Revision
from feeds.odds88.sandbox import Sandbox
from feeds.odds88.sandbox.bodies import Bet, Ending, Pick, Result
from feeds.odds88.tokens import Credentials, Tokens
from feeds.odds88.windows import Windows
from settlement.models import Ticket
from tests.factories import FundedPlayer
from tests.settlement.asked import Json, accepted, bet, selection

FEED = "odds88"
# Short enough to wait for, long enough for a machine that has other work.
WINDOWS = Windows(proper=6, without=30, silence=1.5, token=600, unresponsive=2, ping=0.2, quiet=1.5)
TRANSPORTS = ("lines", "websocket")


@contextmanager
def fresh_sandbox(**words: Any) -> Iterator[Sandbox]:
    """Yield Odds88's server; no token is kept of another that had its port before."""
    with Sandbox(**words) as sandbox:
        tokens.LOGINS.clear()
        tokens.KEPT.clear()
        cache.delete(tokens_of(sandbox).key)
        yield sandbox


def tokens_of(sandbox: Sandbox, password: str = "sandbox", windows: Windows = WINDOWS) -> Tokens:
    """Return what logs in at a sandbox."""
    login = f"{sandbox.api_url}/api/Account/login"
    return Tokens(Credentials(login, "sandbox", password), windows)


def source(
    sandbox: Sandbox,
    transport: str,
    *,
    windows: Windows = WINDOWS,
    echo: bool = False,
    password: str = "sandbox",
    on_gap: Callable[[Revision], None] = gaps.cover,
) -> Odds88Feed:
    """Return the feed of a sandbox, over one of its transports."""
    url = sandbox.ws_url if transport == "websocket" else sandbox.http_url
    return Odds88Feed(
        Settings(url, windows, echo),
        lambda: tokens_of(sandbox, password, windows),
        on_gap=on_gap,
    )


class Runner:
    """A runner of the feed in a thread."""

    def __init__(self, feed: Source, holder: str = "here") -> None:
        self.feed, self.holder, self.stop = feed, holder, threading.Event()
        self.had_the_lease: bool | None = None
        self.thread = threading.Thread(target=self.run)

    def run(self) -> None:
        """Run until we are to stop."""
        try:
            self.had_the_lease = runner.run(self.feed, holder=self.holder, stop=self.stop)
        finally:
            connection.close()

    def end(self) -> None:
        """Stop, and wait until it is over."""
        self.stop.set()
        self.thread.join(45)
        assert not self.thread.is_alive()


@contextmanager
def running(feed: Source, holder: str = "here") -> Iterator[Runner]:
    """Run a feed until the end of the block."""
    one = Runner(feed, holder)
    one.thread.start()
    try:
        yield one
    finally:
        one.end()


def until(true: Callable[[], Any], seconds: float = 45) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"Not within {seconds:g} s: {state()}"
        time.sleep(0.02)


def state() -> str:
    """Say how things stand."""
    leases = [(one.feed, one.state, one.sentence) for one in FeedLease.objects.all()]
    messages = list(FeedMessage.objects.values_list("state", "note"))[:10]
    tickets = list(Ticket.objects.values_list("bet_id", "status", "result", "payout"))[:5]
    return f"{leases}, messages {messages}, tickets {tickets}"


def is_receiving() -> bool:
    """Whether the feed is connected."""
    return FeedLease.objects.filter(pk=FEED, state="RECEIVING").exists()


def is_told(words: str) -> bool:
    """Whether the feed says so to people."""
    return FeedLease.objects.filter(pk=FEED, sentence__contains=words).exists()


def count_of(state: str) -> int:
    """Return how many messages are in a state."""
    return FeedMessage.objects.filter(feed=FEED, state=state).count()


def placed(sandbox: Sandbox, player: FundedPlayer, bet_id: str = "T-1", **words: Any) -> Bet:
    """Place a bet of 10.00 EUR at 2.50 at the vendor's and at ours; return the vendor's."""
    accepted(at_ours(player, bet_id, **words))
    return sandbox.bet(at_theirs(player, bet_id))


def at_ours(player: FundedPlayer, bet_id: str = "T-1", **words: Any) -> Json:
    """Return a bet in our client's words."""
    one = selection(event="501", market="601", outcome="701", price="2.50")
    given = {"provider": "odds88", "bet_id": bet_id, "placed_at": ago(hours=2).isoformat()}
    return bet(player, one, **(given | words))


def at_theirs(player: FundedPlayer, bet_id: str = "T-1") -> Bet:
    """Return the same bet in the vendor's words."""
    pick = Pick(501, 601, 701, Decimal("2.5"))
    return Bet(bet_id, player.player.external_id, 1000, selections=(pick,))


WON, LOST, REFUNDED = Ending(Result.WIN), Ending(Result.LOSE), Ending(Result.REFUND)


def ago(**words: float) -> datetime:
    """Return a time that is over."""
    return datetime.now(UTC) - timedelta(**words)


def ticket(bet_id: str = "T-1") -> Ticket:
    """Return a ticket as it stands."""
    return Ticket.objects.get(bet_id=bet_id)


def stands(status: str, result: str, payout: int, bet_id: str = "T-1") -> bool:
    """Whether a ticket stands so."""
    wanted = {"status": status, "result": result, "payout": payout}
    return Ticket.objects.filter(bet_id=bet_id, **wanted).exists()


def note_processed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the messages that are processed from now on, as they are."""
    processed: list[int] = []
    process = inbox.process

    def noted(*, message_ids: Iterable[int]) -> inbox.Processed:
        ids = list(message_ids)
        processed.extend(ids)
        return process(message_ids=ids)

    monkeypatch.setattr(inbox, "process", noted)
    return processed
