"""Sums over a bet's lines, in closed form: no line is ever written out, unless rules ask for it.

With leg factors a/b as whole numbers, the product of all (b + a·x) holds at x^k the sum over every
line of k legs, times the product of all b.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from math import comb, prod

import msgspec

from settlement.rules.exact import NeedsDecision
from settlement.rules.kinds import Shape

MOST_WRITTEN_OUT = 200_000


class Fold(msgspec.Struct, frozen=True):
    """All lines with so many legs: how many there are, how many pay, and their factors' sum."""

    legs: int
    lines: int
    paying: int
    factor: Fraction


def folds(shape: Shape, free: Sequence[Fraction], bankers: Sequence[Fraction]) -> tuple[Fold, ...]:
    """Return the sums by fold; a fold's legs are counted without the bankers."""
    if shape.lines == 1 and not bankers:
        factor = one_line(free)
        return (Fold(len(free), 1, 1 if factor.numerator else 0, factor),)
    above = prod(b.numerator for b in bankers)
    below = prod(b.denominator for b in bankers) * prod(f.denominator for f in free)
    sums = polynomial(free, shape.folds[-1])
    alive = sum(1 for factor in free if factor) if above else 0
    return tuple(
        Fold(
            k, comb(len(free), k), comb(alive, k) if above else 0, Fraction(above * sums[k], below)
        )
        for k in shape.folds
    )


def one_line(factors: Sequence[Fraction]) -> Fraction:
    """Return the product of all factors: what the only line of a single or an accumulator pays."""
    if len(factors) == 1:
        return factors[0]
    above = prod([factor.numerator for factor in factors])
    return Fraction(above, prod([factor.denominator for factor in factors])) if above else ZERO


ZERO = Fraction(0)


def polynomial(factors: Sequence[Fraction], highest: int) -> list[int]:
    """Return the coefficients of the product of all (b + a·x), up to x^highest."""
    sums = [1] + [0] * highest
    for place, factor in enumerate(factors, start=1):
        above, below = factor.numerator, factor.denominator
        for k in range(min(place, highest), 0, -1):
            sums[k] = sums[k] * below + sums[k - 1] * above
        sums[0] *= below
    return sums


def each_line(
    shape: Shape, free: Sequence[Fraction], bankers: Sequence[Fraction]
) -> Iterator[Fraction]:
    """Yield every line's factor, for rules that round or count each line by itself."""
    if shape.lines > MOST_WRITTEN_OUT:
        raise NeedsDecision(f"{shape.lines:,} lines are too many to be rounded one by one.")
    first = prod(bankers, start=Fraction(1))
    for k in shape.folds:
        for line in combinations(free, k):
            yield prod(line, start=first)
