"""Recoveries that run: what was told is sent again, then its end."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from feeds.sandboxes.counts import Counts
from feeds.sandboxes.publishing import Closed
from feeds.sportradar.sandbox import bodies
from feeds.sportradar.sandbox.faults import (
    DuplicateSnapshot,
    EarlySnapshot,
    Faults,
    ForeignSnapshot,
    NothingComes,
    RepeatRecovery,
    SlowRecovery,
    StallRecovery,
)
from feeds.sportradar.sandbox.producer import Entry, Producer

AT_ONCE = 200
FOREIGN = 1_000_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: by whom, and what is to be sent."""

    producer: Producer
    entries: Sequence[Entry]
    request_id: int | None
    node: int | None
    downs: int


class Ended(Exception):
    """The producer went down, or the sandbox was closed, before the recovery was complete."""


@dataclass(slots=True)
class Recovering:
    """Runs recoveries, each in a thread of its own."""

    counts: Counts
    faults: Faults
    stopped: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, asked: Asked, rate: float) -> None:
        """Begin to send."""
        thread = threading.Thread(
            target=self.run, args=(asked, rate), name="sandbox-recovery", daemon=True
        )
        with self.lock:
            self.threads = [one for one in self.threads if one.is_alive()] + [thread]
            thread.start()

    def stop(self) -> None:
        """Send nothing any more."""
        self.stopped.set()
        with self.lock:
            threads = list(self.threads)
        for thread in threads:
            thread.join(10)

    def run(self, asked: Asked, rate: float) -> None:
        """Send all of it, and count how it ended."""
        try:
            whole = self.send(asked, rate)
        except (Ended, Closed):
            whole = False
        except Exception:
            log.exception("A recovery of the sandbox failed")
            whole = False
        self.counts.add("recoveries_completed" if whole else "recoveries_ended")

    def send(self, asked: Asked, rate: float) -> bool:
        """Send what was asked for as the faults have it; say whether it came to its end."""
        product = asked.producer.product.id
        if self.faults.on_recovery(NothingComes, product):
            return False
        if slow := self.faults.on_recovery(SlowRecovery, product):
            rate = slow.rate
        if self.faults.on_recovery(EarlySnapshot, product):
            self.end(asked)
        if stall := self.faults.on_recovery(StallRecovery, product):
            self.messages(asked, asked.entries[: stall.after], rate)
            return False
        if repeat := self.faults.on_recovery(RepeatRecovery, product):
            self.messages(asked, asked.entries[: repeat.after], rate)
        self.messages(asked, asked.entries, rate)
        return self.ends(asked)

    def ends(self, asked: Asked) -> bool:
        """Send the end as the faults have it."""
        product = asked.producer.product.id
        if foreign := self.faults.on_recovery(ForeignSnapshot, product):
            self.end(asked, (asked.request_id or 0) + FOREIGN)
            if foreign.instead:
                return False
        self.end(asked)
        if self.faults.on_recovery(DuplicateSnapshot, product):
            self.end(asked)
        return True

    def messages(self, asked: Asked, entries: Sequence[Entry], rate: float) -> None:
        """Send messages, some at once so that others get between them."""
        size = 1 if rate else AT_ONCE
        for start in range(0, len(entries), size):
            some = entries[start : start + size]
            with asked.producer.lock:
                self.look(asked)
                for entry in some:
                    self.message(asked, entry)
            self.counts.add("recovered_messages", len(some))
            if rate:
                self.stopped.wait(1 / rate)
            else:
                time.sleep(0)

    def message(self, asked: Asked, entry: Entry) -> None:
        """Send a message as it was, with the request's id."""
        body = bodies.requested(entry.body, asked.request_id)
        key = asked.producer.key(entry, asked.node)
        asked.producer.publisher.publish(key, entry.sent_at, body)

    def end(self, asked: Asked, request_id: int | None = None) -> None:
        """Send the end."""
        producer = asked.producer
        with producer.lock:
            self.look(asked)
            body = bodies.snapshot_complete(
                product=producer.product.id,
                timestamp=producer.moment(),
                request_id=asked.request_id if request_id is None else request_id,
            )
            producer.system("snapshot_complete", body, node=asked.node)

    def look(self, asked: Asked) -> None:
        """End the recovery of a producer that went down meanwhile."""
        if self.stopped.is_set() or asked.producer.state.downs != asked.downs:
            raise Ended
