"""Recorded messages through the same inbox, as if they came now."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from feeds import inbox
from feeds.inbox import Processed
from feeds.models import MessageState
from feeds.names import REPLAY
from feeds.readers import is_liveness, read
from settlement.models import Review
from settlement.said import Unreadable

AT_ONCE = 1000


@dataclass(slots=True)
class Replayed:
    """What a replay came to. `liveness` messages are not stored."""

    messages: int = 0
    stored: int = 0
    liveness: int = 0
    reviews: int = 0
    processed: Processed = field(default_factory=Processed)

    def count(self, state: MessageState) -> int:
        """How many messages ended in a state."""
        return self.processed.states.get(state, 0)

    @property
    def undecided(self) -> int:
        """How many messages nobody could make sense of."""
        return self.count(MessageState.QUARANTINED)


class Checked(NamedTuple):
    """What a replay would find: nothing was written."""

    messages: int
    readable: int
    liveness: int
    complaints: list[str]


def messages_of(paths: Iterable[Path]) -> Iterator[bytes]:
    """Yield the messages of files: one a line in .jsonl, else a file is one."""
    for path in paths:
        if path.suffix != ".jsonl":
            yield path.read_bytes()
            continue
        with path.open("rb") as lines:
            yield from (line.rstrip(b"\r\n") for line in lines if line.strip())


def replay(provider: str, messages: Iterable[bytes]) -> Replayed:
    """Send messages through the inbox, and finish all that they cause."""
    feed, found = f"{provider}{REPLAY}", Replayed()
    last_review = Review.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for some in batched(messages):
        bodies = [body for body in some if not is_liveness(feed, body)]
        received = inbox.receive(feed=feed, bodies=bodies)
        found.messages += len(some)
        found.liveness += len(some) - len(bodies)
        found.stored += len(received.fresh)
        found.processed += inbox.process(message_ids=received.ids)
    found.processed += inbox.drain()
    found.reviews = Review.objects.filter(pk__gt=last_review).count()
    return found


def check(provider: str, messages: Iterable[bytes]) -> Checked:
    """Read messages and write nothing."""
    feed, complaints = f"{provider}{REPLAY}", []
    number = liveness = 0
    for number, body in enumerate(messages, start=1):
        try:
            liveness += bool(read(feed, body).ignored)
        except Unreadable as reason:
            complaints.append(f"message {number}: {reason}")
    return Checked(number, number - len(complaints), liveness, complaints)


def batched(messages: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Yield messages in lists."""
    left = iter(messages)
    while some := list(islice(left, AT_ONCE)):
        yield some
