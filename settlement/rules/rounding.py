"""The one place where an exact return becomes money."""

from fractions import Fraction

from settlement.rules.ruleset import Rounding, for_currency

MINOR_UNITS = [Fraction(1, 10**precision) for precision in range(9)]
WORDS = {"HALF_UP": "half up", "HALF_EVEN": "half to even", "DOWN": "down"}


def quantum_of(rounding: Rounding, currency: str, precision: int) -> Fraction:
    """Return what returns are rounded to: the minor unit, or a multiple that a rule set names."""
    minor = MINOR_UNITS[precision]
    if not rounding.quantum:
        return minor
    given = for_currency(rounding.quantum, currency)
    return minor if given is None or given % minor else given


def rounded(value: Fraction, quantum: Fraction, mode: str) -> Fraction:
    """Round an amount that is not negative."""
    below = value.denominator * quantum.numerator
    whole, rest = divmod(value.numerator * quantum.denominator, below)
    if not rest:
        return value
    up = mode != "DOWN" and 2 * rest >= below
    if mode == "HALF_EVEN" and 2 * rest == below:
        up = whole % 2 == 1
    return Fraction((whole + up) * quantum.numerator, quantum.denominator)
