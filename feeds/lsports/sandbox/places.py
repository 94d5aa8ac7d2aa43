"""Where a package's messages wait: at a broker, or in this process."""

from typing import Protocol


class Place(Protocol):
    """A queue of one package."""

    def publish(self, sent_at: int, body: bytes) -> None:
        """Let a message wait at the end."""
        ...

    def depth(self) -> int:
        """Return how many messages there are."""
        ...

    def consumers(self) -> int:
        """Return how many read it."""
        ...

    def refuse(self, seconds: float) -> None:
        """Let nobody consume for a while."""
        ...

    def tend(self) -> None:
        """Do what is due now and then."""
        ...

    def close(self) -> None:
        """Take nothing any more."""
        ...
