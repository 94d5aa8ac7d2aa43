"""The one place of a connection that receives the feed."""

import threading
from typing import Protocol

from feeds.odds88.sandbox.faults import Faults, OnStream

A_MOMENT = 1.0


class Holder(Protocol):
    """Who may stand in the place."""

    def is_leaving(self) -> bool:
        """Say whether something came from the client that may be its farewell."""

    def reached(self) -> int:
        """Return how many messages it will have sent when it has sent what is there."""

    def wake(self) -> None:
        """Let it look for what is new."""


class Place:
    """At most one connection receives at any time."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.holder: Holder | None = None

    def take(self, newcomer: Holder) -> bool:
        """Take the place if it is free; one whose client has just hung up gets a moment to go."""
        with self.changed:
            before = self.holder
            if before is not None and before.is_leaving():
                self.changed.wait_for(lambda: self.holder is not before, A_MOMENT)
            if self.holder is not None:
                return False
            self.holder = newcomer
            return True

    def leave(self, holder: Holder) -> None:
        """Make the place free."""
        with self.changed:
            if self.holder is holder:
                self.holder = None
                self.changed.notify_all()

    def fault(self, faults: Faults, fault: OnStream) -> None:
        """Let a fault happen to who stands here, or to who comes next."""
        with self.changed:
            reached = self.holder.reached() if self.holder else 0
            faults.add_to_stream(reached + fault.after, fault)
            if self.holder:
                self.holder.wake()
