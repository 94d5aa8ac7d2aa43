"""LSports' packages as they run, in a thread of the test, against our own server of LSports'."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from feeds import applying
from feeds.lsports.api import Account
from feeds.lsports.feed import LsportsFeed, Settings
from feeds.lsports.sandbox import Options, Sandbox
from feeds.lsports.windows import Windows
from feeds.models import FeedLease, FeedMessage, Package, Snapshot
from settlement.models import Ticket
from tests.factories import FundedPlayer
from tests.feeds.live import Runner, running, until
from tests.settlement.asked import accepted, bet, selection

INPLAY, PREMATCH = "lsports-inplay", "lsports-prematch"
FIXTURE, MARKET = "24605698", "1"
# Short enough to wait for, long enough for a machine that has other work.
WINDOWS = Windows(
    heartbeat=0.2,
    silence=1.5,
    keep_alive=0.3,
    snapshot=0.5,
    request=0.1,
    horizon=3600,
    reconcile=600,
    forbidden=1,
    missing=1,
    connection=4,
    dead=6,
)


def account(sandbox: Sandbox, feed: str = INPLAY, **words: Any) -> Account:
    """Return who we are at a sandbox."""
    one = sandbox.options.inplay if feed == INPLAY else sandbox.options.prematch
    given: dict[str, Any] = {
        "name": "INPLAY" if feed == INPLAY else "PREMATCH",
        "place": "InPlay" if feed == INPLAY else "PreMatch",
        "package": str(one.id),
        "user": one.user,
        "password": one.password,
        "api_url": sandbox.api_url,
        "snapshot_url": sandbox.api_url,
        "is_xml": one.layout.format == "xml",
    }
    return Account(**(given | words))


def source(
    sandbox: Sandbox,
    feed: str = INPLAY,
    *,
    windows: Windows = WINDOWS,
    queue: str = "",
    url: str = "",
    others: tuple[Account, ...] = (),
    **words: Any,
) -> LsportsFeed:
    """Return a package of a sandbox."""
    one = account(sandbox, feed, **words)
    amqp_url = url or sandbox.amqp_url(feed.removeprefix("lsports-")) or sandbox.api_url
    queue = queue or f"_{one.package}_"
    return LsportsFeed(feed, Settings(one, amqp_url, queue, windows, others), applying.apply)


@contextmanager
def playing(
    broker: str | None = None, windows: Windows = WINDOWS, **words: Any
) -> Iterator[Sandbox]:
    """Run a sandbox, on a broker or without one."""
    with Sandbox(windows=windows, options=Options(**words), broker=broker) as sandbox:
        yield sandbox


@contextmanager
def receiving(sandbox: Sandbox, feed: str = INPLAY, **words: Any) -> Iterator[Runner]:
    """Run a package until the end of the block, from when it is healthy."""
    with running(source(sandbox, feed, **words)) as runner:
        until(lambda: is_healthy(feed))
        yield runner


def placed(player: FundedPlayer, bet_id: str = "T-1", outcome: str = "11", **words: Any) -> None:
    """Place a bet of 10.00 EUR at 2.50 on a bet of the market."""
    on = {"event": FIXTURE, "market": MARKET, "outcome": outcome} | words
    accepted(bet(player, selection(**on), bet_id=bet_id, provider="lsports"))


def package(feed: str = INPLAY) -> Package:
    """Return a package."""
    return Package.objects.get(pk=feed)


def is_healthy(feed: str = INPLAY) -> bool:
    """Whether nothing lacks of a package."""
    return Package.objects.filter(pk=feed, state="HEALTHY").exists()


def is_stale(reason: str, feed: str = INPLAY) -> bool:
    """Whether something may lack, for a reason."""
    return Package.objects.filter(pk=feed, state="STALE", reason=reason).exists()


def snapshots(feed: str = INPLAY) -> list[Snapshot]:
    """Return what was asked of a package's snapshots."""
    return list(Snapshot.objects.filter(package_id=feed).order_by("id"))


def result(bet_id: str = "T-1") -> str:
    """Return how a ticket ended."""
    return str(Ticket.objects.get(bet_id=bet_id).result)


def is_told(words: str, feed: str = INPLAY) -> bool:
    """Whether the feed says so to people."""
    return FeedLease.objects.filter(pk=feed, sentence__contains=words).exists()


def is_processed() -> bool:
    """Whether no message waits."""
    return not FeedMessage.objects.filter(state="STORED").exists()
