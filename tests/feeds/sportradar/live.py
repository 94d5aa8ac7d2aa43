"""Sportradar's feed as it runs, in a thread of the test, against our own server of its protocol."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from feeds.models import FeedLease, Producer, Recovery
from feeds.sportradar.feed import Settings, SportradarFeed
from feeds.sportradar.sandbox import Options, Sandbox
from feeds.sportradar.windows import Windows
from tests.factories import FundedPlayer
from tests.feeds.live import Runner, running, until
from tests.feeds.sportradar.uof import on
from tests.settlement.asked import accepted, bet

FEED = "sportradar"
EVENT = "sr:match:4711"
# Short enough to wait for, long enough for a machine that has other work.
WINDOWS = Windows(
    alive=0.3,
    silence=1.5,
    lag=5,
    between=1,
    stalled=4,
    longest=20,
    heartbeat=4,
    dead=6,
    minute=1,
)


def source(sandbox: Sandbox, *, windows: Windows = WINDOWS, **words: Any) -> SportradarFeed:
    """Return the feed of a sandbox."""
    given: dict[str, Any] = {
        "amqp_url": sandbox.amqp_url or sandbox.api_url,
        "api_url": sandbox.api_url,
        "token": "sandbox",
        "windows": windows,
    }
    return SportradarFeed(Settings(**(given | words)))


@contextmanager
def playing(broker: str | None, windows: Windows = WINDOWS, **words: Any) -> Iterator[Sandbox]:
    """Run a sandbox, on a broker or without one."""
    options = Options(**({"active": (1, 3)} | words))
    with Sandbox(windows=windows, options=options, broker=broker) as sandbox:
        yield sandbox


@contextmanager
def receiving(sandbox: Sandbox, **words: Any) -> Iterator[Runner]:
    """Run the feed until the end of the block, from when its producers are up."""
    with running(source(sandbox, **words)) as runner:
        until(all_up)
        yield runner


def placed(player: FundedPlayer, bet_id: str = "T-1", event: str = EVENT, **words: Any) -> None:
    """Place a bet of 10.00 EUR at 2.50 on outcome X of market 1."""
    accepted(bet(player, on(event), bet_id=bet_id, provider="sportradar", **words))


def producer(number: int = 1) -> Producer:
    """Return a producer."""
    return Producer.objects.get(feed=FEED, number=number)


def all_up() -> bool:
    """Whether all producers that are active are up."""
    active = Producer.objects.filter(is_active=True)
    return active.exists() and not active.exclude(state="UP").exists()


def is_down(number: int = 1, reason: str = "") -> bool:
    """Whether a producer is down, for a reason."""
    found = Producer.objects.filter(number=number, state="DOWN")
    return found.filter(**({"reason": reason} if reason else {})).exists()


def recoveries(number: int = 1, kind: str = "SINCE") -> list[Recovery]:
    """Return what a producer was asked to tell again."""
    return list(Recovery.objects.filter(producer__number=number, kind=kind).order_by("id"))


def is_told(words: str) -> bool:
    """Whether the feed says so to people."""
    return FeedLease.objects.filter(pk=FEED, sentence__contains=words).exists()
