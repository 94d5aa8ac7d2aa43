"""Faults of any sandbox, and what of those that are counted is still to come."""

import re
import threading
from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace


def snake(name: str) -> str:
    """Return a class's name as a fault is named in JSON."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Fault(Struct, frozen=True, forbid_unknown_fields=True, tag_field="fault", tag=snake):
    """Something that goes wrong on demand."""


class Counted(Fault, frozen=True):
    """Happens the next so many times; 0 is until faults are cleared."""

    times: int = 1


class OnRequest(Counted, frozen=True, kw_only=True):
    """Happens to the next requests whose path holds this."""

    path: str = "/"


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


Kind = TypeVar("Kind", bound=Counted)
RequestKind = TypeVar("RequestKind", bound=OnRequest)


class Faults:
    """The counted faults that have not happened yet."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting: list[Counted] = []

    def add(self, fault: Counted) -> None:
        """Let a fault happen."""
        with self.lock:
            self.waiting.append(fault)

    def clear(self) -> None:
        """Forget what has not happened yet."""
        with self.lock:
            self.waiting.clear()

    def met(self, kind: type[Kind], meets: Callable[[Kind], bool]) -> Kind | None:
        """Return the first fault of a kind that meets something, and count it down."""
        with self.lock:
            for position, fault in enumerate(self.waiting):
                if isinstance(fault, kind) and meets(fault):
                    self.waiting[position : position + 1] = left_of(fault)
                    return fault
        return None

    def on_request(self, kind: type[RequestKind], path: str) -> RequestKind | None:
        """Return the first fault of a kind that meets a request, and count it down."""
        return self.met(kind, lambda fault: fault.path in path)


def left_of(fault: Counted) -> list[Counted]:
    """Return what is left of a fault after it happened once: nothing after its last time."""
    if fault.times == 1:
        return []
    return [replace(fault, times=fault.times - 1)] if fault.times else [fault]
