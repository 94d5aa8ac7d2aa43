"""Answers of LSports' API: a header and a body."""

import uuid
from http import HTTPStatus
from typing import Any

import msgspec

from feeds.lsports.sandbox.options import Format, Layout, Options
from feeds.lsports.sandbox.package import Package
from feeds.lsports.sandbox.vendor import Vendor
from feeds.lsports.sandbox.writing import attributes, camel, elements
from feeds.sandboxes.http import JSON, XML, Response

OK = 200


class Refusal(Exception):
    """A request that is not done; what the header says may differ from the status."""

    def __init__(self, status: int, text: str, code: int | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.code = code or status
        self.text = text


def answer(body: Any, vendor: Vendor, package: Package) -> Response:
    """Return an answer in the words of its package."""
    layout = package.settings.layout
    header = header_of(OK) | {"ServerTimestamp": vendor.now()}
    if layout.format is Format.XML:
        return Response(OK, xml(header, body, layout).encode(), XML)
    return json({"Header": header, "Body": body}, OK, vendor.options)


def refused(refusal: Refusal, options: Options) -> Response:
    """Return why something was not done."""
    header = header_of(refusal.code) | {"Errors": [{"Message": refusal.text}]}
    return json({"Header": header, "Body": None}, refusal.status, options)


def header_of(code: int) -> dict[str, Any]:
    """Return what stands before an answer's body."""
    known = {one.value for one in HTTPStatus}
    name = HTTPStatus(code).phrase if code in known else str(code)
    return {"HttpStatusCode": code, "Status": name, "RequestId": str(uuid.uuid4()), "Errors": None}


def json(whole: dict[str, Any], status: int, options: Options) -> Response:
    """Return JSON."""
    return Response(status, msgspec.json.encode(camel(whole) if options.camel else whole), JSON)


def xml(header: dict[str, Any], body: Any, layout: Layout) -> str:
    """Return XML in the package's layout; a list in a body of elements is a body each."""
    if not layout.attributes:
        return elements("Header", header) + (elements("Body", body) or "<Body></Body>")
    told = "<Body/>" if body is None else attributes("Body", body)
    return f"<Message>{elements('Header', header)}{told}</Message>"
