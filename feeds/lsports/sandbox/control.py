"""The sandbox's own paths: what to say, what is to go wrong, what was seen."""

import msgspec
from msgspec import Struct

from feeds.lsports.sandbox import telling
from feeds.lsports.sandbox.bodies import FINISHED, SETTLED, SETTLEMENT, Market
from feeds.lsports.sandbox.faults import AnyFault
from feeds.lsports.sandbox.options import INPLAY
from feeds.lsports.sandbox.playing import Playing
from feeds.lsports.sandbox.telling import Told
from feeds.lsports.sandbox.traffic import BETS, Flow, odds
from feeds.lsports.sandbox.vendor import Vendor
from feeds.lsports.sandbox.world import World
from feeds.sandboxes import steering
from feeds.sandboxes.http import LINES, Request, Response, json
from feeds.sandboxes.steering import ROOT, Acts, clear_faults, show_counts

__all__ = ["ROOT", "serve"]


class Settle(Struct, frozen=True, forbid_unknown_fields=True):
    """Bets that are to be settled, with their codes."""

    fixture: str | int
    market: str | int
    bets: dict[str, int]
    package: str = INPLAY
    at: int | None = None
    kind: int | None = None


class Undo(Struct, frozen=True, forbid_unknown_fields=True):
    """Bets whose settlements are taken back, or that are shown as open again."""

    fixture: str | int
    market: str | int
    bets: list[str | int]
    package: str = INPLAY
    status: int | None = None
    at: int | None = None
    kind: int | None = None


class Say(Struct, frozen=True, forbid_unknown_fields=True):
    """A market as it is to be told: with lines, names, and what is wrong."""

    fixture: str | int
    market: Market
    package: str = INPLAY
    at: int | None = None
    kind: int | None = None


class Offer(Struct, frozen=True, forbid_unknown_fields=True):
    """A fixture that is known from now on."""

    fixture: str | int
    markets: tuple[Market, ...] = ()
    package: str = INPLAY
    kind: int = SETTLEMENT


class Stand(Struct, frozen=True, forbid_unknown_fields=True):
    """How a fixture stands."""

    fixture: str | int
    status: int = FINISHED
    package: str = INPLAY
    livescore: bool = False


class Odds(Struct, frozen=True, forbid_unknown_fields=True):
    """How much traffic there is to be: so much at once, and then so much a second."""

    count: int = 1
    rate: float = 0
    package: str = INPLAY
    bets: int = BETS


class Play(Struct, frozen=True, forbid_unknown_fields=True):
    """A world that is to be played: from now on unless a start is given, in milliseconds."""

    seed: int = 1
    fixtures: int = 5000
    span: float = 3600
    odds: int = 1
    start: int | None = None
    pace: float | None = 1


FAULTS = msgspec.json.Decoder(AnyFault | list[AnyFault])


def serve(vendor: Vendor, request: Request) -> Response:
    """Do what is asked of the sandbox itself."""
    return steering.serve(ACTS, vendor, request)


def settle(vendor: Vendor, request: Request) -> Response:
    """Say how bets ended."""
    said = msgspec.json.decode(request.body, type=Settle)
    return told(telling.settle(
        vendor, str(said.fixture), said.market, said.bets, package=said.package, at=said.at,
        kind=said.kind,
    ))  # fmt: skip


def take_back(vendor: Vendor, request: Request) -> Response:
    """Take settlements back."""
    said = msgspec.json.decode(request.body, type=Undo)
    return told(telling.take_back(
        vendor, str(said.fixture), said.market, list(map(str, said.bets)), package=said.package,
        status=SETTLED if said.status is None else said.status, at=said.at, kind=said.kind,
    ))  # fmt: skip


def reopen(vendor: Vendor, request: Request) -> Response:
    """Show bets as open again."""
    said = msgspec.json.decode(request.body, type=Undo)
    return told(telling.reopen(
        vendor, str(said.fixture), said.market, list(map(str, said.bets)), package=said.package,
        status=said.status or 1, at=said.at, kind=said.kind,
    ))  # fmt: skip


def say(vendor: Vendor, request: Request) -> Response:
    """Say something of a market."""
    said = msgspec.json.decode(request.body, type=Say)
    return told(telling.say(
        vendor, said.package, str(said.fixture), said.market, at=said.at, kind=said.kind
    ))  # fmt: skip


def told(what: Told) -> Response:
    """Show what was said."""
    bodies = [one.decode() for one in what.bodies]
    return json({"packages": what.packages, "updated": what.updated, "bodies": bodies})


def offer(vendor: Vendor, request: Request) -> Response:
    """Know a fixture from now on."""
    said = msgspec.json.decode(request.body, type=Offer)
    telling.offer(vendor, str(said.fixture), said.markets, package=said.package, kind=said.kind)
    return json({"fixture": said.fixture})


def stand(vendor: Vendor, request: Request) -> Response:
    """Say how a fixture stands."""
    said = msgspec.json.decode(request.body, type=Stand)
    return told(telling.status(
        vendor, str(said.fixture), said.status, package=said.package, livescore=said.livescore
    ))  # fmt: skip


def forget(vendor: Vendor, request: Request) -> Response:
    """Follow a fixture no more, without a word."""
    said = msgspec.json.decode(request.body, type=Stand)
    telling.forget(vendor, str(said.fixture), package=said.package)
    return json({"fixture": said.fixture})


def publish(vendor: Vendor, request: Request) -> Response:
    """Say something as it is."""
    telling.publish(vendor, request.body, package=request.query.get("package", INPLAY))
    return json({"told": 1})


def publish_lines(vendor: Vendor, request: Request) -> Response:
    """Say many things as they are, one a line."""
    lines = [line for line in request.body.splitlines() if line.strip()]
    for line in lines:
        telling.publish(vendor, line, package=request.query.get("package", INPLAY))
    return json({"told": len(lines)})


def more_odds(vendor: Vendor, request: Request) -> Response:
    """Say that prices have changed."""
    said = msgspec.json.decode(request.body or b"{}", type=Odds)
    package = vendor.package(said.package)
    told = odds(package, said.count, bets=said.bets)
    if said.rate > 0:
        Flow(vendor, package, said.rate, bets=said.bets)
    return json({"told": told})


def play(vendor: Vendor, request: Request) -> Response:
    """Begin to tell a world's story."""
    asked = msgspec.json.decode(request.body or b"{}", type=Play)
    start = vendor.now() if asked.start is None else asked.start
    world = World(
        seed=asked.seed, fixtures=asked.fixtures, start=start, span=asked.span, odds=asked.odds,
        options=vendor.options,
    )  # fmt: skip
    Playing(vendor, world, pace=asked.pace)
    return json({"messages": len(world.happenings), "start": start})


def cast(vendor: Vendor, request: Request) -> Response:
    """Show a world's fixtures and what can be bet on, one a line."""
    seed, fixtures = (int(request.query.get(*one)) for one in (("seed", "1"), ("fixtures", "5000")))
    found = World(seed=seed, fixtures=fixtures).cast
    return Response(200, msgspec.json.Encoder().encode_lines(found), LINES)


def add_faults(vendor: Vendor, request: Request) -> Response:
    """Let things go wrong."""
    return steering.add_faults(vendor, FAULTS.decode(request.body))


def change_options(vendor: Vendor, request: Request) -> Response:
    """Change some options, and show them all."""
    vendor.options = steering.changed(vendor.options, request.body)
    return json(vendor.options)


ACTS: Acts[Vendor] = {
    ("POST", "settle"): settle,
    ("POST", "take_back"): take_back,
    ("POST", "reopen"): reopen,
    ("POST", "say"): say,
    ("POST", "offer"): offer,
    ("POST", "status"): stand,
    ("POST", "forget"): forget,
    ("POST", "publish"): publish,
    ("POST", "lines"): publish_lines,
    ("POST", "odds"): more_odds,
    ("POST", "play"): play,
    ("GET", "cast"): cast,
    ("POST", "faults"): add_faults,
    ("DELETE", "faults"): clear_faults,
    ("PATCH", "options"): change_options,
    ("GET", "counts"): show_counts,
}
