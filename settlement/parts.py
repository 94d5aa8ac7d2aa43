"""Selections as the rules know them: ordinary legs, and the parts of bet builders."""

from collections.abc import Sequence
from fractions import Fraction

import msgspec

from settlement.rules.builder import BuilderPart, builder_leg
from settlement.rules.legs import ZERO, Factors, Leg
from settlement.rules.ruleset import RuleSet


class PartOfBet(msgspec.Struct, frozen=True):
    """One selection, as it was agreed and as it ended."""

    name: str
    price: Fraction | None
    win: Factors | None
    place: Factors | None = None
    place_fraction: Fraction | None = None
    place_price: Fraction | None = None
    starting_price: Fraction | None = None
    deduction: Fraction = ZERO
    banker: bool = False
    group: str = ""
    part_price: Fraction | None = None
    part_name: str = ""


def legs_of(parts: Sequence[PartOfBet], rules: RuleSet) -> tuple[Leg, ...]:
    """Return the legs in their order; a builder stands where its first part does."""
    built: dict[str, list[PartOfBet]] = {}
    for part in parts:
        if part.group:
            built.setdefault(part.group, []).append(part)
    if not built:
        return tuple([leg_of(part) for part in parts])
    legs = []
    for part in parts:
        if not part.group:
            legs.append(leg_of(part))
        elif part is built[part.group][0]:
            legs.append(builder_of(built[part.group], rules))
    return tuple(legs)


def leg_of(part: PartOfBet) -> Leg:
    """Return an ordinary leg."""
    return Leg(
        name=part.name,
        price=part.price,
        win=part.win,
        place=part.place,
        place_fraction=part.place_fraction,
        place_price=part.place_price,
        starting_price=part.starting_price,
        deductions=(part.deduction,) if part.deduction else (),
        banker=part.banker,
    )


def builder_of(parts: Sequence[PartOfBet], rules: RuleSet) -> Leg:
    """Return the one leg that these parts are."""
    return builder_leg(
        parts=tuple(BuilderPart(part.part_name, part.win, part.part_price) for part in parts),
        price=parts[0].price,
        rules=rules,
        banker=any(part.banker for part in parts),
    )
