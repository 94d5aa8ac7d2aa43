"""Whether a wanted state may be applied by itself, or waits for a person. No clock is asked."""

from fractions import Fraction

import msgspec

from settlement.fold.facts import Doubt, Wanted
from settlement.rules.exact import plain
from settlement.rules.ruleset import RuleSet, for_currency
from settlement.said import TICKS_A_SECOND
from settlement.vocabulary import ReviewKind, Source, TicketResult, TicketStatus

TICKS_A_DAY = 86_400 * TICKS_A_SECOND


class Applied(msgspec.Struct, frozen=True):
    """A ticket's state as it stands in the books."""

    status: TicketStatus
    result: TicketResult
    payout: int
    cashed_out_stake: int = 0
    cashed_out_amount: int = 0
    ticks: int | None = None


def differs(applied: Applied, wanted: Wanted) -> bool:
    """Whether anything but the legs would change."""
    return (
        applied.payout != wanted.payout
        or applied.status != wanted.status
        or applied.result != wanted.result
        or applied.cashed_out_stake != wanted.cashed_out_stake
        or applied.cashed_out_amount != wanted.cashed_out_amount
    )


def why_held(
    applied: Applied, wanted: Wanted, rules: RuleSet, currency: str, precision: int
) -> Doubt | None:
    """Return why a difference has to wait."""
    if by_us(wanted):
        return None
    if applied.status == TicketStatus.OPEN:
        return None
    return too_late(applied, wanted, rules) or too_much(applied, wanted, rules, currency, precision)


def by_us(wanted: Wanted) -> bool:
    """Whether one of our own makes the ticket move: what he may do was looked at before."""
    return wanted.by_act or bool(wanted.cause and wanted.cause.source == Source.OPERATOR)


def too_late(applied: Applied, wanted: Wanted, rules: RuleSet) -> Doubt | None:
    """Return why a correction of an old result waits: by the provider's own times."""
    if (
        applied.ticks is None
        or wanted.ticks - applied.ticks <= rules.auto_resettle_days * TICKS_A_DAY
    ):
        return None
    days = (wanted.ticks - applied.ticks) // TICKS_A_DAY
    return Doubt(
        ReviewKind.LATE_CORRECTION,
        f"The correction comes {days} days after the result that it replaces; more than "
        f"{rules.auto_resettle_days} need a person.",
    )


def too_much(
    applied: Applied, wanted: Wanted, rules: RuleSet, currency: str, precision: int
) -> Doubt | None:
    """Return why a correction of much money waits."""
    limit = for_currency(rules.auto_resettle_limit, currency)
    change = Fraction(wanted.payout - applied.payout, 10**precision)
    if limit is None or abs(change) <= limit:
        return None
    return Doubt(
        ReviewKind.LIMIT,
        f"The correction moves {plain(abs(change), precision)} {currency}; more than "
        f"{plain(limit)} {currency} need a person.",
    )


def below_zero(
    balance: int, change: int, rules: RuleSet, currency: str, precision: int
) -> Doubt | None:
    """Return why a correction waits that would leave a player below zero."""
    if rules.negative_balance == "allow" or change >= 0 or balance + change >= 0:
        return None
    left = Fraction(-(balance + change), 10**precision)
    return Doubt(
        ReviewKind.NEGATIVE_HELD,
        f"The correction would leave the player {plain(left, precision)} {currency} below zero.",
    )
