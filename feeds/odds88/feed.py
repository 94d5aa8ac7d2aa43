"""The settlement feed as a runner sees it: when to connect, with which revision, and how far."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from django.db import transaction

from feeds import budget, leases
from feeds.budget import Budget
from feeds.connections import Arrival, Lease, MustWait, Trouble
from feeds.models import Connected, RevisionKind
from feeds.odds88 import cursor
from feeds.odds88.client import NotSet
from feeds.odds88.opening import ANSWER_SECONDS, CONNECT_SECONDS, Refused, Unreached, Where
from feeds.odds88.quiet import Quiet
from feeds.odds88.revision import NOTHING, Revision, is_old, revision
from feeds.odds88.stream import Stream
from feeds.odds88.tokens import Tokens
from feeds.odds88.troubles import Busy, Odds88Trouble
from feeds.odds88.windows import Windows

log = structlog.get_logger(__name__)

UNAUTHORIZED = 401
TOKEN_SECONDS = 5.0
LONGEST_WAIT = 1800.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the feed is, and its windows."""

    url: str
    windows: Windows
    echo: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """A connect that is written down, with the revision that it asks for."""

    number: int
    revision: Revision


class Odds88Feed:
    """Odds88's settlement feed."""

    def __init__(
        self,
        settings: Settings,
        tokens: Callable[[], Tokens],
        *,
        feed: str = "odds88",
        on_gap: Callable[[Revision], None],
    ) -> None:
        self.feed, self.settings, self.tokens, self.on_gap = feed, settings, tokens, on_gap

    def open(self, lease: Lease) -> "Odds88Connection":
        """Connect with a token that is accepted; one that is not is renewed once."""
        token = asked_for(lambda until: self.tokens().token(until=until))
        try:
            return self.connect(lease, token)
        except Refused as refused:
            if refused.status != UNAUTHORIZED:
                raise waiting(refused) from None
        renewed = asked_for(lambda until: self.tokens().renew(token, until=until))
        return self.connect(lease, renewed)

    def connect(self, lease: Lease, token: str) -> "Odds88Connection":
        """Connect within the budget; what came of it is written down."""
        attempt = self.attempted(lease)
        windows = self.settings.windows
        where = Where(
            self.settings.url, attempt.revision.asked, token, windows.silence, windows.ping
        )
        try:
            stream = Stream(where, echo=self.settings.echo)
        except Trouble as trouble:
            outcome = Connected.UNREACHED if isinstance(trouble, Unreached) else Connected.REFUSED
            budget.answered(attempt=attempt.number, outcome=outcome, sentence=str(trouble))
            raise
        self.opened(lease, attempt, stream)
        return Odds88Connection(lease, stream, Quiet(windows.quiet, time.monotonic()))

    def attempted(self, lease: Lease) -> Attempt:
        """Write down that we connect now, if we may: nobody else decides at the same time."""
        with transaction.atomic():
            now = leases.lock(lease, lasts=opening_seconds(self.settings.windows))
            wanted = revision(
                cursor.position(self.feed),
                now=now.timestamp(),
            )
            kind = RevisionKind.WITHOUT if wanted.asked == NOTHING else RevisionKind.PROPER
            spent = budget.look(feed=self.feed, kind=kind, budget=self.budget)
            if spent.wait:
                raise MustWait(
                    "The provider takes no more connects for now: all that are allowed were made.",
                    spent.wait,
                )
            return Attempt(budget.write(lease=lease, kind=kind, revision=wanted.asked), wanted)

    @property
    def budget(self) -> Budget:
        """How often Odds88 takes a connect."""
        return Budget(self.settings.windows.proper, self.settings.windows.without)

    def opened(self, lease: Lease, attempt: Attempt, stream: Stream) -> None:
        """Write down that the connection stands; leave it when somebody else has the lease."""
        try:
            budget.answered(attempt=attempt.number, outcome=Connected.OPENED)
            with transaction.atomic():
                if attempt.revision.gap:
                    self.on_gap(attempt.revision)
                cursor.opened(lease=lease, revision=attempt.revision.asked)
                leases.fence(lease)
        except BaseException:
            stream.close()
            raise
        log.info("feed_connected", feed=self.feed, revision=attempt.revision.asked)


def opening_seconds(windows: Windows) -> float:
    """Return how long it may take to open a connection: to connect, twice, and to be answered."""
    return 2 * CONNECT_SECONDS + max(ANSWER_SECONDS, windows.silence)


def asked_for(token: Callable[[float], str]) -> str:
    """Return a token, or the reason why there is none."""
    try:
        return token(time.monotonic() + TOKEN_SECONDS)
    except Busy as busy:
        raise MustWait(str(busy), busy.retry_after) from None
    except (NotSet, Odds88Trouble) as trouble:
        raise Trouble(str(trouble)) from None


def waiting(refused: Refused) -> Trouble:
    """Return a refusal as what it asks us to do: to wait, when it says for how long."""
    if refused.retry_after is None:
        return refused
    return MustWait(str(refused), min(refused.retry_after, LONGEST_WAIT))


class Odds88Connection:
    """An open settlement feed. Odds88 does not tell how much waits for us."""

    depth = None
    warning = ""
    is_recovering = False

    def __init__(self, lease: Lease, stream: Stream, quiet: Quiet) -> None:
        self.lease, self.stream, self.quiet = lease, stream, quiet
        self.recovered = False

    def take(self, *, most: int, wait: float) -> list[Arrival]:
        """Return what came. What came before is stored: is the recovery over?"""
        self.quiet.asked(time.monotonic())
        if self.quiet.is_over and not self.recovered:
            self.note_recovered()
        taken = self.stream.take(most=most, wait=wait)
        now = time.time()
        old = any(one.ticks is not None and is_old(one.ticks, now) for one in taken)
        self.quiet.came(time.monotonic(), anything=bool(taken), behind=old or len(taken) == most)
        return taken

    @transaction.atomic
    def note_recovered(self) -> None:
        """Note that all that was behind us is stored."""
        cursor.recovered(feed=self.lease.feed)
        leases.fence(self.lease)
        self.recovered = True

    def keep(self, arrivals: Sequence[Arrival]) -> None:
        """Note how far we came; pings have no time."""
        ticks = [one.ticks for one in arrivals if one.ticks is not None]
        cursor.advance(feed=self.lease.feed, ticks=ticks, now=datetime.now(UTC))

    def acknowledge(self, arrivals: Sequence[Arrival]) -> None:
        """Tell nobody: Odds88 goes by the revision of the next connect."""

    def close(self) -> None:
        """Leave."""
        self.stream.close()
