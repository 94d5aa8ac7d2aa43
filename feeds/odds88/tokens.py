"""The token that Odds88 wants with every request: one login a day, shared by all processes."""

import hashlib
import secrets
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
import requests
import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

from feeds.http import Reply
from feeds.odds88.endpoints import problem_in, seconds_in
from feeds.odds88.http import send
from feeds.odds88.sessions import session_for
from feeds.odds88.troubles import Busy, Failed, Unexpected, Unreachable, WrongCredentials
from feeds.odds88.windows import Windows

__all__ = ["Busy", "Credentials", "Tokens", "Unreachable", "WrongCredentials"]

log = structlog.get_logger(__name__)

LOGIN_WITHIN = 10.0  # seconds
MOST_LOGINS = 5  # a second
LOOK_AGAIN = 0.05
LONGEST_TOKEN = 16_384
RENEWED_AT = 0.95  # of its life
CACHE_DOWN = (RedisError, OSError)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who we are at Odds88, and where we say so."""

    url: str
    client_id: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials({self.client_id!r})"

    @property
    def digest(self) -> str:
        """What tells these credentials from others, without telling them."""
        said = "\x1f".join((self.url, self.client_id, self.password))
        return hashlib.sha256(said.encode()).hexdigest()


class Held(NamedTuple):
    """A token, and when it was given to us by our clock."""

    token: str
    since: float


KEPT: dict[str, Held] = {}
LOGINS: deque[float] = deque(maxlen=MOST_LOGINS)


class Tokens:
    """The token of some credentials: from the cache, from this process, or by a new login."""

    def __init__(self, credentials: Credentials, windows: Windows) -> None:
        self.credentials = credentials
        self.lifetime = windows.token * RENEWED_AT
        self.key = f"odds88:token:{credentials.digest}"

    def token(self, *, until: float | None = None) -> str:
        """Return a token that is young enough; log in when there is none."""
        held = self.held()
        return held.token if held else self.new("", until)

    def renew(self, old: str, *, until: float | None = None) -> str:
        """Return another token than one that was refused; somebody may have fetched it already."""
        held = self.held()
        return held.token if held and held.token != old else self.new(old, until)

    def held(self) -> Held | None:
        """Return the token that all processes share, or this one's own while the cache is down."""
        for held in (self.shared(), KEPT.get(self.credentials.digest)):
            if held is not None and 0 <= time.time() - held.since < self.lifetime:
                return held
        return None

    def shared(self) -> Held | None:
        """Return what stands in the cache."""
        with suppress(*CACHE_DOWN):
            found = cache.get(self.key)
            return Held(*found) if found else None
        return None

    def new(self, old: str, until: float | None) -> str:
        """Log in, or wait for whoever is at it."""
        until = min(until or float("inf"), time.monotonic() + LOGIN_WITHIN)
        ours = secrets.token_hex(8)
        while not self.may_log_in(ours):
            time.sleep(LOOK_AGAIN)
            held = self.held()
            if held and held.token != old:
                return held.token
            if time.monotonic() > until:
                raise Busy(1)
        try:
            return self.logged_in(until)
        finally:
            self.leave(ours)

    def may_log_in(self, ours: str) -> bool:
        """Whether nobody else is logging in; without a cache there is nobody to ask."""
        try:
            return bool(cache.add(f"{self.key}:login", ours, LOGIN_WITHIN + 1))
        except CACHE_DOWN:
            return True

    def leave(self, ours: str) -> None:
        """Let others log in."""
        with suppress(*CACHE_DOWN):
            if cache.get(f"{self.key}:login") == ours:
                cache.delete(f"{self.key}:login")

    def logged_in(self, until: float) -> str:
        """Log in once; keep the token for everybody."""
        wait_for_a_turn(until)
        since = time.time()
        token = token_in(self.send(until))
        held = KEPT[self.credentials.digest] = Held(token, since)
        try:
            cache.set(self.key, tuple(held), self.lifetime)
        except CACHE_DOWN as error:
            log.warning("odds88_token_not_shared", error=type(error).__name__)
        log.info("odds88_logged_in", client_id=self.credentials.client_id)
        return token

    def send(self, until: float) -> Reply:
        """Send our credentials."""
        said = {"clientId": self.credentials.client_id, "password": self.credentials.password}
        body = msgspec.json.encode(said)
        try:
            with session_for(self.credentials.url) as session:
                return send(session, "POST", self.credentials.url, until=until, body=body)
        finally:
            LOGINS.append(time.monotonic())  # Only now is it sure that Odds88 has counted it.


def wait_for_a_turn(until: float) -> None:
    """Wait until this process has logged in less than five times in the last second."""
    while len(LOGINS) == MOST_LOGINS and (wait := LOGINS[0] + 1 - time.monotonic()) > 0:
        if time.monotonic() + wait > until:
            raise Busy(wait)
        time.sleep(wait)


def token_in(reply: Reply) -> str:
    """Return the token in the answer to a login; raise when it holds none."""
    if reply.status == requests.codes.too_many_requests:
        raise Busy(seconds_in(reply.headers.get("Retry-After")))
    if reply.status >= 500:
        raise Failed(reply.status, problem_in(reply.body))
    if reply.status != requests.codes.ok:
        raise WrongCredentials(
            f"Odds88 does not let us in ({reply.status}): ODDS88_CLIENT_ID or ODDS88_PASSWORD is "
            "wrong, or ODDS88_API_URL is not where they belong."
        )
    return bare_token(reply.body)


def bare_token(body: bytes) -> str:
    """Return a token that stands as a JSON string or by itself."""
    text = body.strip()
    if text.startswith(b'"'):
        with suppress(msgspec.MsgspecError):
            text = msgspec.json.decode(text, type=str).encode()
    token = text.decode("ascii", "replace")
    if not token or len(token) > LONGEST_TOKEN or not all("!" <= one <= "~" for one in token):
        raise Unexpected("Odds88 answered our login with something that is no token.")
    if token[0] in '<{["':
        raise Unexpected("Odds88 answered our login with something that is no token.")
    return token
