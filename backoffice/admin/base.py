"""What all pages of the desk share: reading only, quick counts, names for who acts."""

from datetime import UTC, datetime
from typing import Any, cast

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from backoffice.words import grouped, signed

MOST_COUNTED = 10_000


class QuickPaginator(Paginator):  # type: ignore[type-arg]
    """Counts without reading a big table: an estimate of the whole, a filtered list up to a cap.

    Whoever needs page 200 needs a filter.
    """

    @cached_property
    def count(self) -> int:
        """Return how many rows to page through."""
        rows = cast("QuerySet[Any]", self.object_list)
        if not rows.query.where:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass",
                    [rows.model._meta.db_table],
                )
                estimate = int(cursor.fetchone()[0])
            if estimate > MOST_COUNTED:
                return MOST_COUNTED
        return rows.order_by()[:MOST_COUNTED].count()


class NarrowedByItsFilters(ChangeList):  # type: ignore[misc]
    """A list that only its own filters narrow: no address asks a question of its author's."""

    def get_filters(self, request: HttpRequest) -> Any:
        """Refuse what no filter took; Django shows the whole list instead."""
        found = super().get_filters(request)
        _, _, left_over, *_ = found
        if left_over:
            raise IncorrectLookupParameters
        return found


class CountedOnce(NarrowedByItsFilters):
    """A list of which a part is shown at first: what is left out is behind a filter."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.full_result_count = self.result_count


class DeskAdmin(ModelAdmin):  # type: ignore[misc]
    """A page whose list is narrowed by `list_filter` and the search alone."""

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[ChangeList]:
        return NarrowedByItsFilters


class ReadOnlyAdmin(DeskAdmin):
    """A page on money or state: nobody adds, changes or deletes here, not even a superuser."""

    actions = None
    list_fullwidth = True
    list_max_show_all = 0
    list_per_page = 50
    show_full_result_count = False
    paginator = QuickPaginator

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def actor_of(request: HttpRequest) -> str:
    """Return how the books name the person at the desk."""
    return f"user:{request.user.get_username()}"


def amount_cell(amount: str, *, change: bool = False) -> SafeString:
    """Return an amount for a list's cell, its digits below those of the next row."""
    look = "" if not change else " debit" if amount.startswith("-") else " credit"
    shown = signed(amount) if change else grouped(amount)
    return format_html('<span class="amount cell{}">{}</span>', look, shown)


def time_cell(at: datetime) -> SafeString:
    """Return a moment for a list's cell, in UTC."""
    shown = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), shown)
