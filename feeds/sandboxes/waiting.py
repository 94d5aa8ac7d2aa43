"""A queue in this process: in order, each message handed out once and held until acknowledged."""

from collections import deque

from msgspec import Struct


class Refused(Exception):
    """No queue for you; the text says why."""


class Gone(Exception):
    """There is no such queue, or not any more."""


class Delivery(Struct, frozen=True):
    """A message as a queue holds it."""

    tag: int
    key: str
    timestamp_in_ms: int
    body: bytes


class Queue:
    """What waits for one reader."""

    def __init__(self) -> None:
        self.waiting: deque[Delivery] = deque()
        self.delivered: deque[Delivery] = deque()
        self.tag = 0

    def put(self, key: str, sent_at: int, body: bytes) -> None:
        """Let a message wait."""
        self.tag += 1
        self.waiting.append(Delivery(self.tag, key, sent_at, body))

    def take(self, most: int) -> list[Delivery]:
        """Hand out the next messages."""
        found = [self.waiting.popleft() for _ in range(min(most, len(self.waiting)))]
        self.delivered.extend(found)
        return found

    def acknowledge(self, tag: int) -> int:
        """Forget what was handed out up to a tag; return how many that were."""
        before = len(self.delivered)
        while self.delivered and self.delivered[0].tag <= tag:
            self.delivered.popleft()
        return before - len(self.delivered)

    def hand_back(self) -> int:
        """Let what was handed out wait again; return how many that are."""
        count = len(self.delivered)
        self.waiting.extendleft(reversed(self.delivered))
        self.delivered.clear()
        return count

    @property
    def depth(self) -> int:
        """How many messages are not acknowledged."""
        return len(self.waiting) + len(self.delivered)
