"""A sandbox's own paths: how they are looked up, and what all of them have."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import msgspec

from feeds.sandboxes.counts import Counts
from feeds.sandboxes.faults import Fault, Faults
from feeds.sandboxes.http import Request, Response, json

ROOT = "/sandbox/"
Choices = TypeVar("Choices", bound=msgspec.Struct)


class Steered(Protocol):
    """What is steered."""

    counts: Counts

    @property
    def faults(self) -> Faults:
        """The faults that are still to come."""
        ...

    def fault(self, fault: Fault) -> None:
        """Let something go wrong."""
        ...


Kind = TypeVar("Kind", bound=Steered)
Act = Callable[[Kind, Request], Response]
Acts = Mapping[tuple[str, str], Act[Kind]]


def serve(acts: Acts[Kind], vendor: Kind, request: Request) -> Response:
    """Do what is asked of the sandbox itself."""
    act = acts.get((request.method, request.path.removeprefix(ROOT)))
    if act is None:
        return json({"detail": "The sandbox has nothing at this path."}, 404)
    try:
        return act(vendor, request)
    except ValueError as error:  # Those of msgspec and our own are among them.
        return json({"detail": str(error)}, 400)


def add_faults(vendor: Steered, given: Fault | Sequence[Fault]) -> Response:
    """Let things go wrong."""
    faults = [given] if isinstance(given, Fault) else given
    for fault in faults:
        vendor.fault(fault)
    return json({"faults": len(faults)})


def clear_faults(vendor: Steered, request: Request) -> Response:
    """Forget what has not gone wrong yet."""
    vendor.faults.clear()
    return json({"faults": 0})


def show_counts(vendor: Steered, request: Request) -> Response:
    """Show what was seen and done."""
    return json(vendor.counts.figures())


def changed(options: Choices, body: bytes) -> Choices:
    """Return options with some of them changed."""
    changes = msgspec.json.decode(body, type=dict[str, Any])
    whole = merged(msgspec.to_builtins(options), changes)
    return msgspec.convert(whole, type(options), strict=False)


def merged(before: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is told before with some of it changed, at any depth."""
    deeper = {
        name: merged(before[name], change)
        for name, change in changes.items()
        if isinstance(change, dict) and isinstance(before.get(name), dict)
    }
    return before | dict(changes) | deeper
