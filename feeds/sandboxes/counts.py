"""What a sandbox has seen and done, in figures."""

import threading
from collections import Counter
from collections.abc import Iterable
from typing import Any

Figures = dict[str, Any]


class Counts:
    """Counters that many threads may raise."""

    def __init__(self, names: Iterable[str], named: Iterable[str]) -> None:
        self.lock = threading.Lock()
        self.plain: Counter[str] = Counter(dict.fromkeys(names, 0))
        self.named: dict[str, Counter[str]] = {name: Counter() for name in named}

    def add(self, name: str, number: int = 1) -> None:
        """Raise a counter."""
        with self.lock:
            self.plain[name] += number

    def note(self, kind: str, name: str) -> None:
        """Raise one of the counters that have names of their own."""
        with self.lock:
            self.named[kind][name] += 1

    def queues(self, change: int) -> None:
        """Note that a queue came or went."""
        with self.lock:
            self.plain["queues_now"] += change
            self.plain["queues_made"] += max(change, 0)
            self.plain["queues_most"] = max(self.plain["queues_most"], self.plain["queues_now"])

    def figures(self) -> Figures:
        """Return all of them, to be shown."""
        with self.lock:
            named = {name: dict(counter) for name, counter in self.named.items()}
            return dict(self.plain) | named
