"""Exact ratios: read from text, written as people read them."""

import re
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

NUMBER = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,20})?|[0-9]{1,15}/[0-9]{1,15}")
SHOWN_PLACES = 4
DOUBLE = Fraction(1, 10**15)  # How far a program's double may lie from what it stands for.


class RulesRefusal(ValueError):
    """A bet that can't be meant. The text says what is wrong with it."""


class NeedsDecision(Exception):
    """The rules don't say what this pays: a person has to. The text says why."""


@lru_cache(8192)
def ratio(text: str) -> Fraction:
    """Return a number written as `2.50` or as the ratio `5/3`, without loss."""
    if not NUMBER.fullmatch(text):
        raise RulesRefusal(f"“{text[:50]}” is not a number like 2.50 or a ratio like 5/3.")
    above, slash, below = text.partition("/")
    if slash:
        if not int(below):
            raise RulesRefusal(f"“{text}” divides by zero.")
        return Fraction(int(above), int(below))
    whole, _, places = text.partition(".")
    return Fraction(int(whole + places), 10 ** len(places))


def number_text(value: object) -> str:
    """Return what a client wrote as a number: text, or a whole or decimal JSON number."""
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) <= 20:
        return format(value, "f")
    if type(value) is int:
        return str(value)
    if isinstance(value, str):
        return value.strip()
    raise RulesRefusal("A number is expected, best written as text.")


def recovered_factor(text: str) -> Fraction:
    """Return a dead heat's factor: `1/3` as it stands, 0.33 as the third that was meant.

    Feeds send rounded decimals; “places left ÷ tied” has small numbers above and below.
    """
    given = ratio(text)
    places = len(text.partition(".")[2])
    meant = given.limit_denominator(20)
    near = max(Fraction(1, 10**places), DOUBLE)
    recovered = meant and "/" not in text and abs(meant - given) <= near
    return meant if recovered else given


def ratio_text(value: Fraction) -> str:
    """Return `above/below`, also when below is 1."""
    return f"{value.numerator}/{value.denominator}"


def plain(value: Fraction, places: int = SHOWN_PLACES) -> str:
    """Return a decimal for people; one that goes on after so many places ends in an ellipsis."""
    return shown(value.numerator, value.denominator, places)


@lru_cache(8192)
def shown(above: int, below: int, places: int) -> str:
    """Return a ratio as `plain` does; one bet says the same number several times."""
    if below == 1:
        return str(above)
    scaled, rest = divmod(above * 10**places, below)
    whole, part = divmod(scaled, 10**places)
    text = f"{whole}.{part:0{places}d}"
    return f"{text}…" if rest else text.rstrip("0")
