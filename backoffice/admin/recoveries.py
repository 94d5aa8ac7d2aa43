"""What was told again: the list of requests, and an event's page, where one more is asked for."""

from datetime import UTC, datetime
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice import recoveries as desk
from backoffice.admin.act_pages import crumbs
from backoffice.admin.base import ReadOnlyAdmin, time_cell
from backoffice.admin.feeds import WALL, NoteForm
from backoffice.admin.keyset import KeysetList
from backoffice.admin.market_desk import event_page as markets_page
from backoffice.admin.recovery_words import STATES, asked_line, event_page, event_page_named
from backoffice.models import User
from backoffice.recoveries import MAY_ASK, MAY_READ
from backoffice.words import person, source_name, whose
from feeds import recoveries
from feeds.models import Recovery, RecoveryState
from feeds.recoveries import TELLERS, feeds_of
from feeds.recovery_plans import RecoveryRefused
from settlement.models import SportEvent
from settlement.vocabulary import Provider

MARKETS = "settlement.act_on_market"
TOLD_AGAIN: dict[str, str] = {
    Provider.SPORTRADAR: "All settlements, cancels and rollbacks of this event, up to 30 days old, "
    "are asked for once more.",
    Provider.LSPORTS: "How all markets of this fixture stand is asked for once more. When it ended "
    "more than a day ago, LSports knows it no more.",
}


@admin.register(Recovery)
class RecoveryAdmin(ReadOnlyAdmin):
    """The list of requests, and the page of an event's."""

    change_list_template = "admin/settlement/tickets.html"
    list_display = ("id", "about", "producer_word", "state_word", "who", "reason", "wanted",
                    "asked", "said")  # fmt: skip
    list_display_links = None
    list_filter = ("state", "kind", "producer")
    list_filter_submit = True
    list_select_related = ("producer",)
    search_fields = ("event_ref__exact",)
    search_help_text = "An event's id, as Sportradar writes it."
    ordering = ("-id",)
    sortable_by = ()

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[KeysetList]:
        return KeysetList

    @admin.display(description="About")
    def about(self, recovery: Recovery) -> SafeString | str:
        if not recovery.event_ref:
            return "all since a time" if recovery.after_ms else "all there is"
        page = event_page_named(recovery.event_ref)
        return format_html('<a class="link" href="{}">{}</a>', page, recovery.event_ref)

    @admin.display(description="Producer")
    def producer_word(self, recovery: Recovery) -> str:
        return f"{recovery.producer.number} {recovery.producer.name or recovery.producer.code}"

    @admin.display(description="State")
    def state_word(self, recovery: Recovery) -> SafeString:
        word, sign, look = STATES[RecoveryState(recovery.state)]
        return format_html('<span class="word {}">{} {}</span>', look, sign, word)

    @admin.display(description="By")
    def who(self, recovery: Recovery) -> str:
        return person(recovery.actor)

    @admin.display(description="Why")
    def reason(self, recovery: Recovery) -> SafeString:
        return format_html('<span class="reason">{}</span>', recovery.why)

    @admin.display(description="What was said")
    def said(self, recovery: Recovery) -> SafeString:
        status = f"HTTP {recovery.http_status}" if recovery.http_status else ""
        told = " ".join(filter(None, [recovery.sentence, status]))
        return format_html('<span class="reason">{}</span>', told or "–")

    @admin.display(description="Wanted (UTC)")
    def wanted(self, recovery: Recovery) -> SafeString:
        return time_cell(recovery.created_at)

    @admin.display(description="Asked (UTC)")
    def asked(self, recovery: Recovery) -> SafeString | str:
        return time_cell(recovery.asked_at) if recovery.asked_at else "–"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("event/", wrap(self.event_named), name="feeds_event_named"),
            path("event/<int:event>/", wrap(self.event), name="feeds_event"),
            *super().get_urls(),
        ]

    def change_view(self, request: HttpRequest, object_id: str, *_: Any, **__: Any) -> HttpResponse:
        """A request has no page of its own: the list says all."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect("admin:feeds_recovery_changelist")

    def event_named(self, request: HttpRequest) -> HttpResponse:
        """Go to an event's page by its provider's id; one that nobody bet on has none."""
        if not request.user.has_perm(MAY_READ):
            raise PermissionDenied
        ref = request.GET.get("event", "")
        provider = request.GET.get("provider", "").upper() or Provider.SPORTRADAR
        if provider not in TELLERS:
            raise Http404("Nobody of that name tells single events again.")
        found = SportEvent.objects.filter(provider=provider, ref=ref).first()
        if found is None:
            of = whose(source_name(provider))
            messages.warning(request, f"Nobody has bet on an event “{ref[:200]}” of {of}.")
            return redirect(WALL)
        return redirect(event_page(found.pk))

    def event(self, request: HttpRequest, event: int) -> HttpResponse:
        """Show what was asked about an event; want its results told again."""
        if not request.user.has_perm(MAY_ASK if request.method == "POST" else MAY_READ):
            raise PermissionDenied
        found = SportEvent.objects.filter(pk=event, provider__in=TELLERS).first()
        if found is None:
            raise Http404("There is no such event that is told again.")
        form = NoteForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                plan = desk.want(
                    feeds=feeds_of(found.provider),
                    event_ref=found.ref,
                    note=form.cleaned_data["note"],
                    user=cast("User", request.user),
                )
            except RecoveryRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"{found}: {plan.sentence}")
                return redirect(event_page(found.pk))
        return self.event_shown(request, found, form)

    def event_shown(self, request: HttpRequest, event: SportEvent, form: NoteForm) -> HttpResponse:
        """Show what was asked about an event, and what asking would do."""
        now = datetime.now(UTC)
        may_ask = request.user.has_perm(MAY_ASK)
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": f"Told again: {event}",
            "crumbs": crumbs(("Feeds", reverse(WALL))),
            "event": event,
            "whom": "Package" if event.provider == Provider.LSPORTS else "Producer",
            "told": TOLD_AGAIN[event.provider],
            "asked": [asked_line(one, now) for one in recoveries.last_of(event)],
            "form": form if may_ask else None,
            "plan": told_of_plan(event) if may_ask else "",
            "markets_page": markets_page(event) if request.user.has_perm(MARKETS) else "",
        }
        return TemplateResponse(request, "admin/feeds/event.html", context)


def told_of_plan(event: SportEvent) -> str:
    """Say who would be asked and when, or why nobody can be."""
    try:
        feeds = feeds_of(event.provider)
        return recoveries.plan_for(feeds=feeds, event_ref=event.ref).sentence
    except RecoveryRefused as refusal:
        return str(refusal)
