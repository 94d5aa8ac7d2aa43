"""Numbers: read without loss, shown as people write them."""

from decimal import Decimal
from fractions import Fraction

import pytest

from settlement.rules.exact import (
    RulesRefusal,
    number_text,
    plain,
    ratio,
    ratio_text,
    recovered_factor,
)


@pytest.mark.parametrize(
    ("what", "text", "above", "below"),
    [
        ("a whole number", "10", 10, 1),
        ("a decimal", "2.50", 5, 2),
        ("a ratio", "5/3", 5, 3),
        ("a ratio that can be shortened", "2/4", 1, 2),
        ("leading zeros", "007.10", 71, 10),
        ("nothing", "0.00", 0, 1),
        ("twenty digits each side", f"{10**19}.{'0' * 19}1", 10**39 + 1, 10**20),
    ],
)
def test_a_number_is_read_without_loss(what: str, text: str, above: int, below: int) -> None:
    assert ratio(text) == Fraction(above, below)


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("nothing", ""),
        ("a word", "evens"),
        ("a sign", "-1"),
        ("a plus", "+1"),
        ("an exponent", "1e3"),
        ("a comma", "2,5"),
        ("a blank", " 2"),
        ("a line feed", "2\n"),
        ("no digit before the point", ".5"),
        ("no digit after the point", "5."),
        ("two points", "1.2.3"),
        ("two slashes", "1/2/3"),
        ("a decimal in a ratio", "1.5/2"),
        ("digits of another script", "٣"),
        ("wide digits", "２"),
        ("an underscore", "1_000"),
        ("no number", "NaN"),
        ("infinity", "Infinity"),
        ("21 digits", "1" * 21),
        ("21 places", f"0.{'1' * 21}"),
        ("a null byte", "2\0"),
    ],
)
def test_what_is_not_a_number_is_refused(what: str, text: str) -> None:
    with pytest.raises(RulesRefusal) as refusal:
        ratio(text)

    assert str(refusal.value) == f"“{text[:50]}” is not a number like 2.50 or a ratio like 5/3."


def test_a_ratio_with_nothing_below_is_refused() -> None:
    with pytest.raises(RulesRefusal, match="“5/0” divides by zero"):
        ratio("5/0")


def test_a_long_text_is_quoted_in_part() -> None:
    with pytest.raises(RulesRefusal) as refusal:
        ratio("9" * 60_000)

    assert len(str(refusal.value)) < 120


@pytest.mark.parametrize(
    ("what", "value", "text"),
    [
        ("text", "5/3", "5/3"),
        ("text with blanks", " 2.50 ", "2.50"),
        ("a whole number", 3, "3"),
        ("a decimal", Decimal("2.28"), "2.28"),
        ("an exponent", Decimal("1E+1"), "10"),
        ("a negative number, refused by its reader", -3, "-3"),
    ],
)
def test_what_clients_write_as_a_number_is_text(what: str, value: object, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("nothing", None),
        ("a truth", True),
        ("a float", 2.5),
        ("a list", ["2"]),
        ("an object", {"price": "2"}),
        ("no number", Decimal("NaN")),
        ("infinity", Decimal("Infinity")),
        ("more than can be meant", Decimal("1E+400")),
        ("less than can be meant", Decimal("1E-400")),
    ],
)
def test_what_can_hold_no_exact_number_is_refused(what: str, value: object) -> None:
    with pytest.raises(RulesRefusal, match="A number is expected, best written as text"):
        number_text(value)


@pytest.mark.parametrize(
    ("what", "text", "meant"),
    [
        ("a ratio stays", "33/100", Fraction(33, 100)),
        ("a half", "0.5", Fraction(1, 2)),
        ("a third, two places", "0.33", Fraction(1, 3)),
        ("a third, four places", "0.3333", Fraction(1, 3)),
        ("two thirds", "0.67", Fraction(2, 3)),
        ("a sixth", "0.17", Fraction(1, 6)),
        ("a seventh", "0.14", Fraction(1, 7)),
        ("three quarters", "0.75", Fraction(3, 4)),
        ("five twelfths", "0.4167", Fraction(5, 12)),
        ("no reduction", "1.0", Fraction(1)),
    ],
)
def test_the_factor_that_a_feed_rounded_is_recovered(what: str, text: str, meant: Fraction) -> None:
    assert recovered_factor(text) == meant


@pytest.mark.parametrize("tied", range(2, 13))
def test_every_small_factor_is_recovered_from_four_places(tied: int) -> None:
    factors = [Fraction(places, tied) for places in range(1, tied)]

    assert [recovered_factor(f"{float(factor):.4f}") for factor in factors] == (factors)


@pytest.mark.parametrize("tied", range(2, 13))
def test_every_small_factor_is_recovered_from_the_double_that_a_program_sends(tied: int) -> None:
    factors = [Fraction(places, tied) for places in range(1, tied)]

    assert [recovered_factor(str(float(factor))) for factor in factors] == factors


@pytest.mark.parametrize(
    ("what", "value", "shown"),
    [
        ("a whole number", Fraction(25), "25"),
        ("a decimal", Fraction(5, 2), "2.5"),
        ("four places", Fraction(12345, 10000), "1.2345"),
        ("places inside", Fraction(10001, 10000), "1.0001"),
        ("a third", Fraction(1, 3), "0.3333…"),
        ("two thirds, not rounded up", Fraction(2, 3), "0.6666…"),
        ("five places", Fraction(1, 80000), "0.0000…"),
        ("nothing", Fraction(0), "0"),
    ],
)
def test_a_number_is_shown_as_people_write_it(what: str, value: Fraction, shown: str) -> None:
    assert plain(value) == shown


def test_a_ratio_is_written_with_its_lower_half_even_when_that_is_1() -> None:
    assert ratio_text(Fraction(25)) == "25/1"
    assert ratio_text(Fraction(6, 4)) == "3/2"
