"""Queues of this process over HTTP."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

import msgspec
from msgspec import Struct

from feeds.sandboxes.http import LINES, Request, Response, json
from feeds.sandboxes.waiting import Delivery, Gone, Refused

ROOT = "/sandbox/queues"
PATH = re.compile(rf"{ROOT}(?:/(?P<name>[^/]+)(?:/(?P<act>ack|depth))?)?")
MOST_WAIT = 30.0


class Queues(Protocol):
    """What hands out messages. Readers may have names."""

    def take(self, name: str, most: int, wait: float, reader: str = "") -> Sequence[Delivery]:
        """Return the next messages of a queue; wait a while for the first."""
        ...

    def acknowledge(self, name: str, tag: int, reader: str = "") -> int:
        """Forget what was delivered up to a tag; return how many that were."""
        ...

    def depth(self, name: str) -> tuple[int, int]:
        """Return how many messages of a queue wait, and how many are not acknowledged."""
        ...


Kind = TypeVar("Kind", bound=Queues)
Act = Callable[[Kind, str, Request], Response]
Acts = Mapping[tuple[str, str | None], Act[Kind]]


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
ACKNOWLEDGED = msgspec.json.Decoder(Acknowledged)


def serve(acts: Acts[Kind], queues: Kind, request: Request) -> Response:
    """Do what is asked of a queue."""
    found = PATH.fullmatch(request.path)
    act = acts.get((request.method, found["act"] if found else None))
    if found is None or act is None:
        return json({"detail": "There is nothing at this path."}, 404)
    try:
        return act(queues, found["name"] or "", request)
    except Refused as refused:
        return json({"detail": str(refused)}, 403)
    except Gone as gone:
        return json({"detail": str(gone)}, 404)
    except ValueError as error:
        return json({"detail": str(error)}, 400)


def take(queues: Queues, name: str, request: Request) -> Response:
    """Hand out the next messages, one a line."""
    most, wait = int(request.query.get("most", "1000")), float(request.query.get("wait", "0"))
    if not (most > 0 and 0 <= wait <= MOST_WAIT):
        raise ValueError(f"Ask for one message or more, and wait {MOST_WAIT:.0f} s at most.")
    found = queues.take(name, most, wait, request.query.get("reader", ""))
    return Response(200, ENCODER.encode_lines(map(line, found)), LINES)


def line(delivery: Delivery) -> Text | Binary:
    """Return a delivery as it is written."""
    known = (delivery.tag, delivery.key, delivery.timestamp_in_ms)
    try:
        return Text(*known, delivery.body.decode())
    except UnicodeDecodeError:
        return Binary(*known, delivery.body)


def acknowledge(queues: Queues, name: str, request: Request) -> Response:
    """Forget what was delivered."""
    tag = ACKNOWLEDGED.decode(request.body).tag
    reader = request.query.get("reader", "")
    return json({"acknowledged": queues.acknowledge(name, tag, reader)})


def depth(queues: Queues, name: str, request: Request) -> Response:
    """Tell how much there is."""
    waiting, delivered = queues.depth(name)
    return json({"depth": waiting + delivered, "waiting": waiting, "delivered": delivered})
