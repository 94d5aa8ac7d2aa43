"""Where messages go: a broker of AMQP, or queues in this process."""

from typing import Protocol

HEADER = "timestamp_in_ms"


class Publisher(Protocol):
    """Takes messages in order and loses none that somebody listens to."""

    def publish(self, key: str, sent_at: int, body: bytes) -> None: ...

    def tend(self) -> None:
        """Do what is due now and then."""

    def drop(self) -> None:
        """Cut off everybody who listens, as far as that can be done from here."""

    def close(self) -> None: ...


class Closed(Exception):
    """Nothing can be published any more."""
