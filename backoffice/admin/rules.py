"""Rule sets: what is in force, what was, and new ones for the tickets to come."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget
from unfold.widgets import UnfoldAdminTextInputWidget as TextInput

from backoffice.admin.base import ReadOnlyAdmin, actor_of, time_cell
from backoffice.admin.tickets import is_key
from settlement import rule_sets
from settlement.models import RuleSet
from settlement.rule_sets import RuleSetRefused
from settlement.rules.ruleset import rule_set, settings_of

TOKEN_SALT = "settlement.rules"  # noqa: S105 - a salt, not a secret
TOKEN_AGE = 3600
Setting = tuple[str, str, str]

# Each setting: its path, what it is called, what it means.
CHOICES: dict[str, tuple[str, str, dict[str, str]]] = {
    "rounding.mode": ("Rounding", "How an exact return becomes money.", {
        "HALF_UP": "half up", "HALF_EVEN": "half to even", "DOWN": "down"}),
    "rounding.scope": ("Rounded", "Per line costs or gives cents on every system bet.", {
        "ticket": "once, the whole ticket", "line": "each line by itself"}),
    "dead_heat_method": ("Dead heat", "What a tie leaves of the leg.", {
        "stake": "the stake is divided", "profit": "the profit is divided",
        "odds_floor_1": "the price is divided, at least 1",
        "void_if_odds_on": "the stake is divided; void below evens"}),
    "each_way_formula": ("Each-way multiples", "How win and place parts run on.", {
        "win_place": "win to win, place to place", "equally_divided": "divided after each leg"}),
    "place_win_only": ("No place terms", "An each-way leg of a race that pays no places.", {
        "void": "its place stake is void", "win": "its place stake is on the win"}),
    "rule4.table": ("Rule 4 table", "The deductions by the withdrawn runner's price.", {
        "tattersalls": "Tattersalls", "without_5p": "without the 5p band"}),
    "rule4.basis": ("Rule 4 is taken off", "Nearly everybody takes it off the profit.", {
        "profit": "the profit", "stake": "the whole return"}),
    "rule4.ignore_5p": ("A total of 5 % or less", "Deductions so small may be waived.", {
        "false": "is deducted", "true": "is waived"}),
    "best_odds": ("Best odds guaranteed", "Whether a better starting price counts.", {
        "off": "no", "before_rule4": "yes, compared before Rule 4",
        "after_rule4": "yes, compared after Rule 4"}),
    "bet_builder_void": ("Bet builder with a void part", "What the builder then pays.", {
        "void_all": "the whole builder is void", "strip_void_price": "its price without that part",
        "manual": "a person decides"}),
    "bet_builder_void_beats_lose": ("A void and a lost part", "When a void part voids all.", {
        "true": "void wins", "false": "lost wins"}),
    "snr_scope": ("Free bets on several lines", "Where the stake is taken off.", {
        "ticket": "off the whole return", "line": "off each winning line"}),
    "bonus.basis": ("Bonuses are percents of", "For all winners and accumulators.", {
        "profit": "the profit", "return": "the return"}),
    "cap.on": ("The cap is on", "Stake that is given back is never cut.", {
        "return": "the return", "profit": "the profit"}),
    "certainty": ("UOF settlements", "Live results are quick, confirmed ones rarely change.", {
        "first": "followed from the first on", "confirmed": "followed when confirmed"}),
    "money_basis": ("Odds88's money", "Both figures must agree before any of them is paid.", {
        "payout": "the payout it names", "multiplier": "stake × multiplier"}),
    "free_bet_payout": ("Odds88's payout of a free bet", "Whether it holds the bet's stake.", {
        "review": "not known: a person decides", "profit": "no, it is the profit",
        "return": "yes, the stake is in it"}),
    "negative_balance": ("Corrections below zero", "A player may have spent what was wrong.", {
        "allow": "are applied, and listed", "hold": "wait for a person"}),
}  # fmt: skip
TABLES: dict[str, tuple[str, str]] = {
    "rounding.quantum": ("Rounded to multiples of", "By currency, a line each: AUD 0.05"),
    "cap.amount": ("The most one bet pays", "By currency, a line each: EUR 500000"),
    "auto_resettle_limit": ("Corrections above", "Wait for a person. A line each: EUR 1000"),
    "bonus.one_winner": ("Lucky: the only winner", "Percent more profit: lucky15 100"),
    "bonus.all_winners": ("Lucky: all winners", "Percent more: lucky15 10"),
    "bonus.accumulator": ("Accumulators", "Percent more by legs left: 5 10"),
}
# Those in a line: what is typed, and what is stored.
FIELDS: dict[str, tuple[str, str]] = {
    "rule4.cap": ("Rule 4 takes at most", "Percent, however many runners withdraw."),
    "manual_void_reasons": ("Void reasons for a person", "UOF's numbers of them: 3, 15"),
    "money_tolerance": ("Odds88's figures agree to", "So many minor units, like cents."),
    "auto_resettle_days": ("Corrections after", "So many days wait for a person."),
}
WHOLE_NUMBERS = ("money_tolerance", "auto_resettle_days")
ALL = (*CHOICES, *FIELDS, *TABLES)


class RulesForm(forms.Form):
    """Every setting, from when, and why."""

    def __init__(self, *args: Any, settings: dict[str, Any], **words: Any) -> None:
        super().__init__(*args, **words)
        for name, (label, told, options) in CHOICES.items():
            self.fields[name] = forms.ChoiceField(
                label=label, help_text=told, choices=list(options.items()),
                initial=as_text(at(settings, name)), widget=UnfoldAdminSelectWidget,
            )  # fmt: skip
        for name, (label, told) in FIELDS.items():
            self.fields[name] = forms.CharField(
                label=label, help_text=told, required=name != "manual_void_reasons",
                initial=typed(at(settings, name)), max_length=100, widget=TextInput,
            )  # fmt: skip
        for name, (label, told) in TABLES.items():
            self.fields[name] = forms.CharField(
                label=label, help_text=told, required=False, max_length=2000,
                initial=lines(at(settings, name)),
                widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
            )  # fmt: skip
        self.fields["in_force_from"] = forms.CharField(
            label="In force from (UTC)", widget=TextInput(attrs={"type": "datetime-local"}),
            help_text="Bets placed from then on. Those placed before keep their rules.",
            initial=soon().strftime("%Y-%m-%dT%H:%M"),
        )  # fmt: skip
        self.fields["note"] = forms.CharField(
            label="Why", max_length=500, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
            help_text="What an auditor should know in a year.",
        )  # fmt: skip

    def clean_in_force_from(self) -> datetime:
        """Read the moment as UTC."""
        try:
            at = datetime.fromisoformat(self.cleaned_data["in_force_from"])
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            raise forms.ValidationError("Write a day and an hour: 2026-12-01T00:00.") from None

    def settings(self) -> dict[str, Any]:
        """Return the settings that the form describes."""
        found: dict[str, Any] = {}
        for name in CHOICES:
            put(found, name, self.cleaned_data[name])
        for name in ("rule4.ignore_5p", "bet_builder_void_beats_lose"):
            put(found, name, self.cleaned_data[name] == "true")
        for name in FIELDS:
            put(found, name, read_field(name, self.cleaned_data[name].strip()))
        for name in TABLES:
            put(found, name, table(self.cleaned_data[name]))
        return found


def typed(value: Any) -> str:
    """Return a line's setting as people type it."""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def read_field(name: str, given: str) -> Any:
    """Read a line: numbers where the rules want some; what is none is for the rules to refuse."""
    if name == "manual_void_reasons":
        return [number_or_text(one) for one in given.replace(",", " ").split()]
    return number_or_text(given) if name in WHOLE_NUMBERS else given


def number_or_text(given: str) -> int | str:
    """Return a whole number, or what was typed in its place."""
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else given


def soon() -> datetime:
    """Return the next full hour that is at least ten minutes away."""
    start = datetime.now(UTC) + timedelta(minutes=70)
    return start.replace(minute=0, second=0, microsecond=0)


def at(settings: dict[str, Any], name: str) -> Any:
    """Return the setting with this path."""
    for step in name.split("."):
        settings = settings[step]
    return settings


def put(settings: dict[str, Any], name: str, value: Any) -> None:
    """Set the setting with this path."""
    *steps, last = name.split(".")
    for step in steps:
        settings = settings.setdefault(step, {})
    settings[last] = value


def as_text(value: Any) -> str:
    """Return a setting's value as a choice's."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def lines(value: dict[str, str] | str) -> str:
    """Return a table as people type it."""
    if isinstance(value, str):
        return value
    return "\n".join(f"{key} {amount}" for key, amount in value.items())


def table(given: str) -> dict[str, str]:
    """Read a table, a name and a number a line."""
    found = {}
    for line in filter(None, map(str.strip, given.splitlines())):
        name, _, value = line.replace("=", " ").replace(":", " ").partition(" ")
        found[name] = value.strip()
    return found


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[Setting]:
    """Return the settings that change: their names, before, after."""
    found = []
    for name in ALL:
        old, new = at(before, name), at(after, name)
        if old != new:
            found.append((label_of(name), worded(name, old), worded(name, new)))
    return found


def label_of(name: str) -> str:
    """Return what a setting is called."""
    return (CHOICES.get(name) or FIELDS.get(name) or TABLES[name])[0]


def worded(name: str, value: Any) -> str:
    """Return a setting's value in words."""
    if name in CHOICES:
        return CHOICES[name][2][as_text(value)]
    if name in FIELDS:
        return f"{value} %" if name == "rule4.cap" else typed(value) or "none"
    return lines(value).replace("\n", ", ") or "none"


@admin.register(RuleSet)
class RuleSetAdmin(ReadOnlyAdmin):
    """All rule sets, a page for each, and a form for the next."""

    change_list_template = "admin/settlement/rule_sets.html"
    list_display = ("id", "in_force", "note", "actor", "created")
    ordering = ("-in_force_from", "-id")

    @admin.display(description="In force from (UTC)")
    def in_force(self, one: RuleSet) -> SafeString | str:
        return "the beginning" if one.in_force_from.year == 1970 else time_cell(one.in_force_from)

    @admin.display(description="Added (UTC)")
    def created(self, one: RuleSet) -> SafeString:
        return time_cell(one.created_at)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        new = path("new/", wrap(self.new), name="settlement_new_rules")
        return [new, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        may_add = request.user.has_perm("settlement.add_ruleset")
        context = (extra_context or {}) | {"may_add_rules": may_add}
        shown: HttpResponse = super().changelist_view(request, context)
        return shown

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show one rule set, setting by setting."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        one = RuleSet.objects.filter(pk=object_id).first() if is_key(object_id) else None
        if one is None:
            raise Http404("There is no such rule set.")
        settings = settings_of(rule_set(one.settings))
        shown = [(label_of(name), worded(name, at(settings, name))) for name in ALL]
        context = self.admin_site.each_context(request) | {
            "title": f"Rule set {one.pk}", "opts": self.opts, "rule_set": one, "settings": shown,
        }  # fmt: skip
        return TemplateResponse(request, "admin/settlement/rule_set.html", context)

    def new(self, request: HttpRequest) -> HttpResponse:
        """Ask for new rules, show what changes, and put them in force when that is confirmed."""
        if not request.user.has_perm("settlement.add_ruleset"):
            raise PermissionDenied
        settings = rule_sets.settings_at(datetime.max.replace(tzinfo=UTC))
        form = RulesForm(request.POST or None, settings=settings)
        if request.method != "POST" or "edit" in request.POST or not form.is_valid():
            return self._ask(request, form)
        try:
            after = settings_of(rule_set(form.settings()))
        except ValueError as refusal:
            form.add_error(None, str(refusal))
            return self._ask(request, form)
        before = rule_sets.settings_at(form.cleaned_data["in_force_from"])
        token = signing.dumps([before, after], salt=TOKEN_SALT)
        if "token" not in request.POST:
            return self._ask(request, form, differences(before, after), token)
        if not seen(request.POST["token"], before, after):
            messages.warning(request, "Something changed after the preview. Look again.")
            return self._ask(request, form, differences(before, after), token)
        return self._add(request, form)

    def _add(self, request: HttpRequest, form: RulesForm) -> HttpResponse:
        try:
            added = rule_sets.add_rule_set(
                settings=form.settings(),
                in_force_from=form.cleaned_data["in_force_from"],
                note=form.cleaned_data["note"],
                actor=actor_of(request),
            )
        except RuleSetRefused as refusal:
            form.add_error(None, str(refusal))
            return self._ask(request, form)
        when = added.in_force_from.strftime("%Y-%m-%d %H:%M")
        messages.success(request, f"Rule set {added.pk} is in force from {when} UTC on.")
        return redirect("admin:settlement_ruleset_changelist")

    def _ask(
        self,
        request: HttpRequest,
        form: RulesForm,
        changes: list[Setting] | None = None,
        token: str = "",
    ) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "title": "New rules", "opts": self.opts, "form": form, "changes": changes,
            "token": token,
        }  # fmt: skip
        return TemplateResponse(request, "admin/settlement/new_rules.html", context)


def seen(token: str, before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether exactly this change was previewed, not long ago."""
    try:
        return bool(signing.loads(token, salt=TOKEN_SALT, max_age=TOKEN_AGE) == [before, after])
    except signing.BadSignature:
        return False
