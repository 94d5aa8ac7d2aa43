"""The queues of this process over HTTP: they are made and deleted by whoever reads them."""

import msgspec
from msgspec import Struct

from feeds.sandboxes import queues
from feeds.sandboxes.http import Request, Response, json
from feeds.sandboxes.queues import ROOT, Acts, acknowledge, depth, take
from feeds.sportradar.sandbox.memory import MemoryPublisher

__all__ = ["ROOT", "serve"]


class Wanted(Struct, frozen=True, forbid_unknown_fields=True):
    """A queue that is asked for."""

    bindings: tuple[str, ...]


WANTED = msgspec.json.Decoder(Wanted)


def serve(publisher: MemoryPublisher, request: Request) -> Response:
    """Do what is asked of a queue."""
    return queues.serve(ACTS, publisher, request)


def declare(publisher: MemoryPublisher, name: str, request: Request) -> Response:
    """Make a queue."""
    bindings = WANTED.decode(request.body).bindings
    return json({"queue": publisher.declare(bindings)}, 201)


def delete(publisher: MemoryPublisher, name: str, request: Request) -> Response:
    """Let a queue go."""
    publisher.delete(name)
    return Response(204)


ACTS: Acts[MemoryPublisher] = {
    ("POST", None): declare,
    ("GET", None): take,
    ("DELETE", None): delete,
    ("POST", "ack"): acknowledge,
    ("GET", "depth"): depth,
}
