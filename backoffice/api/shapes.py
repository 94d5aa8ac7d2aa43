"""What the API answers, as structures: the views fill them, and its description is made of them."""

from typing import Any

import msgspec

from backoffice.intake import Answer, Status
from backoffice.timeline import What


class TakenIn(msgspec.Struct):
    """A ticket that stands in the books, and where to read it."""

    bet_id: str
    status: Status
    url: str


class Result(msgspec.Struct):
    """What became of one ticket of a list."""

    bet_id: str
    status: Status
    code: str | None = None
    field: str | None = None
    error: str | None = None


class Results(msgspec.Struct):
    """What became of a list of tickets, in their order."""

    created: int
    repeated: int
    refused: int
    results: list[Result]


class TicketSelection(msgspec.Struct):
    """One outcome that a ticket bets on; numbers are exact text."""

    position: int
    event: str
    event_name: str
    market: str
    market_name: str
    specifiers: str
    outcome: str
    outcome_name: str
    line: str | None
    provider: str
    price: str | None
    banker: bool
    group: str | None
    place_fraction: str | None
    place_price: str | None
    result: str | None
    win_factor: str | None
    void_factor: str | None
    place_win_factor: str | None
    place_void_factor: str | None


class TicketTransfer(msgspec.Struct):
    """Money that moved for a ticket; `change` is the player's."""

    key: str
    kind: str
    change: str
    balance_after: str
    actor: str
    reason: str
    created_at: str


class Ticket(msgspec.Struct):
    """A ticket as it stands; amounts are decimal text in major units."""

    bet_id: str
    provider: str
    provider_bet_id: str | None
    player: str
    currency: str
    stake: str
    cash_stake: str
    kind: str
    lines: int
    each_way: bool
    free_bet_ref: str | None
    placed_at: str
    accepted_at: str
    rule_set: int
    status: str
    result: str
    payout: str
    balance: str
    selections: list[TicketSelection]
    events: list[dict[str, Any]]
    transfers: list[TicketTransfer]
    reviews: list[dict[str, Any]]


class ExplainedLeg(msgspec.Struct):
    """A leg with its factors, as ratios, and the reasons for them."""

    position: int
    name: str
    price: str | None
    win_factor: str | None
    place_factor: str | None
    banker: bool
    reasons: list[dict[str, str]]


class ExplainedFold(msgspec.Struct):
    """The lines of one length: how many there are, how many pay, and the sum of their factors."""

    fold: str
    lines: int
    paying: int
    factor: str


class ExplainedPart(msgspec.Struct):
    """The win part, the place part, or all."""

    part: str
    unit_stake: str
    folds: list[ExplainedFold]


class Structure(msgspec.Struct):
    """The way to a payout, step by step; exact numbers are ratios."""

    legs: list[ExplainedLeg]
    parts: list[ExplainedPart]
    steps: list[dict[str, str]]
    rounding: str
    result: str


class Explanation(msgspec.Struct):
    """How a ticket's payout comes about, in sentences and as a structure."""

    bet_id: str
    decided: bool
    exact: str | None
    could_return: str | None
    text: list[str]
    structure: Structure | None


class TimelineEntry(msgspec.Struct):
    """One thing that happened to a ticket; what it has not is null.

    `what` is the sort of thing, `kind` the stored word for it: a message's state, what kind a fact,
    event or review is. `title` is a sentence to read aloud. Amounts are decimal text in major
    units: what the ticket has paid by then, how the player's cash changed, and what it held after.
    `message`, `fact`, `event` (its sequence), `transfer` (its key), `review` and `batch` (an act)
    say where more stands.
    """

    at: str
    what: What
    kind: str
    title: str
    details: list[str]
    actor: str | None
    source: str | None
    reason: str | None
    note: str | None
    payout: str | None
    change: str | None
    balance_after: str | None
    message: int | None
    fact: int | None
    event: int | None
    transfer: str | None
    review: int | None
    batch: int | None
    lookup: int | None


class Timeline(msgspec.Struct):
    """All that happened to a ticket, the oldest first, and where it stands in a sentence."""

    bet_id: str
    status: str
    sentence: str
    currency: str
    entries: list[TimelineEntry]


class QuoteAnswer(msgspec.Struct):
    """What a bet pays: `returns` rounded, `exact` as a ratio; null while its legs are open."""

    lines: int
    total_stake: str
    result: str
    returns: str | None
    returns_down: str | None
    exact: str | None
    explanation: list[str]
    structure: Structure
    free_bet_returned: bool | msgspec.UnsetType = msgspec.UNSET


def result_of(answer: Answer) -> Result:
    """Return what a list's answer says of one ticket."""
    return Result(
        bet_id=answer.bet_id,
        status=answer.status,
        code=answer.code or None,
        field=answer.field or None,
        error=answer.error or None,
    )
