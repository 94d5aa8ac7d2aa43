"""A player's statement: what was asked for, a page of it, and all of it as a file."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

import tablib
from django import forms
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.utils.http import urlencode
from import_export.formats.base_formats import CSV, XLSX

from backoffice.words import grouped
from wallet import selectors
from wallet.models import Account, Player
from wallet.selectors import StatementLine
from wallet.vocabulary import TransferKind

PAGE = 50
MOST_EXPORTED = 100_000
FORMATS = {"csv": CSV, "xlsx": XLSX}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
AMOUNT = re.compile(r"-?\d+(\.\d+)?")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
COLUMNS = (
    "number", "time (UTC)", "kind", "change", "balance after", "currency", "reference", "reason",
    "note", "actor", "key",
)  # fmt: skip


class StatementForm(forms.Form):
    """Which transfers to show. Days are UTC, both included."""

    currency = forms.ChoiceField(required=False)
    kind = forms.ChoiceField(
        required=False,
        choices=[("", "All kinds"), *((str(k), k.capitalize()) for k in TransferKind)],
    )
    since = forms.DateField(required=False, label="From day")
    until = forms.DateField(required=False, label="To day")
    before = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, currencies: list[str], **words: Any) -> None:
        super().__init__(*args, **words)
        self.fields["currency"].choices = [(code, code) for code in currencies]  # type: ignore[attr-defined]
        for name in ("since", "until"):
            self.fields[name].widget = forms.DateInput(attrs={"type": "date"})


@dataclass(slots=True)
class Statement:
    """A chosen statement: the account, the filter, and one page of lines."""

    player: Player
    accounts: list[Account]
    form: StatementForm
    account: Account | None = None
    wanted: dict[str, Any] = field(default_factory=dict)
    lines: list[StatementLine] = field(default_factory=list)
    older: str = ""
    query: str = ""
    balance_at_end: str = ""


def choose(player: Player, asked: Mapping[str, Any]) -> Statement:
    """Return the page of the statement that `asked` describes; without words the newest page."""
    accounts = selectors.accounts_of(player)
    currencies = [account.currency_id for account in accounts]
    form = StatementForm(asked, currencies=currencies)
    chosen = Statement(player, accounts, form)
    if not accounts or not form.is_valid():
        return chosen
    code = form.cleaned_data["currency"] or currencies[0]
    account = next(account for account in accounts if account.currency_id == code)
    chosen.account, chosen.wanted = account, wanted_from(form.cleaned_data)
    fill(chosen, account, form.cleaned_data["before"])
    return chosen


def wanted_from(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """Return the filter in the selector's words: the last day is included."""
    since, until = cleaned["since"], cleaned["until"]
    return {
        "kind": cleaned["kind"],
        "since": datetime.combine(since, time.min, UTC) if since else None,
        "until": datetime.combine(until, time.max, UTC) if until else None,
    }


def fill(chosen: Statement, account: Account, before: int | None) -> None:
    """Read one page, and one line more to know whether there are older ones."""
    unit = account.currency.unit
    found = selectors.statement(account=account, before_sequence=before, **chosen.wanted)
    transfers = list(found[: PAGE + 1])
    chosen.lines = [selectors.statement_line(transfer, unit) for transfer in transfers[:PAGE]]
    given = {k: v for k, v in chosen.form.data.items() if v and k in chosen.form.fields}
    given.pop("before", None)
    chosen.query = urlencode(given | {"currency": account.currency_id})
    if len(transfers) > PAGE:
        chosen.older = f"{chosen.query}&before={transfers[PAGE - 1].account_sequence}"
    if until := chosen.wanted["until"]:
        held = selectors.balance_at(account=account, at=until)
        chosen.balance_at_end = f"{grouped(str(held))} {account.currency_id}"


def export(chosen: Statement, form: str) -> HttpResponse:
    """Return the whole chosen statement, oldest first, as CSV or XLSX."""
    if form not in FORMATS or chosen.account is None:
        raise Http404("A statement can be had as csv or xlsx.")
    writer = FORMATS[form]()
    table = tablib.Dataset(headers=COLUMNS)
    if selectors.statement(account=chosen.account, **chosen.wanted)[MOST_EXPORTED:].exists():
        return HttpResponseBadRequest(
            f"These are more than {MOST_EXPORTED:,} transfers. Choose fewer days, then save again."
        )
    for line in lines_to_export(chosen.account, chosen.wanted):
        amounts = (line.change, line.balance_after)
        change, after = map(Decimal, amounts) if form == "xlsx" else amounts
        words = (line.kind, change, after, line.currency, line.reference, line.reason)
        at = line.created_at.isoformat(timespec="milliseconds")
        table.append([line.sequence, at, *map(harmless, (*words, line.note, line.actor, line.key))])
    content = writer.export_data(table)
    if form == "csv":
        content = "\ufeff" + content  # Without it a spreadsheet takes UTF-8 for something else.
    response = HttpResponse(content, content_type=writer.get_content_type())
    name = f"statement-{chosen.player.pk}-{chosen.account.currency_id}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def lines_to_export(account: Account, wanted: Mapping[str, Any]) -> Iterator[StatementLine]:
    """Yield all chosen lines, the oldest first."""
    found = selectors.statement(account=account, **wanted)
    for transfer in found.reverse().iterator():
        yield selectors.statement_line(transfer, account.currency.unit)


def harmless(cell: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula, and no writer chokes on."""
    if not isinstance(cell, str):
        return cell
    text = UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", cell)
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not AMOUNT.fullmatch(text) else text
