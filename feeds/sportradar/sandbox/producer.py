"""A producer: what it said, whether it is up, its alives, and what is sent late."""

import threading
import time
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from feeds.sandboxes.counts import Counts
from feeds.sandboxes.publishing import Publisher
from feeds.sportradar.sandbox import bodies
from feeds.sportradar.sandbox.descriptions import Product
from feeds.sportradar.sandbox.keys import Spelling, key_of

FOREVER = float("inf")


@dataclass(frozen=True, slots=True)
class Entry:
    """A message as it was generated."""

    sent_at: int
    timestamp: int
    kind: str
    event: str
    sport: str
    body: bytes


@dataclass(slots=True)
class State:
    """How a producer is, and the moments of its alives by a clock that never goes back."""

    up: bool = True
    subscribed: bool = True
    delay: float = 0
    next_alive: float = 0
    silent_until: float = 0
    skipped: int = 0
    downs: int = 0


class Producer:
    """One of the provider's sources of messages. Its lock keeps its messages in order."""

    def __init__(
        self,
        product: Product,
        *,
        counts: Counts,
        publisher: Publisher,
        spelling: Callable[[], Spelling],
        clock: Callable[[], int],
        kept: Callable[[], int],
    ) -> None:
        self.product = product
        self.counts = counts
        self.publisher = publisher
        self.spelling = spelling
        self.clock = clock
        self.kept = kept
        self.lock = threading.RLock()
        self.state = State()
        self.last_moment = 0
        self.history: list[Entry] = []
        self.late: deque[tuple[float, str, int, bytes]] = deque()

    def moment(self) -> int:
        """Return now in milliseconds, never before an alive that was sent."""
        self.last_moment = max(self.last_moment, self.clock())
        return self.last_moment

    def say(
        self,
        make: Callable[[int], bytes],
        *,
        timestamp: int | None = None,
        sport: str = "1",
        key: str | None = None,
    ) -> Entry:
        """Say something, and keep it; who listens hears it when the producer is up.

        `timestamp` is what the message tells when that is not now.
        """
        with self.lock:
            now = self.moment()
            body = make(now if timestamp is None else timestamp)
            kind, said = bodies.glance(body)
            told = said.get("timestamp", "")
            entry = Entry(
                sent_at=now,
                timestamp=int(told) if told.isdigit() else now,
                kind=kind,
                event=said.get("event_id", ""),
                sport=sport,
                body=body,
            )
            self.keep(entry)
            self.counts.add("messages_told")
            if self.state.up and self.state.subscribed:
                self.send(self.key(entry) if key is None else key, now, body)
            return entry

    def keep(self, entry: Entry) -> None:
        """Remember a message, and forget the oldest when they are too many."""
        self.history.append(entry)
        most = self.kept()
        if most and len(self.history) >= 2 * most:
            del self.history[:-most]

    def key(self, entry: Entry, node: int | None = None) -> str:
        """Return a message's routing key."""
        scope, kind = self.product.scope, entry.kind or "unknown"
        return key_of(
            kind, scope, entry.event, sport=entry.sport, node=node, spelling=self.spelling()
        )

    def system(self, kind: str, body: bytes, *, node: int | None = None) -> None:
        """Send something that is about the producer, and is not kept."""
        key = key_of(kind, self.product.scope, node=node, spelling=self.spelling())
        self.send(key, self.moment(), body)

    def send(self, key: str, sent_at: int, body: bytes) -> None:
        """Send something, now or after the delay; nothing overtakes what is late."""
        if self.state.delay or self.late:
            due = time.monotonic() + self.state.delay
            self.late.append((due, key, sent_at, body))
        else:
            self.publisher.publish(key, sent_at, body)

    def tend(self, now: float, alive_every: float) -> None:
        """Send what is due: late messages, and an alive."""
        with self.lock:
            while self.late and self.late[0][0] <= now:
                _, key, sent_at, body = self.late.popleft()
                self.publisher.publish(key, sent_at, body)
            if now >= self.state.next_alive:
                self.state.next_alive = now + alive_every
                self.alive(now)

    def alive(self, now: float) -> None:
        """Give a sign of life; what is said later has a later time."""
        if not self.state.up or now < self.state.silent_until:
            return
        if self.state.skipped:
            self.state.skipped -= 1
            return
        moment = self.moment()
        body = bodies.alive(
            product=self.product.id, timestamp=moment, subscribed=self.state.subscribed
        )
        self.system("alive", body)
        self.last_moment = moment + 1
        self.counts.add("alives")

    def go_down(self, *, saying_so: bool = False) -> None:
        """Send nothing any more, also not what is late."""
        with self.lock:
            if saying_so and self.state.up:
                moment = self.moment()
                body = bodies.product_down(product=self.product.id, timestamp=moment)
                self.system("product_down", body)
            self.state.up = self.state.subscribed = False
            self.state.downs += 1
            self.late.clear()

    def come_up(self) -> None:
        """Send alives again, at once; messages come when a recovery was asked for."""
        with self.lock:
            self.state.up = True
            self.state.silent_until = self.state.skipped = 0
            self.state.next_alive = 0

    def unsubscribe(self) -> None:
        """Say in alives that somebody must ask for a recovery, and send nothing else."""
        with self.lock:
            self.state.subscribed = False
            self.state.next_alive = 0

    def subscribe(self) -> int:
        """Send messages from now on; return how many were told before."""
        with self.lock:
            self.state.subscribed = True
            return len(self.history)

    def fall_silent(self, seconds: float | None) -> None:
        """Send no alives for a while."""
        with self.lock:
            until = FOREVER if seconds is None else time.monotonic() + seconds
            self.state.silent_until = until

    def skip(self, count: int) -> None:
        """Leave out the next so many alives."""
        with self.lock:
            self.state.skipped += count

    def delayed(self, seconds: float) -> None:
        """Send everything so much later from now on."""
        with self.lock:
            self.state.delay = seconds

    def repeat(self, count: int) -> None:
        """Send the last messages again as they were."""
        with self.lock:
            for entry in self.history[-count:]:
                self.send(self.key(entry), entry.sent_at, entry.body)

    def since(self, after: int, end: int, *, by_timestamp: bool) -> Sequence[Entry]:
        """Return what was told later than a moment, of the first so many messages."""
        with self.lock:
            if by_timestamp:
                return [entry for entry in self.history[:end] if entry.timestamp > after]
            start = bisect_right(self.history, after, hi=end, key=lambda entry: entry.sent_at)
            return self.history[start:end]

    def of_event(self, event: str, after: int, end: int) -> Sequence[Entry]:
        """Return settlements, rollbacks, cancels and undone cancels of an event."""
        with self.lock:
            return [
                entry
                for entry in self.history[:end]
                if entry.event == event and entry.kind in bodies.STATEFUL and entry.sent_at > after
            ]
