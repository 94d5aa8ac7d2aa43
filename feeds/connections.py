"""What a runner asks of a provider's client, and what a client may answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to receive a feed. Who has it next gets the next epoch."""

    feed: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something that came: a message, or with no body what is not stored.

    That is a sign of life, or a message that settles nothing: it `passes_by`, and is counted.

    `ticks` is the provider's own time of it, when it has one. A message that is too long is cut:
    `size` and `digest` are the whole one's, and `raw` is how it begins.
    """

    raw: bytes
    ticks: int | None = None
    size: int = 0
    digest: bytes = b""
    passes_by: bool = False

    @property
    def is_message(self) -> bool:
        """Whether there is anything to store."""
        return bool(self.raw)

    @property
    def is_cut(self) -> bool:
        """Whether it was too long to be kept whole."""
        return bool(self.digest)


class Trouble(Exception):
    """A feed can't be received now. The text is a sentence for an operator."""


class MustWait(Trouble):
    """Nothing may be tried before so many seconds have passed."""

    def __init__(self, sentence: str, seconds: float) -> None:
        super().__init__(sentence)
        self.seconds = seconds


class Lost(Trouble):
    """A connection is over."""


class Connection(Protocol):
    """An open connection. Only one thread uses it.

    `depth` is how many messages wait for us, where the provider tells; `warning` a sentence that
    people should read while all goes well. While it `is_recovering`, what comes is only stored:
    what it asked the provider for is processed first.
    """

    @property
    def depth(self) -> int | None: ...

    @property
    def warning(self) -> str: ...

    @property
    def is_recovering(self) -> bool: ...

    def take(self, *, most: int, wait: float) -> list[Arrival]:
        """Return what came, waiting so many seconds for the first; raise `Lost` at the end."""
        ...

    def keep(self, arrivals: Sequence[Arrival]) -> None:
        """Note how far we came, in the transaction that stores the arrivals."""
        ...

    def acknowledge(self, arrivals: Sequence[Arrival]) -> None:
        """Tell the provider what is stored for good."""
        ...

    def close(self) -> None:
        """Leave."""
        ...


class Source(Protocol):
    """Where a feed comes from."""

    feed: str

    def open(self, lease: Lease) -> Connection:
        """Connect; raise `Trouble` with a sentence when that can't be."""
        ...
