"""What the rules make of a ticket's legs; the same bet on the same legs is computed once."""

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

import msgspec

from settlement.fold.acts import Acts
from settlement.fold.facts import AgreedLeg, LegState, Wanted
from settlement.fold.results import Staked
from settlement.parts import PartOfBet, leg_of, legs_of
from settlement.rules.kinds import Shape
from settlement.rules.legs import PricedLeg, priced
from settlement.rules.payout import Bet, Plain, Settled, is_plain, settle, settle_plain
from settlement.rules.ruleset import RuleSet


class Agreed(msgspec.Struct, frozen=True):
    """A ticket as it was bet. `stake` is in minor units, `accepted` in milliseconds."""

    bet_id: str
    shape: Shape
    stake: int
    currency: str
    precision: int
    accepted: int
    legs: tuple[AgreedLeg, ...]
    each_way: bool = False
    free_bet: bool = False

    @property
    def staked(self) -> Staked:
        """What a whole ticket's result is measured by."""
        return Staked(
            major(self.stake, self.precision),
            self.currency,
            self.precision,
            self.free_bet,
            len({leg.group or leg.position for leg in self.legs}) == 1,
        )


class Memory:
    """What was worked out for one rule set: the same bet on the same legs comes to the same.

    Legs and states are known by what object they are; so they are kept for as long as it is.
    """

    def __init__(self) -> None:
        self.states: dict[tuple[object, ...], tuple[Wanted, tuple[AgreedLeg, ...]]] = {}
        self.legs: dict[tuple[int, int, bool], tuple[PricedLeg, AgreedLeg, LegState]] = {}

    def priced(
        self, leg: AgreedLeg, state: LegState, rules: RuleSet, *, each_way: bool
    ) -> PricedLeg:
        """Return a leg with its factors."""
        key = (id(leg), id(state), each_way)
        if (found := self.legs.get(key)) is None:
            priced_leg = priced(leg_of(part_of(leg, state)), rules, each_way=each_way)
            found = self.legs[key] = (priced_leg, leg, state)
        return found[0]


def computed(
    ticket: Agreed,
    acts: Acts,
    legs: Sequence[LegState],
    rules: RuleSet,
    memory: Memory | None = None,
) -> Plain | Settled:
    """Return what the rules make of the legs."""
    both = list(zip(ticket.legs, legs, strict=True))
    priced = None
    if memory is None or any(leg.group for leg in ticket.legs):
        settling = legs_of([part_of(leg, state) for leg, state in both], rules)
    else:
        priced = tuple([memory.priced(*one, rules, each_way=ticket.each_way) for one in both])
        settling = tuple([leg.leg for leg in priced])
    bet = Bet(
        shape=ticket.shape,
        stake=major(ticket.stake, ticket.precision),
        legs=settling,
        each_way=ticket.each_way,
        free_bet=ticket.free_bet,
        cashed_out_stake=major(acts.stake, ticket.precision),
        cashed_out_amount=major(acts.amount, ticket.precision),
        currency=ticket.currency,
        precision=ticket.precision,
    )
    if priced is not None and is_plain(bet, rules):
        return settle_plain(bet, rules, priced)
    return settle(bet, rules, legs=priced)


def part_of(leg: AgreedLeg, state: LegState) -> PartOfBet:
    """Return a selection as the rules know it."""
    return PartOfBet(
        name="",
        price=leg.price,
        win=state.win,
        place=state.place,
        place_fraction=leg.place_fraction,
        place_price=leg.place_price,
        starting_price=state.starting_price,
        deduction=state.deduction,
        banker=leg.banker,
        group=leg.group,
        part_price=leg.part_price,
        part_name=f"part {leg.position}",
    )


@lru_cache(8192)
def major(minor: int, precision: int) -> Fraction:
    """Return minor units as an amount in major ones."""
    return Fraction(minor, 10**precision)


def minor(settled: Plain | Settled, ticket: Agreed) -> int | None:
    """Return what is paid in minor units; nothing while a leg matters still."""
    if (returns := settled.returns) is None:
        return None
    return int(returns.numerator * 10**ticket.precision // returns.denominator)
