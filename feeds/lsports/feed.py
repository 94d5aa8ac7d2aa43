"""A package of LSports' as a runner sees it: connect, store, and know what was missed."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from django.db import transaction

from feeds import amqp, leases
from feeds.connections import Arrival, Lease, Lost, MustWait, Trouble
from feeds.lsports import distribution, health, keeping, ledger
from feeds.lsports.api import Account, Api
from feeds.lsports.distribution import waits
from feeds.lsports.glance import Glance, active_fixtures, glance, interrupted
from feeds.lsports.keeping import Heartbeat
from feeds.lsports.pipes import from_broker, from_sandbox
from feeds.lsports.recovering import Apply, Recoverer
from feeds.lsports.troubles import LsportsTrouble
from feeds.lsports.windows import Windows
from feeds.models import Package
from feeds.pipes import Pipe

log = structlog.get_logger(__name__)

OPENING_SECONDS = 45.0  # Two questions to the API, and to connect.
LOOK_SECONDS = 1.0
HEARTBEAT, KEEP_ALIVE = 32, 31
FINISHED = frozenset({3, 4, 7})


@dataclass(frozen=True, slots=True)
class Settings:
    """Where a package is, and its windows.

    `others` are packages that know of fixtures which this one does not. Without a broker's address
    a sandbox is asked itself.
    """

    account: Account
    amqp_url: str
    queue: str
    windows: Windows
    others: tuple[Account, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken: the message's tag, how it looks, and its words when nobody stores them."""

    tag: int
    seen: Glance
    raw: bytes


class LsportsFeed:
    """A package of LSports TRADE, as far as it settles bets."""

    def __init__(self, feed: str, settings: Settings, apply: Apply) -> None:
        self.feed, self.settings, self.apply = feed, settings, apply

    def open(self, lease: Lease) -> "LsportsConnection":
        """Have the package sent, connect, and note that something may have been missed."""
        with transaction.atomic():
            leases.lock(lease, lasts=OPENING_SECONDS)
        self.have_it_sent(lease)
        pipe = self.pipe(lease)
        try:
            keeping.change(lease, health.connected)
        except BaseException:
            pipe.close()
            raise
        log.info("feed_connected", feed=self.feed, queue=self.settings.queue)
        accounts = (self.settings.account, *self.settings.others)
        recoverer = Recoverer(lease, accounts, self.settings.windows, self.apply)
        return LsportsConnection(lease, pipe, recoverer)

    def have_it_sent(self, lease: Lease) -> None:
        """See that LSports sends the package; while its API is away, we read what there is."""
        account = self.settings.account
        if not account.api_url:
            return
        api = Api(account)
        try:
            distribution.have_it_sent(lease, api, distribution.look(lease, api))
        except LsportsTrouble as trouble:
            if trouble.status in (401, 403):
                raise Trouble(str(trouble)) from None
            log.warning("feed_connects_without_api", feed=self.feed, why=str(trouble))
        finally:
            api.close()

    def pipe(self, lease: Lease) -> Pipe:
        """Return what the messages come through."""
        one, account = self.settings, self.settings.account
        try:
            if one.amqp_url.startswith(("http://", "https://")):
                return from_sandbox(one.amqp_url, one.queue, account)
            return from_broker(
                amqp.where(
                    one.amqp_url,
                    user=account.user,
                    password=account.password,
                    virtual_host=f"Stm{account.place}",
                    heartbeat=one.windows.connection,
                ),
                one.queue,
                account,
            )
        except amqp.MayNot as refused:
            raise self.refusal(lease, str(refused)) from None

    def refusal(self, lease: Lease, sentence: str) -> Trouble:
        """Return why we may not read: for a moment after a start that is no trouble."""
        row = Package.objects.filter(feed=lease.feed).first()
        started = row.started_at if row else None
        since = (ledger.clock() - started).total_seconds() if started else None
        if since is None or since > self.settings.windows.forbidden:
            return Trouble(sentence)
        return MustWait(
            f"LSports begins to send the package; its broker lets nobody read for a moment. "
            f"{sentence}",
            min(1.0, self.settings.windows.heartbeat / 4),
        )


class LsportsConnection:
    """An open package."""

    def __init__(self, lease: Lease, pipe: Pipe, recoverer: Recoverer) -> None:
        self.lease, self.pipe, self.recoverer = lease, pipe, recoverer
        self.windows = recoverer.windows
        self.taken: list[Taken] = []
        self.heard = self.looked = time.monotonic()
        self.drained: float | None = None  # When we last had all there was.
        recoverer.start()

    @property
    def depth(self) -> int | None:
        """How many messages wait for us, as LSports last told."""
        return self.recoverer.depth

    @property
    def is_recovering(self) -> bool:
        """Whether what we missed is being asked for."""
        return self.recoverer.holds

    @property
    def warning(self) -> str:
        """What people should know while all goes well; nothing when there is nothing."""
        return " ".join(filter(None, [waits(self.depth), self.recoverer.trouble]))

    def take(self, *, most: int, wait: float) -> list[Arrival]:
        """Return what came; when nothing more waits, see whether the package is silent."""
        if not self.recoverer.is_alive:
            raise Lost("What asks LSports for what we missed has ended: we connect anew.")
        self.look(time.monotonic())
        delivered = self.pipe.take(most=most, wait=min(wait, self.windows.silence / 4))
        now = time.monotonic()
        self.drained = now if self.pipe.is_drained else None
        self.taken = [Taken(one.tag, glance(one.raw), one.raw) for one in delivered]
        if delivered:
            self.heard = now
        elif now - self.heard > self.windows.dead:
            raise Lost("Nothing came for too long, not even a heartbeat.")
        return [
            Arrival(
                b"" if seen.is_sign or seen.is_left_out else one.raw,
                None if seen.made_ms is None else seen.made_ms * 10_000,
                one.size,
                one.digest,
                seen.is_left_out,
            )
            for one, seen in zip(delivered, (taken.seen for taken in self.taken), strict=True)
        ]

    def look(self, now: float) -> None:
        """See whether the package is silent: what was taken is kept by now."""
        if self.drained and now - self.looked > min(LOOK_SECONDS, self.windows.silence / 4):
            self.looked = now
            ago = now - self.drained
            keeping.change(
                self.lease,
                lambda one, at: health.looked_at(one, now=at - ago, windows=self.windows),
            )

    def keep(self, arrivals: Sequence[Arrival]) -> None:
        """Note what the package told of itself, after the messages that came before."""
        beats, over, feed = [], set[str](), self.lease.feed
        for one in self.taken:
            if one.seen.kind == HEARTBEAT:
                beats.append(Heartbeat(one.seen.made_ms, interrupted(one.raw)))
            elif one.seen.kind == KEEP_ALIVE:
                if (fixtures := active_fixtures(one.raw)) is not None:
                    keeping.end(feed=feed, fixtures=over)
                    over.clear()
                    keeping.follow(feed=feed, fixtures=fixtures)
            else:
                over.update(ref for ref, status in one.seen.fixtures if status in FINISHED)
        keeping.end(feed=feed, fixtures=over)
        keeping.keep(feed=feed, heartbeats=beats, windows=self.windows)

    def acknowledge(self, arrivals: Sequence[Arrival]) -> None:
        """Let what is stored be forgotten, all at once."""
        if self.taken:
            self.pipe.acknowledge(self.taken[-1].tag)
        self.taken = []

    def close(self) -> None:
        """Leave. The package is sent on: what it tells meanwhile waits for us."""
        self.recoverer.end()
        self.pipe.close()
