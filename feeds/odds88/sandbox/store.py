"""The messages that were pushed, and in which order a connection gets them."""

import random
import threading
from array import array
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import msgspec
from msgspec import Raw, Struct

from feeds.odds88.sandbox.options import Order

Wake = Callable[[], None]


class NotAMessage(ValueError):
    """What was to be pushed is no settled bet; the text says why."""


NOTHING = Raw(b"null")


class Head(Struct, rename="camel"):
    """As much of a message as tells where it belongs."""

    bet_id: str | int | None = None
    settlement_time: str | None = None
    data: Raw = NOTHING


HEAD = msgspec.json.Decoder(Head)


class Message(Struct, frozen=True):
    """A settled bet: its text on one line, without an envelope, and when it was settled."""

    bet_id: str
    settled_at: float
    text: bytes


def message_of(given: bytes) -> Message:
    """Return what is to be pushed, its numbers as they were written."""
    try:
        head = HEAD.decode(given)
        text = given if head.data == NOTHING else bytes(head.data)
        head = HEAD.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotAMessage(f"It is no settled bet: {error}.") from None
    if head.bet_id is None or head.settlement_time is None:
        raise NotAMessage("It is no settled bet: betId or settlementTime is missing.")
    one_line = text.strip() if b"\n" not in text.strip() else msgspec.json.format(text, indent=-1)
    return Message(str(head.bet_id), seconds_of(head.settlement_time), one_line)


def seconds_of(text: str) -> float:
    """Return a settlementTime as a revision counts; one without a zone is in UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise NotAMessage(f"settlementTime is not a time: “{text[:50]}”.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


class Store:
    """Every message in order of push. Connections read it at their own pace; nothing is copied."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.texts: list[bytes] = []
        self.times = array("d")
        self.latest: dict[str, int] = {}
        self.held: list[Message] = []
        self.hold = 0
        self.listeners: set[Wake] = set()

    def push(self, messages: Iterable[Message]) -> None:
        """Append messages and wake who waits for them."""
        with self.lock:
            for message in messages:
                self.append(message)
            listeners = tuple(self.listeners)
        for wake in listeners:
            wake()

    def listen(self, wake: Wake) -> None:
        """Wake somebody at each push."""
        with self.lock:
            self.listeners.add(wake)

    def deafen(self, wake: Wake) -> None:
        """Wake somebody no more."""
        with self.lock:
            self.listeners.discard(wake)

    def append(self, message: Message) -> None:
        """Append a message, or hold it back while messages are to be reordered."""
        if self.hold:
            self.held.append(message)
            self.hold -= 1
            if not self.hold:
                for one in reversed(self.held):
                    self.keep(one)
                self.held.clear()
            return
        self.keep(message)

    def keep(self, message: Message) -> None:
        """Append a message."""
        index = len(self.texts)
        self.times.append(message.settled_at)
        self.texts.append(message.text)
        last = self.latest.get(message.bet_id)
        if last is None or self.times[last] <= message.settled_at:
            self.latest[message.bet_id] = index

    def reorder(self, count: int) -> None:
        """Hold the next messages until there are so many, then append the last one first."""
        with self.lock:
            self.hold = count

    def end(self) -> int:
        """Return how many messages there are."""
        return len(self.texts)

    def latest_of(self, bet_id: str) -> bytes | None:
        """Return a bet's message of the latest time; without a name the last one that came."""
        with self.lock:
            index = self.latest.get(bet_id) if bet_id else len(self.texts) - 1
            return None if index is None or index < 0 else self.texts[index]

    def since(self, moment: float, end: int, order: Order, seed: int) -> Sequence[int]:
        """Return which of the first messages a recovery holds, in its order."""
        found = array("L", (index for index in range(end) if self.times[index] >= moment))
        if order is Order.NEWEST:
            return array("L", sorted(found, key=self.times.__getitem__, reverse=True))
        if order is Order.SHUFFLED:
            random.Random(seed).shuffle(found)  # noqa: S311 - the same order every time
        return found
