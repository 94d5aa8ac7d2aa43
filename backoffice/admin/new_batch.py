"""An act on many tickets: pasted, from a file, or chosen by market, event and time."""

from typing import Any

import msgspec
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse

from backoffice import by_hand
from backoffice.admin.act_forms import ActForm
from backoffice.admin.act_pages import Asking, asked, crumbs, may, refuse_without
from backoffice.admin.base import actor_of
from backoffice.admin.batch_form import BatchForm
from settlement.acts.actors import BULK, PERMISSIONS
from settlement.acts.carrying import order_of
from settlement.models import Batch
from settlement.orders import Order, unanswered
from settlement.vocabulary import TICKET_ACTS, ActKind

OVER = ("RETURNED", "REFUSED")
IN_BULK = TICKET_ACTS - {ActKind.ACCEPT_RESULT}  # Each answer is looked at by itself.


class AgainForm(ActForm):
    """The same act again, as it would be now."""

    def __init__(self, *args: Any, order: Order, **words: Any) -> None:
        self.asked_before = order
        first = {"reason": str(order.reason), "note": order.note}
        super().__init__(*args, act=order.act, initial=first, **words)

    def said(self) -> dict[str, Any]:
        words: dict[str, Any] = msgspec.to_builtins(unanswered(self.asked_before))
        return {name: words[name] for name in words if name not in ("act", "reason", "note")}


class NewBatchMixin:
    """The pages for new acts on many tickets, and for acts that were sent back."""

    admin_site: Any
    opts: Any

    def new_batch_urls(self) -> list[URLPattern]:
        """Return the addresses of new acts."""
        wrap = self.admin_site.admin_view
        return [
            path("new/", wrap(self.new_batch), name="settlement_new_batch"),
            path("<int:pk>/again/", wrap(self.again), name="settlement_batch_again"),
        ]

    def new_batch(self, request: HttpRequest) -> HttpResponse:
        """Ask for an act on many tickets."""
        refuse_without(request, BULK)
        kinds = [one for one in ActKind if one in IN_BULK and may(request, PERMISSIONS[one])]
        if not kinds:
            raise PermissionDenied
        form = BatchForm(
            request.POST or None,
            request.FILES or None,
            kinds=kinds,
            maker=actor_of(request),
            initial=request.GET.dict(),
        )
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "told": "Say which tickets, in one of three ways, and what shall be done to all of "
            "them. The preview shows each before anything is done.",
            "crumbs": crumbs(("Acts by hand", acts_page())),
        }
        return asked(request, Asking("An act on many tickets", form, acts_page(), context=context))

    def again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask anew for an act of one's own that was not done."""
        batch = by_hand.batch(str(pk))
        if batch is None:
            raise Http404("There is no such act.")
        if batch.maker != actor_of(request) or batch.state not in OVER:
            raise PermissionDenied
        refuse_without(request, PERMISSIONS[ActKind(batch.act)])
        form = AgainForm(request.POST or None, order=order_of(batch))
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "told": f"What act {pk} asked for, as it would be now. Its words can't be changed "
            "here: for others, start from the ticket.",
            "crumbs": crumbs(("Acts by hand", acts_page()), (f"Act {pk}", page_of(batch))),
        }
        return asked(request, Asking(f"Act {pk} again", form, page_of(batch), context=context))


def acts_page() -> str:
    """Return the address of the list of acts."""
    return reverse("admin:settlement_batch_changelist")


def page_of(batch: Batch) -> str:
    """Return the address of an act's page."""
    return reverse("admin:settlement_batch_change", args=[batch.pk])
