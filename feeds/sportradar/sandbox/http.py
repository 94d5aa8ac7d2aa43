"""Short answers as Sportradar's API gives them."""

from http import HTTPStatus

from feeds.sandboxes.http import Response
from feeds.sportradar.sandbox.descriptions import answer as short

CODES = {
    HTTPStatus.ACCEPTED: "ACCEPTED",
    HTTPStatus.BAD_REQUEST: "BAD_REQUEST",
    HTTPStatus.FORBIDDEN: "FORBIDDEN",
    HTTPStatus.NOT_FOUND: "NOT_FOUND",
    HTTPStatus.TOO_MANY_REQUESTS: "TOO_MANY_REQUESTS",
    HTTPStatus.SERVICE_UNAVAILABLE: "SERVICE_UNAVAILABLE",
}


def said(status: int, text: str, action: str = "") -> Response:
    """Return a short answer of the provider's."""
    code = CODES.get(HTTPStatus(status), HTTPStatus(status).phrase.upper().replace(" ", "_"))
    return Response(status, short(code, text, action))
