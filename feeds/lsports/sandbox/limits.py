"""How often snapshots may be asked for."""

import threading
from dataclasses import dataclass, field

from feeds.lsports.windows import Windows


@dataclass(slots=True)
class Limits:
    """When something was last asked for and given; what was refused does not count."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    last: float | None = None
    last_of_everything: dict[str, float] = field(default_factory=dict)

    def take(self, package: str, everything: bool, now: float, windows: Windows) -> str | None:
        """Count a request; or return which limit it breaks."""
        with self.lock:
            if self.last is not None and now - self.last < windows.request:
                return "requests_too_close"
            before = self.last_of_everything.get(package)
            if everything and before is not None and now - before < windows.snapshot:
                return "snapshots_too_close"
            self.last = now
            if everything:
                self.last_of_everything[package] = now
            return None
