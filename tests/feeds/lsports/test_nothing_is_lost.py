"""Whatever happens to a package, all that it told is stored in the end: the decisions, simulated.

LSports is a small model of itself: a queue that waits for us, heartbeats, snapshots of what changed
since a time, a distribution that is switched off, a second reader, clocks that are wrong. Nothing
is real but what `health` decides; the thread that asks is a model of `recovering`.
"""

import random
from dataclasses import dataclass, field, replace

import pytest

from feeds.lsports import health
from feeds.lsports.health import Health
from feeds.lsports.windows import Windows
from feeds.models import PackageState, StaleReason

WINDOWS = replace(Windows(), horizon=3000, reconcile=120)
START = 1_800_000_000.0
STEP = 0.5
STORMY, CALM = 2000.0, 500.0
SEEDS = 30
WATCH = 10.0
SKEW = (-20.0, 20.0)  # By which LSports' clocks are wrong, now so and now so.


@dataclass(frozen=True, slots=True)
class Said:
    """A message, or with the number 0 a heartbeat."""

    made_ms: int | None
    number: int = 0
    interrupted: bool = False


@dataclass(slots=True)
class Vendor:
    """A package with its queue, and what its snapshots remember."""

    chance: random.Random
    now: float = START
    skew: float = 0
    is_sent: bool = True
    starts_at: float = 0
    interrupted_until: float = 0
    robbed_until: float = 0
    next_beat: float = START
    history: list[Said] = field(default_factory=list)
    queue: list[Said] = field(default_factory=list)

    @property
    def ms(self) -> int:
        """Its own time."""
        return int((self.now + self.skew) * 1000)

    def send(self, said: Said) -> None:
        """Put something into the queue; a second reader takes every other one."""
        if not self.is_sent or self.now < self.starts_at:
            return
        if self.now < self.robbed_until and self.chance.random() < 0.5:
            return
        self.queue.append(said)

    def speak(self) -> None:
        """Settle something. While the feed is interrupted nothing of it is sent."""
        said = Said(self.ms, number=len(self.history) + 1)
        self.history.append(said)
        if self.now >= self.interrupted_until:
            self.send(said)

    def tick(self) -> None:
        """Give a sign of life when it is time; some have no time, come twice or late."""
        if self.now >= self.next_beat:
            self.next_beat = self.now + WINDOWS.heartbeat
            odd = (None, self.ms - 30_000) if self.now < START + STORMY else ()
            made_ms = self.chance.choice((*[self.ms] * 20, *odd))
            for _ in range(self.chance.choice((1, 1, 1, 1, 1, 1, 1, 1, 1, 2))):
                self.send(Said(made_ms, interrupted=self.now < self.interrupted_until))

    def snapshot(self, since_ms: int) -> set[int]:
        """Return what changed since a time."""
        return {said.number for said in self.history if (said.made_ms or 0) >= since_ms}


@dataclass(slots=True)
class Call:
    """A snapshot that is being asked for. Without a plan it is a comparison."""

    since_ms: int
    arrives: float
    answers: float
    plan: float | None
    told: set[int] | None = None


@dataclass(slots=True)
class Ours:
    """We: what is stored, and how the package stands."""

    vendor: Vendor
    health: Health = field(default_factory=Health)
    stored: set[int] = field(default_factory=set)
    unread: list[Said] = field(default_factory=list)
    call: Call | None = None
    away_until: float = 0
    refused_until: float = 0
    reconciled: float = START
    reconcile_at: float = 0
    watched: float = START
    healthy: list[tuple[float, int]] = field(default_factory=list)

    @property
    def now(self) -> float:
        """Our time."""
        return self.vendor.now

    def connect(self) -> None:
        """Connect anew: what was taken and not stored comes once more."""
        self.vendor.queue[:0] = self.unread
        self.unread.clear()
        self.call = None
        self.health = health.connected(self.health, self.now)
        self.reconciled, self.reconcile_at = self.now, self.now + WINDOWS.reconcile

    def receive(self) -> None:
        """Store what came, unless the database is away."""
        if self.now < self.away_until:
            return
        most = self.vendor.chance.choice((1, 5, 1000))
        taken, self.unread = [*self.unread, *self.vendor.queue[:most]], []
        self.vendor.queue = self.vendor.queue[most:]
        for said in taken:
            if said.number:
                self.stored.add(said.number)
                continue
            self.health = health.heartbeat(
                self.health,
                now=self.now,
                made_ms=said.made_ms,
                interrupted=said.interrupted,
                windows=WINDOWS,
            )
        if not self.vendor.queue:
            self.health = health.looked_at(self.health, now=self.now, windows=WINDOWS)

    def watch(self) -> None:
        """See that the package is sent; a start takes a while."""
        if self.now - self.watched > WATCH and self.now >= self.refused_until:
            self.watched = self.now
            if not self.vendor.is_sent:
                self.health = health.not_sent(
                    self.health, StaleReason.DISTRIBUTION, self.now, WINDOWS
                )
                self.vendor.is_sent = True
                self.vendor.starts_at = self.now + self.vendor.chance.choice((0, 1, 5, 9))

    def ask(self) -> None:
        """Ask for what is missing, or for what changed lately; or hear the answer."""
        if self.call is not None:
            self.follow(self.call)
        elif health.may_be_recovered(self.health, now=self.now, windows=WINDOWS):
            self.health = health.recovering(self.health, self.now)
            since_ms, _ = health.told_since(self.health, now=self.now, windows=WINDOWS)
            self.call = self.called(since_ms, self.health.since)
        elif self.health.state is PackageState.HEALTHY and self.now >= self.reconcile_at:
            span = self.now - self.reconciled + WINDOWS.reconcile
            self.call = self.called((self.health.healthy_ms or 0) - int(span * 1000), None)

    def called(self, since_ms: int, plan: float | None) -> Call:
        """Return a request that takes a while, there and back."""
        arrives = self.now + self.vendor.chance.choice((0, 1, 16))
        return Call(since_ms, arrives, arrives + self.vendor.chance.choice((0, 1, 20)), plan)

    def follow(self, call: Call) -> None:
        """Let a request arrive, and hear its answer; sometimes there is none."""
        if self.now >= call.arrives and call.told is None:
            call.told = self.vendor.snapshot(call.since_ms)
        if self.now < call.answers or self.now < self.away_until:
            return
        self.call = None
        fails = self.vendor.chance.random() < 0.1 and self.now < START + STORMY
        if self.now < self.refused_until or fails:
            self.refused(call)
            return
        self.stored |= call.told or set()
        began = call.arrives if call.plan is None else call.plan
        self.reconciled, self.reconcile_at = began, began + WINDOWS.reconcile
        if call.plan is not None:
            self.health = health.recovered(self.health, now=self.now, began=call.plan)

    def refused(self, call: Call) -> None:
        """Try again after a while."""
        if call.plan is None:
            self.reconcile_at = self.now + 2 * WINDOWS.snapshot
            return
        self.health = health.failed(
            self.health, now=self.now, began=call.plan, reason=StaleReason.ASKED, wait=30
        )


def fault(chance: random.Random, vendor: Vendor, ours: Ours) -> None:
    """Let something go wrong."""
    seconds = chance.choice((1, 4, 8, 15, 60, 300))
    match chance.randrange(9):
        case 0 | 1:
            ours.connect()
        case 2:
            vendor.is_sent = False
        case 3:
            vendor.is_sent = False
            vendor.queue.clear()
        case 4:
            vendor.interrupted_until = vendor.now + seconds
        case 5:
            vendor.robbed_until = vendor.now + seconds
        case 6:
            ours.away_until = vendor.now + min(seconds, 60)
        case 7:
            ours.refused_until = vendor.now + min(seconds, 60)
        case _:
            vendor.skew = chance.uniform(*SKEW)


def lived(seed: int) -> Ours:
    """Return how we stand after a storm, and a calm after it."""
    chance = random.Random(seed)
    vendor = Vendor(chance)
    ours = Ours(vendor)
    ours.connect()
    risk = chance.choice((0.002, 0.01, 0.03))
    while vendor.now < START + STORMY + CALM:
        vendor.now += STEP
        if chance.random() < 0.1:
            vendor.speak()
        if vendor.now < START + STORMY and chance.random() < risk:
            fault(chance, vendor, ours)
        vendor.tick()
        ours.receive()
        ours.watch()
        ours.ask()
    return ours


@pytest.mark.parametrize("seed", range(SEEDS))
def test_all_that_was_told_is_stored_in_the_end(seed: int) -> None:
    ours = lived(seed)

    told = {
        one.number for one in ours.vendor.history if (one.made_ms or 0) < (ours.now - 90) * 1000
    }
    assert not told - ours.stored
    assert ours.health.state is PackageState.HEALTHY
