"""Reviews: what a person has to look at. Deciding comes with the acts by hand."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.admin.base import ReadOnlyAdmin, time_cell
from backoffice.admin.keyset import KeysetList
from backoffice.words import worded
from settlement.models import Review


class OpenFilter(admin.SimpleListFilter):
    """Open ones, or those that were closed."""

    title = "open"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Open"), ("no", "Closed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Review]) -> QuerySet[Review]:
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(closed_at__isnull=self.value() == "yes")


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    """The list of reviews, the newest first."""

    list_display = ("kind_word", "about", "sentence", "opened", "closed")
    list_display_links = None
    list_filter = (OpenFilter, "kind")
    list_filter_submit = True
    list_select_related = ("ticket",)
    ordering = ("-id",)
    sortable_by = ()

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[KeysetList]:
        return KeysetList

    @admin.display(description="Kind")
    def kind_word(self, review: Review) -> SafeString:
        look = "muted" if review.closed_at else "warn"
        return format_html('<span class="word {}">{}</span>', look, worded(review.kind))

    @admin.display(description="About")
    def about(self, review: Review) -> SafeString | str:
        if review.ticket is None:
            return review.subject
        page = reverse("admin:settlement_ticket_change", args=[review.ticket_id])
        return format_html('<a class="link" href="{}">{}</a>', page, review.ticket)

    @admin.display(description="Opened (UTC)")
    def opened(self, review: Review) -> SafeString:
        return time_cell(review.opened_at)

    @admin.display(description="Closed")
    def closed(self, review: Review) -> SafeString | str:
        if review.closed_at is None:
            return "open"
        return format_html("{} · {}", time_cell(review.closed_at), worded(review.end))
