"""Faults that meet a request before it is answered."""

from feeds.odds88.sandbox.faults import Answer, Body, HangUp, Slow
from feeds.odds88.sandbox.http import Request, Response, problem
from feeds.odds88.sandbox.vendor import Vendor
from feeds.odds88.sandbox.wire import Gone, Wire

PAGE = b"<!doctype html><html><head><title>Odds88</title></head><body>Maintenance</body></html>"
SHAPES = {Body.HTML: PAGE, Body.EMPTY: b"", Body.LIST: b"[1,2,3]", Body.TEXT: b"OK"}
TYPES = {Body.HTML: "text/html; charset=utf-8", Body.TEXT: "text/plain"}


def delay(vendor: Vendor, wire: Wire, path: str) -> None:
    """Let a request wait, or end its connection, when that is its fault."""
    if (slow := vendor.faults.on_request(Slow, path)) and wire.cut.wait(slow.seconds):
        raise Gone
    if vendor.faults.on_request(HangUp, path):
        raise Gone


def faulty_answer(vendor: Vendor, request: Request) -> Response | None:
    """Return the wrong answer that a request is to get."""
    fault = vendor.faults.on_request(Answer, request.path)
    if fault is None:
        return None
    headers: tuple[tuple[str, str], ...] = ()
    if fault.location:
        headers = (("Location", fault.location),)
    if fault.body is Body.PROBLEM:
        said = problem(fault.status, "As the sandbox was told.", retry_after=fault.retry_after)
        return Response(said.status, said.body, said.kind, said.headers + headers)
    if fault.retry_after is not None:
        headers += (("Retry-After", str(fault.retry_after)),)
    kind = TYPES.get(fault.body, "application/json")
    return Response(fault.status, SHAPES[fault.body], kind, headers)
