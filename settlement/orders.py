"""What one of our own asks for, in the words of forms, files and programs. Nothing is looked up."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from settlement.said import ResultSaid, moment_of
from settlement.vocabulary import (
    MARKET_ACTS,
    TICKET_ACTS,
    ActKind,
    ActReason,
    LegResult,
    Provider,
    Source,
    TicketResult,
)

MOST_TICKETS = 50_000
LONGEST_NOTE = 500
LONGEST_TEXT = 2000
DEEPEST = 8
MOST_ANSWERS = 200
OLDEST_ANSWER = timedelta(minutes=15)
Words = Mapping[str, Any]


class ActRefused(Exception):
    """Nothing was done. The text says why, for the person who asked; `code` is for programs."""

    code = "refused"


class BadOrder(ActRefused):
    """The order makes no sense whatever the books say. `field` names the culprit."""

    code = "invalid"

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class LegAsked(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How one leg shall end. Dead heats are factors (1/2), Rule 4 is percents."""

    position: int
    result: LegResult | None = None
    dead_heat: str | None = None
    place_result: LegResult | None = None
    place_dead_heat: str | None = None
    rule4: str | None = None
    starting_price: str | None = None


class TicketAsked(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One ticket and how it shall end; amounts are decimal text in major units.

    `payout` is all that it pays, cash-outs included; `stake` and `amount` are a cash-out's. With a
    `currency`, the ticket has to be of it. `lookup` numbers the call in which its provider gave the
    result that is accepted.
    """

    bet_id: str
    result: TicketResult | None = None
    payout: str | None = None
    legs: tuple[LegAsked, ...] = ()
    stake: str | None = None
    amount: str | None = None
    currency: str | None = None
    lookup: int | None = None


class Answer(msgspec.Struct, frozen=True):
    """What a provider answered when he was asked for a ticket's result, at `ticks`."""

    source: Source
    ticks: int
    result: ResultSaid


class TicketAnswered(TicketAsked, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One ticket with the answer to its look-up: read by us, and never a client's word."""

    answer: Answer | None = None


class OutcomeAsked(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How an outcome shall end."""

    result: LegResult
    dead_heat: str | None = None


class MarketAsked(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A market and how it shall end; without a `market` it is the whole event.

    The window is by when bets were accepted, both ends included; `percent` is Rule 4's.
    """

    provider: Provider
    event: str
    market: str = ""
    specifiers: str = ""
    outcomes: Mapping[str, OutcomeAsked] = {}
    accepted_from: datetime | None = None
    accepted_to: datetime | None = None
    percent: str | None = None


class Order(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """An act that somebody asks for: on tickets, a market, reviews, or an act before."""

    act: ActKind
    reason: ActReason
    note: str
    tickets: tuple[TicketAsked, ...] = ()
    market: MarketAsked | None = None
    reviews: tuple[int, ...] = ()
    undoes: int | None = None

    @property
    def is_on_a_market(self) -> bool:
        """Whether it is said of a market or event, and reaches whoever bets on it."""
        return self.act in MARKET_ACTS


class KnownOrder(Order, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """An order as an act keeps it."""

    tickets: tuple[TicketAnswered, ...] = ()


# What is written in any case: win, WIN, Win.
WORDS = frozenset({"act", "reason", "result", "place_result", "provider"})


def read_order(words: Words) -> Order:
    """Return an order from a client's words; refuse what can't be meant."""
    try:
        order = msgspec.convert(uppercased(words), Order)
    except msgspec.ValidationError as error:
        raise BadOrder(*in_sentence(error)) from None
    return checked(order)


def uppercased(words: Any, name: str = "", deep: int = 0) -> Any:
    """Return a client's words with ours in the case that we write them in.

    Refuse what is nested deeper than an order is, and text that can't be stored.
    """
    if deep > DEEPEST:
        raise BadOrder("The order is nested too deep.")
    if isinstance(words, Mapping):
        return {
            storable(key): upper(value, key)
            if key in WORDS and isinstance(value, str)
            else uppercased(value, str(key), deep + 1)
            for key, value in words.items()
        }
    if isinstance(words, list | tuple):
        return [uppercased(one, name, deep + 1) for one in words]
    return storable(words, name)


def upper(word: str, name: str) -> str:
    """Return a word of ours as we write it."""
    return str(storable(word, name)).strip().upper().replace("-", "_").replace(" ", "_")


def storable(words: Any, name: str = "") -> Any:
    """Return what was given; refuse text that can't be stored, or is longer than any of ours."""
    if isinstance(words, str):
        if "\0" in words or not writable(words):
            raise BadOrder(
                f"{name or 'A name'} holds a character that can't be written down.", name
            )
        if len(words) > LONGEST_TEXT:
            raise BadOrder(f"{name or 'A name'} is longer than {LONGEST_TEXT:,} characters.", name)
    return words


def in_sentence(error: msgspec.ValidationError) -> tuple[str, str]:
    """Return what is wrong, and the field that it stands in."""
    said, _, path = str(error).partition(" - at `")
    field = path.rstrip("`").removeprefix("$.").removeprefix("$")
    if said.startswith("Object missing required field"):
        field = ".".join(filter(None, [field, said.split("`")[1]]))
        return f"{field} is missing.", field
    return f"{field or 'The order'}: {said}.", field


def checked(order: Order) -> Order:
    """Refuse an order that lacks what its act needs, or says what no act of its kind says."""
    note = read_note(order.note)
    about = {
        "tickets": order.act in TICKET_ACTS,
        "market": order.act in MARKET_ACTS,
        "reviews": order.act in (ActKind.ACCEPT, ActKind.DISMISS),
        "undoes": order.act == ActKind.UNDO,
    }
    for field, needed in about.items():
        given = getattr(order, field)
        if needed and not given:
            raise BadOrder(f"{order.act} needs {field}.", field)
        if given and not needed:
            raise BadOrder(f"{order.act} has nothing to do with {field}.", field)
    return msgspec.structs.replace(
        order,
        note=note,
        tickets=distinct(order),
        reviews=tuple(dict.fromkeys(order.reviews)),
    )


def read_note(given: str) -> str:
    """Return a note; refuse one that says nothing, too much, or can't be stored."""
    note = str(storable(given, "note")).strip()
    if not note:
        raise BadOrder("A note is required: say in a sentence why.", "note")
    if len(note) > LONGEST_NOTE:
        raise BadOrder(f"The note is longer than {LONGEST_NOTE} characters.", "note")
    return note


def writable(text: str) -> bool:
    """Whether a text can be stored."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def distinct(order: Order) -> tuple[TicketAsked, ...]:
    """Return the tickets, each once; refuse one that shall end in two ways."""
    if len(order.tickets) > MOST_TICKETS:
        raise BadOrder(f"An act is on at most {MOST_TICKETS:,} tickets.", "tickets")
    if order.act == ActKind.ACCEPT_RESULT and len(order.tickets) > MOST_ANSWERS:
        raise BadOrder(
            f"At most {MOST_ANSWERS} providers' results are accepted at once.", "tickets"
        )
    found: dict[str, TicketAsked] = {}
    for one in order.tickets:
        if not one.bet_id or len(one.bet_id) > 100 or "\0" in one.bet_id:
            raise BadOrder("A bet id has 1 to 100 characters.", "bet_id")
        if found.setdefault(one.bet_id, one) != one:
            raise BadOrder(f"{one.bet_id} stands there twice, and not the same.", "tickets")
        check_words(order.act, one)
    return tuple(found.values())


# Which words of a ticket go with which act; all other acts need the ticket's id alone.
ENDS = ("result", "payout", "legs")
GOES_WITH = {
    ActKind.SETTLE: ENDS,
    ActKind.RESETTLE: ENDS,
    ActKind.VOID: ("legs",),
    ActKind.CASH_OUT: ("stake", "amount"),
    ActKind.ACCEPT_RESULT: ("lookup",),
}


def check_words(act: ActKind, asked: TicketAsked) -> None:
    """Refuse words that don't go with the act, and an act without the words that it needs."""
    allowed = GOES_WITH.get(act, ())
    given = [name for name in (*ENDS, "stake", "amount", "lookup") if getattr(asked, name)]
    for name in given:
        if name not in allowed:
            raise BadOrder(f"{asked.bet_id}: {act} has nothing to do with {name}.", name)
    if act in (ActKind.SETTLE, ActKind.RESETTLE):
        if not given:
            raise BadOrder(f"{asked.bet_id}: say its result, its legs or its payout.", "result")
        if given not in (["result"], ["payout"], ["legs"], ["result", "payout"]):
            raise BadOrder(f"{asked.bet_id}: say its result, its legs or its payout, not more.")
    if act == ActKind.CASH_OUT and asked.amount is None:
        raise BadOrder(f"{asked.bet_id}: say what is paid for the stake.", "amount")
    if act == ActKind.ACCEPT_RESULT and asked.lookup is None:
        raise BadOrder(f"{asked.bet_id}: say by which look-up its provider was asked.", "lookup")


def answered(order: Order, answers: Mapping[str, Answer]) -> Order:
    """Return an order with what providers answered to the look-ups that it names, by bet id.

    A ticket that nobody knows has no answer.
    """
    tickets = tuple(
        TicketAnswered(**msgspec.structs.asdict(one), answer=answers.get(one.bet_id))
        for one in order.tickets
    )
    return msgspec.structs.replace(order, tickets=tickets)


def unanswered(order: Order) -> Order:
    """Return an order as it was asked for, without what providers answered."""
    names = TicketAsked.__struct_fields__
    tickets = tuple(
        TicketAsked(**{name: getattr(one, name) for name in names}) for one in order.tickets
    )
    return msgspec.structs.replace(order, tickets=tickets)


class StaleAnswer(ActRefused):
    """What a provider answered may be wrong by now."""

    code = "stale_answer"


def refuse_old_answers(order: Order, now: datetime) -> None:
    """Refuse to accept what a provider answered too long ago."""
    for one in order.tickets:
        if isinstance(one, TicketAnswered) and one.answer is not None:
            asked_at = moment_of(one.answer.ticks)
            if now - asked_at > OLDEST_ANSWER:
                raise StaleAnswer(
                    f"{one.bet_id}: {one.answer.source.capitalize()} was asked at "
                    f"{asked_at:%H:%M:%S} UTC, more than {OLDEST_ANSWER.seconds // 60} minutes "
                    "ago. Ask again, then accept."
                )
