"""How an outcome ended, from Sportradar's result, void factor and dead-heat factor.

One unit at price p pays v + (1 − v) · [result = 1] · p · d, where v is the void factor and d that
of the dead heat.
"""

from fractions import Fraction
from functools import lru_cache

from settlement.rules.exact import RulesRefusal, ratio, recovered_factor
from settlement.said import Ended, OutcomeSaid

LOST, WON, UNDECIDED = "0", "1", "-1"
HALF = Fraction(1, 2)
VOID_FACTORS = (Fraction(0), HALF, Fraction(1))
LONGEST_FACTOR = len("0.") + 20  # What the rules read back.
GREATEST_DIVISOR = 20
MOST_REMEMBERED = 100
SHOWN = 40


class Unknown(Exception):
    """A result that has no known meaning. The text says what came, inside a sentence."""


def outcome_said(result: str, void_factor: str, dead_heat_factor: str) -> OutcomeSaid | str:
    """Return how an outcome ended, or what came when that has no known meaning."""
    if len(result) + len(void_factor) + len(dead_heat_factor) > MOST_REMEMBERED:
        return meaning(result, void_factor, dead_heat_factor)
    return remembered(result, void_factor, dead_heat_factor)


def meaning(result: str, void_factor: str, dead_heat_factor: str) -> OutcomeSaid | str:
    """Return what `outcome_said` does, worked out anew."""
    try:
        ended = ended_as(result.strip(), void_factor.strip(), dead_heat_factor.strip())
    except Unknown as reason:
        return str(reason)
    return OutcomeSaid(ended)


remembered = lru_cache(4096)(meaning)  # A handful of combinations makes up nearly all that comes.


def ended_as(result: str, void_factor: str, dead_heat_factor: str) -> Ended:
    """Return the won and the void share; nothing while it is undecided."""
    if result not in (LOST, WON, UNDECIDED):
        raise Unknown(f"result “{shown(result)}”" if result else "no result")
    if result == UNDECIDED:
        return None
    void = void_share(void_factor)
    tied = dead_heat(dead_heat_factor)
    if void == HALF and tied != "1":
        raise Unknown(
            f"void factor {shown(void_factor)} together with dead-heat factor "
            f"{shown(dead_heat_factor)}"
        )
    if void == 1:
        return "0", "1"
    share = "1/2" if void else "0"
    if result == LOST:
        return "0", share
    return ("1/2" if void else tied), share


def void_share(text: str) -> Fraction:
    """Return the share of the stake that is refunded: nothing, half or all of it."""
    if not text:
        return VOID_FACTORS[0]
    try:
        share = ratio(text)
    except RulesRefusal:
        raise Unknown(f"void factor “{shown(text)}”") from None
    if share not in VOID_FACTORS:
        raise Unknown(f"void factor “{shown(text)}”")
    return share


def dead_heat(text: str) -> str:
    """Return a dead heat's factor as the ratio that was meant: 0.33 is 1/3."""
    if not text:
        return "1"
    try:
        meant = recovered_factor(text[:LONGEST_FACTOR]) if ratio(text[:LONGEST_FACTOR]) else None
    except RulesRefusal:
        meant = None
    if not meant or meant > 1:
        raise Unknown(f"dead-heat factor “{shown(text)}”")
    return str(meant) if meant.denominator <= GREATEST_DIVISOR else text[:LONGEST_FACTOR]


def shown(text: str) -> str:
    """Return what came, as long as a person reads it."""
    return text[:SHOWN] + ("…" if len(text) > SHOWN else "")
