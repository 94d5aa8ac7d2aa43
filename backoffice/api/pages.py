"""Lists by HTTP: narrowed by their own words alone, bounded, and gone on with by a cursor."""

from collections.abc import Callable, Collection, Iterable
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.request import Request  # type: ignore[import-untyped]

from backoffice.api.base import reply
from backoffice.api.errors import Refused

MOST_ROWS, USUAL_ROWS = 1000, 100
MOST_KEY = 2**63 - 1
PLACE = ("cursor", "limit")


def words_of(request: Request, *known: str) -> dict[str, str]:
    """Return what a list is narrowed by; refuse a word that the list does not know."""
    found: dict[str, str] = request.query_params.dict()
    for name in found:
        if name not in (*known, *PLACE):
            listed = ", ".join((*known, *PLACE))
            raise Refused(422, "invalid", f"The list is narrowed by {listed} alone.", field=name)
    return found


def one_of(given: str, known: type[StrEnum], name: str) -> str:
    """Return a word of ours, which a client may write in any case."""
    word = given.strip().upper().replace("-", "_")
    if word not in set(known):
        listed = ", ".join(known)
        raise Refused(422, "invalid", f"{name}: “{given[:50]}” is none of {listed}.", field=name)
    return word


def whole_number(given: str, name: str, most: int) -> int:
    """Return a number that a client wrote."""
    if given.isascii() and given.isdecimal() and len(given) < 20 and 0 < int(given) <= most:
        return int(given)
    raise Refused(422, "invalid", f"{name} is a number from 1 to {most}.", field=name)


def page(
    rows: "QuerySet[Any]",
    request: Request,
    objects: Callable[[Iterable[Any]], Collection[object]],
    *,
    key: str = "-id",
) -> HttpResponse:
    """Answer with one page of a list in the order of `key`, and the address of the next."""
    words = request.query_params.dict()
    most = whole_number(words.get("limit", str(USUAL_ROWS)), "limit", MOST_ROWS)
    name, way = key.lstrip("-"), "lt" if key.startswith("-") else "gt"
    if cursor := words.get("cursor", ""):
        rows = rows.filter(**{f"{name}__{way}": whole_number(cursor, "cursor", MOST_KEY)})
    found = list(rows.order_by(key)[: most + 1])
    onwards = None
    if len(found) > most:
        del found[most:]
        onwards = f"{request.path}?{urlencode(words | {'cursor': getattr(found[-1], name)})}"
    return reply({"results": objects(found), "next": onwards})
