"""The form of an act on many tickets. The tickets are kept for an hour between its steps."""

import re
import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.cache import cache
from django.utils.datastructures import MultiValueDict
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget
from unfold.widgets import UnfoldAdminTextInputWidget as TextInput

from backoffice.admin.act_forms import ActForm, Group, chosen_from
from backoffice.admin.act_words import TITLES, chooseable
from backoffice.admin.batch_upload import file_field, tickets_in
from backoffice.files.found import UnreadableFile
from settlement import selectors
from settlement.acts.choosing import Choice, chosen
from settlement.models.bets import TITLES as PROVIDERS
from settlement.orders import ENDS, ActRefused
from settlement.vocabulary import ActKind, Provider, TicketResult, TicketStatus

KEPT_FOR = 3600  # seconds
Words = dict[str, Any]
RESULTS = (TicketResult.WIN, TicketResult.LOSE, TicketResult.REFUND, TicketResult.HALF_WIN,
           TicketResult.HALF_LOSE, TicketResult.PLACE_WIN)  # fmt: skip
BY_RESULT = (ActKind.SETTLE, ActKind.RESETTLE)
GROUPS = {
    "What": ("kind", "result"),
    "On which tickets: pasted": ("pasted",),
    "Or from a file": ("file",),
    "Or chosen by their event and market, or by when they were placed": (
        "provider", "event", "market", "specifiers", "placed_from", "placed_to", "status",
    ),
    "Why": ("reason", "note"),
}  # fmt: skip
CHOOSING = ("provider", "event", "market", "specifiers", "placed_from", "placed_to")
WAYS = ("pasted", *CHOOSING)


def when(label: str) -> forms.DateTimeField:
    """Return a field for a moment in UTC."""
    widget = TextInput(attrs={"type": "datetime-local", "step": "1"})
    return forms.DateTimeField(required=False, label=label, widget=widget)


def text_field(**words: Any) -> forms.CharField:
    """Return a field for a provider's word."""
    return forms.CharField(required=False, max_length=400, widget=TextInput, **words)


class BatchForm(ActForm):
    """Which tickets, and what shall be done to all of them."""

    kind = forms.ChoiceField(label="What to do", widget=UnfoldAdminSelectWidget)
    result = chosen_from(
        RESULTS, required=False, label="Result",
        help_text="For Settle and Resettle: how all of them ended.",
    )  # fmt: skip
    pasted = forms.CharField(
        required=False,
        label="Bet ids",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
        help_text="Pasted: one a line, or with commas between.",
    )
    file = file_field()
    provider = chosen_from(Provider, PROVIDERS, required=False, label="Provider")
    event = text_field(label="Event", help_text="The provider's id of the event.")
    market = text_field(label="Market", help_text="The provider's id of the market; empty: all.")
    specifiers = text_field(label="Specifiers", help_text="Like total=2.5.")
    placed_from = when("Placed from (UTC)")
    placed_to = when("Placed to (UTC)")
    status = forms.ChoiceField(
        required=False,
        label="That are",
        choices=[("", "in any state"), *((str(one), one.capitalize()) for one in TicketStatus)],
        initial=str(TicketStatus.OPEN),
        widget=UnfoldAdminSelectWidget,
        help_text="Of those chosen by event or time.",
    )
    kept = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)

    def __init__(self, *args: Any, kinds: Sequence[ActKind], maker: str, **words: Any) -> None:
        super().__init__(*args, act=kinds[0], **words)
        self.maker = maker
        self.tickets: list[Words] = []
        self.fields["kind"].choices = chooseable(kinds, TITLES)  # type: ignore[attr-defined]

    @property
    def groups(self) -> list[Group]:
        return [Group(title, [self[name] for name in names]) for title, names in GROUPS.items()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        self.act = ActKind(cleaned["kind"])
        try:
            self.tickets = self.named(cleaned) or kept_tickets(cleaned["kept"], self.maker)
        except ActRefused as refusal:
            self.add_error(None, str(refusal))
            return cleaned
        if not self.tickets:
            self.add_error(None, "Say which tickets: paste their ids, name a file, or choose them.")
        elif (
            self.act in BY_RESULT and not cleaned["result"] and not all(map(says_how, self.tickets))
        ):
            self.add_error("result", "Say how the tickets ended.")
        else:
            self.hand_on()
        return cleaned

    def named(self, cleaned: dict[str, Any]) -> list[Words]:
        """Return the tickets that this step names; none when an earlier step did."""
        chooses = any(cleaned[name] for name in CHOOSING)
        if sum(map(bool, (cleaned["pasted"].strip(), cleaned["file"], chooses))) > 1:
            raise ActRefused("Paste ids, name a file, or choose by event and time: only one.")
        if cleaned["file"]:
            return self.in_file(cleaned)
        if cleaned["pasted"].strip():
            return [{"bet_id": one} for one in ids_in(cleaned["pasted"])]
        return [{"bet_id": one} for one in chosen(choice_of(cleaned))] if chooses else []

    def in_file(self, cleaned: dict[str, Any]) -> list[Words]:
        """Return the tickets of a file, which says itself how they ended."""
        if cleaned["result"]:
            raise ActRefused("The file says how its tickets ended: choose no result here.")
        try:
            return tickets_in(cleaned["file"], self.act)
        except UnreadableFile as refusal:
            raise ActRefused(f"Nothing is taken from the file. {refusal}") from None

    def hand_on(self) -> None:
        """Keep the tickets for the next step, which names them by a key alone."""
        key = uuid.uuid4().hex
        cache.set(f"batch:{key}", (self.maker, self.tickets), KEPT_FOR)
        self.files = MultiValueDict()
        self.data = {**dict(self.data.items()), **dict.fromkeys(WAYS, ""), "kept": key}

    def said(self) -> dict[str, Any]:
        result = self.cleaned_data["result"] if self.act in BY_RESULT else ""
        every = {"result": result} if result else {}
        return {"tickets": [one if says_how(one) else every | one for one in self.tickets]}


def says_how(ticket: Words) -> bool:
    """Whether a ticket's own words say how it ended."""
    return any(ticket.get(name) for name in ENDS)


def ids_in(pasted: str) -> list[str]:
    """Return the bet ids in a text. A line that is an id as it stands may hold blanks."""
    lines = [one.strip() for one in re.split(r"[\n\r,;\t]+", pasted) if one.strip()]
    known = selectors.tickets_by_bet_id(lines)
    ids = [word for line in lines for word in ([line] if line in known else line.split())]
    return list(dict.fromkeys(ids))


def choice_of(cleaned: dict[str, Any]) -> Choice:
    """Return what the chosen tickets have in common."""
    return Choice(
        provider=Provider(cleaned["provider"]) if cleaned["provider"] else None,
        event=cleaned["event"].strip(),
        market=cleaned["market"].strip(),
        specifiers=cleaned["specifiers"].strip(),
        placed_from=cleaned["placed_from"],
        placed_to=cleaned["placed_to"],
        status=TicketStatus(cleaned["status"]) if cleaned["status"] else None,
    )


def kept_tickets(key: str, maker: str) -> list[Words]:
    """Return the tickets that somebody named in an earlier step."""
    if not key:
        return []
    known = cache.get(f"batch:{key}") if re.fullmatch("[0-9a-f]{32}", key) else None
    of_whom, tickets = known or ("", [])
    if of_whom != maker:
        raise ActRefused("The tickets are kept for an hour only, and it is over: name them again.")
    return list(tickets)
