"""Forms that make an order of what a person typed. None of them looks at what it would do."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldBooleanWidget
from unfold.widgets import UnfoldAdminTextInputWidget as TextInput

from backoffice.accepting import with_answers
from backoffice.admin.act_words import REASONS, chooseable
from settlement.models import Selection, Ticket
from settlement.orders import LONGEST_NOTE, Order, read_order
from settlement.vocabulary import ActKind, LegResult, TicketResult

WHOLE = (TicketResult.WIN, TicketResult.LOSE, TicketResult.REFUND)
OF_SINGLES = (TicketResult.HALF_WIN, TicketResult.HALF_LOSE)
NOT_BY_HAND = (TicketResult.NONE, TicketResult.CASH_OUT)
PLACE_RESULTS = (LegResult.WIN, LegResult.LOSE, LegResult.VOID)
LONGEST_NUMBER = 40


def chosen_from(words: Any, names: Any = None, **more: Any) -> forms.ChoiceField:
    """Return a field to choose one of an enum's words in."""
    return forms.ChoiceField(
        choices=chooseable(words, names), widget=UnfoldAdminSelectWidget, **more
    )


def short(**words: Any) -> forms.CharField:
    """Return a field for a number or an amount, which is checked where its meaning is known."""
    return forms.CharField(max_length=LONGEST_NUMBER, widget=TextInput, **words)


class Group(NamedTuple):
    """Fields that belong together."""

    title: str
    fields: list[forms.BoundField]


class ActForm(forms.Form):
    """Why, in a word and in a sentence; what is asked for stands in the forms made of this one."""

    reason = chosen_from(REASONS, REASONS)
    note = forms.CharField(
        max_length=LONGEST_NOTE,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="What an auditor should know in a year.",
    )

    def __init__(self, *args: Any, act: ActKind, **words: Any) -> None:
        super().__init__(*args, **words)
        self.act = act
        self.add_fields()
        for name in ("reason", "note"):
            self.fields[name] = self.fields.pop(name)

    def add_fields(self) -> None:
        """Add the fields that are known only now."""

    def said(self) -> dict[str, Any]:
        """Return what is asked for, in an order's words."""
        return {}

    def order(self) -> Order:
        """Return the order; refuse one that makes no sense."""
        why = {name: self.cleaned_data[name] for name in ("reason", "note")}
        return with_answers(read_order({"act": str(self.act), **why, **self.said()}))

    @property
    def carried(self) -> list[forms.BoundField]:
        """The fields that a preview hands on; a file's content is kept in their place."""
        return [field for field in self if not isinstance(field.field, forms.FileField)]

    @property
    def groups(self) -> list[Group]:
        """The fields that stand below each other; those of tables have a dash in their names."""
        return [Group("", [field for field in self.visible_fields() if "-" not in field.name])]


class NumberedForm(ActForm):
    """An act on what has a number: reviews, or an act before."""

    def __init__(self, *args: Any, field: str, number: int, **words: Any) -> None:
        super().__init__(*args, **words)
        self.about = {field: [number] if field == "reviews" else number}

    def said(self) -> dict[str, Any]:
        return self.about


class TicketForm(ActForm):
    """An act that needs no more words than the ticket's id."""

    def __init__(
        self, *args: Any, ticket: Ticket, selections: Sequence[Selection], **words: Any
    ) -> None:
        self.ticket = ticket
        self.selections = selections
        super().__init__(*args, **words)

    def said(self) -> dict[str, Any]:
        return {"tickets": [{"bet_id": self.ticket.bet_id, **self.each()}]}

    def each(self) -> dict[str, Any]:
        """Return what is said of the ticket."""
        return {}


class ResultForm(TicketForm):
    """How the whole ticket ended; what it pays follows from its prices."""

    def add_fields(self) -> None:
        single = self.ticket.legs == 1
        results = [*WHOLE, *(OF_SINGLES if single else ())]
        if single and self.ticket.each_way:
            results.append(TicketResult.PLACE_WIN)
        self.fields["result"] = chosen_from(
            results,
            help_text="Every leg counts as ended like that. Legs that ended differently are "
            "settled one by one.",
        )

    def each(self) -> dict[str, Any]:
        return {"result": self.cleaned_data["result"]}


class AmountForm(TicketForm):
    """What the ticket pays in all, whatever its legs say."""

    def add_fields(self) -> None:
        self.fields["payout"] = short(
            label=f"Pays in all ({self.ticket.currency_id})",
            help_text="All that the player gets for the ticket, its stake and cash-outs included.",
        )
        self.fields["result"] = chosen_from(
            [one for one in TicketResult if one not in NOT_BY_HAND],
            required=False,
            help_text="What to call it; left open, its legs say so.",
        )

    def each(self) -> dict[str, Any]:
        given = {name: self.cleaned_data[name] for name in ("payout", "result")}
        return {name: value for name, value in given.items() if value}


class LegsForm(TicketForm):
    """How each leg ended; legs that nothing is said of go on waiting for their provider."""

    def add_fields(self) -> None:
        for leg in self.selections:
            for name, field in self.fields_of(leg).items():
                field.label = f"Leg {leg.position}: {name.replace('_', ' ')}"
                field.widget.attrs["aria-label"] = field.label
                self.fields[f"leg-{leg.position}-{name}"] = field

    def fields_of(self, leg: Selection) -> dict[str, forms.Field]:
        """Return what can be said of one leg."""
        words = {"required": False}
        found: dict[str, forms.Field] = {
            "result": chosen_from([one for one in LegResult if one != "PLACE"], **words),
            "dead_heat": short(**words),
            "rule4": short(**words),
            "starting_price": short(**words),
        }
        if self.ticket.each_way and (leg.place_fraction or leg.place_price):
            found["place_result"] = chosen_from(PLACE_RESULTS, **words)
            found["place_dead_heat"] = short(**words)
        return found

    @property
    def has_places(self) -> bool:
        """Whether a leg has a place part."""
        return any(name.endswith("-place_result") for name in self.fields)

    @property
    def leg_rows(self) -> Iterator[dict[str, Any]]:
        """The legs, each with its fields."""
        for leg in self.selections:
            names = self.fields_of(leg)
            yield {"leg": leg} | {name: self[f"leg-{leg.position}-{name}"] for name in names}

    def each(self) -> dict[str, Any]:
        legs = []
        for leg in self.selections:
            given = {name: self.cleaned_data[f"leg-{leg.position}-{name}"]
                     for name in self.fields_of(leg)}  # fmt: skip
            if said := {name: value for name, value in given.items() if value}:
                legs.append({"position": leg.position, **said})
        return {"legs": legs}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not any(value for name, value in cleaned.items() if name.startswith("leg-")):
            self.add_error(None, "Say how one of the legs ended.")
        return cleaned


class VoidLegsForm(LegsForm):
    """Which legs are void."""

    def fields_of(self, leg: Selection) -> dict[str, forms.Field]:
        return {"void": forms.BooleanField(required=False, widget=UnfoldBooleanWidget)}

    def each(self) -> dict[str, Any]:
        void = [
            one.position for one in self.selections if self.cleaned_data[f"leg-{one.position}-void"]
        ]
        return {"legs": [{"position": position} for position in void]}


class AcceptForm(TicketForm):
    """The look-up whose answer is accepted."""

    def add_fields(self) -> None:
        self.fields["lookup"] = forms.IntegerField(
            min_value=1,
            label="Look-up",
            widget=TextInput,
            help_text="The number of the look-up in which the provider said how the bet ended.",
        )

    def each(self) -> dict[str, Any]:
        return {"lookup": self.cleaned_data["lookup"]}


class CashOutForm(TicketForm):
    """What is paid for the stake, or for a part of it."""

    def add_fields(self) -> None:
        code = self.ticket.currency_id
        self.fields["amount"] = short(
            label=f"Pays now ({code})", help_text="What the player gets for it; it is final."
        )
        self.fields["stake"] = short(
            required=False,
            label=f"Of the stake ({code})",
            help_text="How much of the stake is cashed out; empty: all that is left.",
        )

    def each(self) -> dict[str, Any]:
        given = {name: self.cleaned_data[name] for name in ("amount", "stake")}
        return {name: value for name, value in given.items() if value}
