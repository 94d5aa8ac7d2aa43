"""How each feed is doing: all that people ask about it, at one moment. Nothing here writes.

Counts stop at a cap, so that a look takes the same time on a good day and on a bad one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from feeds import inbox, packages, producers, sources, store
from feeds.models import ConnectAttempt, Connected, FeedLease, MessageState, RevisionKind, Sweep
from feeds.onwards import ConnectsLeft, NextConnect, connects_left, moment, next_connect
from feeds.package_shapes import LsportsStanding
from feeds.producer_shapes import SportradarStanding
from feeds.sentences import FeedState, sentence_of, state_of
from settlement import arrays
from settlement.said import Told, moment_of

MOST_COUNTED = 10_000
CONNECTS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Halted:
    """Since when a feed's messages are stored and not processed, and why."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class LastMessage:
    """The newest message. `settled_at` is its provider's time, where it has one that we can read;
    `lag_seconds` are from then to its arrival."""

    id: int
    received_at: datetime
    settled_at: datetime | None
    lag_seconds: float | None


@dataclass(frozen=True, slots=True)
class Unfinished:
    """How many messages are not done with; none of the counts goes beyond 10,000."""

    stored: int = 0
    parked: int = 0
    quarantined: int = 0
    stored_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Connect:
    """A connect, and what came of it. Without `from_at` it asked for all that there is."""

    id: int
    asked_at: datetime
    answered_at: datetime | None
    kind: RevisionKind
    from_at: datetime | None
    outcome: Connected
    sentence: str


@dataclass(frozen=True, slots=True)
class Sweeping:
    """The look-ups of a feed's open tickets: those that run, or those that ran last."""

    id: int
    why: str
    not_covered: str
    started_at: datetime
    done_at: datetime | None
    total: int
    asked: int
    settled: int
    still_open: int
    failed: int
    left: int
    sentence: str
    waits_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a feed stands at a moment of the database's clock.

    `messages` are all that came, also again; `messages_today` are new ones among the newest 10,000
    of all feeds, and `more_today` says that there were more than these today.
    """

    feed: str
    at: datetime
    state: FeedState
    sentence: str
    is_configured: bool
    is_running: bool
    holder: str
    since: datetime | None
    until: datetime | None
    stopped_by: str
    halted: Halted | None
    heard_at: datetime | None
    last_message: LastMessage | None
    messages: int
    messages_today: int
    more_today: bool
    unfinished: Unfinished
    next_connect: NextConnect | None
    connects_left: list[ConnectsLeft]
    connects: list[Connect]
    sweep: Sweeping | None
    sportradar: SportradarStanding | None
    lsports: LsportsStanding | None


@dataclass(frozen=True, slots=True)
class Newest:
    """What is newest of a feed's messages, and how many came today."""

    last: LastMessage
    today: int
    more_today: bool


@dataclass(slots=True)
class Looked:
    """What was found of all feeds, by their names."""

    at: datetime
    configured: Sequence[str]
    leases: Mapping[str, FeedLease]
    newest: Mapping[str, Newest]
    unfinished: Mapping[str, Unfinished]
    connects: dict[str, list[Connect]] = field(default_factory=dict)
    sweeps: dict[str, Sweeping] = field(default_factory=dict)

    @property
    def feeds(self) -> list[str]:
        """The feeds that are set up here, then those that left a trace."""
        traces = {*self.leases, *self.newest, *self.unfinished} - {*self.configured}
        return [*self.configured, *sorted(traces)]


def standings() -> list[Standing]:
    """Return where each feed stands."""
    found = look()
    return [standing_of(feed, found) for feed in found.feeds]


def standing(feed: str) -> Standing | None:
    """Return where one feed stands; nothing when nobody knows it."""
    found = look()
    return standing_of(feed, found) if feed in found.feeds else None


def look() -> Looked:
    """Look at all feeds."""
    [(at,)] = arrays.fetch(NOW, [])
    found = Looked(at, sources.configured(), leases(), newest(at), unfinished())
    found.connects = connects(found.feeds)
    found.sweeps = sweeps(found.feeds)
    return found


def standing_of(feed: str, looked: Looked) -> Standing:
    """Put together what was found of a feed."""
    lease, found = looked.leases.get(feed), looked.newest.get(feed)
    is_configured = feed in looked.configured
    state = state_of(lease, at=looked.at, is_configured=is_configured)
    is_running = lease is not None and lease.expires_at > looked.at
    left = looked.unfinished.get(feed, Unfinished())
    return Standing(
        feed=feed,
        at=looked.at,
        state=state,
        sentence=sentence_of(feed, state, lease, looked.at),
        is_configured=is_configured,
        is_running=is_running,
        holder=lease.holder if lease and is_running else "",
        since=lease.since if lease else None,
        until=lease.until if lease and is_running else None,
        stopped_by=lease.paused_by if lease else "",
        halted=halted(lease),
        heard_at=lease.heard_at if lease else None,
        last_message=found.last if found else None,
        messages=lease.messages if lease else 0,
        messages_today=found.today if found else 0,
        more_today=found.more_today if found else False,
        unfinished=left,
        next_connect=next_connect(feed, at=looked.at),
        connects_left=connects_left(feed),
        connects=looked.connects.get(feed, []),
        sweep=looked.sweeps.get(feed),
        sportradar=producers.stands(
            feed,
            at=looked.at,
            lease=lease,
            waiting=left.stored,
            is_more=left.stored >= MOST_COUNTED,
        ),
        lsports=packages.stands(
            feed,
            at=looked.at,
            lease=lease,
            waiting=left.stored,
            is_more=left.stored >= MOST_COUNTED,
        ),
    )


def halted(lease: FeedLease | None) -> Halted | None:
    """Return why a feed's messages are not processed, when they are not."""
    if lease is None or lease.halted_at is None:
        return None
    return Halted(lease.halted_at, lease.halted_why)


def leases() -> dict[str, FeedLease]:
    """Return who runs the feeds."""
    return {one.feed: one for one in FeedLease.objects.all()}


def newest(at: datetime) -> dict[str, Newest]:
    """Return the newest message of each feed, among the newest of all."""
    today = at.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = arrays.fetch(NEWEST, [today, MOST_COUNTED])
    said = {stored.id: stored for stored in store.bodies_of(row[1] for row in rows)}
    more = sum(count for _, _, _, count in rows) == MOST_COUNTED
    return {
        feed: Newest(last_message(number, received_at, said.get(number)), count, more)
        for feed, number, received_at, count in rows
    }


def last_message(number: int, received_at: datetime, stored: store.Stored | None) -> LastMessage:
    """Return a message with its provider's time, as far as it can be read."""
    settled_at = told_at(inbox.read_stored(stored).told) if stored else None
    lag = (received_at - settled_at).total_seconds() if settled_at else None
    return LastMessage(number, received_at, settled_at, lag)


def told_at(told: Told | None) -> datetime | None:
    """Return the latest time that a message speaks of."""
    if told is None:
        return None
    ticks = [said.ticks for said in told.tickets] + [said.ticks for said in told.markets]
    return moment_of(max(ticks)) if ticks else None


def unfinished() -> dict[str, Unfinished]:
    """Return how many messages of each feed are not done with."""
    found: dict[str, dict[str, tuple[int, datetime]]] = {}
    for feed, state, count, since in arrays.fetch(UNFINISHED, [MOST_COUNTED]):
        found.setdefault(feed, {})[state] = count, since
    return {feed: counted(states) for feed, states in found.items()}


def counted(states: Mapping[str, tuple[int, datetime]]) -> Unfinished:
    """Return a feed's counts."""
    numbers = {state: count for state, (count, _) in states.items()}
    stored = states.get(MessageState.STORED)
    return Unfinished(
        stored=numbers.get(MessageState.STORED, 0),
        parked=numbers.get(MessageState.PARKED, 0),
        quarantined=numbers.get(MessageState.QUARANTINED, 0),
        stored_since=stored[1] if stored else None,
    )


def connects(feeds: Sequence[str]) -> dict[str, list[Connect]]:
    """Return the last connects of each feed, the newest first."""
    found: dict[str, list[Connect]] = {}
    for one in ConnectAttempt.objects.raw(CONNECTS, [arrays.texts(feeds), CONNECTS_SHOWN]):
        found.setdefault(one.feed, []).append(
            Connect(
                id=one.pk,
                asked_at=one.asked_at,
                answered_at=one.answered_at,
                kind=RevisionKind(one.kind),
                from_at=moment(one.revision) if one.revision else None,
                outcome=Connected(one.outcome),
                sentence=one.sentence,
            )
        )
    return found


def sweeps(feeds: Sequence[str]) -> dict[str, Sweeping]:
    """Return the last sweep of each feed."""
    return {one.feed: swept(one) for one in Sweep.objects.raw(SWEEPS, [arrays.texts(feeds)])}


def swept(sweep: Sweep) -> Sweeping:
    """Return how far a sweep has come."""
    over = sweep.done_at is not None
    return Sweeping(
        id=sweep.pk,
        why=sweep.why,
        not_covered=sweep.not_covered,
        started_at=sweep.started_at,
        done_at=sweep.done_at,
        total=sweep.total,
        asked=sweep.asked,
        settled=sweep.settled,
        still_open=sweep.still_open,
        failed=sweep.failed,
        left=0 if over else max(0, sweep.total - sweep.asked),
        sentence=sweep.sentence,
        waits_until=None if over else sweep.not_before,
    )


NOW = "SELECT clock_timestamp()"

# The key grows with time: who walks it back finds what is newest without an index on the time.
NEWEST = """
SELECT feed, max(id), max(received_at), count(*) FILTER (WHERE received_at >= %s)
  FROM (SELECT id, feed, received_at FROM feeds_feedmessage ORDER BY id DESC LIMIT %s) newest
 GROUP BY feed
"""

# One message after the other by its key: a join would read them all.
UNFINISHED = """
SELECT m.feed, u.state, count(*), min(u.created_at)
  FROM unnest('{STORED,PARKED,QUARANTINED}'::text[]) AS s (state)
 CROSS JOIN LATERAL (SELECT message_id, state, created_at FROM feeds_unfinished
                      WHERE state = s.state LIMIT %s) u
 CROSS JOIN LATERAL (SELECT feed FROM feeds_feedmessage WHERE id = u.message_id LIMIT 1) m
 GROUP BY m.feed, u.state
"""

CONNECTS = """
SELECT a.* FROM unnest(%s::text[]) AS f (feed)
 CROSS JOIN LATERAL (SELECT * FROM feeds_connectattempt
                      WHERE feed = f.feed ORDER BY asked_at DESC, id DESC LIMIT %s) a
"""

SWEEPS = """
SELECT s.* FROM unnest(%s::text[]) AS f (feed)
 CROSS JOIN LATERAL (SELECT * FROM feeds_sweep
                      WHERE feed = f.feed ORDER BY id DESC LIMIT 1) s
"""
