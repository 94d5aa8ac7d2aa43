"""A package's queue on a RabbitMQ."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog
from kombu.connection import Connection

from feeds.lsports.sandbox.options import Options, Settings
from feeds.sandboxes.counts import Counts
from feeds.sandboxes.rabbit import RabbitPublisher

HELD_FOR = 0.1

log = structlog.get_logger(__name__)


class BrokerQueue:
    """A durable queue that is there before anybody asks for it."""

    def __init__(self, url: str, settings: Settings, options: Options, counts: Counts) -> None:
        self.url = url
        self.name = settings.queue_name
        self.keep = options.keep_queues
        kind = f"application/{settings.layout.format}"
        self.publisher = RabbitPublisher(
            url, counts, exchange="", declare=self.declare, kind=kind, durable=options.persistent
        )
        self.holding: Holding | None = None
        self.last = (0, 0)
        if not self.keep:
            self.publisher.ask(lambda channel: channel.queue_purge(self.name))

    def declare(self, channel: Any) -> None:
        """Have the queue there."""
        channel.queue_declare(self.name, durable=True, exclusive=False, auto_delete=False)

    def publish(self, sent_at: int, body: bytes) -> None:
        """Let a message wait at the end."""
        self.publisher.publish(self.name, sent_at, body)

    def depth(self) -> int:
        """Return how many messages wait; those that a consumer has are not among them."""
        return self.figures()[0]

    def consumers(self) -> int:
        """Return how many read it."""
        return self.figures()[1]

    def figures(self) -> tuple[int, int]:
        """Return messages and consumers; the last known ones while the broker is away."""
        found = self.publisher.ask(lambda channel: channel.queue_declare(self.name, passive=True))
        if found is not None:
            self.last = (found.message_count, found.consumer_count)
        return self.last

    def refuse(self, seconds: float) -> None:
        """Let nobody consume for a while: somebody else does so exclusively."""
        self.release()
        self.holding = Holding(self.url, self.name, seconds)

    def release(self) -> None:
        """Let everybody consume."""
        if self.holding is not None:
            self.holding.end()
            self.holding = None

    def tend(self) -> None:
        """Hear what the broker says."""
        self.publisher.tend()

    def close(self) -> None:
        """Publish nothing any more, and leave no queue behind unless it is to be kept."""
        self.release()
        if not self.keep:
            self.publisher.ask(lambda channel: channel.queue_delete(self.name))
        self.publisher.close()


class Holding:
    """An exclusive consumer of a queue, which hands back what it got."""

    def __init__(self, url: str, queue: str, seconds: float) -> None:
        connect: Callable[..., Any] = Connection  # Its library has no annotations.
        self.connection = connect(url, connect_timeout=5, heartbeat=0)
        self.queue = queue
        self.until = time.monotonic() + seconds
        self.ended = threading.Event()
        errors = (*self.connection.connection_errors, *self.connection.channel_errors)
        self.errors: tuple[type[Exception], ...] = errors
        self.thread = threading.Thread(target=self.hold, name="sandbox-holding", daemon=True)
        self.consuming = threading.Event()
        self.thread.start()
        self.consuming.wait(5)

    def hold(self) -> None:
        """Consume until the time is over, alone; nothing is done where somebody else consumes."""
        try:
            with self.connection as connection:
                channel = connection.channel()
                channel.basic_qos(0, 1, False)
                channel.basic_consume(self.queue, exclusive=True, callback=lambda message: None)
                self.consuming.set()
                while time.monotonic() < self.until and not self.ended.wait(HELD_FOR):
                    with suppress(TimeoutError):
                        connection.drain_events(timeout=0.001)
        except self.errors as error:
            log.info("The sandbox can't refuse consumers", error=str(error))
        finally:
            self.consuming.set()

    def end(self) -> None:
        """Let the queue go."""
        self.ended.set()
        self.thread.join(5)
