"""A world's story, told through a sandbox as time goes by."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Generic, Protocol, TypeVar

from feeds.sandboxes.publishing import Closed


class Told(Protocol):
    """Something that happens in a story."""

    @property
    def told_at(self) -> int:
        """When it is told, in milliseconds."""
        ...


Happening = TypeVar("Happening", bound=Told)


class Playing(Generic[Happening]):
    """A thread that tells a story: at the times it has, or faster, or without a pause."""

    def __init__(
        self,
        happenings: Callable[[], Sequence[Happening]],
        tell: Callable[[Happening], object],
        *,
        start: int,
        pace: float | None = 1,
    ) -> None:
        self.happenings = happenings
        self.tell = tell
        self.start = start
        self.pace = pace
        self.told = 0
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run, name="sandbox-world", daemon=True)
        self.thread.start()

    def run(self) -> None:
        """Tell all of it, unless it is stopped."""
        began = time.monotonic()
        with suppress(Closed):
            for one in self.happenings():
                if self.stopped.wait(self.seconds_to(one, began)):
                    return
                self.tell(one)
                self.told += 1

    def seconds_to(self, one: Happening, began: float) -> float:
        """Return how long it is until something is told."""
        if self.pace is None:
            return 0
        due = began + (one.told_at - self.start) / 1000 / self.pace
        return max(0, due - time.monotonic())

    @property
    def is_over(self) -> bool:
        """Whether everything was told."""
        return self.told == len(self.happenings())

    def join(self, seconds: float | None = None) -> bool:
        """Wait for the end; say whether everything was told."""
        self.thread.join(seconds)
        return self.is_over

    def stop(self) -> None:
        """Tell nothing any more."""
        self.stopped.set()
        self.thread.join(10)
