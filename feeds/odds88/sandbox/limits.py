"""What a client may do how often: logins, tokens, connects."""

import math
import secrets
import threading
from collections import deque
from enum import StrEnum

from feeds.odds88.windows import Windows

CONNECTS = 5
LOGINS, A_SECOND = 5, 1.0


class Kind(StrEnum):
    """How a connect asks for its recovery."""

    WITHOUT = "without"
    TOO_SMALL = "too_small"
    PROPER = "proper"


def kind_of(revision: int, now: float, reach: float) -> Kind:
    """Return which of the limits a revision falls under."""
    if revision == 0:
        return Kind.WITHOUT
    return Kind.TOO_SMALL if revision < now - reach else Kind.PROPER


class Window:
    """At most so many attempts in a span of time. A refused attempt counts like any other."""

    def __init__(self, most: int, span: float) -> None:
        self.most = most
        self.span = span
        self.lock = threading.Lock()
        self.attempts: deque[float] = deque()

    def attempt(self, now: float) -> int:
        """Note an attempt; return after how many seconds to try again, 0 when it is allowed."""
        with self.lock:
            while self.attempts and self.attempts[0] <= now - self.span:
                self.attempts.popleft()
            self.attempts.append(now)
            if len(self.attempts) <= self.most:
                return 0
            free_at = self.attempts[-self.most] + self.span
            return max(1, math.ceil(free_at - now))


class ConnectBudget:
    """Connects in their windows: those without a revision and with too small a one share theirs."""

    def __init__(self, windows: Windows) -> None:
        self.proper = Window(CONNECTS, windows.proper)
        self.without = Window(CONNECTS, windows.without)

    def attempt(self, kind: Kind, now: float) -> int:
        """Note a connect; return after how many seconds to try again, 0 when it is allowed."""
        return (self.proper if kind is Kind.PROPER else self.without).attempt(now)


class Tokens:
    """The tokens that were given, each with its last moment."""

    def __init__(self, lifetime: float) -> None:
        self.lifetime = lifetime
        self.lock = threading.Lock()
        self.until: dict[str, float] = {}

    def give(self, now: float) -> str:
        """Return a new token. It looks like a JWT and holds nothing."""
        token = ".".join(secrets.token_urlsafe(size) for size in (27, 66, 32))
        with self.lock:
            self.until = {one: until for one, until in self.until.items() if until > now}
            self.until[token] = now + self.lifetime
        return token

    def accept(self, authorization: str, now: float) -> bool:
        """Say whether a request's header bears a token that is still good."""
        scheme, _, token = authorization.partition(" ")
        with self.lock:
            return scheme.lower() == "bearer" and self.until.get(token.strip(), now) > now

    def expire(self) -> None:
        """Let no token that was given be worth anything."""
        with self.lock:
            self.until.clear()
