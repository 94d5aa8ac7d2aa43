"""Amounts: exact, and never of two currencies at once."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet.money import MOST_MINOR_UNITS, Money, MoneyError, Unit

EUR, JPY, BTC = Unit("EUR", 2), Unit("JPY", 0), Unit("BTC", 8)


@pytest.mark.parametrize(
    ("what", "amount", "unit", "minor"),
    [
        ("a whole amount", "10", EUR, 1000),
        ("cents", "10.05", EUR, 1005),
        ("a negative amount", "-0.05", EUR, -5),
        ("trailing zeros beyond the precision", "1.5000", EUR, 150),
        ("a currency without cents", "1500", JPY, 1500),
        ("the smallest coin", "0.00000001", BTC, 1),
        ("a decimal", Decimal("2.50"), EUR, 250),
        ("a whole number", 3, EUR, 300),
        ("an exponent", "1e2", EUR, 10000),
        ("blanks around it", " 7.00 ", EUR, 700),
    ],
)
def test_an_amount_is_read_exactly(
    what: str, amount: str | int | Decimal, unit: Unit, minor: int
) -> None:
    assert Money.parse(amount, unit).minor == minor


@pytest.mark.parametrize(
    ("amount", "unit", "complaint"),
    [
        ("0.001", EUR, "“0.001” has more decimal places than EUR holds (2)."),
        ("1.5", JPY, "“1.5” has more decimal places than JPY holds (0)."),
        ("ten", EUR, "“ten” is not a number."),
        ("", EUR, "“” is not a number."),
        ("NaN", EUR, "“NaN” is not a number."),
        ("1_0", EUR, "“1_0” is not a number."),
        ("٣", EUR, "“٣” is not a number."),
        ("Infinity", EUR, "“Infinity” is not a number."),
        ("1e999999999", EUR, "“1e999999999” is out of range."),
        ("1e-999999999", EUR, "“1e-999999999” is out of range."),
        ("92233720368547758.08", EUR, "The amount is too large for EUR."),
    ],
)
def test_what_a_currency_cannot_hold_is_refused(amount: str, unit: Unit, complaint: str) -> None:
    with pytest.raises(MoneyError) as refusal:
        Money.parse(amount, unit)

    assert str(refusal.value) == complaint


@pytest.mark.parametrize("amount", [1.5, True])
def test_a_float_is_a_bug_not_an_amount(amount: object) -> None:
    with pytest.raises(TypeError):
        Money.parse(amount, EUR)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("minor", "unit", "text"),
    [(0, EUR, "0.00"), (-5, EUR, "-0.05"), (1500, JPY, "1500"), (1, BTC, "0.00000001")],
)
def test_an_amount_is_written_with_all_its_places(minor: int, unit: Unit, text: str) -> None:
    assert str(Money(minor, unit)) == text


@pytest.mark.parametrize("operation", ["__add__", "__sub__", "__lt__"])
def test_two_currencies_are_never_mixed(operation: str) -> None:
    with pytest.raises(MoneyError, match="EUR and JPY can't be mixed"):
        getattr(Money(100, EUR), operation)(Money(100, JPY))


def test_arithmetic_is_on_minor_units() -> None:
    assert Money(10, EUR) + Money(5, EUR) == Money(15, EUR)
    assert Money(10, EUR) - Money(15, EUR) == Money(-5, EUR)
    assert -Money(10, EUR) == Money(-10, EUR)
    assert Money(10, EUR) > Money(5, EUR)


@given(
    st.integers(-MOST_MINOR_UNITS, MOST_MINOR_UNITS),
    st.integers(0, 8).map(lambda precision: Unit("XTS", precision)),
)
def test_what_is_written_is_read_as_the_same(minor: int, unit: Unit) -> None:
    assert Money.parse(str(Money(minor, unit)), unit).minor == minor
