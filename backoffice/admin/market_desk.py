"""Markets and events by hand: found by the event's id, settled, voided, opened again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from unfold.widgets import UnfoldAdminTextInputWidget as TextInput
from unfold.widgets import UnfoldBooleanWidget

from backoffice import markets
from backoffice.admin.act_forms import ActForm, chosen_from, short
from backoffice.admin.act_pages import Asking, asked, crumbs, refuse_without
from backoffice.admin.recovery_words import again_blocks
from settlement.acts.actors import PERMISSIONS
from settlement.bets import outcome_name
from settlement.models import Market, Outcome, SportEvent
from settlement.vocabulary import ActKind, LegResult

ENDS = [one for one in LegResult if one != LegResult.PLACE]
WINDOW = ("accepted_from", "accepted_to")


class MarketForm(ActForm):
    """An act on a market, or on all markets of an event; some of its outcomes may be named."""

    named = "Only this outcome"
    asks_of_one = False

    def __init__(
        self,
        *args: Any,
        event: SportEvent,
        market: Market | None,
        chosen: str = "",
        **words: Any,
    ) -> None:
        """Ask about all outcomes of a market, or about the one that was chosen by its number."""
        self.event = event
        self.market = market
        every = markets.outcomes_of(market) if market else []
        only = [one for one in every if str(one.pk) == chosen] if self.asks_of_one else []
        self.outcomes = only or every
        self.left_out = len(every) - len(self.outcomes)
        super().__init__(*args, **words)

    def add_fields(self) -> None:
        for outcome in self.outcomes:
            for name, field in self.fields_of(outcome).items():
                field.widget.attrs["aria-label"] = f"{outcome}: {name.replace('_', ' ')}"
                self.fields[f"outcome-{outcome.pk}-{name}"] = field

    def fields_of(self, outcome: Outcome) -> dict[str, forms.Field]:
        """Return what can be said of one outcome."""
        return {"named": forms.BooleanField(required=False, widget=UnfoldBooleanWidget)}

    @property
    def outcome_rows(self) -> Iterator[dict[str, Any]]:
        """The outcomes, each with its fields."""
        for outcome in self.outcomes:
            names = self.fields_of(outcome)
            row = {name: self[f"outcome-{outcome.pk}-{name}"] for name in names}
            yield {"outcome": outcome, "name": outcome_name(outcome)} | row

    def said(self) -> dict[str, Any]:
        market: dict[str, Any] = {"provider": self.event.provider, "event": self.event.ref}
        if self.market:
            market |= {"market": self.market.ref, "specifiers": self.market.specifiers}
        if outcomes := self.outcomes_said():
            market["outcomes"] = outcomes
        return {"market": market | self.more()}

    def outcomes_said(self) -> dict[str, Any]:
        """Return what is said of outcomes, by their ids."""
        ticked = [one for one in self.outcomes if self.cleaned_data[f"outcome-{one.pk}-named"]]
        return {one.ref: {"result": "VOID"} for one in ticked}

    def more(self) -> dict[str, Any]:
        """Return what else is said of the market."""
        return {}


class OutcomesForm(MarketForm):
    """How each outcome ended."""

    named = ""
    asks_of_one = True

    def fields_of(self, outcome: Outcome) -> dict[str, forms.Field]:
        return {"result": chosen_from(ENDS, required=False), "dead_heat": short(required=False)}

    def outcomes_said(self) -> dict[str, Any]:
        said = {}
        for one in self.outcomes:
            given = {name: self.cleaned_data[f"outcome-{one.pk}-{name}"]
                     for name in ("result", "dead_heat")}  # fmt: skip
            if any(given.values()):
                said[one.ref] = {name: value for name, value in given.items() if value}
        return said


class WindowForm(MarketForm):
    """For bets of a time, or for all."""

    def add_fields(self) -> None:
        super().add_fields()
        for name, label in zip(WINDOW, ("Bets accepted from (UTC)", "to (UTC)"), strict=True):
            self.fields[name] = forms.DateTimeField(
                required=False,
                label=label,
                widget=TextInput(attrs={"type": "datetime-local", "step": "1"}),
                help_text="Both ends are included; empty: without bound.",
            )

    def more(self) -> dict[str, Any]:
        return {
            name: self.cleaned_data[name].isoformat() for name in WINDOW if self.cleaned_data[name]
        }


class DeductForm(WindowForm):
    """What a withdrawn runner takes off the profit."""

    def add_fields(self) -> None:
        self.fields["percent"] = short(
            label="Rule 4 (percent)", help_text="Off the profit of bets accepted in the window."
        )
        super().add_fields()

    def more(self) -> dict[str, Any]:
        return {"percent": self.cleaned_data["percent"], **super().more()}


@dataclass(frozen=True, slots=True)
class MarketAct:
    """One way to act on a market or an event."""

    kind: ActKind
    title: str
    told: str
    form: type[MarketForm]
    on_events: bool = True


MARKET_WORDS = {
    "settle": MarketAct(ActKind.MARKET_SETTLE, "Settle", "How its outcomes ended. Outcomes that "
                        "nothing is said of go on waiting.", OutcomesForm, on_events=False),
    "void": MarketAct(ActKind.MARKET_VOID, "Void", "Its bets are void, all or those of a time.",
                      WindowForm),
    "deduct": MarketAct(ActKind.MARKET_DEDUCT, "Rule 4 deduction", "A runner was withdrawn: "
                        "the profit on the others shrinks.", DeductForm),
    "reopen": MarketAct(ActKind.MARKET_REOPEN, "Open again", "It waits for its result again.",
                        MarketForm),
}  # fmt: skip


class MarketDeskMixin:
    """The pages for markets and events, under those of acts."""

    admin_site: Any
    opts: Any

    def market_urls(self) -> list[URLPattern]:
        """Return the addresses of the market desk."""
        wrap = self.admin_site.admin_view
        return [
            path("markets/", wrap(self.markets), name="settlement_markets"),
            path("market/<int:market>/<slug:word>/", wrap(self.on_market),
                 name="settlement_market_act"),
            path("event/<int:event>/<slug:word>/", wrap(self.on_event),
                 name="settlement_event_act"),
        ]  # fmt: skip

    def markets(self, request: HttpRequest) -> HttpResponse:
        """Find an event by its id, and show its markets."""
        refuse_without(request, PERMISSIONS[ActKind.MARKET_SETTLE])
        ref = request.GET.get("event", "").strip()
        found = markets.events_named(ref) if ref else []
        again = again_blocks(request, found, datetime.now(UTC))
        context = self.admin_site.each_context(request) | {
            "title": "Markets",
            "opts": self.opts,
            "ref": ref,
            "events": [event_shown(one) | {"again": again.get(one.pk)} for one in found],
            "crumbs": crumbs(("Acts by hand", reverse("admin:settlement_batch_changelist"))),
        }
        return TemplateResponse(request, "admin/acts/markets.html", context)

    def on_market(self, request: HttpRequest, market: int, word: str) -> HttpResponse:
        """Ask for an act on a market."""
        found = Market.objects.select_related("event").filter(pk=market).first()
        if found is None:
            raise Http404("There is no such market.")
        return self._ask(request, word, found.event, found)

    def on_event(self, request: HttpRequest, event: int, word: str) -> HttpResponse:
        """Ask for an act on all markets of an event."""
        found = SportEvent.objects.filter(pk=event).first()
        if found is None or (word in MARKET_WORDS and not MARKET_WORDS[word].on_events):
            raise Http404("There is no such event or act.")
        return self._ask(request, word, found, None)

    def _ask(
        self, request: HttpRequest, word: str, event: SportEvent, market: Market | None
    ) -> HttpResponse:
        chosen = MARKET_WORDS.get(word)
        if chosen is None:
            raise Http404("There is no such act.")
        refuse_without(request, PERMISSIONS[chosen.kind])
        form = chosen.form(
            request.POST or None,
            act=chosen.kind,
            event=event,
            market=market,
            chosen=request.GET.get("outcome", ""),
            initial=request.GET.dict(),
        )
        page = event_page(event)
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "told": chosen.told,
            "crumbs": crumbs(("Markets", reverse("admin:settlement_markets")), (str(event), page)),
        }
        about = f"{event} · {market}" if market else f"{event} (all markets)"
        return asked(request, Asking(f"{chosen.title}: {about}", form, page, context=context))


def event_page(event: SportEvent) -> str:
    """Return the address of an event's markets."""
    return f"{reverse('admin:settlement_markets')}?{urlencode({'event': event.ref})}"


def event_shown(event: SportEvent) -> dict[str, Any]:
    """Return an event with its markets, and what can be done to them."""
    return {
        "event": event,
        "provider": event.get_provider_display(),
        "acts": [
            (one.title, reverse("admin:settlement_event_act", args=[event.pk, word]))
            for word, one in MARKET_WORDS.items()
            if one.on_events
        ],
        "markets": [market_shown(*one) for one in markets.markets_of(event)],
    }


def market_shown(market: Market, tickets: int, still_open: int) -> dict[str, Any]:
    """Return a market's line."""
    return {
        "market": market,
        "refs": " ".join(filter(None, (f"market {market.ref}", market.specifiers))),
        "tickets": tickets,
        "still_open": still_open,
        "acts": [
            (one.title, reverse("admin:settlement_market_act", args=[market.pk, word]))
            for word, one in MARKET_WORDS.items()
        ],
    }
