"""Snapshots: what is known of fixtures, asked for over HTTP and not too often."""

import time
from typing import Any

from feeds.lsports.sandbox.answers import Refusal, answer
from feeds.lsports.sandbox.bodies import (
    LEAGUE_SETTLEMENT,
    OUTRIGHT_SETTLEMENT,
    SETTLEMENT,
    Competition,
    Event,
)
from feeds.lsports.sandbox.faults import Empty
from feeds.lsports.sandbox.options import INPLAY, PREMATCH, Layout
from feeds.lsports.sandbox.package import Package
from feeds.lsports.sandbox.shelf import Asked, Held
from feeds.lsports.sandbox.trees import Tree, markets_of
from feeds.lsports.sandbox.vendor import Vendor
from feeds.lsports.sandbox.writing import id_of, moment
from feeds.sandboxes.http import Response

KINDS = {
    (INPLAY, "GetFixtureMarkets"): SETTLEMENT,
    (PREMATCH, "GetFixtureMarkets"): SETTLEMENT,
    (PREMATCH, "GetOutrightFixtureMarkets"): OUTRIGHT_SETTLEMENT,
    (PREMATCH, "GetOutrightLeagueMarkets"): LEAGUE_SETTLEMENT,
}
SECONDS = 10**11  # A timestamp below is in seconds, and as milliseconds in 1973 or before.
FILTERS = ("fixtures", "markets", "sports", "locations", "leagues", "tournaments")


def serve(vendor: Vendor, package: Package, said: dict[str, Any], kind: int, path: str) -> Response:
    """Show what a package knows, when it may be asked."""
    asked = asked_of(vendor, said, kind)
    admit(vendor, package, said, asked)
    oldest = vendor.now() - round(vendor.windows.horizon * 1000)
    found = package.shelf.shown(asked, oldest)
    if vendor.faults.on_request(Empty, path):
        found = []
    body = body_of(found, kind, package.settings.layout, vendor.options.outrights_nested)
    return answer(body or None, vendor, package)


def asked_of(vendor: Vendor, said: dict[str, Any], kind: int) -> Asked:
    """Return what is asked for."""
    since = said.get("timestamp")
    if since is not None and (not isinstance(since, int) or isinstance(since, bool)):
        raise Refusal(400, "The timestamp is no whole number.")
    if since is not None and 0 < since < SECONDS:
        vendor.counts.add("timestamps_in_seconds")
    return Asked(kind, ids(said, "fixtures"), ids(said, "markets"), since)


def ids(said: dict[str, Any], name: str) -> frozenset[str]:
    """Return the ids that something is filtered by."""
    given = said.get(name) or ()
    if not isinstance(given, list | tuple):
        raise Refusal(400, f"{name} is no list.")
    return frozenset(map(str, given))


def admit(vendor: Vendor, package: Package, said: dict[str, Any], asked: Asked) -> None:
    """Refuse what comes too soon after the last."""
    filtered = any(said.get(name) for name in FILTERS)
    if vendor.options.timestamp_filters and asked.since:
        filtered = True
    broken = vendor.limits.take(package.name, not filtered, time.monotonic(), vendor.windows)
    if broken is not None:
        for name in (broken, "violations", "refused_limit"):
            vendor.counts.add(name)
        raise Refusal(vendor.options.too_many, "Too many requests.", 429)
    vendor.counts.add("snapshots" if filtered else "snapshots_of_everything")


def body_of(found: list[tuple[Held, Event]], kind: int, layout: Layout, nested: bool) -> list[Tree]:
    """Return a snapshot's body: a list of fixtures, or of competitions."""
    if kind == LEAGUE_SETTLEMENT or (kind == OUTRIGHT_SETTLEMENT and nested):
        return [{"Competition": [competition_of(one, event, layout)]} for one, event in found]
    return [fixture_of(one, event, layout) for one, event in found]


def fixture_of(one: Held, event: Event, layout: Layout) -> Tree:
    """Return a fixture."""
    return {
        "FixtureId": id_of(event.fixture, layout),
        "LastUpdate": moment(one.updated, layout.digits),
        "Livescore": None,
        "Markets": markets_of(event.markets, layout),
    }


def competition_of(one: Held, event: Event, layout: Layout) -> Tree:
    """Return a competition with its one fixture."""
    known = one.competition or Competition(1, "Outrights")
    said: Tree = {"Id": known.id, "Name": known.name, "Type": known.type}
    return said | {"Events": [fixture_of(one, event, layout)]}
