"""A world's story, told through a sandbox as time goes by."""

import threading
import time
from contextlib import suppress

from feeds.sportradar.sandbox.publishing import Closed
from feeds.sportradar.sandbox.telling import publish
from feeds.sportradar.sandbox.vendor import Vendor
from feeds.sportradar.sandbox.world import Happening, World


class Playing:
    """A thread that tells a story: at the times it has, or faster, or without a pause."""

    def __init__(self, vendor: Vendor, world: World, *, pace: float | None = 1) -> None:
        self.vendor = vendor
        self.world = world
        self.pace = pace
        self.told = 0
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run, name="sandbox-world", daemon=True)
        vendor.ends.append(self.stop)
        self.thread.start()

    def run(self) -> None:
        """Tell all of it, unless it is stopped."""
        began = time.monotonic()
        with suppress(Closed):
            for one in self.world.happenings:
                if self.stopped.wait(self.seconds_to(one, began)):
                    return
                publish(self.vendor, one.body, product=one.product, sport=one.sport)
                self.told += 1

    def seconds_to(self, one: Happening, began: float) -> float:
        """Return how long it is until something is told."""
        if self.pace is None:
            return 0
        due = began + (one.told_at - self.world.start) / 1000 / self.pace
        return max(0, due - time.monotonic())

    @property
    def is_over(self) -> bool:
        """Whether everything was told."""
        return self.told == len(self.world.happenings)

    def join(self, seconds: float | None = None) -> bool:
        """Wait for the end; say whether everything was told."""
        self.thread.join(seconds)
        return self.is_over

    def stop(self) -> None:
        """Tell nothing any more."""
        self.stopped.set()
        self.thread.join(10)
