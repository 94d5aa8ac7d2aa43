"""Sums over lines without writing them out, and with."""

from fractions import Fraction
from itertools import pairwise

import pytest

from settlement.rules.exact import NeedsDecision
from settlement.rules.kinds import shape_of
from settlement.rules.lines import Fold, each_line, folds, polynomial

TWO, THREE, HALF, NOTHING = Fraction(2), Fraction(3), Fraction(1, 2), Fraction(0)


def test_a_polynomial_holds_the_sums_of_the_lines_by_fold() -> None:
    assert polynomial([TWO, THREE, HALF], 3) == [2, 11, 17, 6]


def test_a_polynomial_stops_at_the_longest_fold() -> None:
    assert polynomial([TWO, THREE, TWO], 1) == [1, 7]


def test_a_fold_counts_its_lines_and_those_that_pay() -> None:
    shape = shape_of("patent", legs=3)

    assert folds(shape, [TWO, THREE, NOTHING], []) == (
        Fold(1, 3, 2, Fraction(5)),
        Fold(2, 3, 1, Fraction(6)),
        Fold(3, 1, 0, Fraction(0)),
    )


def test_bankers_multiply_every_line() -> None:
    shape = shape_of("system:1/2", legs=4, bankers=2)

    assert folds(shape, [TWO, HALF], [THREE, HALF]) == (Fold(1, 2, 2, Fraction(15, 4)),)


def test_a_lost_banker_leaves_no_line_that_pays() -> None:
    shape = shape_of("system:1/2", legs=3, bankers=1)

    assert folds(shape, [TWO, HALF], [NOTHING]) == (Fold(1, 2, 0, Fraction(0)),)


def test_written_out_lines_come_fold_by_fold_with_their_bankers() -> None:
    shape = shape_of("system:1,2/2", legs=3, bankers=1)

    assert list(each_line(shape, [TWO, THREE], [HALF])) == [Fraction(1), Fraction(3, 2), THREE]


def test_more_lines_than_can_be_written_out_need_a_person() -> None:
    shape = shape_of("system:10/21", legs=21)

    with pytest.raises(NeedsDecision) as refused:
        next(each_line(shape, [TWO] * 21, []))

    assert str(refused.value) == "352,716 lines are too many to be rounded one by one."


def test_forty_legs_are_summed_without_a_line_written_out() -> None:
    shape = shape_of("system:20/40", legs=40)

    (fold,) = folds(shape, [Fraction(1)] * 40, [])

    assert fold == Fold(20, 137_846_528_820, 137_846_528_820, Fraction(137_846_528_820))


def test_a_systems_folds_stay_in_order() -> None:
    shape = shape_of("goliath", legs=8)
    found = [fold.legs for fold in folds(shape, [TWO] * 8, [])]

    assert all(shorter < longer for shorter, longer in pairwise(found))
