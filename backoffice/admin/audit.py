"""Who did what, when and why: one search over acts, approvals, facts, events and transfers."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode

from backoffice import audit_trail
from backoffice.admin.act_words import title_of
from backoffice.admin.statements import harmless
from backoffice.audit_trail import SOURCES, Done, Place, Search
from backoffice.words import signed, worded
from settlement import selectors
from settlement.vocabulary import ActReason
from wallet.money import text
from wallet.vocabulary import Reason

PAGE = 100
MOST_EXPORTED = 100_000
READS = ("settlement.view_batch", "settlement.view_ticket", "wallet.view_transfer")
EXPORTS = "settlement.export_ticket"
REASONS = sorted({*map(str, ActReason), *map(str, Reason)})
HEADER = ("time (UTC)", "kind", "number", "who", "what", "about", "change", "currency", "reason",
          "note")  # fmt: skip
PLACE = re.compile(r"([a-z ]+):(\d{1,18})")


class SearchForm(forms.Form):
    """What is looked for."""

    who = forms.CharField(required=False, max_length=200, label="Who")
    source = forms.ChoiceField(
        required=False, label="What",
        choices=[("", "Everything"), *((name, worded(name)) for name in SOURCES)],
    )  # fmt: skip
    ticket = forms.CharField(required=False, max_length=100, label="Ticket")
    reason = forms.ChoiceField(
        required=False, choices=[("", "Any"), *((one, worded(one)) for one in REASONS)]
    )
    since = forms.DateTimeField(
        required=False, label="From (UTC)", widget=forms.DateTimeInput({"type": "datetime-local"})
    )
    until = forms.DateTimeField(
        required=False, label="To (UTC)", widget=forms.DateTimeInput({"type": "datetime-local"})
    )

    def clean_ticket(self) -> Any:
        """Return the ticket itself."""
        if not (bet_id := self.cleaned_data["ticket"].strip()):
            return None
        if (found := selectors.ticket(bet_id)) is None:
            raise forms.ValidationError(f"There is no ticket “{bet_id}”.")
        return found

    def clean_who(self) -> str:
        """Return who it is as the books name him: people go without their prefix."""
        who = str(self.cleaned_data["who"]).strip()
        return who if not who or ":" in who else f"user:{who}"

    @property
    def search(self) -> Search:
        """What is looked for, in the selector's words."""
        return Search(**{name: value for name, value in self.cleaned_data.items() if value})


class AuditMixin:
    """The search's page and its file, under those of acts."""

    admin_site: Any
    opts: Any

    def audit_urls(self) -> list[URLPattern]:
        """Return the addresses of the search."""
        wrap = self.admin_site.admin_view
        return [
            path("audit/", wrap(self.audit), name="settlement_audit"),
            path("audit.csv", wrap(self.audit_file), name="settlement_audit_file"),
        ]

    def audit(self, request: HttpRequest) -> HttpResponse:
        """Show a page of what was done."""
        refuse_strangers(request)
        form = SearchForm(request.GET or None)
        found: list[Done] = []
        place: Place = {}
        if not form.is_bound or form.is_valid():
            search = form.search if form.is_bound else Search()
            found, place = audit_trail.page_of(search, place_in(request.GET.get("place", "")), PAGE)
        given = {name: request.GET[name] for name in form.fields if request.GET.get(name)}
        context = self.admin_site.each_context(request) | {
            "title": "Audit",
            "opts": self.opts,
            "form": form,
            "rows": [row_of(one) for one in found],
            "older": f"?{urlencode({**given, 'place': written(place)})}" if place else "",
            "file": f"{reverse('admin:settlement_audit_file')}?{urlencode(given)}"
            if request.user.has_perm(EXPORTS)
            else "",
        }
        return TemplateResponse(request, "admin/acts/audit.html", context)

    def audit_file(self, request: HttpRequest) -> HttpResponseBase:
        """Send all that is found as a file."""
        refuse_strangers(request)
        if not request.user.has_perm(EXPORTS):
            raise PermissionDenied
        form = SearchForm(request.GET)
        if not form.is_valid():
            told = "; ".join(str(error) for errors in form.errors.values() for error in errors)
            return HttpResponse(told, status=400, content_type="text/plain; charset=utf-8")
        answer = StreamingHttpResponse(csv_of(form.search), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="audit.csv"'
        return answer


def refuse_strangers(request: HttpRequest) -> None:
    """Answer with 403 whoever does not read all of it anyway."""
    if not request.user.has_perms(READS):
        raise PermissionDenied


def place_in(given: str) -> Place:
    """Return the place in an address: the last key of each source."""
    found = [PLACE.fullmatch(one) for one in given.split(".")]
    return {one[1]: int(one[2]) for one in found if one and one[1] in SOURCES}


def written(place: Place) -> str:
    """Return a place as it stands in an address."""
    return ".".join(f"{name}:{key}" for name, key in place.items())


def row_of(done: Done) -> dict[str, Any]:
    """Return a line of the search: when, who, what, about what, how much, why."""
    row = done.row
    return {
        "created_at": row.created_at,
        "kind": worded(done.source),
        "number": row.pk,
        "note": row.note,
        "reason": worded(getattr(row, "reason", "")),
        **TOLD[done.source](row),
    }


def act_told(row: Any) -> dict[str, Any]:
    """Tell an act."""
    return {
        "who": row.maker,
        "what": title_of(row.act),
        "about": f"act {row.pk}, {row.total:,} ticket{'' if row.total == 1 else 's'}",
        "page": reverse("admin:settlement_batch_change", args=[row.pk]),
    }


def approval_told(row: Any) -> dict[str, Any]:
    """Tell a step of an approval."""
    return {
        "who": row.checker or row.maker,
        "what": worded(row.step),
        "about": f"act {row.batch_id}, {title_of(row.batch.act).lower()}",
        "page": reverse("admin:settlement_batch_change", args=[row.batch_id]),
    }


def ticket_fact_told(row: Any) -> dict[str, Any]:
    """Tell what was said of a ticket."""
    leg = f", leg {row.position}" if row.position else ""
    return {"who": row.actor, "what": worded(row.kind), **ticket_told(row.ticket, leg)}


def market_fact_told(row: Any) -> dict[str, Any]:
    """Tell what was said of a market."""
    about = f"{row.market.event} · {row.market}" if row.market else f"{row.event}, all markets"
    return {"who": row.actor, "what": worded(row.kind), "about": about}


def event_told(row: Any) -> dict[str, Any]:
    """Tell what happened to a ticket."""
    unit = row.ticket.currency
    return {
        "who": row.actor,
        "what": worded(row.kind),
        **ticket_told(row.ticket),
        **change_told(row.difference, unit),
    }


def transfer_told(row: Any) -> dict[str, Any]:
    """Tell a transfer."""
    change = row.amount if row.credit_account_id == row.player_account_id else -row.amount
    return {
        "who": row.actor,
        "what": worded(row.kind),
        "about": f"player {row.player_account.player}",
        "page": reverse("admin:wallet_transfer_change", args=[row.pk]),
        **change_told(change, row.currency),
    }


def ticket_told(ticket: Any, more: str = "") -> dict[str, Any]:
    """Tell which ticket."""
    page = reverse("admin:settlement_ticket_change", args=[ticket.pk])
    return {"about": f"ticket {ticket.bet_id}{more}", "page": page}


def change_told(change: int, currency: Any) -> dict[str, Any]:
    """Tell what a player got, or gave."""
    if not change:
        return {}
    return {
        "exact": text(change, currency.precision),
        "change": signed(text(change, currency.precision)),
        "code": currency.code,
        "look": "credit" if change > 0 else "debit",
    }


TOLD = {
    "act": act_told,
    "approval": approval_told,
    "ticket fact": ticket_fact_told,
    "market fact": market_fact_told,
    "event": event_told,
    "transfer": transfer_told,
}


def csv_of(search: Search) -> Iterator[str]:
    """Yield the file piece by piece."""
    # Without a mark a spreadsheet takes UTF-8 for something else.
    yield "\ufeff" + line(HEADER)
    for done in audit_trail.everything(search, most=MOST_EXPORTED):
        row = row_of(done)
        at = row["created_at"].isoformat(timespec="milliseconds")
        words = ("who", "what", "about", "exact", "code", "reason", "note")
        yield line((at, row["kind"], row["number"], *(row.get(name, "") for name in words)))


def line(cells: tuple[object, ...]) -> str:
    """Return a row that no spreadsheet takes for formulas."""
    stream = io.StringIO(newline="")
    csv.writer(stream).writerow([harmless(cell) for cell in cells])
    return stream.getvalue()
