"""What Odds88 says of a bet, in the shapes of its feed (V3) and of its look-up (V2)."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum
from typing import Any

import msgspec
from msgspec import Struct

Json = dict[str, Any]
Id = int | str

ENCODER = msgspec.json.Encoder(decimal_format="number")
MULTIPLIER_PLACES = Decimal(1).scaleb(-12)
ONLY_V3 = (
    "eachWayPrice", "placeDeadHeatFactor", "manualPrice", "alternativePrice", "type",
    "betBuilderItems",
)  # fmt: skip


class Result(IntEnum):
    """Odds88's settlement results."""

    NONE = 0
    WIN = 1
    LOSE = 2
    REFUND = 3
    HALF_WIN = 4
    HALF_LOSE = 5
    CASH_OUT = 6
    PLACE_WIN = 7


class Pick(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A selection of a bet. Without a price it runs at its starting price, which is 4.50."""

    event: Id
    market: Id
    selection: Id
    price: Decimal | None = None
    event_name: str = ""
    market_name: str = ""


class ResultType(IntEnum):
    """What became of a bet's placement."""

    PENDING = 1
    ACCEPTED = 2
    REJECTED = 3


class Bet(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A bet as it was placed: `value` in units of 10 to the minus `precision`."""

    bet_id: str
    player: str
    value: int
    currency: str = "EUR"
    precision: int = 2
    selections: tuple[Pick, ...] = ()
    result_type: ResultType = ResultType.ACCEPTED
    reject_reason: int | None = None
    rate: Decimal = Decimal(1)  # Into EUR.
    ends: bool = True  # Whether the world may settle it.

    @property
    def stake(self) -> Decimal:
        """The stake in its currency."""
        return Decimal(self.value).scaleb(-self.precision)


class Ending(Struct, frozen=True):
    """How a bet ended; the multiplier and the payout follow from the legs unless given."""

    result: Result
    legs: tuple[Result, ...] = ()
    multiplier: Decimal | None = None
    payout: Decimal | None = None
    cancelled: bool = False


STARTING_PRICE = Decimal("4.5")


def factor(price: Decimal | None, result: Result) -> Decimal:
    """Return what a unit on one leg pays back."""
    price = STARTING_PRICE if price is None else price
    return {
        Result.WIN: price,
        Result.REFUND: Decimal(1),
        Result.HALF_WIN: (1 + price) / 2,
        Result.HALF_LOSE: Decimal("0.5"),
    }.get(result, Decimal(0))


def legs_of(bet: Bet, result: Result) -> tuple[Result, ...]:
    """Return legs that make a bet end so: one loses, or all share the result."""
    count = len(bet.selections)
    if result is Result.LOSE:
        return (Result.LOSE,) + (Result.WIN,) * (count - 1) if count else ()
    return (Result.NONE if result is Result.CASH_OUT else result,) * count


def multiplier_of(bet: Bet, ending: Ending, legs: Sequence[Result]) -> Decimal:
    """Return what a unit of the stake pays back."""
    if ending.multiplier is not None:
        return ending.multiplier
    if ending.payout is not None:
        return (ending.payout / bet.stake).quantize(MULTIPLIER_PLACES)
    if ending.result is Result.REFUND or not legs:
        return factor(Decimal(2), ending.result)
    product = Decimal(1)
    for pick, leg in zip(bet.selections, legs, strict=True):
        product *= factor(pick.price, leg)
    return product.quantize(MULTIPLIER_PLACES) if product else Decimal(0)


def v3_of(bet: Bet, bet_id: str, ending: Ending, moment: str, version: int) -> Json:
    """Return the message that tells the feed how a bet ended."""
    legs = ending.legs or legs_of(bet, ending.result)
    multiplier = multiplier_of(bet, ending, legs)
    return {
        "betId": bet_id,
        "betSettlement": ending.result,
        "payoutMultiplier": plain(multiplier),
        "isCancelled": ending.cancelled,
        "selections": [
            item_of(pick, leg, moment, version)
            for pick, leg in zip(bet.selections, legs, strict=True)
        ],
        "isRejected": bet.result_type is ResultType.REJECTED,
        "settlementTime": moment,
        "payout": money(bet.stake * multiplier if ending.payout is None else ending.payout, bet),
        "partialRefund": Decimal("0.0"),
        "amount": {
            "currency": bet.currency,
            "value": bet.value,
            "precision": bet.precision,
            "placementExchangeRate": bet.rate,
            "settlementExchangeRate": bet.rate,
        },
    }


def item_of(pick: Pick, result: Result, moment: str, version: int) -> Json:
    """Return one selection with how it ended."""
    return {
        "event": {
            "id": number_or_text(pick.event),
            "name": pick.event_name or None,
            "isLive": False,
            "startTime": None,
        },
        "market": {
            "id": number_or_text(pick.market),
            "type": 1,
            "name": pick.market_name or None,
            "properties": {},
        },
        "selectionId": number_or_text(pick.selection),
        "competitionId": 1,
        "countryId": 1,
        "sportId": 1,
        "settlement": {
            "settlementResult": result,
            "settlementTime": moment,
            "settlementVersion": version,
        },
        "price": pick.price,
        "eachWayPrice": None,
        "limitsRatingId": None,
        "limitsFactor": Decimal("1.0"),
        "hasLineDeviation": False,
        "isOutright": False,
        "version": 1,
        "deadHeatFactor": Decimal("0.0"),
        "placeDeadHeatFactor": None,
        "parameters": {},
        "manualPrice": None,
        "alternativePrice": None,
        "type": 1 if pick.price is not None else 2,
        "betBuilderItems": None,
    }


def v2_of(message: Json) -> Json:
    """Return a message of the feed as the look-up says it."""
    amount = message.get("amount") or {}
    said = {name: value for name, value in message.items() if name != "settlementTime"}
    said["betSettlement"] = v2_result(message.get("betSettlement"))
    value = Decimal(amount.get("value") or 0).scaleb(-(amount.get("precision") or 0))
    said["amount"] = plain(value * Decimal(amount.get("placementExchangeRate") or 1))
    said["selections"] = [v2_item(item) for item in message.get("selections") or []]
    return said


def v2_item(item: Json) -> Json:
    """Return a selection without what the look-up doesn't know."""
    said = {name: value for name, value in item.items() if name not in ONLY_V3}
    settlement = dict(item.get("settlement") or {})
    settlement["settlementResult"] = v2_result(settlement.get("settlementResult"))
    return said | {"settlement": settlement}


def v2_result(result: int | None) -> int | None:
    """Return a result of the look-up's enum, which ends at 6: a placed bet is won."""
    return Result.WIN if result == Result.PLACE_WIN else result


def turned(message: Json, moment: str) -> Json:
    """Return a message that says the contrary at another time: money becomes none, none double."""
    won = message.get("payout") or 0
    result = Result.LOSE if won else Result.WIN
    amount = message.get("amount") or {}
    stake = Decimal(amount.get("value") or 0).scaleb(-(amount.get("precision") or 0))
    return message | {
        "betSettlement": result,
        "payoutMultiplier": Decimal(0 if won else 2),
        "payout": Decimal(0) if won else stake * 2,
        "isCancelled": False,
        "isRejected": False,
        "settlementTime": moment,
        "selections": [
            turned_item(item, result, moment) for item in message.get("selections") or []
        ],
    }


def turned_item(item: Json, result: Result, moment: str) -> Json:
    """Return a selection that ended otherwise, one version later."""
    before = item.get("settlement") or {}
    return item | {
        "settlement": {
            "settlementResult": result,
            "settlementTime": moment,
            "settlementVersion": (before.get("settlementVersion") or 0) + 1,
        }
    }


def money(amount: Decimal, bet: Bet) -> Decimal:
    """Return an amount in what its currency can be paid in: two places where precision has more."""
    places = bet.precision if bet.precision <= 3 else 2
    return plain(amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def plain(number: Decimal) -> Decimal:
    """Return a number without needless zeros and without an exponent."""
    short = number.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral() else short


def number_or_text(ref: Id) -> Id:
    """Return an id as a number when it is written like one."""
    is_number = isinstance(ref, str) and ref.isdecimal() and str(int(ref)) == ref
    return int(ref) if is_number else ref


def decoded(text: bytes) -> Json:
    """Return a message to be looked into, its numbers exact."""
    said: Json = json.loads(text, parse_float=Decimal)
    return said


def written(ticks: int) -> str:
    """Return a time in 100-ns ticks since 1970 as Odds88 writes it."""
    seconds, part = divmod(ticks, 10**7)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{part:07}Z"
