"""Extras on top of a bet's return, when the rule set has any."""

from collections.abc import Sequence
from fractions import Fraction

from settlement.rules.exact import plain, ratio
from settlement.rules.kinds import LUCKIES, Shape
from settlement.rules.legs import PricedLeg
from settlement.rules.ruleset import Bonus
from settlement.vocabulary import BetKind

Extra = tuple[str, Fraction]


def bonus_of(
    shape: Shape, legs: Sequence[PricedLeg], rules: Bonus, *, unit: Fraction, gross: Fraction,
    stake: Fraction,
) -> Extra | None:  # fmt: skip
    """Return the extra that the bet earns, with words for it; nothing for most bets."""
    basis = gross if rules.basis == "return" else max(gross - stake, Fraction(0))
    if shape.kind in LUCKIES:
        return lucky_bonus(shape.kind, legs, rules, unit, basis)
    left = [leg for leg in legs if not leg.is_void]
    if not rules.accumulator or not shape.all_in_one or any(not leg.win for leg in left):
        return None
    reached = [legs for legs in rules.accumulator if int(legs) <= len(left)]
    if not reached:
        return None
    best = ratio(rules.accumulator[max(reached, key=int)])
    return f"{len(left)} legs earn {plain(best)} % more", basis * best / 100


def lucky_bonus(
    kind: BetKind, legs: Sequence[PricedLeg], rules: Bonus, unit: Fraction, basis: Fraction
) -> Extra | None:
    """Return a Lucky's extra: for its only winner, or for all winners; void legs cancel both."""
    if any(leg.is_void for leg in legs):
        return None
    winners = [leg for leg in legs if leg.leg.win is not None and leg.leg.win.win]
    if len(winners) == 1 and (given := rules.one_winner.get(kind.lower())):
        profit = max((winners[0].win or Fraction(0)) - 1, Fraction(0)) * unit
        return f"the only winner earns {plain(ratio(given))} % more", (profit * ratio(given) / 100)
    if len(winners) == len(legs) and (given := rules.all_winners.get(kind.lower())):
        return f"all winners earn {plain(ratio(given))} % more", basis * ratio(given) / 100
    return None
