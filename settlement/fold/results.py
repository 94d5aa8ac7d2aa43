"""Whole tickets' results: which of several is in force, and what money it means."""

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

import msgspec

from settlement.fold.facts import Doubt, TicketFact
from settlement.rules.exact import plain
from settlement.rules.legs import ZERO
from settlement.rules.rounding import MINOR_UNITS, quantum_of, rounded
from settlement.rules.ruleset import RuleSet
from settlement.said import LegSaid, ResultSaid
from settlement.vocabulary import ReviewKind, TicketFactKind, TicketResult, TicketStatus

STATUS = {"CANCELLED": TicketStatus.CANCELLED, "REJECTED": TicketStatus.REJECTED}
ENDED_SINGLES = (TicketResult.HALF_WIN, TicketResult.HALF_LOSE, TicketResult.PLACE_WIN)


class Staked(msgspec.Struct, frozen=True):
    """What of a ticket its whole result is measured by. `stake` is in major units."""

    stake: Fraction
    currency: str
    precision: int
    free_bet: bool
    single: bool

    @property
    def minor(self) -> Fraction:
        """The currency's minor unit."""
        return MINOR_UNITS[self.precision]


class Paid(msgspec.Struct, frozen=True):
    """What a result in force means. `payout` is in major units."""

    status: TicketStatus
    result: TicketResult
    payout: Fraction
    hold: Doubt | None = None


def in_force(facts: Sequence[TicketFact]) -> TicketFact | None:
    """Return the provider's result that counts: the latest by his time.

    At equal times it is the one with the greater sum of versions, then the smaller payout, then the
    one whose content comes last.
    """
    results = [fact for fact in facts if fact.kind == TicketFactKind.RESULT]
    return max(results, key=precedence) if results else None


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
    for fact in facts:
        if fact.kind != TicketFactKind.RESULT or fact.ticks != chosen.ticks or fact is chosen:
            continue
        other = paid(fact.result or NOTHING, staked, rules)
        if (other.status, other.payout) != (ours.status, ours.payout):
            said = sorted([shown(ours, staked), shown(other, staked)])
            return (
                Doubt(
                    ReviewKind.EQUAL_TIME,
                    "Two results of the same settlement time mean different money: "
                    f"{said[0]} and {said[1]}. {shown(ours, staked)} is in force.",
                ),
            )
    return ()


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


def paid(said: ResultSaid, staked: Staked, rules: RuleSet) -> Paid:
    """Return the status and the money that a result means."""
    if said.flag:
        return refunded(said, staked)
    if said.result == TicketResult.NONE:
        return Paid(TicketStatus.OPEN, TicketResult.NONE, ZERO)
    payout, hold = money(said, staked, rules)
    return Paid(TicketStatus.SETTLED, word_for(said, payout, staked), payout, hold)


def refunded(said: ResultSaid, staked: Staked) -> Paid:
    """Return what a cancelled or rejected bet means: the stake back, whatever else is said."""
    hold = None
    if said.result not in (TicketResult.NONE, TicketResult.REFUND):
        hold = mismatch(
            f"The bet is said to be {said.flag.lower()}, and its result to be "
            f"{said.result.replace('_', ' ').lower()}: a {said.flag.lower()} bet is refunded."
        )
    elif said.payout and exactly(said.payout) and exactly(said.payout) != staked.stake:
        hold = mismatch(
            f"The bet is said to be {said.flag.lower()}, and to pay {said.payout} for a stake of "
            f"{amount_text(staked.stake, staked.precision)} {staked.currency}."
        )
    back = ZERO if staked.free_bet else staked.stake
    return Paid(STATUS[said.flag], TicketResult.NONE, back, hold)


def mismatch(sentence: str) -> Doubt:
    """Return why money waits for a person."""
    return Doubt(ReviewKind.PAYOUT_MISMATCH, sentence)


def money(said: ResultSaid, staked: Staked, rules: RuleSet) -> tuple[Fraction, Doubt | None]:
    """Return what is paid, and why that has to wait when the figures disagree."""
    computed = None if said.multiplier is None else staked.stake * exactly(said.multiplier)
    given = None if said.payout is None else exactly(said.payout)
    basis = basis_of(computed, given, said, staked, rules)
    if basis is None:
        amount = computed if computed is not None else given or ZERO
        return free_bet_part(rounded_money(amount, staked, rules), said, staked, rules)[
            0
        ], mismatch(disagreement(said, staked, computed))
    return free_bet_part(rounded_money(basis, staked, rules), said, staked, rules)


def basis_of(
    computed: Fraction | None,
    given: Fraction | None,
    said: ResultSaid,
    staked: Staked,
    rules: RuleSet,
) -> Fraction | None:
    """Return the amount that both figures agree on; nothing when they don't, or one is missing.

    The payout may be in the ticket's currency or, converted by the rate of the settlement, in the
    provider's own; then stake × multiplier is the money.
    """
    if computed is None or given is None:
        return None
    slack = rules.money_tolerance * staked.minor
    if abs(computed - given) <= slack:
        return given if rules.money_basis == "payout" else computed
    rate = exactly(said.rate) if said.rate else ZERO
    if rate and min(abs(computed - given * rate), abs(computed - given / rate)) <= slack:
        return computed
    return None


def disagreement(said: ResultSaid, staked: Staked, computed: Fraction | None) -> str:
    """Say which figures don't fit."""
    if said.multiplier is None or said.payout is None or computed is None:
        missing = "multiplier" if said.multiplier is None else "payout"
        return f"The result has no {missing}: its money can't be checked."
    stake = amount_text(staked.stake, staked.precision)
    return (
        f"The payout {said.payout} is not the stake {stake} {staked.currency} × {said.multiplier} "
        f"= {plain(computed)}, neither as it stands nor converted."
    )


@lru_cache(8192)
def exactly(text: str) -> Fraction:
    """Return a decimal without loss: a rate has more places than anybody's price."""
    return Fraction(text)


def rounded_money(amount: Fraction, staked: Staked, rules: RuleSet) -> Fraction:
    """Return an amount as the currency can be paid."""
    quantum = quantum_of(rules.rounding, staked.currency, staked.precision)
    if (amount / staked.minor).denominator == 1:
        return amount
    return rounded(amount, quantum, rules.rounding.mode)


def free_bet_part(
    amount: Fraction, said: ResultSaid, staked: Staked, rules: RuleSet
) -> tuple[Fraction, Doubt | None]:
    """Return what of a payout is the player's: a free bet's stake never is."""
    if not staked.free_bet or not amount:
        return amount, None
    if said.result == TicketResult.REFUND:
        return ZERO, None
    if rules.free_bet_payout == "profit":
        return amount, None
    profit = max(amount - staked.stake, ZERO)
    if rules.free_bet_payout == "return":
        return profit, None
    return profit, mismatch(
        "It is a free bet, and nobody says whether the provider's payout of "
        f"{amount_text(amount, staked.precision)} {staked.currency} holds its stake."
    )


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
