"""The messages of Odds88's settlement feed v4, as far as somebody reads them.

Odds88 requires no field, so each may be absent or null. Unknown fields are passed over.
"""

from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct

Int32 = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Id = int | str


class Ping(Struct, frozen=True):
    """A sign of life."""

    ping_id: str


class Event(Struct, frozen=True, rename="camel"):
    """What a selection was about."""

    id: Id | None = None


class Market(Struct, frozen=True, rename="camel"):
    """The market of a selection."""

    id: Id | None = None


class Settlement(Struct, frozen=True, rename="camel"):
    """How a selection ended. The time is text: it has more digits than a datetime holds."""

    settlement_result: int | None = None
    settlement_time: str | None = None
    settlement_version: Int32 | None = None


class EachWayPrice(Struct, frozen=True, rename="camel"):
    """The mark of a selection that was bet each-way; at which prices, our ticket knows."""


class BuilderItem(Struct, frozen=True, rename="camel"):
    """One part of a bet builder."""

    market: Market | None = None
    selection_id: Id | None = None
    settlement: Settlement | None = None


class BetItem(Struct, frozen=True, rename="camel"):
    """One selection of a bet, or a whole bet builder."""

    event: Event | None = None
    market: Market | None = None
    selection_id: Id | None = None
    settlement: Settlement | None = None
    each_way_price: EachWayPrice | None = None
    dead_heat_factor: Decimal | None = None
    place_dead_heat_factor: Decimal | None = None
    type: int | None = None
    bet_builder_items: tuple[BuilderItem, ...] | None = None


class Amount(Struct, frozen=True, rename="camel"):
    """A stake, in units of 10 to the minus `precision`."""

    currency: str | None = None
    value: Int64 | None = None
    precision: int | None = None
    settlement_exchange_rate: Decimal | None = None


class SettledBet(Struct, frozen=True, rename="camel"):
    """How a bet ended."""

    bet_id: Id | None = None
    bet_settlement: int | None = None
    payout_multiplier: Decimal | None = None
    is_cancelled: bool | None = None
    is_rejected: bool | None = None
    selections: tuple[BetItem, ...] | None = None
    settlement_time: str | None = None
    payout: Decimal | None = None
    partial_refund: Decimal | None = None
    amount: Amount | None = None


class Envelope(Struct, frozen=True, rename="camel"):
    """What a message may be: a ping, a bet in `data`, or the bet itself, told by its `bet_id`."""

    ping_id: Id | None = None
    data: SettledBet | None = None
    bet_id: Id | None = None
