"""What opening the settlement feed takes, and the ways in which it fails, each with a sentence."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlencode, urlsplit, urlunsplit

from feeds.connections import Arrival, Trouble
from feeds.odds88.endpoints import problem_in

CONNECT_SECONDS = 4.0
ANSWER_SECONDS = 5.0
AT_ONCE = 2**16
LONGEST_COMPLAINT = 300
ALIVE = Arrival(b"")


class Unreached(Trouble):
    """The provider was never reached, so that he counted nothing."""


class Refused(Trouble):
    """The provider answered, and not with a stream."""

    def __init__(self, sentence: str, status: int, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.status, self.retry_after = status, retry_after


@dataclass(frozen=True, slots=True)
class Where:
    """What to open: the feed's address, from when on, as whom; and how long it may be silent."""

    url: str
    revision: int
    token: str
    silence: float
    ping: float

    @property
    def address(self) -> str:
        """The address with its revision."""
        parts = urlsplit(self.url)
        query = urlencode({"revision": self.revision})
        return urlunsplit(parts._replace(query=f"{parts.query}&{query}" if parts.query else query))

    @property
    def host(self) -> str:
        """The host that is asked."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    @property
    def authorization(self) -> str:
        """Who asks."""
        return f"Bearer {self.token}"

    @property
    def silent(self) -> str:
        """What to say when nothing was heard for too long."""
        return f"Nothing was heard from {self.host} for {self.silence:g} seconds."


class Pipe(Protocol):
    """An open connection, read by one thread and cut by another."""

    def read(self) -> Iterator[list[Arrival]]:
        """Yield what comes, as it comes together; `Lost` says why it ended."""
        ...

    def answer(self, text: str) -> None:
        """Send a text, where that can be done."""
        ...

    def cut(self) -> None:
        """End the connection, whoever is reading it."""
        ...


def why_unreached(host: str, error: BaseException) -> str:
    """Return why a host can't be reached, for an operator."""
    if isinstance(error, ConnectionRefusedError):
        return f"{host} refuses connections: is the server down, or the address wrong?"
    if isinstance(error, socket.gaierror):
        return f"The host of {host} is not known: is the address right?"
    if isinstance(error, TimeoutError):
        return f"{host} can't be reached: no answer within {CONNECT_SECONDS:g} seconds."
    if isinstance(error, ssl.SSLError):
        return f"{host} can't be trusted: {getattr(error, 'reason', None) or error}."
    return f"{host} can't be reached: {error}."


WHAT_REFUSALS_MEAN = {
    HTTPStatus.UNAUTHORIZED: "The token is not accepted",
    HTTPStatus.FORBIDDEN: "This account or address may not receive the feed",
    HTTPStatus.NOT_FOUND: "There is no feed at this address",
    HTTPStatus.CONFLICT: "Another connection receives the feed",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many connections were made",
}


def refusal(host: str, status: int, retry_after: str, body: bytes) -> Refused:
    """Return what a provider's answer means that is no stream."""
    if status == HTTPStatus.OK:
        sentence = f"{host} answered with a page, not with the feed: is the address right?"
    elif status in (301, 302, 303, 307, 308):
        sentence = f"{host} sends us elsewhere ({status}), where our token must not go."
    else:
        meant = WHAT_REFUSALS_MEAN.get(HTTPStatus(status)) if is_known(status) else None
        sentence = f"{meant or f'{host} could not answer'} ({status}{said_in(body)})."
    return Refused(sentence, status, seconds_asked(retry_after))


def seconds_asked(retry_after: str) -> float | None:
    """Return how long a refusal asks us to wait, when it says so in digits."""
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() else None


def is_known(status: int) -> bool:
    """Whether a status is one of HTTP's."""
    return status in set(HTTPStatus)


def said_in(body: bytes) -> str:
    """Return what a refusal says itself, when it is short and readable."""
    if said := problem_in(body):
        return f": {said}"
    text = " ".join(body[:LONGEST_COMPLAINT].decode(errors="replace").split())
    return f": {text}" if text and text.isprintable() and not text.startswith("<") else ""
