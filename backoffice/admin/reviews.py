"""Reviews: what a person has to look at, what each choice would do, and the choices."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.db.models.functions import Abs
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.admin.act_forms import NumberedForm
from backoffice.admin.act_pages import Asking, asked, crumbs, refuse_without
from backoffice.admin.base import CountedOnce, ReadOnlyAdmin, amount_cell, time_cell
from backoffice.admin.ledger import CurrencyFilter
from backoffice.admin.review_pages import age, page_of, title_of
from backoffice.admin.tickets import is_key
from backoffice.words import worded
from settlement.acts.actors import PERMISSIONS
from settlement.models import Review
from settlement.vocabulary import ActKind
from wallet.money import text

SORTS = {
    "oldest": ("Oldest first", ("id",)),
    "newest": ("Newest first", ("-id",)),
    "money": ("Most money first", (Abs("amount").desc(nulls_last=True), "id")),
}
DECISIONS = {"accept": ActKind.ACCEPT, "dismiss": ActKind.DISMISS}
TOLD = {
    "accept": "What is held back is applied, as everything that was said comes to now.",
    "dismiss": "Nothing changes. It is not asked again unless something else is said.",
}


class OpenFilter(admin.SimpleListFilter):
    """Open ones, those that were closed, or all."""

    title = "open"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Open"), ("no", "Closed"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        shown = self.value() or "yes"
        for value, title in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": shown == value, "query_string": query, "display": title}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Review]) -> QuerySet[Review]:
        if self.value() == "all":
            return queryset
        return queryset.filter(closed_at__isnull=self.value() != "no")


class OfCurrencyFilter(CurrencyFilter):
    """Reviews about tickets of a currency."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(ticket__currency=self.value()) if self.value() else queryset


class SortFilter(admin.SimpleListFilter):
    """Which of them stand on top."""

    title = "order"
    parameter_name = "sort"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(word, title) for word, (title, _) in SORTS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Review]) -> QuerySet[Review]:
        return queryset


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    """The queue of reviews, and a page for each."""

    list_display = ("kind_word", "about", "sentence", "money", "opened", "waits", "closed")
    list_display_links = ("kind_word",)
    list_filter = (OpenFilter, SortFilter, "kind", OfCurrencyFilter)
    list_filter_submit = True
    list_select_related = ("ticket__currency", "market__event")
    sortable_by = ()

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[CountedOnce]:
        return CountedOnce

    def get_ordering(self, request: HttpRequest) -> Sequence[Any]:
        _, found = SORTS.get(request.GET.get("sort", ""), SORTS["oldest"])
        return found

    @admin.display(description="Kind")
    def kind_word(self, review: Review) -> SafeString:
        look = "muted" if review.closed_at else "warn"
        return format_html('<span class="word {}">{}</span>', look, worded(review.kind))

    @admin.display(description="About")
    def about(self, review: Review) -> SafeString | str:
        if review.market is not None:
            return f"{review.market.event} · {review.market}"
        if review.ticket is None:
            return title_of(review.subject)
        page = reverse("admin:settlement_ticket_change", args=[review.ticket_id])
        return format_html('<a class="link" href="{}">{}</a>', page, review.ticket)

    @admin.display(description="Money held")
    def money(self, review: Review) -> SafeString:
        if review.amount is None or review.ticket is None:
            return format_html('<span class="amount cell hint">{}</span>', "–")
        shown = text(review.amount, review.ticket.currency.precision)
        cell = amount_cell(shown, change=True)
        return format_html("{} {}", cell, review.ticket.currency_id)

    @admin.display(description="Opened (UTC)")
    def opened(self, review: Review) -> SafeString:
        return time_cell(review.opened_at)

    @admin.display(description="Waits")
    def waits(self, review: Review) -> str:
        return "" if review.closed_at else age(review.opened_at)

    @admin.display(description="Closed")
    def closed(self, review: Review) -> SafeString | str:
        if review.closed_at is None:
            return "open"
        return format_html("{} · {}", time_cell(review.closed_at), worded(review.end))

    def get_urls(self) -> list[URLPattern]:
        decide = self.admin_site.admin_view(self.decide)
        named = path("<int:pk>/decide/<slug:word>/", decide, name="settlement_review_decide")
        return [named, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show what is asked, what is held back, and what each choice would do."""
        review = self._review(request, object_id)
        context = self.admin_site.each_context(request) | {
            "title": f"Review {review.pk}",
            "opts": self.opts,
            "crumbs": crumbs(("Reviews", reverse("admin:settlement_review_changelist"))),
            **page_of(request, review),
        }
        return TemplateResponse(request, "admin/acts/review.html", context)

    def decide(self, request: HttpRequest, pk: int, word: str) -> HttpResponse:
        """Ask to accept what is held back, or to dismiss the question."""
        review = self._review(request, str(pk))
        if word not in DECISIONS:
            raise Http404("A review is accepted or dismissed.")
        kind = DECISIONS[word]
        refuse_without(request, PERMISSIONS[kind])
        form = NumberedForm(request.POST or None, act=kind, field="reviews", number=pk)
        page = reverse("admin:settlement_review_change", args=[pk])
        queue = reverse("admin:settlement_review_changelist")
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "told": TOLD[word],
            "crumbs": crumbs(("Reviews", queue), (f"Review {pk}", page)),
        }
        title = f"{word.capitalize()} review {pk}: {worded(review.kind).lower()}"
        return asked(request, Asking(title, form, page, page, context))

    def _review(self, request: HttpRequest, pk: str) -> Review:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = Review.objects.select_related("ticket__currency", "ticket__player", "market__event")
        review = found.filter(pk=pk).first() if is_key(pk) else None
        if review is None:
            raise Http404("There is no such review.")
        return review
