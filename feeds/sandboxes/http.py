"""Requests and answers as a sandbox sees them."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

XML, JSON, LINES = "application/xml", "application/json", "application/x-ndjson"


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
    """An answer. So many bytes are missing at its end, and the connection closes there."""

    status: int
    body: bytes = b""
    kind: str = XML
    missing: int = 0


class LeftUnanswered(Exception):
    """The connection is to be closed without an answer."""


def request_of(method: str, target: str, headers: dict[str, str], body: bytes) -> Request:
    """Return a request from what stands on its first line."""
    url = urlsplit(target)
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    return Request(method, unquote(url.path), query, headers, body)


def json(what: object, status: int = 200) -> Response:
    """Return an answer of the sandbox's own."""
    return Response(status, msgspec.json.encode(what), JSON)
