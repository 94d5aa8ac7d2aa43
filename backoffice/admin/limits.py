"""Act limits: up to what each role acts alone. Rows never change; the newest is in force."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminSelectWidget
from unfold.widgets import UnfoldAdminTextInputWidget as TextInput

from backoffice import by_hand
from backoffice.admin.base import CountedOnce, ReadOnlyAdmin, actor_of, amount_cell, time_cell
from backoffice.roles import MACHINES, ROLES
from backoffice.words import person
from settlement.models import ActLimit
from wallet import selectors
from wallet.money import Money, MoneyError, text

MOST_TICKETS = 1_000_000


class LimitForm(forms.Form):
    """Whose limit, in which currency, how much."""

    role = forms.ChoiceField(
        choices=[(role, role) for role in ROLES if role not in MACHINES],
        widget=UnfoldAdminSelectWidget,
    )
    currency = forms.ChoiceField(
        required=False, widget=UnfoldAdminSelectWidget,
        help_text="Money that one act moves; without a currency, how many tickets it is on.",
    )  # fmt: skip
    most = forms.CharField(
        max_length=40, widget=TextInput, label="At most",
        help_text="Alone; above it another person has to agree. 0 always asks.",
    )  # fmt: skip

    def __init__(self, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        self.units = selectors.units()
        codes = [(code, code) for code in sorted(self.units)]
        self.fields["currency"].choices = [("", "Tickets in one act"), *codes]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "most" in cleaned and "currency" in cleaned:
            try:
                cleaned["counted"] = self.counted(cleaned["most"], cleaned["currency"])
            except (MoneyError, ValueError) as error:
                self.add_error("most", str(error))
        return cleaned

    def counted(self, most: str, code: str) -> int:
        """Return the limit in minor units, or in tickets."""
        if code:
            found = Money.parse(most, self.units[code]).minor
        elif most.isascii() and most.isdecimal() and int(most) <= MOST_TICKETS:
            found = int(most)
        else:
            raise ValueError(f"“{most}” is not a number of tickets.")
        if found < 0:
            raise ValueError("A limit is not less than nothing.")
        return found


@admin.register(ActLimit)
class ActLimitAdmin(ReadOnlyAdmin):
    """The list of limits, and the form for another."""

    change_list_template = "admin/acts/limits.html"
    list_display = ("role", "of_what", "most_cell", "in_force", "set_by", "since")
    list_display_links = None
    list_filter = ("role",)
    list_select_related = ("currency",)
    ordering = ("-id",)
    sortable_by = ()

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[CountedOnce]:
        return CountedOnce

    def get_urls(self) -> list[URLPattern]:
        new = path("new/", self.admin_site.admin_view(self.new), name="settlement_new_limit")
        return [new, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        may_add = request.user.has_perm("settlement.add_actlimit")
        more = {"title": "Act limits", "may_add": may_add} | (extra_context or {})
        self.newest = by_hand.limits_in_force()
        return super().changelist_view(request, more)  # type: ignore[no-any-return]

    def change_view(self, request: HttpRequest, object_id: str, *_: Any, **__: Any) -> HttpResponse:
        """A limit has no page of its own: the list says all."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect("admin:settlement_actlimit_changelist")

    @admin.display(description="On")
    def of_what(self, limit: ActLimit) -> str:
        return limit.currency_id or "tickets in one act"

    @admin.display(description="At most")
    def most_cell(self, limit: ActLimit) -> SafeString:
        if limit.currency is None:
            return amount_cell(str(limit.most))
        return amount_cell(text(limit.most, limit.currency.precision))

    @admin.display(description="State")
    def in_force(self, limit: ActLimit) -> SafeString:
        look, word = ("good", "✓ in force") if limit.pk in self.newest else ("muted", "earlier")
        return format_html('<span class="word {}">{}</span>', look, word)

    @admin.display(description="Set by")
    def set_by(self, limit: ActLimit) -> str:
        return person(limit.actor)

    @admin.display(description="Since (UTC)")
    def since(self, limit: ActLimit) -> SafeString:
        return time_cell(limit.created_at)

    def new(self, request: HttpRequest) -> HttpResponse:
        """Ask for a limit, and put it in force."""
        if not request.user.has_perm("settlement.add_actlimit"):
            raise PermissionDenied
        form = LimitForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            limit = by_hand.set_limit(
                role=form.cleaned_data["role"],
                currency=form.cleaned_data["currency"] or None,
                most=form.cleaned_data["counted"],
                actor=actor_of(request),
            )
            self.log_addition(request, limit, str(limit))
            messages.success(request, f"In force from now on for {limit.role}.")
            return redirect("admin:settlement_actlimit_changelist")
        context = self.admin_site.each_context(request) | {
            "title": "New act limit", "opts": self.opts, "form": form,
        }  # fmt: skip
        return TemplateResponse(request, "admin/acts/new_limit.html", context)
