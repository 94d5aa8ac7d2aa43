"""One leg of a bet: what a unit staked on it pays back, and why."""

from collections.abc import Callable
from fractions import Fraction

import msgspec

from settlement.rules.exact import NeedsDecision, plain
from settlement.rules.ruleset import RuleSet
from settlement.vocabulary import LegResult

ZERO, ONE, HALF = Fraction(0), Fraction(1), Fraction(1, 2)


class Factors(msgspec.Struct, frozen=True):
    """How one part of a leg ended: it pays `win * price + void`. A dead heat is in `win`."""

    win: Fraction
    void: Fraction

    @property
    def dead_heat(self) -> Fraction | None:
        """The factor of a dead heat, when there was one."""
        return self.win if not self.void and 0 < self.win < 1 else None

    def tied(self, factor: Fraction | None) -> "Factors":
        """Return this part after a dead heat: places left ÷ tied, at most 1."""
        if factor is None or factor >= 1 or not self.win:
            return self
        if self.void:
            raise NeedsDecision("A half result in a dead heat has to be decided by hand.")
        return Factors(self.win * factor, ZERO)


WON, LOST, VOID = Factors(ONE, ZERO), Factors(ZERO, ZERO), Factors(ZERO, ONE)
HALF_WON, HALF_LOST = Factors(HALF, HALF), Factors(ZERO, HALF)
WIN_PART = {
    LegResult.WIN: WON,
    LegResult.PLACE: LOST,
    LegResult.LOSE: LOST,
    LegResult.VOID: VOID,
    LegResult.HALF_WIN: HALF_WON,
    LegResult.HALF_LOSE: HALF_LOST,
}
PLACE_PART = {
    LegResult.WIN: WON,
    LegResult.PLACE: WON,
    LegResult.LOSE: LOST,
    LegResult.VOID: VOID,
}


def word(ended: Factors) -> str:
    """Return how people say that."""
    if not ended.void:
        return "won" if ended.win else "lost"
    if ended.win:
        return "half won"
    return "void" if ended == VOID else "half lost"


def uof_factors(
    *, result: int, void_factor: Fraction | None = None, dead_heat_factor: Fraction | None = None
) -> Factors | None:
    """Return what UOF's outcome means; nothing while it is undecided (−1)."""
    void = void_factor or ZERO
    if void not in (ZERO, HALF, ONE):
        raise NeedsDecision(f"A void factor of {plain(void)} has no agreed meaning.")
    if void == ONE:
        return VOID
    if void == HALF and dead_heat_factor not in (None, ZERO, ONE):
        raise NeedsDecision("A half result in a dead heat has to be decided by hand.")
    if result == -1:
        return None
    if result not in (0, 1):
        raise NeedsDecision(f"The result {result} is not known.")
    return Factors(result * (1 - void), void).tied(dead_heat_factor or None)


class Reason(msgspec.Struct, frozen=True):
    """One step on the way to a leg's factor."""

    code: str
    text: str


class Leg(msgspec.Struct, frozen=True):
    """What was agreed about a leg, and how it ended; `None` while a part is not decided.

    Without a price it was taken at the starting price. `deductions` are Rule 4's percents, one for
    each withdrawn runner. `builder` says that the leg is a bet builder whose parts it names.
    """

    name: str
    price: Fraction | None
    win: Factors | None
    place: Factors | None = None
    place_fraction: Fraction | None = None
    place_price: Fraction | None = None
    starting_price: Fraction | None = None
    deductions: tuple[Fraction, ...] = ()
    banker: bool = False
    builder: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    undecidable: str = ""


class PricedLeg(msgspec.Struct, frozen=True):
    """A leg with the price it is settled at and its factors, `None` while it is open.

    `win_refund` and `place_refund` say how much of a factor is stake that is given back.
    """

    leg: Leg
    price: Fraction | None
    win: Fraction | None
    place: Fraction | None
    reasons: tuple[Reason, ...]
    win_refund: Fraction = ZERO
    place_refund: Fraction = ZERO

    @property
    def is_void(self) -> bool:
        """Whether the win part is void, by its result or by the way dead heats are paid."""
        return self.win_refund == ONE


class Taken(msgspec.Struct, frozen=True):
    """A price before Rule 4, which takes `deduction` percent off; `at` is how people call it."""

    price: Fraction | None
    at: str
    deduction: Fraction = ZERO

    def final(self, rules: RuleSet) -> Fraction | None:
        """Return what is left of the price after Rule 4."""
        if self.price is None or not self.deduction:
            return self.price
        return reduced(self.price, self.deduction, rules)


def priced(leg: Leg, rules: RuleSet, *, each_way: bool) -> PricedLeg:
    """Return the leg's factors with the reasons for them."""
    if leg.undecidable:
        raise NeedsDecision(leg.undecidable)
    reasons = [*leg.reasons]
    taken = win_price(leg, rules)
    price = taken.final(rules)
    if not each_way:
        win, refund = factor("", leg.win, taken, rules, reasons)
        return PricedLeg(leg, price, win, None, tuple(reasons), refund)
    win, refund = factor("win part ", leg.win, taken, rules, reasons)
    if has_place_terms(leg):
        at_place = place_price(leg, taken, rules)
        place, place_refund = factor("place part ", leg.place, at_place, rules, reasons)
    else:
        void = rules.place_win_only == "void"
        place, place_refund = (ONE, ONE) if void else (win, refund)
        said = "its place stake is void" if void else "it is all to win"
        reasons.append(Reason("NO_PLACES", f"no places are paid: {said}"))
    return PricedLeg(leg, price, win, place, tuple(reasons), refund, place_refund)


def has_place_terms(leg: Leg) -> bool:
    """Whether something is paid for a place."""
    return leg.place_fraction is not None or leg.place_price is not None


def win_price(leg: Leg, rules: RuleSet) -> Taken:
    """Return the fixed price, or the starting price where that counts: without any deduction."""
    deduction = total_deduction(leg, rules)
    if leg.price is not None and not takes_starting_price(leg, rules, deduction):
        return Taken(leg.price, plain(leg.price), deduction)
    if leg.starting_price is None:
        return Taken(None, "")
    better = "" if leg.price is None else f", better than the {plain(leg.price)} taken"
    return Taken(leg.starting_price, f"the starting price {plain(leg.starting_price)}{better}")


def place_price(leg: Leg, taken: Taken, rules: RuleSet) -> Taken:
    """Return the place price: the one that was agreed, or what the place terms make of the win's.

    An agreed price is a fixed one, so Rule 4 reduces it also where the win part runs at the
    starting price.
    """
    if leg.place_price is not None:
        return Taken(leg.place_price, plain(leg.place_price), total_deduction(leg, rules))
    if taken.price is None or leg.place_fraction is None:
        return Taken(None, "")
    price = 1 + leg.place_fraction * (taken.price - 1)
    return Taken(price, plain(price), taken.deduction)


def total_deduction(leg: Leg, rules: RuleSet) -> Fraction:
    """Return Rule 4's percents added up, waived and capped as the rules say."""
    if not leg.deductions:
        return ZERO
    total = sum(leg.deductions, ZERO)
    if rules.rule4.ignore_5p and total <= 5:
        return ZERO
    return min(total, Fraction(rules.rule4.cap))


def takes_starting_price(leg: Leg, rules: RuleSet, deduction: Fraction) -> bool:
    """Whether best odds guaranteed gives the starting price instead of the fixed one."""
    if rules.best_odds == "off" or leg.starting_price is None or leg.price is None:
        return False
    compared = leg.price
    if rules.best_odds == "after_rule4":
        compared = reduced(leg.price, deduction, rules)
    return leg.starting_price > compared


def reduced(price: Fraction, deduction: Fraction, rules: RuleSet) -> Fraction:
    """Return a price after Rule 4: off the profit, or off the whole when the rules say stake."""
    left = 1 - deduction / 100
    return price * left if rules.rule4.basis == "stake" else 1 + (price - 1) * left


def factor(
    part: str, ended: Factors | None, taken: Taken, rules: RuleSet, reasons: list[Reason]
) -> tuple[Fraction | None, Fraction]:
    """Return what a unit pays back, and how much of it is refund; nothing while that is open."""
    if ended is None:
        reasons.append(Reason("OPEN", f"{part}not decided"))
        return None, ZERO
    if not ended.win:
        reasons.append(Reason("RESULT", f"{part}{word(ended)}"))
        return ended.void, ended.void
    if taken.price is None:
        reasons.append(Reason("OPEN", f"{part}{word(ended)}, its starting price is awaited"))
        return None, ZERO
    reasons.append(Reason("RESULT", f"{part}{word(ended)} at {taken.at}"))
    price = taken.price
    if taken.deduction:
        price = reduced(price, taken.deduction, rules)
        off = f"{plain(taken.deduction)} % off the {rules.rule4.basis}"
        reasons.append(Reason("RULE_4", f"Rule 4 takes {off}: {plain(price)}"))
    if ended is not WON and (tied := ended.dead_heat):
        method = DEAD_HEAT[rules.dead_heat_method]
        reasons.append(Reason("DEAD_HEAT", f"dead heat, {tied} {method.words}"))
        return method.factor(tied, price), method.refund(price)
    return (price if ended is WON else ended.win * price + ended.void), ended.void


class DeadHeatMethod(msgspec.Struct, frozen=True):
    """A way to pay a tie: from its factor and the price, with words for the player."""

    words: str
    factor: Callable[[Fraction, Fraction], Fraction]
    refund: Callable[[Fraction], Fraction] = lambda _: ZERO


DEAD_HEAT = {
    "stake": DeadHeatMethod("of the stake counts", lambda f, o: f * o),
    "profit": DeadHeatMethod("of the profit counts", lambda f, o: 1 + f * (o - 1)),
    "odds_floor_1": DeadHeatMethod("of the price counts, at least 1", lambda f, o: max(ONE, f * o)),
    "void_if_odds_on": DeadHeatMethod(
        "of the stake counts; below evens it is void",
        lambda f, o: f * o if o >= 2 else ONE,
        lambda o: ZERO if o >= 2 else ONE,
    ),
}
