"""Sportradar's feed as a runner sees it: connect, store, and know what was missed."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from django.db import transaction

from feeds import amqp, leases
from feeds.connections import Arrival, Lease, Lost, Trouble
from feeds.models import FeedAccount
from feeds.pipes import Pipe
from feeds.sportradar import accounts, keeping
from feeds.sportradar.glance import Glance, glance
from feeds.sportradar.ledger import Limits
from feeds.sportradar.pipes import from_broker, from_sandbox
from feeds.sportradar.recovering import Recoverer
from feeds.sportradar.rest import Api
from feeds.sportradar.troubles import SportradarTrouble
from feeds.sportradar.windows import Windows

log = structlog.get_logger(__name__)

OPENING_SECONDS = 45.0  # Three questions to the API, and to connect.
LOOK_SECONDS = 1.0
DEPTH_SECONDS = 5.0
MANY, CUT_OFF = 5_000, 20_000


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the feed is, and its windows. Without a broker's address a sandbox is asked itself."""

    amqp_url: str
    api_url: str
    token: str
    windows: Windows
    node: int | None = None
    per_producer: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken: the message's tag, and its root."""

    tag: int
    seen: Glance


class SportradarFeed:
    """Sportradar's Unified Odds Feed, as far as it settles bets."""

    def __init__(self, settings: Settings, *, feed: str = "sportradar") -> None:
        self.feed, self.settings = feed, settings

    def api(self) -> Api:
        """Return Sportradar's API."""
        one = self.settings
        return Api(one.api_url, one.token, node=one.node)

    def open(self, lease: Lease) -> "SportradarConnection":
        """Ask who we are, connect, and note that what came through an older connection ended."""
        with transaction.atomic():
            leases.lock(lease, lasts=OPENING_SECONDS)
        account = self.account(lease)
        pipe = self.pipe(account)
        try:
            keeping.connected(lease)
        except BaseException:
            pipe.close()
            raise
        log.info("feed_connected", feed=self.feed, bookmaker=account.bookmaker_id)
        ahead = (account.clock_ahead_ms or 0) / 1000
        limits = Limits(self.settings.windows, self.settings.per_producer, ahead)
        return SportradarConnection(lease, pipe, Recoverer(lease, account, self.api, limits))

    def account(self, lease: Lease) -> FeedAccount:
        """Return whose token it is; while the API is away, as it told us before."""
        api = self.api()
        try:
            return accounts.ask(lease, api)
        except SportradarTrouble as trouble:
            known = accounts.known(self.feed)
            if known is None or accounts.is_refusal(trouble):
                raise Trouble(str(trouble)) from None
            log.warning("feed_connects_without_api", feed=self.feed, why=str(trouble))
            return known
        finally:
            api.close()

    def pipe(self, account: FeedAccount) -> Pipe:
        """Return what the messages come through."""
        one = self.settings
        if one.amqp_url.startswith(("http://", "https://")):
            return from_sandbox(one.amqp_url)
        return from_broker(
            amqp.where(
                one.amqp_url,
                user=one.token,
                virtual_host=account.virtual_host,
                heartbeat=one.windows.heartbeat,
            )
        )


class SportradarConnection:
    """An open feed."""

    def __init__(self, lease: Lease, pipe: Pipe, recoverer: Recoverer) -> None:
        self.lease, self.pipe, self.recoverer = lease, pipe, recoverer
        self.windows = recoverer.limits.windows
        self.taken: list[Taken] = []
        self.heard = self.looked = self.asked_depth = time.monotonic()
        self.drained: float | None = None  # When we last had all there was.
        self.depth: int | None = None
        recoverer.start()

    @property
    def account(self) -> FeedAccount:
        """Our account, as it was told last."""
        return self.recoverer.account

    is_recovering = False

    @property
    def warning(self) -> str:
        """What people should know while all goes well; nothing when there is nothing."""
        return " ".join(
            filter(None, [waits(self.depth), accounts.warning(self.account, datetime.now(UTC))])
        )

    def take(self, *, most: int, wait: float) -> list[Arrival]:
        """Return what came; when nothing more waits, see whether a producer is silent."""
        if not self.recoverer.is_alive:
            raise Lost("What asks producers to tell again has ended: we connect anew.")
        self.look(time.monotonic())
        delivered = self.pipe.take(most=most, wait=min(wait, self.windows.silence / 4))
        now = time.monotonic()
        self.drained = now if self.pipe.is_drained else None
        self.taken = [Taken(one.tag, glance(one.raw)) for one in delivered]
        if delivered:
            self.heard = now
        elif now - self.heard > self.windows.dead:
            raise Lost("Nothing came for too long, not even a sign of life.")
        return [
            Arrival(
                b"" if taken.seen.is_sign else one.raw,
                seen_ticks(taken.seen),
                one.size,
                one.digest,
            )
            for one, taken in zip(delivered, self.taken, strict=True)
        ]

    def look(self, now: float) -> None:
        """See how many messages wait, and whether a producer is silent or stalls.

        What was taken is kept by now: only what came since is still unknown.
        """
        if now - self.asked_depth > min(DEPTH_SECONDS, self.windows.silence):
            self.asked_depth = now
            self.depth = self.pipe.depth()
        if self.drained and now - self.looked > min(LOOK_SECONDS, self.windows.silence / 4):
            self.looked = now
            keeping.look_at(self.lease, self.windows, ago=now - self.drained)

    def keep(self, arrivals: Sequence[Arrival]) -> None:
        """Note what producers told of themselves, after the messages that came before."""
        seen = [one.seen for one in self.taken]
        keeping.keep(
            feed=self.lease.feed,
            signs=[one for one in seen if one.is_sign],
            progress={one.request_id for one in seen if one.request_id is not None},
            windows=self.windows,
        )

    def acknowledge(self, arrivals: Sequence[Arrival]) -> None:
        """Let what is stored be forgotten, all at once."""
        if self.taken:
            self.pipe.acknowledge(self.taken[-1].tag)
        self.taken = []

    def close(self) -> None:
        """Leave."""
        self.recoverer.end()
        self.pipe.close()


def seen_ticks(seen: Glance) -> int | None:
    """Return when a message was made, in ticks."""
    return None if seen.timestamp is None else seen.timestamp * 10_000


def waits(depth: int | None) -> str:
    """Warn of a queue that grows."""
    if depth is None or depth < MANY:
        return ""
    return (
        f"More than {MANY:,} messages wait for us at Sportradar, which suspends the account at "
        f"{CUT_OFF:,}."
    )
