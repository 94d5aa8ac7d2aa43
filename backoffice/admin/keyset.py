"""Lists that page by key: the millionth row is as near as the first."""

from typing import Any, cast

from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.http import urlencode

from backoffice.admin.base import NarrowedByItsFilters

MOST_COUNTED = 10_000
PLACES = ("older", "newer")
MOST_KEY = 2**63 - 1


class KeysetList(NarrowedByItsFilters):
    """A list, the newest first, that goes on from the last row shown instead of counting pages."""

    older = newer = ""
    count_words = ""

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        found: dict[str, Any] = super().get_filters_params(params)
        return {name: value for name, value in found.items() if name not in PLACES}

    def get_results(self, request: HttpRequest) -> None:
        """Read one page, and one row more to know whether there is another."""
        rows, more = self._page(cast("QuerySet[Any]", self.queryset).order_by("-pk"), request)
        self.result_list = rows
        self.result_count = self.full_result_count = len(rows)
        self.show_full_result_count = self.show_admin_actions = False
        self.can_show_all = self.multi_page = False
        self.paginator = self.model_admin.get_paginator(request, rows, self.list_per_page)
        self.count_words = self._count_words()
        at, backwards = self._place(request)
        self.older = self._link("older", rows[-1].pk) if rows and (more or backwards) else ""
        forwards = bool(at) if not backwards else more
        self.newer = self._link("newer", rows[0].pk) if rows and forwards else ""

    def _place(self, request: HttpRequest) -> tuple[int, bool]:
        """Return the key to go on from, and whether to go back to newer rows."""
        for name in PLACES:
            given = request.GET.get(name, "")
            if given.isascii() and given.isdecimal() and 0 < int(given) <= MOST_KEY:
                return int(given), name == "newer"
        return 0, False

    def _page(self, rows: "QuerySet[Any]", request: HttpRequest) -> tuple[list[Any], bool]:
        at, backwards = self._place(request)
        if backwards:
            rows = rows.filter(pk__gt=at).order_by("pk")
        elif at:
            rows = rows.filter(pk__lt=at)
        found = list(rows[: self.list_per_page + 1])
        more = len(found) > self.list_per_page
        del found[self.list_per_page :]
        return (found[::-1] if backwards else found), more

    def _link(self, name: str, key: int) -> str:
        kept = [(n, v) for n, v in self.filter_params.items() if n not in PLACES and n != "e"]
        return "?" + urlencode([*kept, (name, key)], doseq=True)

    def _count_words(self) -> str:
        """Say how many rows there are: an estimate of all, a count up to a cap of some."""
        rows = cast("QuerySet[Any]", self.queryset)
        if not rows.query.where and (about := estimate(rows.model._meta.db_table)) > MOST_COUNTED:
            return f"about {about:,} {self.opts.verbose_name_plural}"
        count = rows.order_by()[: MOST_COUNTED + 1].count()
        if count > MOST_COUNTED:
            return f"more than {MOST_COUNTED:,} {self.opts.verbose_name_plural}"
        one = self.opts.verbose_name if count == 1 else self.opts.verbose_name_plural
        return f"{count:,} {one}"


def estimate(table: str) -> int:
    """Return how many rows PostgreSQL believes a table to have."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [table])
        return int(cursor.fetchone()[0])
