"""The queues of this process over HTTP."""

import re
from collections.abc import Callable

import msgspec
from msgspec import Struct

from feeds.sportradar.sandbox.http import LINES, Request, Response, json
from feeds.sportradar.sandbox.memory import Delivery, Gone, MemoryPublisher, Refused

PATH = re.compile(r"/sandbox/queues(?:/(?P<name>[^/]+)(?:/(?P<act>ack|depth))?)?")
MOST_WAIT = 30.0


class Wanted(Struct, frozen=True, forbid_unknown_fields=True):
    """A queue that is asked for."""

    bindings: tuple[str, ...]


class Acknowledged(Struct, frozen=True, forbid_unknown_fields=True):
    """All deliveries up to this tag."""

    tag: int


class Text(Struct, frozen=True):
    """A delivery whose body is text."""

    tag: int
    key: str
    timestamp_in_ms: int
    body: str


class Binary(Struct, frozen=True):
    """A delivery whose body is no text."""

    tag: int
    key: str
    timestamp_in_ms: int
    base64: bytes


ENCODER = msgspec.json.Encoder()
WANTED = msgspec.json.Decoder(Wanted)
ACKNOWLEDGED = msgspec.json.Decoder(Acknowledged)


def serve(publisher: MemoryPublisher, request: Request) -> Response:
    """Do what is asked of a queue."""
    found = PATH.fullmatch(request.path)
    act = ACTS.get((request.method, found["act"] if found else None))
    if found is None or act is None:
        return json({"detail": "There is nothing at this path."}, 404)
    try:
        return act(publisher, found["name"] or "", request)
    except Refused as refused:
        return json({"detail": str(refused)}, 403)
    except Gone as gone:
        return json({"detail": str(gone)}, 404)
    except ValueError as error:
        return json({"detail": str(error)}, 400)


def declare(publisher: MemoryPublisher, name: str, request: Request) -> Response:
    """Make a queue."""
    bindings = WANTED.decode(request.body).bindings
    return json({"queue": publisher.declare(bindings)}, 201)


def take(publisher: MemoryPublisher, name: str, request: Request) -> Response:
    """Hand out the next messages, one a line."""
    most, wait = int(request.query.get("most", "1000")), float(request.query.get("wait", "0"))
    if not (most > 0 and 0 <= wait <= MOST_WAIT):
        raise ValueError(f"Ask for one message or more, and wait {MOST_WAIT:.0f} s at most.")
    return Response(200, ENCODER.encode_lines(map(line, publisher.take(name, most, wait))), LINES)


def line(delivery: Delivery) -> Text | Binary:
    """Return a delivery as it is written."""
    known = (delivery.tag, delivery.key, delivery.timestamp_in_ms)
    try:
        return Text(*known, delivery.body.decode())
    except UnicodeDecodeError:
        return Binary(*known, delivery.body)


def acknowledge(publisher: MemoryPublisher, name: str, request: Request) -> Response:
    """Forget what was delivered."""
    tag = ACKNOWLEDGED.decode(request.body).tag
    return json({"acknowledged": publisher.acknowledge(name, tag)})


def depth(publisher: MemoryPublisher, name: str, request: Request) -> Response:
    """Tell how much there is."""
    waiting, delivered = publisher.depth(name)
    return json({"depth": waiting + delivered, "waiting": waiting, "delivered": delivered})


def delete(publisher: MemoryPublisher, name: str, request: Request) -> Response:
    """Let a queue go."""
    publisher.delete(name)
    return Response(204)


Act = Callable[[MemoryPublisher, str, Request], Response]
ACTS: dict[tuple[str, str | None], Act] = {
    ("POST", None): declare,
    ("GET", None): take,
    ("DELETE", None): delete,
    ("POST", "ack"): acknowledge,
    ("GET", "depth"): depth,
}
