"""Acts by hand as the API reads and answers them. Amounts are decimal text in major units."""

from typing import Any, Literal

import msgspec

from settlement.orders import LegAsked, Order
from settlement.vocabulary import ActKind, ActReason, TicketResult


class ConfirmedOrder(Order, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An act as it was previewed, with the preview's token."""

    token: str


class TicketActAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An act on the ticket that the address names, with its preview's token."""

    act: ActKind
    reason: ActReason
    note: str
    token: str
    result: TicketResult | None = None
    payout: str | None = None
    legs: tuple[LegAsked, ...] = ()
    stake: str | None = None
    amount: str | None = None
    currency: str | None = None
    lookup: int | None = None


class ReversalAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why an act is taken back; `token` is that of the preview."""

    reason: str
    note: str
    token: str | None = None


class ApprovalAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody says about an act that waits."""

    decision: Literal["accept", "refuse", "withdraw"]
    note: str


class ReviewDecisionAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody decides about a review; `token` is that of the preview."""

    decision: Literal["accept", "dismiss"]
    reason: str
    note: str
    token: str | None = None


class TicketState(msgspec.Struct):
    """Where a ticket stands."""

    status: str
    result: str
    payout: str


class LegChange(msgspec.Struct):
    """A leg whose result changes."""

    position: int
    before: str | None
    after: str | None


class PreviewLine(msgspec.Struct):
    """What an act would do to a ticket: left alone when `skipped` says why."""

    bet_id: str
    currency: str | None
    before: TicketState | None
    after: TicketState | None
    difference: str | None
    skipped: str | None
    held: str | None
    doubts: list[str]
    legs: list[LegChange]


class PreviewTotal(msgspec.Struct):
    """What an act comes to in one currency."""

    currency: str
    tickets: int
    to_players: str
    from_players: str
    difference: str


class PreviewPlayer(msgspec.Struct):
    """What an act does to a player's balance."""

    player: str
    currency: str
    before: str
    change: str
    after: str
    goes_below_zero: bool


class Preview(msgspec.Struct):
    """What an act would do. `asks` says why another person has to agree, null when nobody has to.

    At most 1,000 lines and players are told; the totals count all.
    """

    token: str
    act: ActKind
    asks: str | None
    lines: list[PreviewLine]
    lines_left_out: int
    totals: list[PreviewTotal]
    players: list[PreviewPlayer]
    players_left_out: int


class Batch(msgspec.Struct):
    """An act: who asked for what and why, and where it stands."""

    id: int
    act: ActKind
    state: str
    maker: str
    reason: ActReason
    note: str
    tickets: int
    why_asked: str | None
    reverses: int | None
    created_at: str
    done_at: str | None
    url: str


class LineCounts(msgspec.Struct):
    """How many tickets of an act are to be done, done, left alone, refused by the database."""

    waiting: int
    done: int
    skipped: int
    failed: int


class Moved(msgspec.Struct):
    """What an act moved in one currency, from the players' side."""

    currency: str
    difference: str


class ApprovalStep(msgspec.Struct):
    """A step of an act that needs two people."""

    step: str
    by: str
    note: str
    created_at: str


class WholeBatch(Batch):
    """An act with what became of its tickets, who agreed, and what took it back."""

    market: dict[str, Any] | None
    lines: LineCounts
    moved: list[Moved]
    approvals: list[ApprovalStep]
    reversed_by: list[int]
    lines_url: str


class BatchPage(msgspec.Struct):
    """Some acts, and the address of the next."""

    results: list[Batch]
    next: str | None


class BatchLine(msgspec.Struct):
    """What became of one ticket of an act."""

    position: int
    bet_id: str
    state: str
    sentence: str | None
    currency: str | None
    difference: str | None


class BatchLinePage(msgspec.Struct):
    """Some tickets of an act, and the address of the next."""

    results: list[BatchLine]
    next: str | None


class ReviewMarket(msgspec.Struct):
    """The market that a review is about."""

    provider: str
    event: str
    market: str
    specifiers: str


class Review(msgspec.Struct):
    """Something that a person must look at; `wanted` is the state that is held back."""

    id: int
    kind: str
    reason: str
    subject: str
    bet_id: str | None
    market: ReviewMarket | None
    currency: str | None
    amount: str | None
    wanted: TicketState | None
    opened_at: str
    closed_at: str | None
    end: str | None
    closed_by: str | None
    note: str | None
    decisions: list[str]
    url: str


class ReviewPage(msgspec.Struct):
    """Some reviews, and the address of the next."""

    results: list[Review]
    next: str | None


STRUCTURES = (
    Order,
    ConfirmedOrder,
    TicketActAsked,
    ReversalAsked,
    ApprovalAsked,
    ReviewDecisionAsked,
    Preview,
    WholeBatch,
    BatchPage,
    BatchLinePage,
    ReviewPage,
    Review,
)
