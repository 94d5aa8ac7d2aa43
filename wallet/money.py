"""Exact amounts: whole minor units of one currency, and text on the way in and out."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import total_ordering

MOST_MINOR_UNITS = 2**63 - 1
MOST_DIGITS = 40
SHAPES = [f"%d.%0{precision}d" for precision in range(9)]


class MoneyError(ValueError):
    """An amount that can't be meant; the text says why, for whoever typed it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A currency and how many decimal places its minor unit has."""

    code: str
    precision: int

    def __post_init__(self) -> None:
        if not 0 <= self.precision <= 8:
            raise MoneyError(f"{self.code}: a precision is 0 to 8, not {self.precision}.")


@total_ordering
@dataclass(frozen=True, slots=True, eq=True)
class Money:
    """An amount of one currency. Two currencies never meet in an operation."""

    minor: int
    unit: Unit

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError("Minor units are whole numbers.")
        if abs(self.minor) > MOST_MINOR_UNITS:
            raise MoneyError(f"The amount is too large for {self.unit.code}.")

    @classmethod
    def parse(cls, amount: str | int | Decimal, unit: Unit) -> "Money":
        """Return `amount`, given in major units, exactly; refuse what the currency can't hold."""
        number = exact_number(amount)
        if number.adjusted() > MOST_DIGITS or number.as_tuple().exponent < -MOST_DIGITS:  # type: ignore[operator]
            raise MoneyError(f"“{amount}” is out of range.")
        numerator, denominator = number.as_integer_ratio()
        minor, rest = divmod(numerator * 10**unit.precision, denominator)
        if rest:
            raise MoneyError(
                f"“{amount}” has more decimal places than {unit.code} holds ({unit.precision})."
            )
        return cls(minor, unit)

    def __str__(self) -> str:
        """Return the amount in major units, with all its decimal places: "-0.05"."""
        return text(self.minor, self.unit.precision)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._minor_of(other), self.unit)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._minor_of(other), self.unit)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.unit)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._minor_of(other)

    def _minor_of(self, other: "Money") -> int:
        if self.unit != other.unit:
            raise MoneyError(f"{self.unit.code} and {other.unit.code} can't be mixed.")
        return other.minor


def exact_number(amount: str | int | Decimal) -> Decimal:
    """Return a finite number without loss. A float is a bug in the caller, not an amount."""
    if isinstance(amount, bool | float):
        raise TypeError("Money is never a float.")
    try:
        # People paste the minus that a page or a spreadsheet shows them.
        text = amount.strip().replace("−", "-") if isinstance(amount, str) else amount
        if isinstance(text, str) and ("_" in text or not text.isascii()):
            raise InvalidOperation  # Python would read 1_0 as 10.
        number = Decimal(text)
    except InvalidOperation:
        raise MoneyError(f"“{amount}” is not a number.") from None
    if not number.is_finite():
        raise MoneyError(f"“{amount}” is not a number.")
    return number


def text(minor: int, precision: int) -> str:
    """Return minor units as major units in text; also a sum that no one account could hold."""
    if minor < 0:
        return f"-{text(-minor, precision)}"
    return SHAPES[precision] % divmod(minor, 10**precision) if precision else str(minor)
