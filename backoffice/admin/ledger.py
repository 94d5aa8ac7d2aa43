"""The ledger, the books' two sides, and the currencies: to read and to filter."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RangeDateTimeFilter

from backoffice.admin.base import DeskAdmin, ReadOnlyAdmin, amount_cell, time_cell
from backoffice.words import grouped, worded
from wallet import selectors
from wallet.models import Account, Currency, Transfer
from wallet.vocabulary import HOUSE_KINDS


class CurrencyFilter(admin.SimpleListFilter):
    """Choose one of the currencies that are in use."""

    title = "currency"
    parameter_name = "currency"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[tuple[str, str]]:
        house = Account.objects.filter(player=None, kind="HOUSE_CASH").order_by("currency_id")
        return ((code, code) for code in house.values_list("currency_id", flat=True))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> QuerySet[Transfer]:
        return queryset.filter(currency_id=self.value()) if self.value() else queryset


class TimeFilter(RangeDateTimeFilter):  # type: ignore[misc]
    """Choose from and to, in UTC; an hour that is not given is the day's first or last."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Transfer]) -> QuerySet[Transfer]:
        chosen = {}
        for side, lookup, default in (("from", "gte", time.min), ("to", "lte", time.max)):
            day, hour = (self.used_parameters.get(f"created_at_{side}_{n}") for n in (0, 1))
            try:
                at = time.fromisoformat(hour) if hour else default
                chosen[f"created_at__{lookup}"] = datetime.combine(
                    date.fromisoformat(day or ""), at, UTC
                )
            except ValueError:
                continue
        return queryset.filter(**chosen)


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin):
    """Every movement of money, the newest first."""

    list_display = ("at", "player", "kind_word", "change", "after", "code", "why", "actor")
    list_display_links = ("at",)
    list_select_related = ("player_account__player", "currency")
    list_filter = ("kind", CurrencyFilter, ("created_at", TimeFilter))
    list_filter_submit = True
    search_fields = ("key",)
    search_help_text = "A player's id or a transfer's key, exactly."
    ordering = ("-id",)
    fields = (
        "key", "at", "kind_word", "player", "change", "after", "code", "number",
        "debit", "credit", "reference", "reason", "note", "actor",
    )  # fmt: skip
    readonly_fields = (
        "at", "kind_word", "player", "change", "after", "code", "number", "debit", "credit",
        "reference",
    )  # fmt: skip

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Transfer], search_term: str
    ) -> tuple[QuerySet[Transfer], bool]:
        """Look for a player's accounts, else for a key: one question would read the whole table."""
        term = search_term.strip()
        if not term:
            return queryset, False
        accounts = list(
            Account.objects.filter(player__external_id=term).values_list("pk", flat=True)
        )
        if accounts:
            return queryset.filter(player_account__in=accounts), False
        return queryset.filter(key=term), False

    @admin.display(description="Time (UTC)", ordering="id")
    def at(self, transfer: Transfer) -> SafeString:
        return time_cell(transfer.created_at)

    @admin.display(description="Player")
    def player(self, transfer: Transfer) -> SafeString:
        page = reverse("admin:wallet_player_change", args=[transfer.player.pk])
        return format_html('<a class="link" href="{}">{}</a>', page, transfer.player)

    @admin.display(description="Kind")
    def kind_word(self, transfer: Transfer) -> str:
        return transfer.kind.capitalize()

    @admin.display(description="Change")
    def change(self, transfer: Transfer) -> SafeString:
        return amount_cell(line_of(transfer).change, change=True)

    @admin.display(description="Balance after")
    def after(self, transfer: Transfer) -> SafeString:
        return amount_cell(line_of(transfer).balance_after)

    @admin.display(description="Currency")
    def code(self, transfer: Transfer) -> str:
        return transfer.currency_id

    @admin.display(description="Reason")
    def why(self, transfer: Transfer) -> SafeString:
        note = format_html('<span class="note">{}</span>', transfer.note)
        return format_html("{}{}", worded(transfer.reason), note)

    @admin.display(description="Number in the account")
    def number(self, transfer: Transfer) -> int:
        return transfer.account_sequence

    @admin.display(description="From account")
    def debit(self, transfer: Transfer) -> str:
        return str(transfer.debit_account)

    @admin.display(description="To account")
    def credit(self, transfer: Transfer) -> str:
        return str(transfer.credit_account)

    @admin.display(description="Reference")
    def reference(self, transfer: Transfer) -> str:
        return line_of(transfer).reference or "–"


def line_of(transfer: Transfer) -> selectors.StatementLine:
    """Return a transfer as a statement shows it."""
    return selectors.statement_line(transfer, transfer.currency.unit)


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

    def change_view(self, request: HttpRequest, object_id: str, *_: Any, **__: Any) -> HttpResponse:
        """An account has no page of its own: a player's is the player's."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        account = Account.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        if account is None or account.player_id is None:
            return redirect("admin:wallet_account_changelist")
        page = reverse("admin:wallet_player_change", args=[account.player_id])
        return redirect(f"{page}?currency={account.currency_id}")


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
class CurrencyAdmin(DeskAdmin):
    """Currencies can be added; a precision never changes, it gives each stored amount its size."""

    actions = None
    list_display = ("code", "precision")
    search_fields = ("code__exact",)
    ordering = ("code",)

    def save_model(self, request: HttpRequest, obj: Currency, form: Any, change: bool) -> None:
        """Insert, never update: the database takes nothing else."""
        obj.save(force_insert=True)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
