"""Whether a wanted state may be applied by itself, or waits for a person. No clock is asked."""

from collections.abc import Callable
from fractions import Fraction

import msgspec

from settlement.fold.facts import Doubt, Fact, Wanted
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


class LastSettled(msgspec.Struct, frozen=True):
    """What a ticket paid, and by which time of the provider, when it was settled last."""

    payout: int
    ticks: int


def differs(applied: Applied, wanted: Wanted) -> bool:
    """Whether anything but the legs would change."""
    return (
        applied.payout != wanted.payout
        or applied.status != wanted.status
        or applied.result != wanted.result
        or applied.cashed_out_stake != wanted.cashed_out_stake
        or applied.cashed_out_amount != wanted.cashed_out_amount
    )


def by_us(applied: Applied, wanted: Wanted, without: Callable[[Fact], Wanted]) -> bool:
    """Whether a difference is what one of our own asked for: what he may do was looked at before.

    It is not when the facts would come to something else than what stands `without` his act: then
    something that a provider said is waiting, and an act beside it does not let it pass.
    """
    if wanted.by_act:
        return True
    if wanted.cause is None or wanted.cause.source != Source.OPERATOR:
        return False
    return not differs(applied, without(wanted.cause))


def why_held(
    applied: Applied,
    wanted: Wanted,
    rules: RuleSet,
    currency: str,
    precision: int,
    last: LastSettled | None = None,
) -> Doubt | None:
    """Return why a difference that a provider asks for has to wait.

    An open ticket is measured by what it was settled to `last`: who takes a result back first, and
    gives another one then, corrects it all the same.
    """
    if applied.status != TicketStatus.OPEN:
        last = LastSettled(applied.payout, applied.ticks or 0)
    if last is None:
        return None
    return too_late(last, wanted, rules) or too_much(last, wanted, rules, currency, precision)


def too_late(last: LastSettled, wanted: Wanted, rules: RuleSet) -> Doubt | None:
    """Return why a correction of an old result waits: by the provider's own times.

    What one of our own settled has no such time.
    """
    if not last.ticks or wanted.ticks - last.ticks <= rules.auto_resettle_days * TICKS_A_DAY:
        return None
    days = (wanted.ticks - last.ticks) // TICKS_A_DAY
    return Doubt(
        ReviewKind.LATE_CORRECTION,
        f"The correction comes {days} days after the result that it replaces; more than "
        f"{rules.auto_resettle_days} need a person.",
    )


def too_much(
    last: LastSettled, wanted: Wanted, rules: RuleSet, currency: str, precision: int
) -> Doubt | None:
    """Return why a correction of much money waits."""
    limit = for_currency(rules.auto_resettle_limit, currency)
    change = Fraction(wanted.payout - last.payout, 10**precision)
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
