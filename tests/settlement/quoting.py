"""Bets as clients write them, and what the product answers to them."""

import json
from fractions import Fraction
from typing import Any

from settlement.rules.quote import answer

Json = dict[str, Any]


def leg(price: str | None = "2", result: str | None = "win", **more: Any) -> Json:
    """Write down a leg: a winner at evens unless told otherwise."""
    return {"price": price, "result": result, **more}


def bet(kind: str, *legs: Json, stake: str = "10", **more: Any) -> Json:
    """Write down a bet; `stake` is the stake on one line."""
    return {"stake": stake, "type": kind, "legs": list(legs), **more}


def quoted(asked: Json) -> Json:
    """Return the answer to a bet that can be priced."""
    found, good = asked_for(json.dumps(asked).encode())
    assert good, found
    return found


def exact(asked: Json) -> Fraction:
    """Return what a decided bet pays, before rounding."""
    return Fraction(quoted(asked)["exact"])


def refusal(asked: Json) -> str:
    """Return why a bet can't be priced."""
    found, good = asked_for(json.dumps(asked).encode())
    assert not good, found
    return str(found["error"])


def asked_for(line: bytes) -> tuple[Json, bool]:
    """Return the answer to a line, and whether it could be priced."""
    written, good = answer(line, 1)
    found: Json = json.loads(written)
    return found, good
