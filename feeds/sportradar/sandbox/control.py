"""The sandbox's own paths: what to say, what is to go wrong, what was seen."""

import msgspec
from msgspec import Struct

from feeds.sandboxes import steering
from feeds.sandboxes.http import LINES, Request, Response, json
from feeds.sandboxes.steering import ROOT, Acts, clear_faults, show_counts
from feeds.sportradar.sandbox import telling
from feeds.sportradar.sandbox.bodies import Market
from feeds.sportradar.sandbox.faults import AnyFault
from feeds.sportradar.sandbox.playing import Playing
from feeds.sportradar.sandbox.telling import Told
from feeds.sportradar.sandbox.vendor import Vendor
from feeds.sportradar.sandbox.world import World

__all__ = ["ROOT", "serve"]


class Play(Struct, frozen=True, forbid_unknown_fields=True):
    """A world that is to be played: from now on unless a start is given, in milliseconds."""

    seed: int = 1
    events: int = 5000
    span: float = 3600
    start: int | None = None
    pace: float | None = 1


class Said(Struct, frozen=True, forbid_unknown_fields=True):
    """A message that is to be made."""

    event: str
    markets: tuple[Market, ...]
    product: int = 1
    certainty: int | None = 2
    start: int | None = None
    end: int | None = None
    superceded_by: str | None = None
    timestamp: int | None = None


FAULTS = msgspec.json.Decoder(AnyFault | list[AnyFault])
SAID = msgspec.json.Decoder(Said)
PLAY = msgspec.json.Decoder(Play)


def serve(vendor: Vendor, request: Request) -> Response:
    """Do what is asked of the sandbox itself."""
    return steering.serve(ACTS, vendor, request)


def settle(vendor: Vendor, request: Request) -> Response:
    """Say how markets ended."""
    said = SAID.decode(request.body)
    return told(telling.settle(
        vendor, said.event, said.markets, product=said.product, certainty=said.certainty,
        timestamp=said.timestamp,
    ))  # fmt: skip


def rollback(vendor: Vendor, request: Request) -> Response:
    """Take settlements back."""
    said = SAID.decode(request.body)
    return told(telling.rollback(
        vendor, said.event, said.markets, product=said.product, timestamp=said.timestamp
    ))  # fmt: skip


def cancel(vendor: Vendor, request: Request) -> Response:
    """Cancel bets."""
    said = SAID.decode(request.body)
    return told(telling.cancel(
        vendor, said.event, said.markets, product=said.product, start=said.start, end=said.end,
        superceded_by=said.superceded_by, timestamp=said.timestamp,
    ))  # fmt: skip


def rollback_cancel(vendor: Vendor, request: Request) -> Response:
    """Take cancels back."""
    said = SAID.decode(request.body)
    return told(telling.rollback_cancel(
        vendor, said.event, said.markets, product=said.product, start=said.start, end=said.end,
        timestamp=said.timestamp,
    ))  # fmt: skip


def told(what: Told) -> Response:
    """Show what was said."""
    return json({"sent_at": what.sent_at, "body": what.body.decode()})


def publish(vendor: Vendor, request: Request) -> Response:
    """Say something as it is, as a producer; a key may be given."""
    product = int(request.query.get("product", "1"))
    entry = telling.publish(vendor, request.body, product=product, key=request.query.get("key"))
    return json({"sent_at": entry.sent_at})


def publish_lines(vendor: Vendor, request: Request) -> Response:
    """Say many things as they are, one a line."""
    product = int(request.query.get("product", "1"))
    lines = [line for line in request.body.splitlines() if line.strip()]
    for line in lines:
        telling.publish(vendor, line, product=product)
    return json({"told": len(lines)})


def history(vendor: Vendor, request: Request) -> Response:
    """Show what a producer has said, one a line."""
    producer = vendor.producer(int(request.query.get("product", "1")))
    with producer.lock:
        entries = list(producer.history)
    lines = [
        {"sent_at": one.sent_at, "kind": one.kind, "event": one.event,
         "body": one.body.decode(errors="replace")}
        for one in entries
    ]  # fmt: skip
    return Response(200, msgspec.json.Encoder().encode_lines(lines), LINES)


def play(vendor: Vendor, request: Request) -> Response:
    """Begin to tell a world's story."""
    asked = PLAY.decode(request.body or b"{}")
    start = vendor.now() if asked.start is None else asked.start
    world = World(seed=asked.seed, events=asked.events, start=start, span=asked.span)
    Playing(vendor, world, pace=asked.pace)
    return json({"messages": len(world.happenings), "start": start})


def cast(vendor: Vendor, request: Request) -> Response:
    """Show a world's events and what can be bet on, one a line."""
    asked = {name: int(request.query[name]) for name in ("seed", "events") if name in request.query}
    return Response(200, msgspec.json.Encoder().encode_lines(World(**asked).cast), LINES)


def add_faults(vendor: Vendor, request: Request) -> Response:
    """Let things go wrong."""
    return steering.add_faults(vendor, FAULTS.decode(request.body))


def change_options(vendor: Vendor, request: Request) -> Response:
    """Change some options, and show them all."""
    vendor.options = steering.changed(vendor.options, request.body)
    return json(vendor.options)


ACTS: Acts[Vendor] = {
    ("POST", "settle"): settle,
    ("POST", "rollback"): rollback,
    ("POST", "cancel"): cancel,
    ("POST", "rollback_cancel"): rollback_cancel,
    ("POST", "publish"): publish,
    ("POST", "lines"): publish_lines,
    ("GET", "history"): history,
    ("POST", "play"): play,
    ("GET", "cast"): cast,
    ("POST", "faults"): add_faults,
    ("DELETE", "faults"): clear_faults,
    ("PATCH", "options"): change_options,
    ("GET", "counts"): show_counts,
}
