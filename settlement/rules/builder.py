"""Bet builders: several parts of one event, sold as one leg at one price."""

from fractions import Fraction

import msgspec

from settlement.rules.exact import NeedsDecision, plain
from settlement.rules.legs import LOST, VOID, WON, Factors, Leg, Reason
from settlement.rules.ruleset import RuleSet


class BuilderPart(msgspec.Struct, frozen=True):
    """One part of a bet builder; `price` is what it would have paid by itself."""

    name: str
    win: Factors | None
    price: Fraction | None = None


def builder_leg(
    *, parts: tuple[BuilderPart, ...], price: Fraction | None, rules: RuleSet, banker: bool = False
) -> Leg:
    """Return the one leg that a bet builder is."""
    names = tuple(part.name for part in parts)
    name = "Bet builder: " + " + ".join(names)
    try:
        ended, settled_price, why = builder_outcome(parts, price, rules)
    except NeedsDecision as reason:
        return Leg(name, price, None, banker=banker, builder=names, undecidable=str(reason))
    return Leg(name, settled_price, ended, banker=banker, builder=names, reasons=why)


def builder_outcome(
    parts: tuple[BuilderPart, ...], price: Fraction | None, rules: RuleSet
) -> tuple[Factors | None, Fraction | None, tuple[Reason, ...]]:
    """Return how the whole ended, at which price, and why."""
    if any(part.win not in (None, WON, LOST, VOID) for part in parts):
        raise NeedsDecision("A bet builder with a half result or a dead heat is settled by hand.")
    voided = [part for part in parts if part.win == VOID]
    lost = any(part.win == LOST for part in parts)
    refunds = rules.bet_builder_void == "void_all" and rules.bet_builder_void_beats_lose
    if lost and not (refunds and (voided or any(part.win is None for part in parts))):
        return LOST, price, (Reason("BUILDER", "a part lost"),)
    if any(part.win is None for part in parts):
        return None, price, ()
    if not voided:
        return WON, price, (Reason("BUILDER", "every part won"),)
    if len(voided) == len(parts) or rules.bet_builder_void == "void_all":
        return VOID, price, (Reason("BUILDER", f"{voided[0].name} is void: the builder is void"),)
    if rules.bet_builder_void == "manual":
        raise NeedsDecision(f"{voided[0].name} is void: the builder has to be priced by hand.")
    left = stripped_price(parts, voided, price)
    said = f"without {', '.join(p.name for p in voided)} the builder pays {plain(left)}"
    return WON, left, (Reason("BUILDER", said),)


def stripped_price(
    parts: tuple[BuilderPart, ...], voided: list[BuilderPart], price: Fraction | None
) -> Fraction:
    """Return a builder's price without its void parts; one part left pays its own price."""
    left = [part for part in parts if part.win != VOID]
    needed = left if len(left) == 1 else voided
    if price is None or any(not part.price for part in needed):
        raise NeedsDecision("A part is void and the parts' own prices are not known.")
    if len(left) == 1:
        return left[0].price or Fraction(0)
    for part in voided:
        price /= part.price or Fraction(1)
    if price < 1:
        raise NeedsDecision(f"Without its void parts the builder would pay {plain(price)}.")
    return price
