"""Two sides of a ticket are compared field by field; silence is no difference."""

from fractions import Fraction

import pytest

from feeds.comparing import Compared, Leg, Side, compare

OPEN = Side("OPEN", "", None, "", Fraction(10), "10.00 EUR", (Leg("X", ""),))
WON = Side(
    "SETTLED", "WIN", Fraction(25), "25.00 EUR", Fraction(10), "10.0 EUR", (Leg("X", "WIN"),)
)
LOST = Side("SETTLED", "LOSE", Fraction(0), "0.00 EUR", None, "1.00 USD", (Leg("X", "LOSE"),))
SILENT = Side("", "", None, "", None, "", (Leg("X", ""),))


@pytest.mark.parametrize(
    ("ours", "theirs", "different"),
    [
        (WON, WON, []),
        (OPEN, SILENT, []),
        (WON, SILENT, []),
        (OPEN, WON, ["status", "result", "payout", "leg 1: X"]),
        (WON, LOST, ["result", "payout", "leg 1: X"]),
        (OPEN, LOST, ["status", "result", "payout", "leg 1: X"]),
        (WON, OPEN, ["status"]),
    ],
)
def test_what_differs_is_marked(ours: Side, theirs: Side, different: list[str]) -> None:
    assert [one.field for one in compare(ours, theirs) if one.differs] == different


def test_amounts_are_compared_as_amounts_and_shown_as_they_are_written() -> None:
    assert compare(OPEN, WON)[3] == Compared("stake", "10.00 EUR", "10.0 EUR", differs=False)
