"""Refusals in one shape, RFC 9457's application/problem+json, whatever went wrong."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from rest_framework import exceptions  # type: ignore[import-untyped]

from settlement.orders import ActRefused

PROBLEM_JSON = "application/problem+json"

log = structlog.get_logger(__name__)


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What went wrong (RFC 9457): `code` for programs, `detail` for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str = ""
    request_id: str = ""


class Refused(exceptions.APIException):  # type: ignore[misc]
    """An answer that is no success; nothing changed. `field` names the culprit when one does."""

    def __init__(self, status: int, code: str, detail: str, *, field: str = "") -> None:
        super().__init__(detail, code)
        self.status_code = status
        self.field = field


def problem_for(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """Return the answer to a request that failed."""
    if isinstance(error, Http404):
        error = exceptions.NotFound("There is nothing at this address. Addresses end in a slash.")
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, ActRefused):
        error = refused_act(error)
    if not isinstance(error, exceptions.APIException):
        return unexpected(error)
    return problem(
        error.status_code,
        error.get_codes(),
        str(error.detail),
        field=getattr(error, "field", ""),
        headers=headers_of(error),
    )


# All other refusals of acts are about what stands in the books, so they are conflicts.
ACT_STATUS = {"invalid": 422, "not_allowed": 403}


def refused_act(refusal: ActRefused) -> Refused:
    """Return the answer to an act that was refused."""
    status = ACT_STATUS.get(refusal.code, 409)
    return Refused(status, refusal.code, str(refusal), field=getattr(refusal, "field", ""))


def unexpected(error: Exception) -> HttpResponse:
    """Answer to a bug or a lost database; the log says what it was, the answer where to look."""
    log.error("API request failed", exc_info=error)
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "error",
        "Something failed here, and the log says what. To send the same again is safe.",
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", "")),
    )


def headers_of(error: Any) -> dict[str, str]:
    """Return the headers that belong to a status."""
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    field: str = "",
    request_id: str = "",
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return a problem as an answer."""
    content = Problem(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        field=field,
        request_id=request_id,
    )
    return HttpResponse(
        msgspec.json.encode(content), status=status, content_type=PROBLEM_JSON, headers=headers
    )
