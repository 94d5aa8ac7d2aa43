"""What a bet pays: the amount and its explanation come out of the same computation."""

from collections.abc import Sequence
from fractions import Fraction

import msgspec

from settlement.rules.bonus import bonus_of
from settlement.rules.exact import RulesRefusal
from settlement.rules.kinds import Shape
from settlement.rules.legs import (
    HALF_LOST,
    HALF_WON,
    LOST,
    ONE,
    VOID,
    WON,
    ZERO,
    Factors,
    Leg,
    PricedLeg,
    has_place_terms,
)
from settlement.rules.legs import priced as price_leg
from settlement.rules.lines import Fold, each_line, folds, one_line
from settlement.rules.rounding import MINOR_UNITS, quantum_of, rounded
from settlement.rules.ruleset import NO_BONUS, NO_CAP, RuleSet, for_currency
from settlement.vocabulary import NOT_COMPUTED, TicketResult


class Bet(msgspec.Struct, frozen=True):
    """A bet as it was agreed and as its legs ended. `stake` is the whole stake, in major units."""

    shape: Shape
    stake: Fraction
    legs: tuple[Leg, ...]
    each_way: bool = False
    free_bet: bool = False
    cashed_out_stake: Fraction = ZERO
    cashed_out_amount: Fraction = ZERO
    currency: str = "EUR"
    precision: int = 2

    @property
    def lines(self) -> int:
        """How many lines the stake is spread over; each-way doubles them."""
        return self.shape.lines * (2 if self.each_way else 1)

    @property
    def unit_stake(self) -> Fraction:
        """The stake on one line, exactly."""
        return self.stake / self.lines


class PartSum(msgspec.Struct, frozen=True):
    """The win part or the place part of a bet: its stake a line, and what each fold returns."""

    name: str
    unit: Fraction
    folds: tuple[Fold, ...]
    amounts: tuple[Fraction, ...]


class Step(msgspec.Struct, frozen=True):
    """A change on the way from the lines' sum to the money, and the amount after it."""

    code: str
    text: str
    amount: Fraction


class Settled(msgspec.Struct, frozen=True):
    """What a bet pays and how that came about. Amounts are `None` while a leg matters still."""

    bet: Bet
    rules: RuleSet
    legs: tuple[PricedLeg, ...]
    parts: tuple[PartSum, ...]
    steps: tuple[Step, ...]
    result: TicketResult
    exact: Fraction | None
    returns: Fraction | None
    token_returned: bool = False

    @property
    def decided(self) -> bool:
        """Whether the bet can be settled."""
        return self.exact is not None


def settle(bet: Bet, rules: RuleSet, *, legs: tuple[PricedLeg, ...] | None = None) -> Settled:
    """Return what the bet pays under these rules, with every step to it.

    Whoever settles many bets on the same legs may hand over the legs priced already.
    """
    refuse_nonsense(bet)
    if bet.cashed_out_stake and bet.cashed_out_stake == bet.stake:
        step = Step("CASH_OUT", "cashed out in full", bet.cashed_out_amount)
        return finished(bet, rules, (), (), [step], TicketResult.CASH_OUT)
    if legs is None:
        legs = tuple([price_leg(leg, rules, each_way=bet.each_way) for leg in bet.legs])
    parts = part_sums(bet, legs, rules, open_as=ZERO)
    if is_open(legs, bet) and parts != part_sums(bet, legs, rules, open_as=ONE):
        return Settled(bet, rules, legs, (), (), TicketResult.NONE, None, None)
    paid = any(fold.paying for part in parts for fold in part.folds)
    result = result_of(bet, legs) if paid else TicketResult.LOSE
    steps = steps_of(bet, rules, legs, parts, result)
    return finished(bet, rules, legs, parts, steps, result)


class Plain(msgspec.Struct, frozen=True):
    """What a bet pays, without how that came about; nothing while a leg matters still."""

    result: TicketResult
    returns: Fraction | None


def is_plain(bet: Bet, rules: RuleSet) -> bool:
    """Whether a bet is one line and no rule but rounding it once touches what that pays."""
    return (
        bet.shape.lines == 1
        and not (bet.each_way or bet.free_bet or bet.cashed_out_stake)
        and bet.shape.kind not in NOT_COMPUTED
        and rules.rounding.scope == "ticket"
        and rules.bonus is NO_BONUS
        and rules.cap is NO_CAP
    )


def settle_plain(bet: Bet, rules: RuleSet, legs: Sequence[PricedLeg]) -> Plain:
    """Return what a plain bet pays: what `settle` says of it, in a third of the time."""
    known = [leg.win for leg in legs if leg.win is not None]
    factor = one_line(known)
    if not factor.numerator:
        return LOST_PLAINLY
    if len(known) < len(legs):
        return OPEN_PLAINLY
    result = result_of(bet, legs)
    quantum = MINOR_UNITS[bet.precision]
    if result is not TicketResult.REFUND:
        quantum = quantum_of(rules.rounding, bet.currency, bet.precision)
    return Plain(result, rounded(bet.stake * factor, quantum, rules.rounding.mode))


LOST_PLAINLY = Plain(TicketResult.LOSE, ZERO)
OPEN_PLAINLY = Plain(TicketResult.NONE, None)


def refuse_nonsense(bet: Bet) -> None:
    """Refuse what no ticket can be."""
    if bet.shape.kind in NOT_COMPUTED:
        raise RulesRefusal(
            f"{bet.shape.title}: settled by the provider's payout or by amount, not computed."
        )
    if bet.stake.numerator <= 0:
        raise RulesRefusal("The stake must be above zero.")
    if bet.cashed_out_stake and bet.cashed_out_stake > bet.stake:
        raise RulesRefusal("More stake was cashed out than there is.")
    if bet.cashed_out_amount and not bet.cashed_out_stake:
        raise RulesRefusal("An amount was cashed out, and no stake.")


def is_open(legs: Sequence[PricedLeg], bet: Bet) -> bool:
    """Whether a factor is still missing."""
    return any(leg.win is None or (bet.each_way and leg.place is None) for leg in legs)


def part_sums(
    bet: Bet, legs: Sequence[PricedLeg], rules: RuleSet, *, open_as: Fraction
) -> tuple[PartSum, ...]:
    """Return the sums of the win part and, each way, of the place part."""
    win = [open_as if leg.win is None else leg.win for leg in legs]
    unit = bet.unit_stake if bet.lines > 1 else bet.stake
    if not bet.each_way:
        return (part_sum("", unit, sums(bet, win)),)
    place = [open_as if leg.place is None else leg.place for leg in legs]
    if rules.each_way_formula == "equally_divided":
        both = [(w + p) / 2 for w, p in zip(win, place, strict=True)]
        return (part_sum("equally divided", 2 * unit, sums(bet, both)),)
    return (part_sum("win", unit, sums(bet, win)), part_sum("place", unit, sums(bet, place)))


def part_sum(name: str, unit: Fraction, folds: tuple[Fold, ...]) -> PartSum:
    """Return a part with what its folds return."""
    return PartSum(name, unit, folds, tuple([unit * fold.factor for fold in folds]))


def sums(bet: Bet, factors: Sequence[Fraction]) -> tuple[Fold, ...]:
    """Return the sums over the bet's lines by fold."""
    return folds(bet.shape, *apart(bet, factors))


def apart(bet: Bet, factors: Sequence[Fraction]) -> tuple[list[Fraction], list[Fraction]]:
    """Return the factors of the legs that are combined, and those of the bankers."""
    both = list(zip(bet.legs, factors, strict=True))
    return [f for leg, f in both if not leg.banker], [f for leg, f in both if leg.banker]


def steps_of(
    bet: Bet,
    rules: RuleSet,
    legs: Sequence[PricedLeg],
    parts: Sequence[PartSum],
    result: TicketResult,
) -> list[Step]:
    """Return the way from the lines' sum to the amount before rounding."""
    gross = total([amount for part in parts for amount in part.amounts])
    steps = [Step("SUM", "lines together", gross)]
    by_lines = rules.rounding.scope == "line" or (bet.free_bet and rules.snr_scope == "line")
    if by_lines and result is not TicketResult.REFUND:
        steps.append(by_line(bet, rules, legs))
    elif bet.free_bet:
        amount = max(gross - bet.stake, ZERO)
        steps.append(Step("FREE_BET", "the free bet's stake is not returned", amount))
    steps += bonus_steps(bet, rules, legs, gross, steps[-1].amount)
    if bet.cashed_out_stake:
        steps.append(cash_out_step(bet, steps[-1].amount))
    steps += cap_steps(bet, rules, legs, steps[-1].amount)
    return steps


def total(amounts: Sequence[Fraction]) -> Fraction:
    """Return the sum; of one amount at no cost."""
    return amounts[0] if len(amounts) == 1 else sum(amounts, ZERO)


def by_line(bet: Bet, rules: RuleSet, legs: Sequence[PricedLeg]) -> Step:
    """Return the sum of lines that are rounded, or rid of their stake, one by one."""
    quantum = quantum_of(rules.rounding, bet.currency, bet.precision)
    each_rounded = rules.rounding.scope == "line"
    whole, stake_left = ZERO, bet.stake if bet.free_bet and rules.snr_scope == "ticket" else ZERO
    for unit, factors in line_factors(bet, rules, legs):
        for factor in each_line(bet.shape, *apart(bet, factors)):
            amount = unit * factor
            if bet.free_bet and rules.snr_scope == "line":
                amount = max(amount - unit, ZERO)
            whole += rounded(amount, quantum, rules.rounding.mode) if each_rounded else amount
    said = "each line rounded" if each_rounded else "each line"
    if bet.free_bet:
        said += ", the free bet's stake not returned"
    return Step("LINES", said, max(whole - stake_left, ZERO))


def line_factors(
    bet: Bet, rules: RuleSet, legs: Sequence[PricedLeg]
) -> list[tuple[Fraction, list[Fraction]]]:
    """Return for each part its stake a line, and the legs' factors."""
    win = [leg.win or ZERO for leg in legs]
    place = [leg.place or ZERO for leg in legs]
    if not bet.each_way:
        return [(bet.unit_stake, win)]
    if rules.each_way_formula == "equally_divided":
        both = [(w + p) / 2 for w, p in zip(win, place, strict=True)]
        return [(2 * bet.unit_stake, both)]
    return [(bet.unit_stake, win), (bet.unit_stake, place)]


def bonus_steps(
    bet: Bet, rules: RuleSet, legs: Sequence[PricedLeg], gross: Fraction, amount: Fraction
) -> list[Step]:
    """Return the bonus, when there is one. Cash-outs and free bets earn none."""
    if bet.cashed_out_stake or bet.free_bet or rules.bonus is NO_BONUS:
        return []
    earned = bonus_of(
        bet.shape, legs, rules.bonus, unit=bet.unit_stake, gross=gross, stake=bet.stake
    )
    return [Step("BONUS", earned[0], amount + earned[1])] if earned else []


def cash_out_step(bet: Bet, amount: Fraction) -> Step:
    """Return what was cashed out, and what the rest of the stake pays at the original price."""
    share = 1 - bet.cashed_out_stake / bet.stake
    return Step(
        "CASH_OUT", "cashed out in part; the rest as agreed", amount * share + bet.cashed_out_amount
    )


def cap_steps(bet: Bet, rules: RuleSet, legs: Sequence[PricedLeg], amount: Fraction) -> list[Step]:
    """Return the cap, when it bites. Stake that is given back and cash-outs are never cut."""
    if rules.cap is NO_CAP or (cap := for_currency(rules.cap.amount, bet.currency)) is None:
        return []
    if rules.cap.on == "profit":
        cap += ZERO if bet.free_bet else bet.stake
    if amount <= cap:
        return []
    share = 1 - bet.cashed_out_stake / bet.stake
    kept = refunded(bet, legs) * share + bet.cashed_out_amount
    return [Step("CAP", f"the most that one bet pays ({rules.cap.on})", max(cap, kept))]


def refunded(bet: Bet, legs: Sequence[PricedLeg]) -> Fraction:
    """Return the stake of lines that hold nothing but void."""
    if bet.free_bet:
        return ZERO
    parts = [[leg.win_refund for leg in legs]]
    if bet.each_way:
        parts.append([leg.place_refund for leg in legs])
    return bet.unit_stake * total([fold.factor for part in parts for fold in sums(bet, part)])


def finished(
    bet: Bet,
    rules: RuleSet,
    legs: tuple[PricedLeg, ...],
    parts: tuple[PartSum, ...],
    steps: list[Step],
    result: TicketResult,
) -> Settled:
    """Round once, and return the whole. A refund and an agreed amount are money as they stand."""
    exact = steps[-1].amount
    quantum = MINOR_UNITS[bet.precision]
    if result not in (TicketResult.REFUND, TicketResult.CASH_OUT):
        quantum = quantum_of(rules.rounding, bet.currency, bet.precision)
    returns = rounded(exact, quantum, rules.rounding.mode)
    token = bet.free_bet and result is TicketResult.REFUND
    return Settled(bet, rules, legs, parts, tuple(steps), result, exact, returns, token)


def result_of(bet: Bet, legs: Sequence[PricedLeg]) -> TicketResult:
    """Return the word for a bet of which some line returns something."""
    ended = [(VOID if leg.is_void else leg.leg.win, place_of(leg.leg, bet)) for leg in legs]
    if all(win == VOID and place in (VOID, None) for win, place in ended):
        return TicketResult.REFUND
    if all(win == WON and place in (WON, None) for win, place in ended):
        return TicketResult.WIN
    if len(ended) > 1:
        return TicketResult.MIXED
    ((win, place),) = ended
    if win == LOST and place not in (LOST, None):
        return TicketResult.PLACE_WIN
    named = {HALF_WON: TicketResult.HALF_WIN, HALF_LOST: TicketResult.HALF_LOSE}
    return named.get(win, TicketResult.MIXED) if win else TicketResult.MIXED


def place_of(leg: Leg, bet: Bet) -> Factors | None:
    """Return how the place part ended, where there is one."""
    return leg.place if bet.each_way and has_place_terms(leg) else None
