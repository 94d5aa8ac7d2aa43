"""Publishing through RabbitMQ, over broken connections too."""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog
from kombu.connection import Connection
from kombu.exceptions import OperationalError

from feeds.sandboxes.counts import Counts
from feeds.sandboxes.publishing import HEADER, Closed

UNCONFIRMED, LOOK_EVERY = 5_000, 200
AGAIN, PATIENCE, ANSWERED_IN = 0.1, 10.0, 1.0

log = structlog.get_logger(__name__)


class RabbitPublisher:
    """One connection; what the broker has not confirmed is published again on the next one.

    Whoever publishes waits while the broker is away, so that order and completeness hold.
    """

    def __init__(
        self,
        url: str,
        counts: Counts,
        *,
        exchange: str,
        declare: Callable[[Any], object],
        kind: str = "text/xml",
        mandatory: bool = True,
        durable: bool = False,
    ) -> None:
        self.counts = counts
        self.exchange, self.declare = exchange, declare
        self.mandatory = mandatory
        self.kind, self.properties = kind, {"delivery_mode": 2 if durable else 1}
        connect: Callable[..., Any] = Connection  # Its library has no annotations.
        self.connection = connect(url, connect_timeout=5, heartbeat=0)
        known = (*self.connection.connection_errors, *self.connection.channel_errors)
        self.errors = (OperationalError, *known)
        self.lock = threading.Lock()
        self.closed = threading.Event()
        self.channel: Any = None
        self.unconfirmed: deque[tuple[int, str, Any]] = deque()
        self.tag = 0
        with self.lock:
            self.open()

    def publish(self, key: str, sent_at: int, body: bytes) -> None:
        """Publish one message."""
        with self.lock:
            self.until_it_works(lambda: self.send(key, self.written(sent_at, body)))
            self.counts.add("messages_published")
            full = len(self.unconfirmed) >= UNCONFIRMED
            if full or self.tag % LOOK_EVERY == 0:
                self.until_it_works(self.wait_for_room if full else self.hear)

    def ask(self, question: Callable[[Any], Any]) -> Any:
        """Return what the broker says when it has what was published; None while it is away."""
        if not self.lock.acquire(timeout=ANSWERED_IN):
            return None
        try:
            if self.channel is None:
                return None
            self.finish()  # What a queue tells of itself may overtake what is on its way there.
            return question(self.channel)
        except self.errors:
            self.forget()
            return None
        finally:
            self.lock.release()

    def tend(self) -> None:
        """Hear what the broker says, and notice when it is gone."""
        if not self.lock.acquire(blocking=False):
            return
        try:
            with suppress(Closed):
                self.until_it_works(self.hear)
        finally:
            self.lock.release()

    def drop(self) -> None:
        """Nothing: only the broker can cut its clients off."""

    def close(self) -> None:
        """Publish nothing any more, after the broker has confirmed what it can."""
        self.closed.set()
        with self.lock:
            for _ in range(3):
                try:
                    self.finish()
                    break
                except self.errors:
                    self.forget()
            self.channel = None
            self.connection.release()

    def finish(self) -> None:
        """Wait a while until the broker has confirmed everything."""
        if self.unconfirmed and self.channel is None:
            self.open()
            self.repeat()
        for _ in range(20):
            if not self.unconfirmed:
                return
            self.hear(0.05)

    def until_it_works(self, act: Callable[[], None]) -> None:
        """Do something, over as many connections as it takes."""
        while True:
            if self.closed.is_set():
                raise Closed("The sandbox is closed.")
            try:
                if self.channel is None:
                    self.open()
                    self.repeat()
                return act()
            except self.errors as error:
                if self.channel is not None:
                    log.info("The sandbox lost its broker", error=str(error))
                self.forget()
            self.closed.wait(AGAIN)

    def open(self) -> None:
        """Connect, and have there what messages go to, before anybody asks for it."""
        self.connection.ensure_connection(max_retries=1, interval_start=0)
        channel = self.connection.channel()
        self.declare(channel)
        channel.confirm_select()
        channel.events["basic_ack"].add(self.confirmed)
        channel.events["basic_return"].add(self.returned)
        self.channel, self.tag = channel, 0
        self.counts.add("broker_connects")

    def repeat(self) -> None:
        """Publish again what the broker has not confirmed."""
        waiting = [(key, message) for _, key, message in self.unconfirmed]
        self.unconfirmed.clear()
        self.counts.add("broker_repeats", len(waiting))
        for position, (key, message) in enumerate(waiting):
            try:
                self.send(key, message)
            except self.errors:
                self.unconfirmed.extend((0, *one) for one in waiting[position:])
                raise

    def forget(self) -> None:
        """Give a broken connection up."""
        self.channel = None
        with suppress(*self.errors):
            self.connection.collect()

    def written(self, sent_at: int, body: bytes) -> Any:
        """Return a message of the library's."""
        headers = {HEADER: sent_at}
        return self.channel.prepare_message(
            body, content_type=self.kind, headers=headers, properties=self.properties
        )

    def send(self, key: str, message: Any) -> None:
        """Hand one message to the broker."""
        self.channel.basic_publish(message, self.exchange, key, mandatory=self.mandatory)
        self.tag += 1
        self.unconfirmed.append((self.tag, key, message))

    def hear(self, seconds: float = 0) -> None:
        """Take in what the broker has said, and wait so long for its first word."""
        with suppress(TimeoutError):
            self.connection.drain_events(timeout=seconds or 0.0001)
            while True:
                self.connection.drain_events(timeout=0.0001)

    def wait_for_room(self) -> None:
        """Wait until the broker confirmed at least half of what it was given."""
        waited = 0.0
        while len(self.unconfirmed) > UNCONFIRMED // 2:
            before = len(self.unconfirmed)
            self.hear(1)
            waited = 0 if len(self.unconfirmed) < before else waited + 1
            if waited >= PATIENCE:
                raise ConnectionError("The broker confirms nothing.")

    def confirmed(self, tag: int, multiple: bool) -> None:
        """Forget what the broker has confirmed: in order as a rule, so looking is cheap."""
        if multiple:
            while self.unconfirmed and self.unconfirmed[0][0] <= tag:
                self.unconfirmed.popleft()
        elif self.unconfirmed and self.unconfirmed[0][0] == tag:
            self.unconfirmed.popleft()
        else:
            self.unconfirmed = deque(one for one in self.unconfirmed if one[0] != tag)

    def returned(self, *what: object) -> None:
        """Note that nobody listens to a message."""
        self.counts.add("messages_unroutable")
