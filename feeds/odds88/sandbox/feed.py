"""Who may connect to the feed: the strict reading of Odds88's limits."""

import time

import structlog

from feeds.odds88.sandbox.faulty import faulty_answer
from feeds.odds88.sandbox.framing import Frames, Framing, Lines
from feeds.odds88.sandbox.http import Request, Response, problem
from feeds.odds88.sandbox.limits import Kind, kind_of
from feeds.odds88.sandbox.options import Zero
from feeds.odds88.sandbox.receiving import Receiving, since_of
from feeds.odds88.sandbox.vendor import Vendor
from feeds.odds88.sandbox.wire import Unresponsive, Wire

PATH = "/feed/settlement/v4"
AHEAD = 60

log = structlog.get_logger(__name__)


def serve(vendor: Vendor, wire: Wire, request: Request) -> Response | None:
    """Let a client receive until the connection ends, or return why it may not."""
    revision = revision_of(request)
    now = time.time()
    kind = Kind.WITHOUT if revision is None else kind_of(revision, now, vendor.options.reach)
    vendor.counts.note(vendor.counts.attempts, kind)
    wait = vendor.budget.attempt(kind, time.monotonic())
    refusal = refused(vendor, request, revision, wait)
    if refusal or revision is None:
        return refusal
    if revision > now + AHEAD:
        vendor.counts.add("revisions_ahead")
    only_live = vendor.options.zero is Zero.LIVE
    since = since_of(revision, now, vendor.options.reach, only_live=only_live)
    receiving = Receiving(vendor, wire, framing_of(vendor, request), since)
    receiving.plan()
    try:
        return receive(vendor, receiving, kind)
    finally:
        receiving.close()


def revision_of(request: Request) -> int | None:
    """Return the revision, 0 when it is absent or empty, nothing when it is no number."""
    text = request.query.get("revision", "") or "0"
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 20 else None


def refused(vendor: Vendor, request: Request, revision: int | None, wait: int) -> Response | None:
    """Return why a client may not connect. The attempt has counted already, refused or not."""
    now = time.monotonic()
    if wait:
        vendor.counts.add("refused_budget")
        log.info("Refused: the budget of connects is spent", wait=wait)
        return problem(429, "Too many connection attempts.", retry_after=wait)
    if faulty := faulty_answer(vendor, request):
        return faulty
    if not vendor.tokens.accept(request.headers.get("authorization", ""), now):
        vendor.counts.add("refused_token")
        log.info("Refused: the token is missing, unknown or too old")
        return problem(401, "The token is missing, unknown or too old.")
    if revision is None:
        vendor.counts.add("refused_revision")
        return problem(400, "The revision is not a number.")
    return None


def framing_of(vendor: Vendor, request: Request) -> Framing:
    """Return how the client wants its messages."""
    if request.upgrades:
        return Frames(request, deflate=vendor.options.deflate)
    return Lines(request, gzip=vendor.options.gzip)


def receive(vendor: Vendor, receiving: Receiving, kind: Kind) -> Response | None:
    """Send to the one client that may receive; return why this one may not."""
    if not vendor.place.take(receiving):
        vendor.counts.add("refused_second")
        log.info("Refused: another connection receives")
        return problem(409, "There can be only 1 active connection at a time.")
    vendor.counts.receive(1)
    vendor.counts.note(vendor.counts.connects, kind)
    log.info("A client receives", kind=str(kind), recovery=len(receiving.recovery))
    try:
        receiving.run()
    except Unresponsive:
        vendor.counts.add("dropped_unresponsive")
        log.info("Dropped: the client takes or answers nothing")
        raise
    finally:
        vendor.counts.receive(-1)
        vendor.place.leave(receiving)
        log.info("A client ceased to receive", sent=receiving.sent)
    return None
