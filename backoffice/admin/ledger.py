"""The ledger, the books' two sides, and the currencies: to read and to filter."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateTimeFilter

from backoffice.admin.base import ReadOnlyAdmin, grouped
from wallet import selectors
from wallet.models import Account, Currency, Transfer
from wallet.vocabulary import HOUSE_KINDS


class CurrencyFilter(admin.SimpleListFilter):
    """Choose one of the currencies that are in use."""

    title = "currency"
    parameter_name = "currency"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[tuple[str, str]]:
        used = Account.objects.order_by("currency_id").values_list("currency_id", flat=True)
        return ((code, code) for code in used.distinct())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> QuerySet[Transfer]:
        return queryset.filter(currency_id=self.value()) if self.value() else queryset


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin):
    """Every movement of money, the newest first."""

    list_display = (
        "created_at", "player", "kind", "change", "currency_id", "balance_after",
        "reference", "reason", "actor",
    )  # fmt: skip
    list_display_links = ("created_at",)
    list_select_related = ("player_account__player", "currency")
    list_filter = ("kind", CurrencyFilter, ("created_at", RangeDateTimeFilter))
    list_filter_submit = True
    search_fields = ("key__exact", "player_account__player__external_id__exact")
    search_help_text = "A player's id or a transfer's key, exactly."
    ordering = ("-id",)
    fields = (
        "key", "kind", "player", "change", "balance_after", "account_sequence",
        "debit_account", "credit_account", "reference", "reason", "note", "actor", "created_at",
    )  # fmt: skip
    readonly_fields = ("player", "change", "balance_after", "reference")

    @admin.display(description="Player")
    def player(self, transfer: Transfer) -> str:
        return str(transfer.player_account.player)

    @admin.display(description="Change")
    def change(self, transfer: Transfer) -> str:
        return grouped(selectors.statement_line(transfer, transfer.currency.unit).change)

    @admin.display(description="Balance after")
    def balance_after(self, transfer: Transfer) -> str:
        return grouped(selectors.statement_line(transfer, transfer.currency.unit).balance_after)

    @admin.display(description="Reference")
    def reference(self, transfer: Transfer) -> str:
        return selectors.statement_line(transfer, transfer.currency.unit).reference or "–"


@admin.register(Account)
class BooksAdmin(ReadOnlyAdmin):
    """The two sides of the ledger, currency by currency."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show what players and house hold, and whether it cancels out."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = self.admin_site.each_context(request) | {
            "title": "Books",
            "house_kinds": [kind.removeprefix("HOUSE_").capitalize() for kind in HOUSE_KINDS],
            "rows": [books_row(book) for book in selectors.books()],
        }
        return TemplateResponse(request, "admin/wallet/books.html", context)


def books_row(book: selectors.Books) -> dict[str, Any]:
    """Return one currency's line."""
    return {
        "currency": book.currency,
        "players": grouped(book.players),
        "house": [grouped(book.house.get(kind, "0")) for kind in HOUSE_KINDS],
        "difference": grouped(book.difference),
        "balanced": book.balanced,
    }


@admin.register(Currency)
class CurrencyAdmin(ModelAdmin):  # type: ignore[misc]
    """Currencies can be added; a precision never changes, it gives each stored amount its size."""

    actions = None
    list_display = ("code", "precision")
    search_fields = ("code__exact",)
    ordering = ("code",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
