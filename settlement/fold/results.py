"""Whole tickets' results: which of several is in force, and what money it means."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache

import msgspec

from settlement.fold.acts import standing
from settlement.fold.facts import Doubt, TicketFact
from settlement.rules.exact import plain
from settlement.rules.legs import ZERO
from settlement.rules.rounding import MINOR_UNITS, quantum_of, rounded
from settlement.rules.ruleset import RuleSet
from settlement.said import LegSaid, ResultSaid
from settlement.vocabulary import ReviewKind, TicketFactKind, TicketResult, TicketStatus

STATUS = {"CANCELLED": TicketStatus.CANCELLED, "REJECTED": TicketStatus.REJECTED}
AS_THEY_STAND = (TicketResult.REFUND, TicketResult.CASH_OUT, TicketResult.NONE)
ENDED_SINGLES = (TicketResult.HALF_WIN, TicketResult.HALF_LOSE, TicketResult.PLACE_WIN)


OwnFigure = Callable[[], Fraction | None]


class Staked(msgspec.Struct, frozen=True):
    """What of a ticket its whole result is measured by. `stake` is in major units."""

    stake: Fraction
    currency: str
    precision: int
    free_bet: bool
    single: bool


class Paid(msgspec.Struct, frozen=True):
    """What a result in force means, in major units; `exact` is the payout before rounding."""

    status: TicketStatus
    result: TicketResult
    payout: Fraction
    exact: Fraction
    hold: Doubt | None = None


def in_force(facts: Sequence[TicketFact]) -> TicketFact | None:
    """Return the provider's result that counts: the latest by his time, or by when he was asked.

    At equal times it is the one with the greater sum of versions, then the smaller payout, then the
    one whose content comes last.
    """
    results = results_of(facts)
    if len(results) < 2:
        return results[0] if results else None
    return max(results, key=precedence)


def results_of(facts: Sequence[TicketFact]) -> list[TicketFact]:
    """Return a provider's results: those that he sent, and those that acts that stand accept."""
    found = [fact for fact in facts if fact.kind == TicketFactKind.RESULT]
    if any(fact.kind == TicketFactKind.ACCEPT for fact in facts):
        found += [fact for fact in standing(facts) if fact.kind == TicketFactKind.ACCEPT]
    return found


def precedence(fact: TicketFact) -> tuple[int, int, Fraction, bytes]:
    """Return what puts one result before another."""
    said = fact.result or NOTHING
    return (fact.ticks, said.versions, -exactly(said.payout or "0"), fact.key)


NOTHING = ResultSaid(TicketResult.NONE)


def doubts_of_equal_time(
    facts: Sequence[TicketFact], chosen: TicketFact, staked: Staked, rules: RuleSet
) -> tuple[Doubt, ...]:
    """Return a doubt when another result of the same time means other money."""
    ours = paid(chosen.result or NOTHING, staked, rules)
    others = [
        fact
        for fact in results_of(facts)
        if fact.ticks == chosen.ticks
        and paid(fact.result or NOTHING, staked, rules).payout != ours.payout
    ]
    if not others:
        return ()
    other = paid(max(others, key=precedence).result or NOTHING, staked, rules)
    sentence = (
        "Two results of the same settlement time mean different money: "
        f"{shown(ours, staked)}, which is in force, and {shown(other, staked)}."
    )
    return (Doubt(ReviewKind.EQUAL_TIME, sentence),)


def shown(paid: Paid, staked: Staked) -> str:
    """Return a result in a few words."""
    if paid.status == TicketStatus.OPEN:
        return "not settled"
    word = paid.result if paid.status == TicketStatus.SETTLED else paid.status
    amount = f"{amount_text(paid.payout, staked.precision)} {staked.currency}"
    return f"{word.replace('_', ' ').lower()} {amount}"


def amount_text(amount: Fraction, precision: int) -> str:
    """Return an amount with all its places."""
    minor = int(amount * 10**precision)
    if not precision:
        return str(minor)
    return f"{minor // 10**precision}.{minor % 10**precision:0{precision}d}"


def paid(
    said: ResultSaid, staked: Staked, rules: RuleSet, *, own: OwnFigure = lambda: None
) -> Paid:
    """Return the status and the money that a result means.

    `own` is asked what our rules make of the legs, where the provider gives nothing to check by.
    """
    if said.flag:
        return refunded(said, staked, rules)
    if said.result == TicketResult.NONE:
        return Paid(TicketStatus.OPEN, TicketResult.NONE, ZERO, ZERO)
    amount, hold = money(said, staked, rules, own)
    payout = rounded_money(amount, said.result, staked, rules)
    return Paid(TicketStatus.SETTLED, word_for(said, payout, staked), payout, amount, hold)


def refunded(said: ResultSaid, staked: Staked, rules: RuleSet) -> Paid:
    """Return what a cancelled or rejected bet means: the stake back, whatever else is said."""
    hold = None
    given = exactly(said.payout) if said.payout else ZERO
    if said.result not in (TicketResult.NONE, TicketResult.REFUND):
        hold = mismatch(
            f"The bet is said to be {said.flag.lower()}, and its result to be "
            f"{said.result.replace('_', ' ').lower()}: a {said.flag.lower()} bet is refunded."
        )
    elif given and not agree(staked.stake, given, said, staked, rules):
        hold = mismatch(
            f"The bet is said to be {said.flag.lower()}, and to pay {said.payout} for a stake of "
            f"{amount_text(staked.stake, staked.precision)} {staked.currency}."
        )
    back = ZERO if staked.free_bet else staked.stake
    return Paid(STATUS[said.flag], TicketResult.NONE, back, back, hold)


def mismatch(sentence: str) -> Doubt:
    """Return why money waits for a person."""
    return Doubt(ReviewKind.PAYOUT_MISMATCH, sentence)


def money(
    said: ResultSaid, staked: Staked, rules: RuleSet, own: OwnFigure
) -> tuple[Fraction, Doubt | None]:
    """Return what is paid before rounding, and why that has to wait when the figures disagree."""
    if staked.free_bet and said.result == TicketResult.REFUND:
        return ZERO, None
    given = None if said.payout is None else exactly(said.payout)
    computed = None if said.multiplier is None else staked.stake * exactly(said.multiplier)
    if computed is None:
        computed = own() if given is not None else None
        if computed is None:
            return given or ZERO, mismatch(UNCHECKED)
    if staked.free_bet:
        return free_bet_money(given, computed, said, staked, rules)
    if given is None:
        return computed, None
    if near(computed, given, staked, rules):
        return (given if rules.money_basis == "payout" else computed), None
    if said.partial_refund is not None:
        both = given + exactly(said.partial_refund)
        if near(computed, both, staked, rules):
            return (both if rules.money_basis == "payout" else computed), None
    if agree(computed, given, said, staked, rules):
        return computed, None
    return computed, mismatch(disagreement(said, staked, computed))


UNCHECKED = "The result names no multiplier, and nothing else that its money can be checked by."


def near(one: Fraction, other: Fraction, staked: Staked, rules: RuleSet) -> bool:
    """Whether two figures are the same money: in whole numbers, which is five times as fast."""
    below = one.denominator * other.denominator
    gap = abs(one.numerator * other.denominator - other.numerator * one.denominator)
    return bool(gap * 10**staked.precision <= rules.money_tolerance * below)


def agree(
    computed: Fraction, given: Fraction, said: ResultSaid, staked: Staked, rules: RuleSet
) -> bool:
    """Whether a payout is this amount: as it stands, or in the provider's own currency.

    Which way the rate of the settlement converts is not documented: either is tried. Nothing is
    the same in every currency, and no rate makes something of it, or it of something.
    """
    if near(computed, given, staked, rules):
        return True
    rate = exactly(said.rate) if said.rate and computed and given else ZERO
    return bool(rate) and any(
        near(computed, figure, staked, rules) for figure in (given * rate, given / rate) if figure
    )


def disagreement(said: ResultSaid, staked: Staked, computed: Fraction) -> str:
    """Say which figures don't fit."""
    stake = amount_text(staked.stake, staked.precision)
    basis = f"× {said.multiplier}" if said.multiplier is not None else "by the legs' results"
    return (
        f"The payout {said.payout} is not the stake {stake} {staked.currency} {basis} "
        f"= {plain(computed)}, neither as it stands nor converted."
    )


def paid_figure(
    given: Fraction | None, computed: Fraction, staked: Staked, rules: RuleSet
) -> Fraction:
    """Return which of two figures that agree is the money; one in another currency never is."""
    if given is None or rules.money_basis != "payout" or not near(computed, given, staked, rules):
        return computed
    return given


def free_bet_money(
    given: Fraction | None, whole: Fraction, said: ResultSaid, staked: Staked, rules: RuleSet
) -> tuple[Fraction, Doubt | None]:
    """Return what of a free bet's payout is the player's: its stake never is.

    A payout that is the profit is paid. One that is the whole return is, by default, for a person:
    nobody says which of the two the provider means.
    """
    profit = max(whole - staked.stake, ZERO)
    if given is None or agree(profit, given, said, staked, rules):
        return paid_figure(given, profit, staked, rules), None
    if not agree(whole, given, said, staked, rules):
        return profit, mismatch(disagreement(said, staked, whole))
    if rules.free_bet_payout == "profit":
        return paid_figure(given, whole, staked, rules), None
    if rules.free_bet_payout == "return":
        return max(paid_figure(given, whole, staked, rules) - staked.stake, ZERO), None
    return profit, mismatch(
        "It is a free bet, and nobody says whether the provider's payout of "
        f"{said.payout} {staked.currency} holds its stake."
    )


@lru_cache(8192)
def exactly(text: str) -> Fraction:
    """Return a decimal without loss: a rate has more places than anybody's price."""
    return Fraction(text)


def rounded_money(
    amount: Fraction, result: TicketResult, staked: Staked, rules: RuleSet
) -> Fraction:
    """Return an amount as it is paid. A refund and an agreed amount are money as they stand."""
    quantum = MINOR_UNITS[staked.precision]
    if result not in AS_THEY_STAND:
        quantum = quantum_of(rules.rounding, staked.currency, staked.precision)
    return rounded(amount, quantum, rules.rounding.mode)


def word_for(said: ResultSaid, payout: Fraction, staked: Staked) -> TicketResult:
    """Return our word for the result. Money follows the payout, never the provider's word."""
    if said.result in (TicketResult.CASH_OUT, TicketResult.REFUND):
        return said.result
    if not payout:
        return TicketResult.LOSE
    if said.result in ENDED_SINGLES and staked.single:
        return said.result
    if said.result == TicketResult.WIN and all(won(leg) for leg in said.legs):
        return TicketResult.WIN
    return TicketResult.MIXED


def won(leg: LegSaid) -> bool:
    """Whether a leg won in full, or nothing is said of it."""
    return leg.win in (None, ("1", "0"))
