"""All that a sandbox knows: its producers, its limits, and what is to go wrong."""

import threading
import time
from collections import deque
from collections.abc import Callable

from feeds.sandboxes.counts import Counts
from feeds.sandboxes.publishing import Publisher
from feeds.sportradar.buckets import Bucket, longest, spent
from feeds.sportradar.sandbox.descriptions import BY_ID, PRODUCTS
from feeds.sportradar.sandbox.faults import (
    ApiDown,
    ApiUp,
    Delay,
    Down,
    DropQueues,
    Duplicate,
    Fault,
    Faults,
    OnProducer,
    OnRecovery,
    OnRequest,
    ProductDown,
    SkipAlives,
    StopAlives,
    Unsubscribe,
    Up,
)
from feeds.sportradar.sandbox.keys import Spelling
from feeds.sportradar.sandbox.options import Options
from feeds.sportradar.sandbox.producer import Producer
from feeds.sportradar.sandbox.recovering import Recovering
from feeds.sportradar.windows import Windows


class NoSuchProducer(ValueError):
    """There is no producer of this number."""


class Ledger:
    """The requests that count, each with its moment."""

    def __init__(self, minute: float) -> None:
        self.minute = minute
        self.lock = threading.Lock()
        self.counted: dict[tuple[Bucket, int | None], deque[float]] = {}

    def take(self, bucket: Bucket, product: int | None, now: float) -> float:
        """Count a request; or, when the bucket is spent, return for how many seconds."""
        with self.lock:
            moments = self.counted.setdefault((bucket, product), deque())
            while moments and now - moments[0] >= longest(bucket, minute=self.minute):
                moments.popleft()
            wait = spent(bucket, [now - at for at in moments], minute=self.minute).wait
            if not wait:
                moments.append(now)
            return wait


class Vendor:
    """What the threads of a sandbox share."""

    def __init__(
        self, windows: Windows, options: Options, counts: Counts, publisher: Publisher
    ) -> None:
        self.windows = windows
        self.options = options
        self.counts = counts
        self.publisher = publisher
        self.faults = Faults()
        self.ledger = Ledger(windows.minute)
        self.recovering = Recovering(counts, self.faults)
        self.ends: list[Callable[[], None]] = []
        self.asked_at: dict[int, float] = {}
        self.api_down_until = 0.0
        self.refuse: Callable[[float | None], None] = lambda seconds: None
        self.listen: Callable[[], None] = lambda: None
        self.producers = {
            product.id: Producer(
                product,
                counts=counts,
                publisher=publisher,
                spelling=self.spelling,
                clock=self.now,
                kept=lambda: self.options.kept,
            )
            for product in PRODUCTS
        }

    def now(self) -> int:
        """Return the server's time in milliseconds."""
        return time.time_ns() // 10**6 + round(self.options.skew * 1000)

    def spelling(self) -> Spelling:
        """Return how routing keys are written at the moment."""
        return Spelling(self.options.documented_keys, self.options.node_word)

    def producer(self, product: int) -> Producer:
        """Return a producer by its number."""
        if product not in BY_ID:
            raise NoSuchProducer(f"There is no producer {product}.")
        return self.producers[product]

    def active(self) -> list[Producer]:
        """Return the producers that we are subscribed to."""
        return [self.producer(product) for product in self.options.active]

    def tend(self) -> None:
        """Do what is due."""
        self.publisher.tend()
        for producer in self.active():
            producer.tend(time.monotonic(), self.windows.alive)

    def fault(self, fault: Fault) -> None:
        """Let something go wrong."""
        self.counts.note("faults", str(fault.__struct_config__.tag))
        match fault:
            case OnRecovery() | OnRequest():
                self.faults.add(fault)
            case OnProducer(product=None):
                for producer in self.active():
                    happen(producer, fault)
            case OnProducer(product=int(product)):
                happen(self.producer(product), fault)
            case ApiDown(seconds=seconds, refuse=True):
                self.refuse(seconds)
            case ApiDown(seconds=seconds):
                until = float("inf") if seconds is None else time.monotonic() + seconds
                self.api_down_until = until
            case ApiUp():
                self.api_down_until = 0
                self.listen()
            case DropQueues():
                self.publisher.drop()


def happen(producer: Producer, fault: OnProducer) -> None:
    """Let something happen to a producer."""
    match fault:
        case StopAlives(seconds=seconds):
            producer.fall_silent(seconds)
        case SkipAlives(count=count):
            producer.skip(count)
        case Unsubscribe():
            producer.unsubscribe()
        case Down():
            producer.go_down()
        case ProductDown():
            producer.go_down(saying_so=True)
        case Up():
            producer.come_up()
        case Delay(seconds=seconds):
            producer.delayed(seconds)
        case Duplicate(count=count):
            producer.repeat(count)
