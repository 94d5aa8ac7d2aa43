"""Requests and answers as the sandbox sees them."""

from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from feeds.sportradar.sandbox.descriptions import answer as short

XML, JSON, LINES = "application/xml", "application/json", "application/x-ndjson"
CODES = {
    HTTPStatus.ACCEPTED: "ACCEPTED",
    HTTPStatus.BAD_REQUEST: "BAD_REQUEST",
    HTTPStatus.FORBIDDEN: "FORBIDDEN",
    HTTPStatus.NOT_FOUND: "NOT_FOUND",
    HTTPStatus.TOO_MANY_REQUESTS: "TOO_MANY_REQUESTS",
    HTTPStatus.SERVICE_UNAVAILABLE: "SERVICE_UNAVAILABLE",
}


@dataclass(frozen=True, slots=True)
class Request:
    """A request. The names of its headers are in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer."""

    status: int
    body: bytes = b""
    kind: str = XML


class LeftUnanswered(Exception):
    """The connection is to be closed without an answer."""


def request_of(method: str, target: str, headers: dict[str, str], body: bytes) -> Request:
    """Return a request from what stands on its first line."""
    url = urlsplit(target)
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    return Request(method, unquote(url.path), query, headers, body)


def said(status: int, text: str, action: str = "") -> Response:
    """Return a short answer of the provider's."""
    code = CODES.get(HTTPStatus(status), HTTPStatus(status).phrase.upper().replace(" ", "_"))
    return Response(status, short(code, text, action))


def json(what: object, status: int = 200) -> Response:
    """Return an answer of the sandbox's own."""
    return Response(status, msgspec.json.encode(what), JSON)
