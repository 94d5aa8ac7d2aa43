"""As much of HTTP/1.1 as Odds88's server needs."""

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

HEAD_END = b"\r\n\r\n"
JSON = "application/json"
PROBLEM = "application/problem+json"
ENCODER = msgspec.json.Encoder(decimal_format="number")


class BadRequest(ValueError):
    """A request that can't be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request. The names of its headers are in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    head: bytes
    body: bytes = b""

    @property
    def upgrades(self) -> bool:
        """Whether it asks for a WebSocket."""
        return self.headers.get("upgrade", "").lower() == "websocket"

    @property
    def keeps_alive(self) -> bool:
        """Whether the connection stays open for another request."""
        return self.headers.get("connection", "").lower() != "close"


@dataclass(frozen=True, slots=True)
class Response:
    """An answer."""

    status: int
    body: bytes = b""
    kind: str = JSON
    headers: tuple[tuple[str, str], ...] = ()

    def written(self) -> bytes:
        """Return it as it goes over the wire."""
        lines = [
            f"HTTP/1.1 {self.status} {reason(self.status)}",
            *(f"{name}: {value}" for name, value in self.headers),
        ]
        if self.body:
            lines.append(f"Content-Type: {self.kind}")
        if self.status != HTTPStatus.NO_CONTENT:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join(lines).encode() + HEAD_END + self.body


def request_of(head: bytes) -> Request:
    """Return a request from its head."""
    try:
        line, *fields = head.removesuffix(HEAD_END).decode("latin-1").split("\r\n")
        method, target, version = line.split(" ")
        headers = dict(field.split(":", 1) for field in fields)
    except ValueError:
        raise BadRequest("It is not HTTP.") from None
    if version != "HTTP/1.1":
        raise BadRequest(f"{version[:20]} is not spoken here.")
    url = urlsplit(target)
    return Request(
        method=method,
        path=unquote(url.path),
        query=dict(parse_qsl(url.query, keep_blank_values=True)),
        headers={name.strip().lower(): value.strip() for name, value in headers.items()},
        head=head,
    )


def reason(status: int) -> str:
    """Return the phrase of a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def answer(said: object, status: int = 200) -> Response:
    """Return an answer in JSON."""
    return Response(status, ENCODER.encode(said))


def problem(status: int, detail: str, *, retry_after: int | None = None) -> Response:
    """Return a refusal with what is wrong."""
    said = {
        "type": None,
        "title": reason(status),
        "status": status,
        "detail": detail,
        "instance": None,
    }
    headers: tuple[tuple[str, str], ...] = ()
    if retry_after is not None:
        headers = (("Retry-After", str(retry_after)),)
    if status == HTTPStatus.UNAUTHORIZED:
        headers += (("WWW-Authenticate", "Bearer"),)
    return Response(status, ENCODER.encode(said), PROBLEM, headers)
