"""Feed messages: what came, what became of each, its bytes, and processing one again."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.admin.base import ReadOnlyAdmin, time_cell
from backoffice.admin.keyset import KeysetList
from backoffice.admin.message_filters import FeedFilter, StateFilter
from backoffice.admin.ticket_history import STATE_LOOKS
from backoffice.admin.tickets import is_key
from backoffice.words import worded
from feeds import inbox, selectors
from feeds.models import FeedMessage
from feeds.names import name_of

MOST_SHOWN = 200_000  # bytes


@admin.register(FeedMessage)
class FeedMessageAdmin(ReadOnlyAdmin):
    """The list of messages, and a page for each."""

    change_list_template = "admin/settlement/tickets.html"
    list_display = ("id", "feed_name", "received", "state_word", "times_received", "note")
    list_filter = (StateFilter, FeedFilter)
    list_filter_submit = True
    ordering = ("-id",)
    sortable_by = ()

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[KeysetList]:
        return KeysetList

    @admin.display(description="Feed")
    def feed_name(self, message: FeedMessage) -> str:
        return name_of(message.feed)

    @admin.display(description="Received (UTC)")
    def received(self, message: FeedMessage) -> SafeString:
        return time_cell(message.received_at)

    @admin.display(description="State")
    def state_word(self, message: FeedMessage) -> SafeString:
        look = STATE_LOOKS.get(message.state, "muted")
        return format_html('<span class="word {}">{}</span>', look, worded(message.state))

    def get_urls(self) -> list[URLPattern]:
        again = self.admin_site.admin_view(self.process_again)
        named = path("<int:number>/again/", again, name="feeds_process_again")
        return [named, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show a message as it came."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        message = FeedMessage.objects.filter(pk=object_id).first() if is_key(object_id) else None
        if message is None:
            raise Http404("There is no such message.")
        raw = selectors.body_of(message)
        context = self.admin_site.each_context(request) | {
            "title": f"Message {message.pk}",
            "opts": self.opts,
            "message": message,
            "feed_name": name_of(message.feed),
            "state": self.state_word(message),
            "subjects": selectors.subjects_of(message),
            "body": None if raw is None else raw[:MOST_SHOWN].decode(errors="backslashreplace"),
            "size": None if raw is None else len(raw),
            "cut": raw is not None and len(raw) > MOST_SHOWN,
            "may_replay": request.user.has_perm("feeds.replay_message") and raw is not None,
        }
        return TemplateResponse(request, "admin/feeds/message.html", context)

    def process_again(self, request: HttpRequest, number: int) -> HttpResponse:
        """Read a message again, write what it says, and finish what that causes."""
        if not request.user.has_perm("feeds.replay_message"):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not FeedMessage.objects.filter(pk=number).exists():
            raise Http404("There is no such message.")
        done = inbox.process_again(message_id=number)
        self.log_change(request, FeedMessage.objects.get(pk=number), "Processed again.")
        moved = done.settled.moved
        messages.success(
            request,
            f"The message was processed again: {moved} ticket{'' if moved == 1 else 's'} changed.",
        )
        return redirect("admin:feeds_feedmessage_change", number)
