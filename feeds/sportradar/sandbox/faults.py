"""What can be made to go wrong, and what of it is still to come."""

import re
import threading
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace


def snake(name: str) -> str:
    """Return a class's name as a fault is named in JSON."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Fault(Struct, frozen=True, forbid_unknown_fields=True, tag_field="fault", tag=snake):
    """Something that goes wrong on demand."""


class OnProducer(Fault, frozen=True):
    """Happens to one producer, or to all that are active."""

    product: int | None = None


class StopAlives(OnProducer, frozen=True):
    """No alives for so many seconds; without a figure until `up`. Messages go on."""

    seconds: float | None = None


class SkipAlives(OnProducer, frozen=True):
    """The next so many alives are not sent."""

    count: int = 1


class Unsubscribe(OnProducer, frozen=True):
    """Alives say subscribed=0, and no messages come, until a recovery is asked for."""


class Down(OnProducer, frozen=True):
    """Nothing is sent any more. What the world says is kept, and comes by recovery only."""


class ProductDown(OnProducer, frozen=True):
    """The producer says that it is down, and is."""


class Up(OnProducer, frozen=True):
    """A producer that was down sends alives again, with subscribed=0 until a recovery."""


class Delay(OnProducer, frozen=True):
    """Messages and alives come so many seconds late, from now on; 0 ends it."""

    seconds: float = 30


class OnRecovery(Fault, frozen=True):
    """Happens to the next recoveries that are taken up; 0 times is until faults are cleared."""

    product: int | None = None
    times: int = 1


class SlowRecovery(OnRecovery, frozen=True):
    """So many messages a second."""

    rate: float = 10


class StallRecovery(OnRecovery, frozen=True):
    """Nothing comes after so many messages, not the end either."""

    after: int = 0


class RepeatRecovery(OnRecovery, frozen=True):
    """After so many messages it begins anew."""

    after: int = 1


class ForeignSnapshot(OnRecovery, frozen=True):
    """An end with somebody else's request_id comes first, or in place of the right one."""

    instead: bool = False


class EarlySnapshot(OnRecovery, frozen=True):
    """The end comes before the messages."""


class DuplicateSnapshot(OnRecovery, frozen=True):
    """The end comes twice."""


class NothingComes(OnRecovery, frozen=True):
    """The request is taken, and nothing comes of it."""


class OnRequest(Fault, frozen=True):
    """Happens to the next requests whose path holds this; 0 times is until faults are cleared."""

    path: str = "/"
    times: int = 1


class Answer(OnRequest, frozen=True):
    """Another answer than the right one, and nothing is done."""

    status: int = 503
    body: str = ""


class LostAnswer(OnRequest, frozen=True):
    """What was asked for is done, and the connection closed in place of an answer."""


class Slow(OnRequest, frozen=True):
    """The right answer, so many seconds later."""

    seconds: float = 1


class ApiDown(Fault, frozen=True):
    """The API answers 503, or nobody listens; after so many seconds it is back by itself."""

    seconds: float | None = None
    refuse: bool = False


class ApiUp(Fault, frozen=True):
    """The API answers again."""


class Duplicate(OnProducer, frozen=True):
    """The last so many messages are sent again as they were."""

    count: int = 1


class DropQueues(Fault, frozen=True):
    """All queues of this process are gone, as when connections die. Not those of a broker."""


AnyFault = (
    StopAlives | SkipAlives | Unsubscribe | Down | ProductDown | Up | Delay | SlowRecovery
    | StallRecovery | RepeatRecovery | ForeignSnapshot | EarlySnapshot | DuplicateSnapshot
    | NothingComes | Answer | LostAnswer | Slow | ApiDown | ApiUp | Duplicate | DropQueues
)  # fmt: skip
RecoveryKind = TypeVar("RecoveryKind", bound=OnRecovery)
RequestKind = TypeVar("RequestKind", bound=OnRequest)


class Faults:
    """The faults of recoveries and requests that have not happened yet."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.on_recoveries: list[OnRecovery] = []
        self.on_requests: list[OnRequest] = []

    def add(self, fault: OnRecovery | OnRequest) -> None:
        """Let a fault happen to the next recoveries or requests."""
        with self.lock:
            if isinstance(fault, OnRecovery):
                self.on_recoveries.append(fault)
            else:
                self.on_requests.append(fault)

    def clear(self) -> None:
        """Forget what has not happened yet."""
        with self.lock:
            self.on_recoveries.clear()
            self.on_requests.clear()

    def on_recovery(self, kind: type[RecoveryKind], product: int) -> RecoveryKind | None:
        """Return the first fault of a kind that meets a recovery, and count it down."""
        with self.lock:
            for position, fault in enumerate(self.on_recoveries):
                if isinstance(fault, kind) and fault.product in (None, product):
                    self.on_recoveries[position : position + 1] = left_of(fault)
                    return fault
        return None

    def on_request(self, kind: type[RequestKind], path: str) -> RequestKind | None:
        """Return the first fault of a kind that meets a request, and count it down."""
        with self.lock:
            for position, fault in enumerate(self.on_requests):
                if isinstance(fault, kind) and fault.path in path:
                    self.on_requests[position : position + 1] = left_of(fault)
                    return fault
        return None


Counted = TypeVar("Counted", OnRecovery, OnRequest)


def left_of(fault: Counted) -> list[Counted]:
    """Return what is left of a fault after it happened once: nothing after its last time."""
    if fault.times == 1:
        return []
    return [replace(fault, times=fault.times - 1)] if fault.times else [fault]
