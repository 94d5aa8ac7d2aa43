"""A spreadsheet's cell as exact text, or why it can't be one."""

from datetime import date, time, timedelta
from decimal import Decimal

from backoffice.files.columns import TIMES, YES_OR_NO

MOST_DIGITS = 15
ROUNDED = (
    "is stored as a number, and the spreadsheet has already rounded it: format the column as text "
    "and type it again."
)


def read(value: object, kind: str, column: str) -> tuple[str, str]:
    """Return a cell's text, and what is wrong with it; `kind` is openpyxl's data type."""
    if value is None:
        return "", ""
    if kind == "f":
        return formula_text(value), "is a formula: put its value in its place."
    if kind == "e":
        return str(value), f"holds the spreadsheet's error {value}."
    if isinstance(value, bool):
        wrong = "" if column in YES_OR_NO else "is a logical value: format the column as text."
        return str(value).lower(), wrong
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, date | time | timedelta):
        return str(value), dated(column)
    return str(value), ""


def formula_text(value: object) -> str:
    """Return a formula as it was typed."""
    return str(getattr(value, "text", value))


def number(value: int | float) -> tuple[str, str]:
    """Return the shortest decimal that the stored number stands for."""
    exact = Decimal(repr(value))
    if not exact.is_finite():
        return str(value), "is not a number."
    digits = len(exact.normalize().as_tuple().digits)
    shown = format(exact.normalize(), "f") if digits <= MOST_DIGITS else str(value)
    wrong = digits > MOST_DIGITS or abs(exact) >= 10**MOST_DIGITS
    return shown, ROUNDED if wrong else ""


def dated(column: str) -> str:
    """Say what to do about a cell that the spreadsheet keeps as a date."""
    if column in TIMES:
        return (
            "is a spreadsheet's date, which has no time zone: format the column as text and write "
            "2026-11-21T10:00:00Z."
        )
    return "was made a date by the spreadsheet: format the column as text and type it again."
