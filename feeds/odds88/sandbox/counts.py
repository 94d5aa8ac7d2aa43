"""What a sandbox has seen and done, in figures."""

import threading
from collections import Counter
from typing import Any

Figures = dict[str, Any]


class Counts:
    """Counters that many threads may raise."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.plain: Counter[str] = Counter()
        self.connects: Counter[str] = Counter()
        self.attempts: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.lookups: dict[str, Counter[str]] = {}
        self.receiving_most = 0

    def add(self, name: str, number: int = 1) -> None:
        """Raise a counter."""
        with self.lock:
            self.plain[name] += number

    def receive(self, change: int) -> None:
        """Note that a connection began or ceased to receive the feed."""
        with self.lock:
            self.plain["receiving_now"] += change
            self.receiving_most = max(self.receiving_most, self.plain["receiving_now"])

    def note(self, counter: Counter[str], name: str) -> None:
        """Raise one of the counters that have names of their own."""
        with self.lock:
            counter[name] += 1

    def lookup(self, path: str, status: int) -> None:
        """Note the answer to a request of the API."""
        with self.lock:
            self.lookups.setdefault(path, Counter())[str(status)] += 1

    def figures(self) -> Figures:
        """Return all of them, to be shown."""
        with self.lock:
            return dict.fromkeys(NAMES, 0) | dict(self.plain) | {
                "attempts": dict(self.attempts),
                "connects": dict(self.connects),
                "faults": dict(self.faults),
                "lookups": {path: dict(seen) for path, seen in self.lookups.items()},
                "receiving_most": self.receiving_most,
            }  # fmt: skip


NAMES = (
    "logins", "refused_login", "refused_second", "refused_budget", "refused_token",
    "refused_revision", "revisions_ahead", "receiving_now", "dropped_unresponsive",
    "dropped_without_echo", "echoes", "messages_pushed", "messages_sent", "pings_sent",
    "bytes_sent",
)  # fmt: skip
