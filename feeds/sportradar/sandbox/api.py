"""Sportradar's API: who we are, descriptions, and recoveries with their limits."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from feeds.sandboxes.disturbing import disturbed
from feeds.sandboxes.http import Request, Response
from feeds.sportradar.buckets import Bucket, bucket_of
from feeds.sportradar.sandbox import descriptions
from feeds.sportradar.sandbox.descriptions import BY_CODE
from feeds.sportradar.sandbox.http import said
from feeds.sportradar.sandbox.options import TooOld
from feeds.sportradar.sandbox.producer import Producer
from feeds.sportradar.sandbox.recovering import Asked
from feeds.sportradar.sandbox.vendor import Vendor

RECOVERY = re.compile(r"(?:/v1)?/(?P<code>\w+)/recovery/initiate_request")
STATEFUL = re.compile(
    r"(?:/v1)?/(?P<code>\w+)/stateful_messages/events/(?P<event>[^/]+)/initiate_request"
)
DESCRIPTIONS = {
    "/v1/users/whoami.xml": "whoami",
    "/v1/descriptions/producers.xml": "producers",
    "/v1/descriptions/void_reasons.xml": "void_reasons",
}
THIRTY_DAYS = 30 * 24 * 60
NUMBER = re.compile(r"-?\d{1,18}")


class Refusal(Exception):
    """A request that is not done."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.response = said(status, text)


@dataclass(frozen=True, slots=True)
class Site:
    """Where the sandbox is, as the API tells it."""

    api_url: str
    virtual_host: str


def serve(vendor: Vendor, request: Request, site: Site) -> Response:
    """Answer a request, or refuse it."""
    name = endpoint(request)
    vendor.counts.note("requests", name)
    return disturbed(
        vendor.faults,
        request,
        answer=lambda: answered(vendor, request, site, name),
        refusal=said,
        wait=vendor.recovering.stopped.wait,
    )


def answered(vendor: Vendor, request: Request, site: Site, name: str) -> Response:
    """Answer as the API does."""
    try:
        admit(vendor, request)
        return ENDPOINTS[name](vendor, request, site)
    except Refusal as refusal:
        return refusal.response


def endpoint(request: Request) -> str:
    """Return the name of what is asked for."""
    if request.method == "GET":
        return DESCRIPTIONS.get(request.path, "unknown")
    if request.method == "POST" and RECOVERY.fullmatch(request.path):
        return "recovery"
    if request.method == "POST" and STATEFUL.fullmatch(request.path):
        return "stateful"
    return "unknown"


def admit(vendor: Vendor, request: Request) -> None:
    """Refuse whom the API does not serve, or while it does not serve anybody."""
    options = vendor.options
    if time.monotonic() < vendor.api_down_until:
        raise Refusal(503, "The service is not available.")
    if options.blocked:
        raise Refusal(403, "Your address is not allowed to use this service.")
    if request.headers.get("x-access-token") != options.token:
        raise Refusal(403, "The access token is missing or invalid.")
    if options.token_expired:
        raise Refusal(403, "The access token has expired.")


def whoami(vendor: Vendor, request: Request, site: Site) -> Response:
    """Tell who the token's owner is."""
    options = vendor.options
    return Response(200, descriptions.whoami(
        bookmaker_id=options.bookmaker_id,
        virtual_host=site.virtual_host,
        expires_at=vendor.now() / 1000 + options.expires_in,
    ))  # fmt: skip


def producers(vendor: Vendor, request: Request, site: Site) -> Response:
    """List the producers."""
    return Response(200, descriptions.producers(vendor.options.active, site.api_url))


def void_reasons(vendor: Vendor, request: Request, site: Site) -> Response:
    """List the void reasons."""
    return Response(200, descriptions.void_reasons())


def recovery(vendor: Vendor, request: Request, site: Site) -> Response:
    """Begin to send again what a producer told since a moment."""
    producer = producer_of(vendor, RECOVERY, request)
    after = number_of(request, "after")
    request_id, node = number_of(request, "request_id"), number_of(request, "node_id")
    if after is not None:
        after = within_window(vendor, producer, after)
    too_close(vendor, producer)
    age = None if after is None else (vendor.now() - after) / 1000
    bucket = bucket_of(age, minute=vendor.windows.minute)
    with taken(vendor, producer, bucket):
        end = producer.subscribe()
        by_timestamp = vendor.options.by_timestamp
        entries = () if after is None else producer.since(after, end, by_timestamp=by_timestamp)
        asked = Asked(producer, entries, request_id, node, producer.state.downs)
    return begun(vendor, asked, f"recovery of {producer.product.code} since {after}")


def stateful(vendor: Vendor, request: Request, site: Site) -> Response:
    """Begin to send again what a producer said of an event's results."""
    producer = producer_of(vendor, STATEFUL, request)
    request_id, node = number_of(request, "request_id"), number_of(request, "node_id")
    found = STATEFUL.fullmatch(request.path)
    event = found["event"] if found else ""
    after = vendor.now() - round(THIRTY_DAYS * vendor.windows.minute * 1000)
    with taken(vendor, producer, Bucket.EVENT):
        entries = producer.of_event(event, after, len(producer.history))
        asked = Asked(producer, entries, request_id, node, producer.state.downs)
    return begun(vendor, asked, f"stateful messages of {event} by {producer.product.code}")


def producer_of(vendor: Vendor, pattern: re.Pattern[str], request: Request) -> Producer:
    """Return the producer that a path names."""
    found = pattern.fullmatch(request.path)
    product = BY_CODE.get(found["code"]) if found else None
    if product is None:
        raise Refusal(404, "There is no such producer.")
    if product.id not in vendor.options.active:
        raise Refusal(403, f"The producer {product.code} is not part of the subscription.")
    return vendor.producer(product.id)


def number_of(request: Request, name: str) -> int | None:
    """Return a whole number of the query."""
    given = request.query.get(name)
    if given is None:
        return None
    if not NUMBER.fullmatch(given):
        raise Refusal(400, f"{name} is not a whole number.")
    return int(given)


def within_window(vendor: Vendor, producer: Producer, after: int) -> int:
    """Return since when a producer can tell; refuse, or cut silently, what is longer ago."""
    now = vendor.now()
    if after > now:
        vendor.counts.add("after_ahead")
        raise Refusal(400, "The time to recover from lies ahead.")
    oldest = now - round(producer.product.window * vendor.windows.minute * 1000)
    if after >= oldest:
        return after
    if vendor.options.too_old is TooOld.REFUSED:
        vendor.counts.add("after_too_old")
        raise Refusal(400, "The time to recover from is too long ago.")
    vendor.counts.add("after_clamped")
    return oldest


def too_close(vendor: Vendor, producer: Producer) -> None:
    """Note a request that comes too soon after the last one of this producer."""
    now = time.monotonic()
    before = vendor.asked_at.get(producer.product.id)
    vendor.asked_at[producer.product.id] = now
    if before is not None and now - before < vendor.windows.between:
        vendor.counts.add("requests_too_close")


@contextmanager
def taken(vendor: Vendor, producer: Producer, bucket: Bucket) -> Iterator[None]:
    """Hold a producer while a request is taken up, after the limits have let it through."""
    counts = vendor.counts
    product = producer.product.id if vendor.options.per_producer else None
    if wait := vendor.ledger.take(bucket, product, time.monotonic()):
        counts.add("violations")
        counts.add("refused_limit")
        raise Refusal(429, f"Too many requests: the next is allowed in {wait:.1f} seconds.")
    counts.note("buckets", str(bucket))
    with producer.lock:
        if not producer.state.up:
            counts.add("refused_down")
            raise Refusal(503, f"The producer {producer.product.code} is down.")
        yield


def begun(vendor: Vendor, asked: Asked, what: str) -> Response:
    """Begin a recovery, and say that it was begun."""
    vendor.counts.add("recoveries_asked")
    vendor.counts.note("recoveries", asked.producer.product.code)
    vendor.recovering.start(asked, vendor.options.recovery_rate)
    return said(202, "The request was accepted.", f"Request for {what}")


def unknown(vendor: Vendor, request: Request, site: Site) -> Response:
    """Say that there is nothing here."""
    raise Refusal(404, "There is nothing at this path.")


ENDPOINTS: dict[str, Callable[[Vendor, Request, Site], Response]] = {
    "whoami": whoami,
    "producers": producers,
    "void_reasons": void_reasons,
    "recovery": recovery,
    "stateful": stateful,
    "unknown": unknown,
}
