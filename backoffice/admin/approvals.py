"""Approvals: acts that wait for another person, as they would be now, and the decision."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.widgets import UnfoldAdminTextareaWidget

from backoffice import by_hand
from backoffice.admin.act_pages import actor_at, batch_page, crumbs, may, preview_shown, tell
from backoffice.admin.act_words import order_in_words, reason_of, title_of
from backoffice.admin.base import ReadOnlyAdmin, actor_of
from backoffice.admin.batches import STEPS, state_word
from backoffice.words import person
from settlement.acts import services
from settlement.acts.actors import APPROVE
from settlement.acts.carrying import order_of
from settlement.acts.previews import digest_of
from settlement.models import Approval, Batch
from settlement.orders import LONGEST_NOTE, ActRefused

MOST_SHOWN = 100
DECISIONS = {
    "accept": services.accept,
    "refuse": services.refuse,
    "withdraw": services.withdraw,
}


class DecisionForm(forms.Form):
    """What is decided, and why."""

    decision = forms.ChoiceField(choices=[(word, word) for word in DECISIONS])
    note = forms.CharField(
        label="Why",
        max_length=LONGEST_NOTE,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="What an auditor should know in a year.",
    )


@admin.register(Approval)
class ApprovalAdmin(ReadOnlyAdmin):
    """The queue of acts that wait, and a page for each."""

    def get_urls(self) -> list[URLPattern]:
        decide = self.admin_site.admin_view(self.decide)
        named = path("<int:pk>/decide/", decide, name="settlement_approval_decide")
        return [named, *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, *_: Any, **__: Any) -> HttpResponse:
        """A step has no page of its own: its act's page says all."""
        self._refuse_strangers(request)
        return redirect("admin:settlement_approval_changelist")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show what waits for whoever looks, what he waits for himself, and what was decided."""
        self._refuse_strangers(request)
        me = actor_of(request)
        waiting = [waiting_row(one) for one in by_hand.waiting_acts()[:MOST_SHOWN]]
        context = self.admin_site.each_context(request) | {
            "title": "Approvals",
            "opts": self.opts,
            "may_approve": may(request, APPROVE),
            "others": [one for one in waiting if one["maker"] != me],
            "own": [one for one in waiting if one["maker"] == me],
            "returned": [waiting_row(one) for one in by_hand.returned_acts(me)[:MOST_SHOWN]],
            "decided": [decided_row(one) for one in by_hand.decisions()[:MOST_SHOWN]],
        }
        return TemplateResponse(request, "admin/acts/approvals.html", context)

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show an act as it would be now, and take the decision about it."""
        self._refuse_strangers(request)
        batch = by_hand.batch(str(pk))
        if batch is None:
            raise Http404("There is no such act.")
        form = DecisionForm(request.POST or None)
        if request.method == "POST":
            if not may_decide(request, batch, request.POST.get("decision", "")):
                raise PermissionDenied
            if form.is_valid() and (decided := self._decided(request, form, batch)):
                tell(request, decided)
                return redirect(batch_page(decided))
        context = self.admin_site.each_context(request) | {
            "title": f"Act {batch.pk}: {title_of(batch.act).lower()}",
            "opts": self.opts,
            "form": form,
            **page_of(request, batch),
        }
        return TemplateResponse(request, "admin/acts/approval.html", context)

    def _decided(self, request: HttpRequest, form: DecisionForm, batch: Batch) -> Batch | None:
        decide = DECISIONS[form.cleaned_data["decision"]]
        try:
            return decide(
                batch_id=batch.pk, actor=actor_at(request), note=form.cleaned_data["note"]
            )
        except ActRefused as refusal:
            form.add_error(None, str(refusal))
            return None

    def _refuse_strangers(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied


def may_decide(request: HttpRequest, batch: Batch, decision: str) -> bool:
    """Whether somebody may decide so; whose act it is, the service looks at."""
    if decision == "withdraw":
        return batch.maker == actor_of(request)
    return may(request, APPROVE)


def waiting_row(batch: Batch) -> dict[str, Any]:
    """Return a line of the queue."""
    return {
        "number": batch.pk,
        "maker": batch.maker,
        "who": person(batch.maker),
        "created_at": batch.created_at,
        "title": title_of(batch.act),
        "total": batch.total,
        "why_asked": batch.why_asked,
        "reason": reason_of(batch.reason),
        "note": batch.note,
        "page": reverse("admin:settlement_approval_decide", args=[batch.pk]),
        "again": reverse("admin:settlement_batch_again", args=[batch.pk]),
    }


def decided_row(step: Approval) -> dict[str, Any]:
    """Return a line about a decision."""
    return {
        "created_at": step.created_at,
        "number": step.batch_id,
        "title": title_of(step.batch.act),
        "page": batch_page(step.batch),
        "maker": person(step.maker),
        "who": person(step.checker or step.maker),
        "did": STEPS[step.step],
        "note": step.note,
    }


def page_of(request: HttpRequest, batch: Batch) -> dict[str, Any]:
    """Return what whoever decides has to see."""
    order = order_of(batch)
    own = batch.maker == actor_of(request)
    shown: dict[str, Any] = {
        "batch": batch,
        "state": state_word(batch),
        "who": person(batch.maker),
        "order": order_in_words(order),
        "reason": reason_of(batch.reason),
        "batch_link": batch_page(batch),
        "asks_title": f"{person(batch.maker)} was told:",
        "waiting": batch.state == "WAITING",
        "own": own,
        "may_approve": not own and may(request, APPROVE),
        "again": reverse("admin:settlement_batch_again", args=[batch.pk])
        if own and batch.state == "RETURNED"
        else "",
        "crumbs": crumbs(("Approvals", reverse("admin:settlement_approval_changelist"))),
    }
    if batch.state != "WAITING":
        return shown
    try:
        seen = services.preview(order=order, actor=actor_at(request))
    except ActRefused as refusal:
        return shown | {"no_preview": str(refusal)}
    return shown | {
        "preview": preview_shown(seen) | {"asks": batch.why_asked},
        "changed": digest_of(order, seen.seen) != bytes(batch.digest),
    }
