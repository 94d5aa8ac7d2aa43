"""What can be made to go wrong, and what of it is still to come."""

import re
import threading
from collections import deque
from enum import StrEnum
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

EVERYTHING = "/"


def snake(name: str) -> str:
    """Return a class's name as a fault is named in JSON."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Fault(Struct, frozen=True, forbid_unknown_fields=True, tag_field="fault", tag=snake):
    """Something that goes wrong on demand."""


class OnStream(Fault, frozen=True):
    """Happens on the connection that receives, or on the next one.

    It comes after everything pushed before it and `after` messages more; on a connection that is
    still recovering, or yet to come, `after` counts from where that one is.
    """

    after: int = 0


class Drop(OnStream, frozen=True):
    """The connection ends between two messages; `reset` ends it by an RST."""

    reset: bool = False


class DropMidMessage(OnStream, frozen=True):
    """The connection ends in the middle of the next message."""


class Close(OnStream, frozen=True):
    """The stream is ended properly: a close frame, or the last chunk."""

    code: int = 1001
    reason: str = "going away"


class Garbage(OnStream, frozen=True):
    """A message that is no JSON."""

    text: str = '{"pingId":null,"data":{"betId":'


class InvalidUtf8(OnStream, frozen=True):
    """A message that is no text."""


class Oversize(OnStream, frozen=True):
    """One message of so many bytes; WebSocket sends it in so many frames, never compressed."""

    size: int = 64 * 2**20
    fragments: int = 1


class GzipBomb(OnStream, frozen=True):
    """One message of so many bytes that is small on the wire, where compression was agreed."""

    size: int = 256 * 2**20


class Drip(OnStream, frozen=True):
    """From now on so many bytes at a time, with a pause after each."""

    size: int = 1
    pause: float = 0.01


class HalfOpen(OnStream, frozen=True):
    """The connection stays open, and nothing is sent or heard any more."""


class Silence(OnStream, frozen=True):
    """No pings for so many seconds; without a figure for as long as the connection lives."""

    seconds: float | None = None


class OnRequest(Fault, frozen=True):
    """Happens to the next requests whose path begins so; 0 times is until faults are cleared."""

    path: str = EVERYTHING
    times: int = 1


class Body(StrEnum):
    """What stands in a wrong answer."""

    PROBLEM = "problem"
    HTML = "html"
    EMPTY = "empty"
    LIST = "list"
    TEXT = "text"


class Answer(OnRequest, frozen=True):
    """Another answer than the right one: a wrong status, a redirect, a page, a wrong shape."""

    status: int = 503
    body: Body = Body.PROBLEM
    retry_after: int | None = None
    location: str = ""


class Slow(OnRequest, frozen=True):
    """The right answer, so many seconds later."""

    seconds: float = 1


class HangUp(OnRequest, frozen=True):
    """The connection is closed without an answer."""


class Duplicate(Fault, frozen=True):
    """The last message of a bet, or of all, is pushed again."""

    bet_id: str = ""
    times: int = 1


class Reorder(Fault, frozen=True):
    """The next messages are held, and pushed in reverse once there are so many."""

    count: int = 2


class Resettle(Fault, frozen=True):
    """A bet's last message comes with a later time and the other result."""

    bet_id: str = ""


class Older(Fault, frozen=True):
    """A bet's last message comes with the other result and a time so many seconds before."""

    bet_id: str = ""
    seconds: float = 60


class ExpireTokens(Fault, frozen=True):
    """No token that was given is worth anything any more."""


class Restart(Fault, frozen=True):
    """All sockets are closed; the server listens again after so many seconds."""

    seconds: float = 0.5


AnyFault = (
    Drop | DropMidMessage | Close | Garbage | InvalidUtf8 | Oversize | GzipBomb | Drip | HalfOpen
    | Silence | Answer | Slow | HangUp | Duplicate | Reorder | Resettle | Older | ExpireTokens
    | Restart
)  # fmt: skip
Kind = TypeVar("Kind", bound=OnRequest)


class Faults:
    """The faults of streams and requests that have not happened yet."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.on_stream: deque[tuple[int, OnStream]] = deque()
        self.on_requests: list[OnRequest] = []

    def add_to_stream(self, due: int, fault: OnStream) -> None:
        """Let a fault happen once the connection has sent so many messages."""
        with self.lock:
            self.on_stream.append((due, fault))

    def add_to_requests(self, fault: OnRequest) -> None:
        """Let a fault happen to the next requests."""
        with self.lock:
            self.on_requests.append(fault)

    def clear(self) -> None:
        """Forget what has not happened yet."""
        with self.lock:
            self.on_stream.clear()
            self.on_requests.clear()

    def next_on_stream(self) -> tuple[int, OnStream] | None:
        """Return the stream's next fault, and after how many messages it is due."""
        with self.lock:
            return self.on_stream[0] if self.on_stream else None

    def happened_on_stream(self, found: tuple[int, OnStream]) -> None:
        """Take the stream's next fault away, unless faults were cleared meanwhile."""
        with self.lock:
            if self.on_stream and self.on_stream[0] is found:
                self.on_stream.popleft()

    def on_request(self, kind: type[Kind], path: str) -> Kind | None:
        """Return the first fault of a kind that meets a request, and count it down."""
        with self.lock:
            for position, fault in enumerate(self.on_requests):
                if isinstance(fault, kind) and path.startswith(fault.path):
                    self.count_down(position, fault)
                    return fault
        return None

    def count_down(self, position: int, fault: OnRequest) -> None:
        """Take one time off a fault, and the fault away after its last."""
        if fault.times == 1:
            del self.on_requests[position]
        elif fault.times:
            self.on_requests[position] = replace(fault, times=fault.times - 1)
