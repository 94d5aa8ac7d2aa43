"""Sportradar's API: who we are, its producers and void reasons, and what it shall tell again."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote, urlencode

import requests
from requests.auth import AuthBase

from feeds import http
from feeds.http import Reply, Server
from feeds.sportradar.answers import (
    Account,
    NotAnAnswer,
    ProducerTold,
    read_account,
    read_message,
    read_producers,
    read_void_reasons,
)
from feeds.sportradar.troubles import Busy, Failed, Refused, SportradarTrouble, Unexpected
from feeds.sportradar.troubles import Unreachable as Away

SPORTRADAR = Server("Sportradar", "UOF_API_URL")
LONGEST_WAIT = 3600.0
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Token(AuthBase):
    """The access token as a header; named, so that no .netrc puts another in its place."""

    token: str

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["x-access-token"] = self.token
        return request


@dataclass(frozen=True, slots=True)
class WhoAmI:
    """Our account, and by how many seconds our clock is ahead of Sportradar's."""

    account: Account
    ahead: float | None


class Api:
    """Sportradar's API, asked by one thread."""

    def __init__(
        self, url: str, token: str, *, node: int | None = None, within: float = 10
    ) -> None:
        self.url, self.token, self.node, self.within = url.rstrip("/"), token, node, within
        self.session = requests.Session()

    def close(self) -> None:
        """Let go of the connections."""
        self.session.close()

    def who_am_i(self) -> WhoAmI:
        """Return whose token it is."""
        before = time.time()
        reply = self.send("GET", "/v1/users/whoami.xml")
        account = read(reply, read_account)
        return WhoAmI(account, ahead_of(reply, (before + time.time()) / 2))

    def producers(self) -> list[ProducerTold]:
        """Return the producers."""
        return read(self.send("GET", "/v1/descriptions/producers.xml"), read_producers)

    def void_reasons(self) -> dict[int, str]:
        """Return the void reasons."""
        return read(self.send("GET", "/v1/descriptions/void_reasons.xml"), read_void_reasons)

    def recover(self, code: str, *, after_ms: int, request_id: int) -> int:
        """Ask a producer to tell again what it said since; return the answer's status."""
        words = {"after": after_ms, **self.words(request_id)}
        path = f"/v1/{quote(code, safe='')}/recovery/initiate_request"
        return self.send("POST", f"{path}?{urlencode(words)}").status

    def recover_event(self, code: str, event_ref: str, *, request_id: int) -> int:
        """Ask a producer to tell again how the bets on an event ended; return the status."""
        path = f"/v1/{quote(code, safe='')}/stateful_messages/events/{quote(event_ref, safe=':')}"
        return self.send(
            "POST", f"{path}/initiate_request?{urlencode(self.words(request_id))}"
        ).status

    def words(self, request_id: int) -> dict[str, int]:
        """Return what tells our request from others."""
        return {"request_id": request_id} | ({} if self.node is None else {"node_id": self.node})

    def send(self, method: str, path: str) -> Reply:
        """Return the reply to a request; raise the trouble when it is none that helps."""
        try:
            reply = http.send(
                self.session,
                method,
                self.url + path,
                server=SPORTRADAR,
                headers={"Accept": "application/xml"},
                auth=Token(self.token),
                until=time.monotonic() + self.within,
            )
        except http.NoAnswer as error:
            raise Away(f"Sportradar's API can't be reached: {error}.") from None
        except http.Unexpected as error:
            raise Unexpected(str(error)) from None
        if reply.status >= HTTPStatus.BAD_REQUEST:
            raise trouble_in(reply)
        return reply


def read(reply: Reply, reader: Callable[[bytes], Answer]) -> Answer:
    """Return what an answer says."""
    try:
        return reader(reply.body)
    except NotAnAnswer as error:
        raise Unexpected(f"Sportradar's API answers what it should not. {error}") from None


def trouble_in(reply: Reply) -> SportradarTrouble:
    """Return what an answer complains of."""
    said = read_message(reply.body)
    told = f" It says: {said}" if said else ""
    if reply.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return Refused(
            f"Sportradar's API does not take our token, or not from this address ({reply.status})."
            f"{told} Check UOF_TOKEN, whether it has expired, and that this machine's address is "
            "allowed.",
            reply.status,
        )
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        sentence = f"Sportradar's API was asked too often (429).{told}"
        return Busy(sentence, seconds_in(reply.headers.get("Retry-After", "")))
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Failed(f"Sportradar's API failed ({reply.status}).{told}")
    return Refused(f"Sportradar's API refuses ({reply.status}).{told}", reply.status)


def seconds_in(text: str) -> float | None:
    """Return the seconds that we are asked to wait, within reason."""
    if not (text.isascii() and text.isdigit()):
        return None
    return min(float(text[:9]), LONGEST_WAIT)


def ahead_of(reply: Reply, now: float) -> float | None:
    """Return by how many seconds our clock is ahead; a Date is cut to a second."""
    try:
        theirs = parsedate_to_datetime(reply.headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    told = theirs.replace(tzinfo=theirs.tzinfo or UTC).timestamp()
    ahead = now - told - 0.5
    return ahead if math.isfinite(ahead) else None


def expires_in(account: Account, now: datetime) -> float | None:
    """Return the days until a token expires; nothing when it is not told."""
    if account.expires_at is None:
        return None
    return (account.expires_at - now.astimezone(UTC)).total_seconds() / 86400
