"""A package: what it said, its queue, its signs of life, and whether it distributes."""

import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

from feeds.lsports.sandbox.bodies import HEARTBEAT, KEEP_ALIVE, OVER, Message
from feeds.lsports.sandbox.options import INPLAY, Options, Settings
from feeds.lsports.sandbox.places import Place
from feeds.lsports.sandbox.shelf import Shelf
from feeds.lsports.sandbox.trees import Tree, body_of
from feeds.lsports.sandbox.writing import Header, guid_of, id_of, written
from feeds.lsports.windows import Windows
from feeds.sandboxes.counts import Counts

FOREVER = float("inf")
REMEMBERED = 1000
MEASURED, MOST_MEASURED = 5.0, 50_000


@dataclass(slots=True)
class State:
    """How a package is; moments are by a clock that never goes back."""

    distributing: bool = True
    next_heartbeat: float = 0
    next_keep_alive: float = 0
    silent_until: float = 0
    lost_until: float = 0
    interrupted_until: float = 0
    skipped: int = 0
    delay: float = 0
    waiting: int = 0  # No more messages than so many can be in the queue.


class Package:
    """One of the two feeds. Its lock keeps its messages in order."""

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        counts: Counts,
        windows: Windows,
        options: Callable[[], Options],
        clock: Callable[[], int],
    ) -> None:
        self.name = name
        self.place = place
        self.counts = counts
        self.windows = windows
        self.options = options
        self.clock = clock
        self.lock = threading.RLock()
        self.state = State(distributing=options().distributing)
        self.shelf = Shelf()
        self.active: dict[str, None] = {}
        self.numbers: Counter[int] = Counter()
        self.chance = random.Random(name)  # noqa: S311 - ids are to be the same in each run
        self.sent: deque[bytes] = deque(maxlen=REMEMBERED)
        self.late: deque[tuple[float, bytes]] = deque()
        self.moments: deque[float] = deque(maxlen=MOST_MEASURED)

    @property
    def settings(self) -> Settings:
        """Who it is."""
        options = self.options()
        return options.inplay if self.name == INPLAY else options.prematch

    @property
    def is_silent(self) -> bool:
        """Whether nothing at all comes."""
        return time.monotonic() < self.state.silent_until

    @property
    def rate(self) -> float:
        """How many messages came into its queue in a second of late."""
        since = time.monotonic() - MEASURED
        return sum(one > since for one in tuple(self.moments)) / MEASURED

    def say(self, message: Message) -> bytes:
        """Say something, and keep it for the snapshots."""
        with self.lock:
            body = self.written(message.kind, body_of(message, self.settings.layout))
            return self.tell(body, message)

    def tell(self, body: bytes, message: Message | None = None, kind: int | None = None) -> bytes:
        """Say something as it is; what it means is kept for the snapshots."""
        with self.lock:
            if message is not None:
                self.shelf.take_in(message, self.clock())
                self.leave(message)
                kind = message.kind
            self.counts.add("messages_told")
            self.counts.note("told", "other" if kind is None else str(kind))
            self.sent.append(body)
            if time.monotonic() < self.state.lost_until:
                self.counts.add("messages_lost")
            else:
                self.send(body)
            return body

    def leave(self, message: Message) -> None:
        """Follow no fixture any more that a message says is over."""
        for event in message.events:
            if event.status in OVER:
                self.active.pop(event.fixture, None)

    def written(self, kind: int, tree: Tree | None) -> bytes:
        """Return a message with a new header."""
        return written(self.header(kind), tree, self.settings.layout)

    def header(self, kind: int) -> Header:
        """Return the next header of a kind."""
        self.numbers[kind] += 1
        guid = guid_of(self.chance.getrandbits(128))
        return Header(kind, guid, self.clock(), self.numbers[kind])

    def send(self, body: bytes) -> None:
        """Send something, now or after the delay; nothing overtakes what is late."""
        if self.state.delay or self.late:
            self.counts.add("messages_late")
            self.late.append((time.monotonic() + self.state.delay, body))
        else:
            self.put(body)

    def put(self, body: bytes) -> None:
        """Let something into the queue, and end the distribution when that is too full."""
        if not self.state.distributing or self.is_silent:
            self.counts.add("messages_lost")
            return
        self.place.publish(self.clock(), body)
        self.moments.append(time.monotonic())
        self.state.waiting += 1
        most = self.options().cut_off
        if self.state.waiting >= most:
            self.state.waiting = self.place.depth()
            if self.state.waiting >= most:
                self.state.distributing = False
                self.counts.add("cut_offs")
                self.counts.add("violations")

    def tend(self) -> None:
        """Send what is due: late messages, heartbeats, the fixtures that are followed."""
        self.place.tend()
        now = time.monotonic()
        with self.lock:
            while self.late and self.late[0][0] <= now:
                self.put(self.late.popleft()[1])
            if now >= self.state.next_heartbeat:
                self.state.next_heartbeat = now + self.windows.heartbeat
                self.heartbeat(now)
            if self.name == INPLAY and now >= self.state.next_keep_alive:
                self.state.next_keep_alive = now + self.windows.keep_alive
                self.keep_alive()

    def heartbeat(self, now: float) -> None:
        """Give a sign of life, with a word when the feed is interrupted."""
        if self.state.skipped:
            self.state.skipped -= 1
            return
        interrupted = now < self.state.interrupted_until
        self.sign(HEARTBEAT, {"FeedInterrupted": [1]} if interrupted else None, "heartbeats")

    def keep_alive(self) -> None:
        """Tell which fixtures are followed."""
        layout = self.settings.layout
        active = [id_of(one, layout) for one in list(self.active)]
        said = {"KeepAlive": {"ActiveEvents": active, "ExtraData": None, "ProviderId": None}}
        self.sign(KEEP_ALIVE, said, "keep_alives")

    def sign(self, kind: int, tree: Tree | None, name: str) -> None:
        """Send something that is about the package; it is not said again."""
        if self.state.distributing and not self.is_silent:
            self.counts.add(name)
            self.send(self.written(kind, tree))

    def start(self) -> bool:
        """Distribute from now on; say whether it did not before."""
        started, self.state.distributing = not self.state.distributing, True
        self.state.next_heartbeat = self.state.next_keep_alive = 0
        return started

    def stop(self) -> None:
        """Distribute nothing any more."""
        self.state.distributing = False

    def repeat(self, count: int) -> None:
        """Send the last messages again as they were."""
        with self.lock:
            for body in list(self.sent)[-count:]:
                self.send(body)

    def recover(self) -> None:
        """Be as usual again."""
        state = self.state
        state.silent_until = state.lost_until = state.interrupted_until = state.delay = 0
