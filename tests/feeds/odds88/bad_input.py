"""Messages that nobody should send: made by the published schema, and mutated from good ones."""

import json
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from tests.feeds import words

Json = Any
SAMPLES = Path(__file__).parents[2] / "samples" / "odds88"
INT32, INT64 = 2**31, 2**63
TICKETS = 40

# The published schema, as far as types go; every field may be absent or null.
LEG_SETTLEMENT = {
    "settlementResult": "result",
    "settlementTime": "time",
    "settlementVersion": "int32",
}
MARKET = {"id": "int64", "type": "int64", "name": "text", "properties": "texts"}
BUILDER_ITEM = {"market": MARKET, "selectionId": "int64", "settlement": LEG_SETTLEMENT}
ITEM = {
    "event": {"id": "int64", "name": "text", "isLive": "flag", "startTime": "time"},
    "market": MARKET,
    "selectionId": "selection",
    "competitionId": "int64",
    "settlement": LEG_SETTLEMENT,
    "price": "number",
    "eachWayPrice": {"win": "number", "place": "number"},
    "limitsFactor": "number",
    "hasLineDeviation": "flag",
    "version": "int32",
    "deadHeatFactor": "factor",
    "placeDeadHeatFactor": "factor",
    "parameters": "texts",
    "manualPrice": "number",
    "type": "type",
    "betBuilderItems": [BUILDER_ITEM],
}
BET = {
    "betId": "bet",
    "betSettlement": "result",
    "payoutMultiplier": "factor",
    "isCancelled": "flag",
    "selections": [ITEM],
    "isRejected": "flag",
    "settlementTime": "time",
    "payout": "number",
    "partialRefund": "number",
    "amount": {
        "currency": "currency",
        "value": "stake",
        "precision": "precision",
        "placementExchangeRate": "number",
        "settlementExchangeRate": "number",
    },
}
MESSAGE = {"pingId": "ping", "data": BET}


def from_schema(chance: random.Random) -> bytes:
    """Return a message of the schema's shape, its values anything that the types allow."""
    return json.dumps(made(MESSAGE, chance), ensure_ascii=chance.random() < 0.5).encode(
        "utf-8", "surrogatepass"
    )


def made(shape: Json, chance: random.Random) -> Json:
    """Return a value of a shape; an object lacks some of its fields."""
    if isinstance(shape, dict):
        return {name: made(one, chance) for name, one in shape.items() if chance.random() < 0.9}
    if isinstance(shape, list):
        return [made(shape[0], chance) for _ in range(chance.choice((0, 1, 1, 2)))]
    if chance.random() < 0.05:
        return None
    return VALUES[shape](chance)


def text(chance: random.Random) -> str:
    """Return any text."""
    return "".join(chr(chance.choice((65, 0, 10, 0x1F600, 0xE9, 0xD800))) for _ in range(3))


def time(chance: random.Random) -> str:
    """Return a time in one of the ways that occur, or none."""
    at = datetime.now(UTC) - timedelta(seconds=chance.randint(-200, 10**6))
    return chance.choice(
        (
            f"{at:%Y-%m-%dT%H:%M:%S}.{chance.randint(0, 9999999):07}Z",
            f"{at:%Y-%m-%dT%H:%M:%S}.{chance.randint(0, 9999999):07}+00:00",
            at.isoformat(),
            f"{at:%Y-%m-%dT%H:%M:%S}",
            f"{at:%Y-%m-%d}",
            "0001-01-01T00:00:00",
            "9999-12-31T23:59:59.9999999Z",
            "",
            "soon",
        )
    )


VALUES: dict[str, Callable[[random.Random], Json]] = {
    "ping": lambda chance: chance.choice((None, None, None, "p-1", "")),
    "bet": lambda chance: chance.choice((*[f"T-{n}" for n in range(TICKETS)], "P-0:T-1", "", ":")),
    "result": lambda chance: chance.choice((0, 1, 2, 3, 4, 5, 6, 7, 8, -1, INT32 - 1)),
    "type": lambda chance: chance.choice((1, 2, 3, 4, 5, 6, 7, 0, 99)),
    "flag": lambda chance: chance.random() < 0.1,
    "text": text,
    "texts": lambda chance: {text(chance): text(chance)},
    "time": time,
    "int32": lambda chance: chance.choice((0, 1, 2, -1, INT32 - 1, -INT32)),
    "int64": lambda chance: chance.choice((0, 1, 501, -1, INT64 - 1, -INT64)),
    "selection": lambda chance: chance.choice((701, 701, 701, -1, INT64 - 1)),
    "number": lambda chance: chance.choice((0, 10, 25, 25.0, 0.1, 1e-9, 1e15, -1, 1e308)),
    "factor": lambda chance: chance.choice((0, 0, 1, 2.5, 0.5, 0.3333333, 1e-300, -0.5, 1e300)),
    "currency": lambda chance: chance.choice(("EUR", "EUR", "eur", "USD", "", "€")),
    "stake": lambda chance: chance.choice((1000, 1000, 1000, 10, 0, -1000, INT64 - 1)),
    "precision": lambda chance: chance.choice((2, 2, 2, 0, 4, -1, INT32 - 1)),
}


class Mutants:
    """Good messages in which one thing or some are not as they were."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        samples = [json.loads(one.read_bytes()) for one in sorted(SAMPLES.glob("*.json"))]
        self.samples = [one.get("data") or one for one in samples]

    def make(self) -> bytes:
        """Return one."""
        good = self.good()
        if self.chance.random() < 0.5:
            said = json.loads(good)
            for _ in range(self.chance.randint(1, 3)):
                self.change(said)
            good = json.dumps(said).encode()
        if self.chance.random() < 0.5:
            good = self.cut(good)
        return good

    def good(self) -> bytes:
        """Return a message that could be sent."""
        bet_id = f"T-{self.chance.randrange(TICKETS)}"
        if self.chance.random() < 0.3:
            said = self.chance.choice(self.samples) | {"betId": bet_id}
            return json.dumps({"pingId": None, "data": said}).encode()
        word = self.chance.choice(("won", "lost", "void", "open"))
        return words.odds88(bet_id, word, at=self.chance.randrange(10_000), legs={"701": word})

    def change(self, said: Json) -> None:
        """Put another value, or none, or one more somewhere."""
        found = list(places(said))
        if not found:
            return
        holder, key = self.chance.choice(found)
        act = self.chance.randrange(4)
        if act == 0 and isinstance(holder, dict):
            del holder[key]
        elif act == 1:
            other, taken = self.chance.choice(found)
            holder[key] = json.loads(json.dumps(other[taken]))
        else:
            holder[key] = deepcopy(self.chance.choice(STRANGE))

    def cut(self, good: bytes) -> bytes:
        """Change the bytes themselves."""
        at, length = self.chance.randrange(len(good)), self.chance.randint(1, 8)
        noise = bytes(self.chance.randrange(256) for _ in range(length))
        return self.chance.choice(
            (
                good[:at] + noise + good[at:],
                good[:at] + noise + good[at + length :],
                good[:at] + good[at + length :],
                good[:at],
                good[:at] + good[at : at + length] * 2 + good[at + length :],
                b"\xef\xbb\xbf" + good,
            )
        )


STRANGE: tuple[Json, ...] = (
    None, True, False, 0, 1, -1, 2.5, 10**40, -(10**40), 1e-30, "", "0", "NaN", "x" * 300,
    "\u0000", "\ud800", [], {}, [[[]]], {"a": {}}, "T-1", 1000, "EUR",
)  # fmt: skip


def places(said: Json) -> Iterator[tuple[Json, Any]]:
    """Yield where a value stands: what holds it, and under which key."""
    held = list(said.items()) if isinstance(said, dict) else list(enumerate(said))
    for key, value in held:
        yield said, key
        if isinstance(value, dict | list):
            yield from places(value)


def money_of(body: bytes, stake: int) -> int | None:
    """Return the minor units that a message pays by its own figures, read as anybody would."""
    said = json.loads(body.decode("utf-8-sig"), parse_float=Decimal)
    said = said.get("data") or said
    if said.get("isCancelled") or said.get("isRejected"):
        return stake
    multiplier, payout = said.get("payoutMultiplier"), said.get("payout")
    by_multiplier = None if multiplier is None else Decimal(multiplier) * stake
    by_payout = None if payout is None else Decimal(payout) * 100
    if by_payout is not None and by_multiplier is not None:
        return rounded(by_payout) if abs(by_payout - by_multiplier) <= 1 else None
    paid = by_multiplier if by_payout is None else by_payout
    return None if paid is None else rounded(paid)


def rounded(amount: Decimal) -> int:
    """Return whole minor units, half up."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))
