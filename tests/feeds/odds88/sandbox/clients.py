"""Clients as anybody would write them: requests for lines, websockets for messages."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

import requests
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from feeds.odds88.sandbox import Sandbox
from feeds.odds88.sandbox.bodies import Json

TIMEOUT = 10


class Refused(Exception):
    """The sandbox did not let us receive."""

    def __init__(self, status: int, body: bytes, headers: Any) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers


class Broken(Exception):
    """The stream ended."""


class Stream(Protocol):
    """Messages as they come."""

    def next(self) -> bytes:
        """Return the next message."""


class Lines:
    """The lines of a chunked answer."""

    def __init__(self, response: requests.Response) -> None:
        self.lines = lines_in(response.iter_content(2**16))

    def next(self) -> bytes:
        try:
            return next(self.lines)
        except (requests.RequestException, StopIteration) as error:
            raise Broken(str(error)) from error


def lines_in(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield whole lines."""
    parts: list[bytes] = []
    for chunk in chunks:
        *whole, last = chunk.split(b"\n")
        for line in whole:
            yield b"".join([*parts, line])
            parts.clear()
        parts.append(last)


class Frames:
    """The messages of a WebSocket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def next(self) -> bytes:
        try:
            said = self.connection.recv(timeout=TIMEOUT, decode=False)
        except ConnectionClosed as error:
            raise Broken(str(error)) from error
        assert isinstance(said, bytes)
        return said


def token(sandbox: Sandbox, **words: str) -> str:
    """Log in."""
    credentials = {"clientId": "sandbox", "password": "sandbox"} | words
    response = requests.post(
        f"{sandbox.api_url}/api/Account/login", json=credentials, timeout=TIMEOUT
    )
    response.raise_for_status()
    return response.text


@contextmanager
def lines(sandbox: Sandbox, headers: dict[str, str], revision: str) -> Iterator[Stream]:
    """Receive over HTTP."""
    url = sandbox.http_url + revision
    with requests.get(
        url, headers=headers, stream=True, timeout=TIMEOUT, allow_redirects=False
    ) as response:
        if response.headers.get("Content-Type") != "application/x-ndjson":
            raise Refused(response.status_code, response.content, response.headers)
        yield Lines(response)


@contextmanager
def frames(sandbox: Sandbox, headers: dict[str, str], revision: str) -> Iterator[Stream]:
    """Receive over a WebSocket."""
    try:
        connection = connect(
            sandbox.ws_url + revision,
            additional_headers=headers,
            max_size=2**30,
            proxy=None,
            ping_interval=None,
            close_timeout=0.5,
        )
    except InvalidStatus as refused:
        response = refused.response
        raise Refused(response.status_code, bytes(response.body), response.headers) from refused
    with connection:
        yield Frames(connection)


TRANSPORTS: dict[str, Callable[..., AbstractContextManager[Stream]]] = {
    "http": lines,
    "websocket": frames,
}


class Client:
    """Somebody with a token, on one of the transports."""

    def __init__(self, sandbox: Sandbox, transport: str) -> None:
        self.sandbox = sandbox
        self.transport = transport
        self.headers = {"Authorization": f"Bearer {token(sandbox)}"}

    def receive(
        self, revision: str | int | None = None, **headers: str
    ) -> AbstractContextManager[Stream]:
        """Receive the feed."""
        query = "" if revision is None else f"?revision={revision}"
        return TRANSPORTS[self.transport](self.sandbox, self.headers | headers, query)

    def refusal(self, revision: str | int | None = None, **headers: str) -> Refused:
        """Return how an attempt to receive was refused."""
        try:
            with self.receive(revision, **headers):
                pass
        except Refused as refused:
            return refused
        raise AssertionError("It was not refused.")

    def get(self, path: str) -> requests.Response:
        """Look something up."""
        url = self.sandbox.api_url + path
        return requests.get(url, headers=self.headers, timeout=TIMEOUT, allow_redirects=False)

    def post(self, path: str, body: Json) -> requests.Response:
        """Ask for something."""
        url = self.sandbox.api_url + path
        return requests.post(url, json=body, headers=self.headers, timeout=TIMEOUT)


def bets(stream: Stream, count: int) -> list[Json]:
    """Return the next settled bets, passing over pings."""
    found: list[Json] = []
    deadline = time.monotonic() + TIMEOUT
    while len(found) < count:
        assert time.monotonic() < deadline, f"Only {len(found)} of {count} came."
        said = json.loads(stream.next())
        if said.get("pingId") is None:
            found.append(said["data"])
    return found


def bet_ids(stream: Stream, count: int) -> list[str]:
    """Return whom the next settled bets are about."""
    return [bet["betId"] for bet in bets(stream, count)]


def ping(stream: Stream) -> str:
    """Return the next ping, passing over bets."""
    while (said := json.loads(stream.next()))["pingId"] is None:
        pass
    name: str = said["pingId"]
    return name
