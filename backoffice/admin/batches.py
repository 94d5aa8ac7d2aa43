"""Acts: the list of all that was done by hand, a page for each, and the way to take one back."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from backoffice import by_hand
from backoffice.admin.act_forms import NumberedForm
from backoffice.admin.act_pages import Asking, asked, batch_page, crumbs, may, refuse_without
from backoffice.admin.act_words import (
    BATCH_STATES,
    LINE_STATES,
    order_in_words,
    reason_of,
    state_in_words,
    title_of,
)
from backoffice.admin.acts import may_reverse, reverse_page
from backoffice.admin.audit import AuditMixin
from backoffice.admin.base import ReadOnlyAdmin, actor_of, time_cell
from backoffice.admin.batch_files import results_file
from backoffice.admin.keyset import KeysetList
from backoffice.admin.market_desk import MarketDeskMixin
from backoffice.admin.new_batch import NewBatchMixin
from backoffice.words import grouped, person, signed
from settlement.acts.actors import BULK, PERMISSIONS
from settlement.acts.carrying import order_of
from settlement.models import Approval, Batch, BatchLine
from settlement.vocabulary import MARKET_ACTS, ActKind
from wallet.money import Unit, text

LINES = 100
STEPS = {
    "ASKED": "asked for it",
    "ACCEPTED": "agreed",
    "REFUSED": "refused",
    "RETURNED": "found it changed, and sent it back",
    "WITHDRAWN": "withdrew it",
}


@admin.register(Batch)
class BatchAdmin(AuditMixin, NewBatchMixin, MarketDeskMixin, ReadOnlyAdmin):
    """The list of acts, and a page for each."""

    change_list_template = "admin/acts/batches.html"
    list_display = ("number", "title", "tickets", "money", "who", "when", "why", "state_word")
    list_display_links = ("number",)
    list_filter = ("state", "act", "reason")
    list_filter_submit = True
    search_fields = ("maker",)
    search_help_text = "Who acted: a user's name, exactly."
    ordering = ("-id",)
    sortable_by = ()

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[KeysetList]:
        return ActsList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Batch], search_term: str
    ) -> tuple[QuerySet[Batch], bool]:
        term = search_term.strip()
        return (queryset.filter(maker=f"user:{person(term)}") if term else queryset), False

    @admin.display(description="Act")
    def number(self, batch: Batch) -> int:
        return batch.pk

    @admin.display(description="What")
    def title(self, batch: Batch) -> str:
        undone = f" act {batch.reverses_id}" if batch.reverses_id else ""
        return f"{title_of(batch.act)}{undone}"

    @admin.display(description="Tickets")
    def tickets(self, batch: Batch) -> SafeString:
        return format_html('<span class="amount cell">{}</span>', f"{batch.total:,}")

    @admin.display(description="Money moved")
    def money(self, batch: Batch) -> SafeString:
        moved = getattr(batch, "moved", None)
        if moved is None:
            return format_html('<span class="amount cell hint">{}</span>', "see its page")
        cells = [(signed(text(minor, unit.precision)), unit.code) for unit, minor in moved if minor]
        shown = format_html_join(", ", "{} {}", cells) or "–"
        return format_html('<span class="amount cell">{}</span>', shown)

    @admin.display(description="By")
    def who(self, batch: Batch) -> str:
        return person(batch.maker)

    @admin.display(description="When (UTC)")
    def when(self, batch: Batch) -> SafeString:
        return time_cell(batch.created_at)

    @admin.display(description="Why")
    def why(self, batch: Batch) -> SafeString:
        shown = '{}<span class="note">{}</span>'
        return format_html(shown, reason_of(batch.reason), batch.note)

    @admin.display(description="State")
    def state_word(self, batch: Batch) -> SafeString:
        return state_word(batch)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        more = {
            "title": "Acts by hand",
            "may_act_in_bulk": may(request, BULK),
            "may_act_on_markets": may(request, PERMISSIONS[ActKind.MARKET_SETTLE]),
        }
        return super().changelist_view(request, more | (extra_context or {}))  # type: ignore[no-any-return]

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            *self.new_batch_urls(),
            *self.audit_urls(),
            *self.market_urls(),
            path("<int:pk>/reverse/", wrap(self.reverse), name="settlement_batch_reverse"),
            path("<int:pk>/results.csv", wrap(self.results), name="settlement_batch_results"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show what was asked for, how far it is, and what became of each ticket."""
        batch = self._batch(request, object_id)
        context = self.admin_site.each_context(request) | {
            "title": f"Act {batch.pk}: {title_of(batch.act).lower()}",
            "opts": self.opts,
            **page_of(request, batch),
        }
        return TemplateResponse(request, "admin/acts/batch.html", context)

    def reverse(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask to take an act back, whole."""
        batch = self._batch(request, str(pk))
        kind = ActKind(batch.act)
        many = (BULK,) if batch.total > 1 and kind not in MARKET_ACTS else ()
        refuse_without(request, PERMISSIONS[ActKind.UNDO], PERMISSIONS[kind], *many)
        form = NumberedForm(request.POST or None, act=ActKind.UNDO, field="undoes", number=pk)
        page = batch_page(batch)
        acts_page = reverse("admin:settlement_batch_changelist")
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "told": "Each ticket goes back to what everything else that was said comes to: "
            "what providers said in the meantime counts.",
            "crumbs": crumbs(("Acts by hand", acts_page), (f"Act {pk}", page)),
        }
        title = f"Take back act {pk}: {title_of(batch.act).lower()}"
        return asked(request, Asking(title, form, page, context=context))

    def results(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Send what became of each ticket as a file."""
        return results_file(self._batch(request, str(pk)))

    def _batch(self, request: HttpRequest, pk: str) -> Batch:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if (found := by_hand.batch(pk)) is None:
            raise Http404("There is no such act.")
        return found


class ActsList(KeysetList):
    """The list of acts, each with the money that it moved."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        moved = by_hand.moved_by(self.result_list)
        for batch in self.result_list:
            batch.moved = moved.get(batch.pk)


def state_word(batch: Batch) -> SafeString:
    """Return where an act stands: a word, a sign, a colour."""
    word, sign, look = BATCH_STATES[batch.state]
    return format_html('<span class="word {}">{} {}</span>', look, sign, word)


def page_of(request: HttpRequest, batch: Batch) -> dict[str, Any]:
    """Return all that an act's page shows."""
    chosen = request.GET.get("state", "")
    after = request.GET.get("after", "")
    lines = by_hand.lines_of(
        batch,
        state=chosen if chosen in LINE_STATES else "",
        after=int(after) if after.isascii() and after.isdecimal() and len(after) < 10 else 0,
        most=LINES + 1,
    )
    became = by_hand.what_became(batch)
    return {
        "batch": batch,
        "acts_page": reverse("admin:settlement_batch_changelist"),
        "what": title_of(batch.act),
        "state": state_word(batch),
        "running": batch.state == "RUNNING",
        "waiting": batch.state == "WAITING",
        "order": order_in_words(order_of(batch)),
        "reason": reason_of(batch.reason),
        "who": person(batch.maker),
        "became": became,
        "moved": [moved_row(unit, minor) for unit, minor in by_hand.moved_in_all(batch)],
        "lines": [line_row(one) for one in lines[:LINES]],
        "next": lines[LINES - 1].position if len(lines) > LINES else "",
        "chosen": chosen,
        "states": [(state, words[0]) for state, words in LINE_STATES.items()],
        "steps": [step_row(one) for one in by_hand.steps_of(batch)],
        "reversed_by": list(batch.reversed_by.order_by("id")),
        "reverse_page": reverse_page(batch) if may_reverse(request, batch) else "",
        "decide_page": reverse("admin:settlement_approval_decide", args=[batch.pk])
        if waits_for(request, batch) and may(request, "view_approval")
        else "",
        "batch_page": batch_page,
    }


def waits_for(request: HttpRequest, batch: Batch) -> bool:
    """Whether an act waits for a decision, or for whoever looks to look again."""
    returned = batch.state == "RETURNED" and batch.maker == actor_of(request)
    return returned or batch.state == "WAITING"


def moved_row(unit: Unit, minor: int) -> dict[str, str]:
    """Return what an act moved in a currency."""
    look = "credit" if minor > 0 else "debit" if minor < 0 else "hint"
    return {"shown": signed(text(minor, unit.precision)), "code": unit.code, "look": look}


def line_row(line: BatchLine) -> dict[str, Any]:
    """Return what became of one ticket."""
    word, sign, look = LINE_STATES[line.state]
    row: dict[str, Any] = {
        "position": line.position,
        "bet_id": line.bet_id,
        "state": word,
        "sign": sign,
        "look": look,
        "sentence": line.sentence,
    }
    if (ticket := line.ticket) is not None:
        difference = text(line.difference, ticket.currency.precision)
        row |= {
            "page": reverse("admin:settlement_ticket_change", args=[ticket.pk]),
            "difference": f"{signed(difference)} {ticket.currency_id}" if line.difference else "–",
            "is_credit": line.difference > 0,
            "is_debit": line.difference < 0,
            "now": state_in_words(ticket.status, ticket.result),
            "payout": f"{grouped(text(ticket.payout, ticket.currency.precision))} "
            f"{ticket.currency_id}",
        }
    return row


def step_row(step: Approval) -> dict[str, Any]:
    """Return a line about who agreed to an act, or did not."""
    return {
        "created_at": step.created_at,
        "who": person(step.checker or step.maker),
        "did": STEPS[step.step],
        "note": step.note,
    }
