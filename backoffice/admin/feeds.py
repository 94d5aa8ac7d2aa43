"""Feeds: how each is doing, and the little that people do about it. Each act has its reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.widgets import UnfoldAdminTextInputWidget as TextInput
from unfold.widgets import UnfoldBooleanWidget

from backoffice.admin.act_pages import crumbs
from backoffice.admin.base import ReadOnlyAdmin, actor_of
from backoffice.admin.feed_cards import card
from feeds import halting, leases, standing, store
from feeds.models import FeedLease
from feeds.names import name_of
from feeds.standing import Standing

RUN, REPLAY = "feeds.run_feed", "feeds.replay_message"
WALL = "admin:feeds_feedlease_changelist"


class NoteForm(forms.Form):
    """Why somebody does something about a feed."""

    note = forms.CharField(
        max_length=200, widget=TextInput, help_text="Why. It stands in the admin log."
    )


class GoOnForm(NoteForm):
    """Whether what could not be read is to be read once more."""

    again = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanWidget,
        label="Read the quarantined messages again",
        help_text="When a newer release can read them, or the cause is mended.",
    )


@dataclass(frozen=True, slots=True)
class Order:
    """Something that people do about a feed, and when it may be done."""

    title: str
    told: str
    button: str
    permissions: tuple[str, ...]
    is_offered: Callable[[Standing], bool]
    refusal: str
    do: Callable[[str, str, Mapping[str, Any]], str]
    form: type[NoteForm] = NoteForm


def stop(feed: str, actor: str, said: Mapping[str, Any]) -> str:
    """Stop a feed."""
    leases.pause(feed=feed, actor=actor)
    return "It is being stopped: nothing is received until somebody starts it."


def start(feed: str, actor: str, said: Mapping[str, Any]) -> str:
    """Let a feed be received."""
    leases.resume(feed=feed)
    return "It may be received again: the next free worker takes it within seconds."


def go_on(feed: str, actor: str, said: Mapping[str, Any]) -> str:
    """Process a feed's messages again."""
    told = f" {read_again(feed, actor, said)}" if said["again"] else ""
    halting.go_on(feed=feed)
    return f"Its messages are processed again.{told}"


def read_again(feed: str, actor: str, said: Mapping[str, Any]) -> str:
    """Read once more what could not be read."""
    count = store.ask_again(feed)
    return f"{count:,} message{'s'[: count != 1]} will be read again."


ORDERS = {
    "stop": Order(
        title="Stop",
        told="Its connection is closed, what has come is processed, and nobody connects again "
        "until somebody starts it. What it misses it tells afterwards, as far back as it goes.",
        button="Stop it",
        permissions=(RUN,),
        is_offered=lambda one: one.is_configured and not one.stopped_by,
        refusal="It is stopped already.",
        do=stop,
    ),
    "start": Order(
        title="Start",
        told="The next free worker on queue feeds connects, and asks for what was missed.",
        button="Start it",
        permissions=(RUN,),
        is_offered=lambda one: bool(one.stopped_by),
        refusal="Nobody stopped it.",
        do=start,
    ),
    "go-on": Order(
        title="Process again",
        told="What was stored meanwhile is processed, the oldest first. When all of it is "
        "unreadable still, processing stops again.",
        button="Process again",
        permissions=(RUN,),
        is_offered=lambda one: one.halted is not None,
        refusal="Its messages are being processed.",
        do=go_on,
        form=GoOnForm,
    ),
    "read-again": Order(
        title="Read the quarantined again",
        told="What could not be read is read once more. What is readable now is settled; the rest "
        "goes back into quarantine.",
        button="Read them again",
        permissions=(RUN, REPLAY),
        is_offered=lambda one: bool(one.since and one.unfinished.quarantined and not one.halted),
        refusal="None of its messages is in quarantine.",
        do=read_again,
    ),
}


@admin.register(FeedLease)
class FeedAdmin(ReadOnlyAdmin):
    """The page of all feeds, and one for each thing that is done about them."""

    def get_urls(self) -> list[URLPattern]:
        order = self.admin_site.admin_view(self.order)
        named = path("<slug:feed>/do/<slug:word>/", order, name="feeds_order")
        return [named, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show how each feed is doing."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = standing.standings()
        context = self.admin_site.each_context(request) | {
            "title": "Feeds",
            "at": found[0].at if found else None,
            "cards": [card(one) | {"orders": offered(request, one)} for one in found],
        }
        return TemplateResponse(request, "admin/feeds/feeds.html", context)

    def change_view(self, request: HttpRequest, object_id: str, *_: Any, **__: Any) -> HttpResponse:
        """A feed has no page of its own: the wall says all."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect(WALL)

    def order(self, request: HttpRequest, feed: str, word: str) -> HttpResponse:
        """Ask why, and do what is asked for."""
        if word not in ORDERS:
            raise Http404("That is nothing to do about a feed.")
        order = ORDERS[word]
        if not request.user.has_perms(order.permissions):
            raise PermissionDenied
        if (found := standing.standing(feed)) is None:
            raise Http404("There is no such feed.")
        form = order.form(request.POST or None)
        if not may_read_again(request):
            form.fields.pop("again", None)
        if request.method == "POST" and form.is_valid():
            if order.is_offered(found):
                return self.done(request, order, feed, form.cleaned_data)
            form.add_error(None, order.refusal)
        return self.asked(request, order, found, form)

    def done(
        self, request: HttpRequest, order: Order, feed: str, said: Mapping[str, Any]
    ) -> HttpResponse:
        """Do what is asked for, and write down who did and why."""
        with transaction.atomic():
            told = order.do(feed, actor_of(request), {"again": False, **said})
            lease = FeedLease.objects.get(pk=feed)
            self.log_change(request, lease, f"{order.title}: {said['note']}")
        messages.success(request, f"{name_of(feed)}: {told}")
        return redirect(WALL)

    def asked(
        self, request: HttpRequest, order: Order, found: Standing, form: NoteForm
    ) -> HttpResponse:
        """Show what would be done, and ask why."""
        wall = reverse(WALL)
        context = self.admin_site.each_context(request) | {
            "title": f"{order.title}: {name_of(found.feed)}",
            "crumbs": crumbs(("Feeds", wall)),
            "order": order,
            "now": card(found),
            "form": form,
            "leave": wall,
        }
        return TemplateResponse(request, "admin/feeds/order.html", context)


def offered(request: HttpRequest, one: Standing) -> list[dict[str, str]]:
    """Return what the person at the desk can do about a feed now."""
    return [
        {"title": order.title, "page": reverse("admin:feeds_order", args=[one.feed, word])}
        for word, order in ORDERS.items()
        if order.is_offered(one) and request.user.has_perms(order.permissions)
    ]


def may_read_again(request: HttpRequest) -> bool:
    """Whether the person at the desk may let messages be processed again."""
    return request.user.has_perm(REPLAY)
