"""Price a bet by hand: what would it pay, and why? Nothing is stored."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from backoffice.words import grouped
from settlement import selectors
from settlement.bets import factors, name_of
from settlement.models import RuleSet, Selection, Ticket
from settlement.rules.exact import SHOWN_PLACES, NeedsDecision, RulesRefusal, plain, ratio_text
from settlement.rules.explain import amount, lines_of
from settlement.rules.kinds import MOST_LEGS, TITLES
from settlement.rules.legs import HALF_LOST, HALF_WON, LOST, VOID, WON, Factors
from settlement.rules.payout import Settled, settle
from settlement.rules.quote import bet_of
from settlement.rules.ruleset import rule_set, settings_of
from settlement.vocabulary import NOT_COMPUTED, BetKind
from wallet.models import Currency

ROWS = 6
KINDS = [
    (kind.lower(), TITLES.get(kind, kind.capitalize()))
    for kind in BetKind
    if kind not in NOT_COMPUTED and kind is not BetKind.SYSTEM
]
RESULTS = [
    ("", "open"),
    ("win", "won"),
    ("place", "placed"),
    ("lose", "lost"),
    ("void", "void"),
    ("half_win", "half won"),
    ("half_lose", "half lost"),
]


class QuoteForm(forms.Form):
    """The bet as a whole."""

    kind = forms.ChoiceField(
        choices=[*KINDS, ("system", "System…")], initial="single", widget=UnfoldAdminSelectWidget
    )
    folds = forms.CharField(
        required=False, max_length=60, label="System of", widget=UnfoldAdminTextInputWidget,
        help_text="For a system: 2,3/4 is all doubles and trebles of four legs, beside bankers.",
    )  # fmt: skip
    stake = forms.CharField(
        max_length=40, initial="10.00", label="Stake a line", widget=UnfoldAdminTextInputWidget
    )
    currency = forms.ChoiceField(widget=UnfoldAdminSelectWidget)
    each_way = forms.BooleanField(required=False, widget=UnfoldBooleanWidget)
    free_bet = forms.BooleanField(required=False, widget=UnfoldBooleanWidget)
    rules = forms.ChoiceField(required=False, label="Rule set", widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        codes = Currency.objects.order_by("code").values_list("code", flat=True)
        self.fields["currency"].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]
        self.fields["currency"].initial = "EUR"
        known = RuleSet.objects.order_by("-in_force_from", "-id")
        self.fields["rules"].choices = [  # type: ignore[attr-defined]
            (str(one.pk), f"{one.pk}: {one.note[:40]}") for one in known
        ]

    @property
    def kind_word(self) -> str:
        """The kind as the rules read it."""
        kind: str = self.cleaned_data["kind"]
        return f"system:{self.cleaned_data['folds'].strip()}" if kind == "system" else kind


class LegForm(forms.Form):
    """A leg; a row that is left empty is none."""

    name = forms.CharField(required=False, max_length=100)
    price = forms.CharField(required=False, max_length=40)
    result = forms.ChoiceField(required=False, choices=RESULTS)
    place_fraction = forms.CharField(required=False, max_length=10)
    place_price = forms.CharField(required=False, max_length=41)
    dead_heat = forms.CharField(required=False, max_length=20)
    place_dead_heat = forms.CharField(required=False, max_length=20)
    rule4 = forms.CharField(required=False, max_length=20)
    starting_price = forms.CharField(required=False, max_length=40)
    group = forms.CharField(required=False, max_length=50)
    part_price = forms.CharField(required=False, max_length=41)
    banker = forms.BooleanField(required=False)

    def as_leg(self) -> dict[str, Any]:
        """Return the leg as the rules read it."""
        given = {name: value for name, value in self.cleaned_data.items() if value}
        if "rule4" in given:
            given["rule4"] = given["rule4"].replace("+", " ").replace("%", " ").split()
        return given


LegFormSet = forms.formset_factory(LegForm, extra=0, max_num=MOST_LEGS, absolute_max=MOST_LEGS)


@admin.site.admin_view
def quote(request: HttpRequest) -> HttpResponse:
    """Show the form, filled from a ticket when one is named, and the answer below it."""
    if not request.user.has_perm("settlement.quote_bet"):
        raise PermissionDenied
    asked = request.GET
    form, legs = forms_for(asked, asked.get("ticket", ""), may_view_tickets(request))
    context = admin.site.each_context(request) | {
        "title": "Quote",
        "form": form,
        "legs": legs,
        "more_rows": len(legs.forms) < MOST_LEGS,
    }
    if form.is_bound and form.is_valid() and legs.is_valid() and "more" not in asked:
        context |= answer(form, legs)
    return TemplateResponse(request, "admin/settlement/quote.html", context)


def may_view_tickets(request: HttpRequest) -> bool:
    """Whether the person may read tickets."""
    return bool(request.user.has_perm("settlement.view_ticket"))


def forms_for(asked: Mapping[str, Any], bet_id: str, may_view: bool) -> tuple[QuoteForm, Any]:
    """Return the forms: as they were sent, from a ticket, or empty."""
    if "kind" in asked:
        given = dict(asked.items())
        rows = whole(given.get("legs-TOTAL_FORMS", ""), ROWS)
        rows += 4 if "more" in given else 0
        given |= {"legs-TOTAL_FORMS": str(min(rows, MOST_LEGS)), "legs-INITIAL_FORMS": "0"}
        return QuoteForm(given), LegFormSet(given, prefix="legs")
    ticket = selectors.ticket(bet_id) if bet_id and may_view and "\0" not in bet_id else None
    if ticket is None:
        return QuoteForm(), LegFormSet(initial=[{}] * ROWS, prefix="legs")
    return form_of(ticket)


def whole(given: str, otherwise: int) -> int:
    """Return a count that somebody sent."""
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 4 else otherwise


def form_of(ticket: Ticket) -> tuple[QuoteForm, Any]:
    """Return the forms filled with a ticket, with its legs as they stand."""
    initial = {
        "kind": "system" if ticket.system else ticket.kind_word,
        "folds": ticket.system,
        "stake": stake_text(ticket),
        "currency": ticket.currency_id,
        "each_way": ticket.each_way,
        "free_bet": bool(ticket.free_bet_ref),
        "rules": str(ticket.rule_set_id),
    }
    legs = [leg_of(one) for one in selectors.selections_of(ticket.pk)]
    return QuoteForm(initial=initial), LegFormSet(initial=legs, prefix="legs")


def stake_text(ticket: Ticket) -> str:
    """Return the stake on a line: a decimal, or a ratio where that would not end."""
    unit = ticket.unit_stake / 10**ticket.currency.precision
    shown = plain(unit, SHOWN_PLACES + ticket.currency.precision)
    return ratio_text(unit) if shown.endswith("…") else shown


def leg_of(one: Selection) -> dict[str, Any]:
    """Return a selection as a row of the form."""
    win = factors(one.win_factor, one.void_factor)
    place = factors(one.place_win_factor, one.place_void_factor)
    return {
        "name": name_of(one.outcome)[:100],
        "price": one.price or "",
        "result": result_word(win, place),
        "place_fraction": one.place_fraction or "",
        "place_price": one.place_price or "",
        "part_price": one.part_price or "",
        "dead_heat": tie(win),
        "place_dead_heat": tie(place),
        "rule4": one.deduction_percent or "",
        "starting_price": one.starting_price or "",
        "group": one.group,
        "banker": one.banker,
    }


def result_word(win: Factors | None, place: Factors | None) -> str:
    """Return the form's word for how a leg ended."""
    if win is None:
        return ""
    if win == LOST and place is not None and place.win:
        return "place"
    words = {LOST: "lose", VOID: "void", HALF_WON: "half_win", HALF_LOST: "half_lose", WON: "win"}
    return words.get(win, "win")


def tie(part: Factors | None) -> str:
    """Return a dead heat's factor."""
    found: Fraction | None = part.dead_heat if part else None
    return ratio_text(found) if found else ""


def answer(form: QuoteForm, legs: Any) -> dict[str, Any]:
    """Return what the bet pays, or why that can't be said."""
    chosen = RuleSet.objects.get(pk=form.cleaned_data["rules"] or RuleSet.objects.latest("pk").pk)
    asked = {
        "stake": form.cleaned_data["stake"],
        "type": form.kind_word,
        "each_way": form.cleaned_data["each_way"],
        "free_bet": form.cleaned_data["free_bet"],
        "currency": form.cleaned_data["currency"],
        "rules": settings_of(rule_set(chosen.settings)),
        "legs": [leg for leg in (row.as_leg() for row in legs.forms) if leg],
    }
    try:
        settled = settle(*bet_of(asked))
    except (RulesRefusal, NeedsDecision) as refusal:
        return {"refusal": str(refusal)}
    return {"settled": settled, "returns": returns(settled), "explanation": explanation(settled)}


def returns(settled: Settled) -> str:
    """Return the payout for people."""
    bet = settled.bet
    return (
        "" if settled.returns is None else f"{grouped(amount(bet, settled.returns))} {bet.currency}"
    )


def explanation(settled: Settled) -> str:
    """Return the explanation's text."""
    return "\n".join(lines_of(settled))
