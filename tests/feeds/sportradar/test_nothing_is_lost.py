"""A producer that fails in every way, and whoever hears it: nothing it said is missing in the end.

Time is simulated. What a producer said is kept by it for as long as it tells again; what it sends
while nobody listens, while it is down or while it does not hear of us is lost on its way.
"""

import random
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from feeds.sportradar import health, ledger
from feeds.sportradar.health import Health
from feeds.sportradar.keeping import Known
from feeds.sportradar.ledger import Reach
from feeds.sportradar.windows import Windows

WINDOWS = Windows()
START = 1_800_000_000.0
STEP = 0.5
STORMY, CALM = 3000.0, 1800.0
SEEDS = 25
KEPT_MINUTES = 15
SKEW = (-2.0, 2.0)  # By which a producer's clock is wrong, now so and now so.


@dataclass(frozen=True, slots=True)
class Said:
    """What a producer said: the message or sign, by its own clock."""

    made_ms: int
    message: int = 0
    root: str = "alive"
    subscribed: bool = True
    request: int = 0


@dataclass(slots=True)
class Vendor:
    """A producer with its clock and its memory, and the queue of whoever listens."""

    chance: random.Random
    now: float = START
    skew: float = 0
    up_at: float = 0
    subscribed: bool = False
    silent_until: float = 0
    next_alive: float = START
    history: list[Said] = field(default_factory=list)
    way: list[tuple[float, Said]] = field(default_factory=list)

    @property
    def ms(self) -> int:
        """Its own time."""
        return int((self.now + self.skew) * 1000)

    @property
    def is_up(self) -> bool:
        """Whether it sends anything at all."""
        return self.now >= self.up_at

    def send(self, said: Said, late: float = 0) -> None:
        """Send something to whoever listens."""
        self.way.append((self.now + late, said))

    def speak(self) -> None:
        """Say something new; what is late may be overtaken by an alive."""
        said = Said(self.ms, message=len(self.history) + 1, root="message")
        self.history.append(said)
        if self.is_up and self.subscribed:
            self.send(said, self.chance.choice((0, 0, 0, 4, 15)))

    def tick(self) -> None:
        """Give a sign of life when it is time."""
        if self.is_up and self.now >= self.next_alive:
            self.next_alive = self.now + WINDOWS.alive
            if self.now >= self.silent_until:
                self.send(Said(self.ms, subscribed=self.subscribed))

    def asked(self, after_ms: int, request: int) -> int:
        """Take a request to tell again; return the answer's status."""
        if not self.is_up:
            return 503
        if after_ms < (self.now + self.skew - KEPT_MINUTES * 60) * 1000:
            return 400
        self.subscribed = True
        took = self.chance.uniform(0, 40)
        told = [said for said in self.history if said.made_ms > after_ms]
        for number, said in enumerate(told):
            self.send(said, took * number / len(told))
        self.send(Said(self.ms, root="snapshot_complete", request=request), took)
        return 202

    def down(self, seconds: float, *, saying_so: bool) -> None:
        """Send nothing for a while; what was on its way is lost."""
        self.way.clear()
        if saying_so:
            self.send(Said(self.ms, root="product_down"))
        self.up_at, self.subscribed = self.now + seconds, False


@dataclass(slots=True)
class Call:
    """A request that is on its way."""

    number: int
    since: float
    arrives: float
    after_ms: int
    answer_at: float
    answer: int | None = None
    sent: bool = False


@dataclass(slots=True)
class Ours:
    """We: what is stored, what is covered event by event, how the producer stands."""

    vendor: Vendor
    health: Health = field(default_factory=lambda: Health(1))
    stored: set[int] = field(default_factory=set)
    covered: set[int] = field(default_factory=set)
    told: set[int] = field(default_factory=set)
    call: Call | None = None
    busy_until: float = 0
    drained: float = 0
    count: int = 0
    arrivals: list[float] = field(default_factory=list)
    row: Any = field(
        default_factory=lambda: SimpleNamespace(recovery_minutes=KEPT_MINUTES, covered_ms=None)
    )

    @property
    def now(self) -> float:
        """Our time."""
        return self.vendor.now

    def connect(self) -> None:
        """Connect anew: what was on its way is lost."""
        self.vendor.way.clear()
        self.health = health.connected(self.health, self.now)

    def receive(self) -> None:
        """Store what came, unless the database is away."""
        if self.now < self.busy_until:
            return
        came = sorted(
            (one for one in self.vendor.way if one[0] <= self.now), key=lambda one: one[0]
        )
        self.vendor.way = [one for one in self.vendor.way if one[0] > self.now]
        self.drained = self.now
        for _, said in came:
            self.hear(said)
        self.health = health.looked_at(self.health, now=self.now, windows=WINDOWS)

    def hear(self, said: Said) -> None:
        """Store a message, or follow a sign."""
        if said.root == "message":
            self.stored.add(said.message)
        elif said.root == "product_down":
            self.health = health.says_down(self.health, self.now)
        elif said.root == "snapshot_complete":
            self.told.add(said.request)
            self.health = health.told(self.health, now=self.now, request_id=said.request)
        else:
            self.health = health.alive(
                self.health,
                now=self.now,
                made_ms=said.made_ms,
                subscribed=said.subscribed,
                windows=WINDOWS,
            )

    def ask(self) -> None:
        """Ask for what is missing, or hear the answer."""
        if self.call is not None:
            self.follow(self.call)
        elif health.may_be_asked(self.health, now=self.now, windows=WINDOWS):
            known = Known(self.row, self.health, self.health)
            reach = ledger.reach_of(known, self.now, WINDOWS)
            if reach.is_clamped and not ledger.is_covered(known, reach):
                self.cover(reach)
            self.count += 1
            arrives = self.now + self.vendor.chance.choice((0, 0, 1, 9))
            answer_at = arrives + self.vendor.chance.choice((0, 1, 9, 25))
            self.health = health.not_before(self.health, self.now + WINDOWS.between + ledger.GRACE)
            self.call = Call(self.count, self.health.since, arrives, reach.after_ms, answer_at)

    def cover(self, reach: Reach) -> None:
        """Want all events with bets: they tell all that was said until now, when they are asked."""
        self.covered = {said.message for said in self.vendor.history}
        self.row.covered_ms = int(self.now * 1000)

    def follow(self, call: Call) -> None:
        """Let a request arrive, and hear its answer; sometimes nobody does."""
        if self.now >= call.arrives and not call.sent:
            call.sent = True
            self.arrivals.append(self.now)
            call.answer = self.vendor.asked(call.after_ms, call.number)
            if self.vendor.chance.random() < 0.1:
                call.answer = None
        if self.now >= call.answer_at and self.now >= self.busy_until:
            self.call = None
            self.answered(call)

    def answered(self, call: Call) -> None:
        """Note that a request was taken, or that it was not."""
        self.health = health.not_before(self.health, self.now + WINDOWS.between)
        if call.answer == 202 and self.health.is_down and self.health.since == call.since:
            self.health = health.asked(self.health, now=self.now, request_id=call.number)
            if call.number in self.told:
                self.health = health.told(self.health, now=self.now, request_id=call.number)


def fault(chance: random.Random, vendor: Vendor, ours: Ours) -> None:
    """Let something go wrong."""
    seconds = chance.choice((1, 5, 15, 25, 60, 400, 1100))
    match chance.randrange(7):
        case 0:
            ours.connect()
        case 1:
            vendor.down(seconds, saying_so=chance.random() < 0.5)
        case 2:
            vendor.subscribed = False
        case 3:
            vendor.silent_until = vendor.now + min(seconds, 60)
        case 4:
            ours.busy_until = vendor.now + min(seconds, 60)
        case 5:
            ours.call = None  # The process died and another one took over.
            ours.connect()
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
        ours.ask()
    return ours


@pytest.fixture(autouse=True)
def nothing_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the ledger find no earlier request that was refused."""
    none = SimpleNamespace(filter=lambda **_: SimpleNamespace(count=lambda: 0))
    monkeypatch.setattr(ledger, "clamped", lambda _: none)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_all_that_was_said_is_stored_or_covered_in_the_end(seed: int) -> None:
    ours = lived(seed)

    said = {one.message for one in ours.vendor.history if one.made_ms < (ours.now - 60) * 1000}
    assert not said - ours.stored - ours.covered
    assert ours.health.state == "UP"


@pytest.mark.parametrize("seed", range(SEEDS, 2 * SEEDS))
def test_a_producer_is_never_asked_twice_within_half_a_minute(seed: int) -> None:
    ours = lived(seed)

    gaps = [b - a for a, b in zip(ours.arrivals, ours.arrivals[1:], strict=False)]
    assert all(gap >= WINDOWS.between for gap in gaps)
