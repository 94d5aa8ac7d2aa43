"""LSports' API: a package's distribution, and snapshots."""

import re
import time
from collections.abc import Callable
from typing import Any

import msgspec

from feeds.lsports.sandbox import snapshots
from feeds.lsports.sandbox.answers import Refusal, answer, refused
from feeds.lsports.sandbox.faults import BadJson, CutOff
from feeds.lsports.sandbox.options import Consumers
from feeds.lsports.sandbox.package import Package
from feeds.lsports.sandbox.vendor import Vendor
from feeds.sandboxes.disturbing import disturbed
from feeds.sandboxes.http import Request, Response

SNAPSHOT = re.compile(r"/(?:(?P<inplay>InPlay)|PreMatch)/(?P<what>\w+)")
Asked = dict[str, Any]
Endpoint = Callable[[Vendor, Package, Asked], Response]


def serve(vendor: Vendor, request: Request) -> Response:
    """Answer a request, or refuse it."""
    vendor.counts.note("requests", request.path)
    response = disturbed(
        vendor.faults,
        request,
        answer=lambda: answered(vendor, request),
        refusal=lambda status, text: refused(Refusal(status, text), vendor.options),
        wait=vendor.stopped.wait,
    )
    return spoilt(vendor, request, response)


def spoilt(vendor: Vendor, request: Request, response: Response) -> Response:
    """Return an answer as the faults have it."""
    if vendor.faults.on_request(CutOff, request.path):
        half = len(response.body) // 2
        return Response(response.status, response.body, response.kind, half)
    if vendor.faults.on_request(BadJson, request.path):
        return Response(response.status, response.body[:-1], response.kind)
    return response


def answered(vendor: Vendor, request: Request) -> Response:
    """Answer as the API does."""
    try:
        if time.monotonic() < vendor.api_down_until:
            raise Refusal(503, "The service is not available.")
        endpoint, names = endpoint_of(request)
        asked = asked_of(request)
        return endpoint(vendor, package_of(vendor, asked, names), asked)
    except Refusal as refusal:
        return refused(refusal, vendor.options)


def endpoint_of(request: Request) -> tuple[Endpoint, tuple[str, ...]]:
    """Return what is asked for, and the packages that may ask."""
    if request.method != "POST":
        raise Refusal(405, "Only POST is allowed.")
    if request.path in DISTRIBUTION:
        return DISTRIBUTION[request.path], ("inplay", "prematch")
    found = SNAPSHOT.fullmatch(request.path)
    name = ("inplay" if found["inplay"] else "prematch") if found else ""
    kind = snapshots.KINDS.get((name, found["what"])) if found else None
    if kind is None:
        raise Refusal(404, "There is nothing at this path.")
    return lambda vendor, package, asked: snapshots.serve(
        vendor, package, asked, kind, request.path
    ), (name,)


def asked_of(request: Request) -> Asked:
    """Return what a request says; its keys may begin with large or small letters."""
    try:
        said = msgspec.json.decode(request.body, type=dict[str, Any])
    except msgspec.MsgspecError:
        raise Refusal(400, "The request is no JSON object.") from None
    return {key.lower(): value for key, value in said.items()}


def package_of(vendor: Vendor, asked: Asked, names: tuple[str, ...]) -> Package:
    """Return the package whose credentials these are."""
    for name in names:
        package = vendor.package(name)
        known = package.settings
        said = (str(asked.get("packageid")), asked.get("username"), asked.get("password"))
        if said == (str(known.id), known.user, known.password):
            return package
    vendor.counts.add("refused_credentials")
    raise Refusal(vendor.options.denied, "The package id, user name or password is wrong.", 401)


def start(vendor: Vendor, package: Package, asked: Asked) -> Response:
    """Let a package distribute; the broker takes a moment until it lets anybody consume."""
    started = package.start()
    vendor.counts.add("starts" if started else "starts_in_vain")
    if started and vendor.options.refused_after_start:
        package.place.refuse(vendor.windows.forbidden)
    text = "Start request sent successfully."
    return answer(text if vendor.options.start_as_text else {"Message": text}, vendor, package)


def stop(vendor: Vendor, package: Package, asked: Asked) -> Response:
    """Let a package distribute nothing any more: we have no reason to."""
    package.stop()
    vendor.counts.add("stops")
    vendor.counts.add("violations")
    text = "Stop request sent successfully."
    return answer(text if vendor.options.start_as_text else {"Message": text}, vendor, package)


def status(vendor: Vendor, package: Package, asked: Asked) -> Response:
    """Tell whether a package distributes, and how full its queue is."""
    consumers = package.place.consumers()
    names = [f"consumer-{number}" for number in range(1, consumers + 1)]
    as_number = vendor.options.consumers is Consumers.NUMBER
    said = {
        "IsDistributionOn": package.state.distributing,
        "Consumers": consumers if as_number else names,
        "NumberMessagesInQueue": package.place.depth(),
        "MessagesPerSecond": round(package.rate, 2),
    }
    return answer(said, vendor, package)


DISTRIBUTION: dict[str, Endpoint] = {
    "/Distribution/Start": start,
    "/Distribution/Stop": stop,
    "/Package/GetDistributionStatus": status,
}
