"""What makes two tickets the same, and where two differ: no names, numbers by their value."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from settlement.rules.exact import ratio, ratio_text


def value_of(number: str | None) -> str | None:
    """Return a number's value, so that 2.5 and 2.50 are the same."""
    return None if number is None else ratio_text(ratio(number))


def hash_of(content: Mapping[str, Any]) -> bytes:
    """Return the digest that stands for a content."""
    return hashlib.sha256(msgspec.json.encode(content)).digest()


def difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return the first field in which two contents differ."""
    for name, value in before.items():
        if name == "selections":
            return selections_difference(value, now[name])
        if value != now[name]:
            return name
    return ""


def selections_difference(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> str:
    """Return the first selection, and its field, in which they differ."""
    if len(before) != len(now):
        return "selections"
    for place, (one, other) in enumerate(zip(before, now, strict=True), start=1):
        for name in one:
            if one[name] != other[name]:
                return f"selections[{place}].{name}"
    return ""
