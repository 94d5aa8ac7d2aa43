"""A ticket's state: the fold of everything that was said of it and of what it bet on."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache

import msgspec

from settlement.fold.facts import (
    AgreedLeg,
    Doubt,
    Fact,
    LegState,
    TicketFact,
    Wanted,
)
from settlement.fold.legs import acts_by_leg, by_outcomes, by_result, with_acts
from settlement.fold.outcomes import OutcomeState
from settlement.fold.results import (
    NOTHING,
    Staked,
    doubts_of_equal_time,
    in_force,
    paid,
    rounded_money,
)
from settlement.parts import PartOfBet, leg_of, legs_of
from settlement.rules.exact import NeedsDecision, RulesRefusal
from settlement.rules.kinds import Shape
from settlement.rules.legs import HALF_LOST, HALF_WON, LOST, VOID, WON, PricedLeg, priced
from settlement.rules.payout import Bet, Plain, Settled, is_plain, settle, settle_plain
from settlement.rules.ruleset import RuleSet
from settlement.vocabulary import (
    ReviewKind,
    Source,
    TicketFactKind,
    TicketResult,
    TicketStatus,
)

PINS = frozenset(
    {
        TicketFactKind.SETTLE,
        TicketFactKind.AMOUNT,
        TicketFactKind.VOID,
        TicketFactKind.REOPEN,
        TicketFactKind.CANCEL,
        TicketFactKind.REJECT,
    }
)
VOID_LEG = LegState(VOID, VOID)
NO_RESULT = "The act names no result that a whole bet can be settled by."
NO_PRICE = "A starting price is not known: the bet can't be settled by its result alone."
LEG_FOR: dict[TicketResult | None, LegState] = {
    TicketResult.WIN: LegState(WON, WON),
    TicketResult.LOSE: LegState(LOST, LOST),
    TicketResult.REFUND: VOID_LEG,
    TicketResult.HALF_WIN: LegState(HALF_WON, HALF_WON),
    TicketResult.HALF_LOSE: LegState(HALF_LOST, HALF_LOST),
    TicketResult.PLACE_WIN: LegState(LOST, WON),
}
States = Callable[[int], OutcomeState]


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


class Acts(msgspec.Struct, frozen=True):
    """Our own people's acts on one ticket that stand."""

    pin: TicketFact | None = None
    cash_outs: tuple[TicketFact, ...] = ()
    legs: tuple[TicketFact, ...] = ()

    @property
    def pinned_since(self) -> bool:
        """Whether the ticket was fixed after its last cash-out."""
        last = max((fact.id for fact in self.cash_outs), default=0)
        return self.pin is not None and self.pin.id > last

    @property
    def stake(self) -> int:
        """The stake that was cashed out."""
        return sum(fact.act.stake or 0 for fact in self.cash_outs)

    @property
    def amount(self) -> int:
        """What was paid for it."""
        return sum(fact.act.amount or 0 for fact in self.cash_outs)


NO_ACTS = Acts()


def fold(
    ticket: Agreed,
    states: States,
    facts: Sequence[TicketFact],
    rules: RuleSet,
    memory: Memory | None = None,
) -> Wanted:
    """Return the state that a ticket's facts come to, in whatever order they are given.

    Many tickets are the same bet by the same legs: with a `memory` that is computed once. It is for
    one rule set, and for as long as the legs and states in it are kept.
    """
    acts = acts_of(facts) if facts else NO_ACTS
    result = in_force(facts) if facts else None
    legs = legs_state(ticket, states, result, acts, rules)
    pinned = any(leg.pinned for leg in legs)
    if acts.stake >= ticket.stake and not acts.pinned_since:
        found = cashed_out(acts, legs)
    elif acts.pin is not None:
        found = by_pin(ticket, acts.pin, acts, legs, rules)
    elif result is not None and not pinned:
        found = by_provider(ticket, result, acts, legs, facts, rules)
    else:
        found = by_legs(ticket, acts, legs, rules, memory)
    heard = heard_of(ticket, states)
    return msgspec.structs.replace(
        found,
        ticks=result.ticks if result and not pinned else deciding_ticks(found, ticket, legs),
        cause=max([*facts, *heard], key=written, default=None),
        ticket_facts=tuple([fact.id for fact in facts]),
        market_facts=tuple([fact.id for fact in heard]),
    )


def deciding_ticks(found: Wanted, ticket: Agreed, legs: Sequence[LegState]) -> int:
    """Return when it was decided, by the providers: a lost line by the first leg that lost it."""
    if found.result == TicketResult.LOSE and ticket.shape.lines == 1:
        lost = [leg.ticks for leg in legs if leg.win == LOST and leg.place in (None, LOST)]
        if lost:
            return min(lost)
    return max(leg.ticks for leg in legs)


def acts_of(facts: Sequence[TicketFact]) -> Acts:
    """Return the acts that were not taken back; a release ends pins and acts on legs before it."""
    retracted: set[int] = set()
    standing: list[TicketFact] = []
    released = False
    for fact in sorted((f for f in facts if f.source == Source.OPERATOR), key=lambda f: -f.id):
        if fact.id in retracted:
            continue
        if fact.kind == TicketFactKind.RETRACTION:
            retracted.update(fact.act.retracts)
        elif fact.kind == TicketFactKind.RELEASE:
            released = True
        elif not released or fact.kind == TicketFactKind.CASH_OUT:
            standing.append(fact)
    cash_outs = tuple(fact for fact in standing if fact.kind == TicketFactKind.CASH_OUT)
    return Acts(
        pin=next((fact for fact in standing if fact.kind in PINS), None),
        cash_outs=cash_outs,
        legs=tuple(fact for fact in standing if fact.kind == TicketFactKind.LEG),
    )


def legs_state(
    ticket: Agreed, states: States, result: TicketFact | None, acts: Acts, rules: RuleSet
) -> tuple[LegState, ...]:
    """Return how each leg stands: an act on it, an act on its market, then the providers."""
    legs = [
        by_outcomes(leg, states, ticket.accepted, rules, each_way=ticket.each_way)
        for leg in ticket.legs
    ]
    if result is not None and result.result is not None:
        said = by_result(ticket.legs, result.result, result.ticks)
        legs = [one if one.pinned else other for one, other in zip(legs, said, strict=True)]
    if not acts.legs:
        return tuple(legs)
    on_leg = acts_by_leg(acts.legs)
    return tuple(
        with_acts(state, on_leg.get(leg.position, ()))
        for leg, state in zip(ticket.legs, legs, strict=True)
    )


def by_pin(
    ticket: Agreed, pin: TicketFact, acts: Acts, legs: tuple[LegState, ...], rules: RuleSet
) -> Wanted:
    """Return the state that one of our own fixed for the whole ticket."""
    if pin.kind == TicketFactKind.REOPEN:
        return open_state(acts, legs, by_act=True)
    if pin.kind == TicketFactKind.AMOUNT:
        amount = pin.act.amount or 0
        word = pin.act.result or (TicketResult.MIXED if amount else TicketResult.LOSE)
        return state(TicketStatus.SETTLED, word, amount, acts, legs, by_act=True)
    fixed = VOID_LEG if pin.kind != TicketFactKind.SETTLE else LEG_FOR.get(pin.act.result)
    if fixed is None:
        return open_state(acts, legs, by_act=True, doubts=(cannot(NO_RESULT),))
    try:
        settled = computed(ticket, acts, [as_fixed(leg, fixed) for leg in legs], rules)
    except (NeedsDecision, RulesRefusal) as reason:
        if fixed is not VOID_LEG:
            return open_state(acts, legs, by_act=True, doubts=(cannot(str(reason)),))
        settled = None
    payout = refund(ticket, acts) if settled is None else minor(settled, ticket)
    if payout is None:
        return open_state(acts, legs, by_act=True, doubts=(cannot(NO_PRICE),))
    status = WHOLE.get(pin.kind, TicketStatus.SETTLED)
    word = TicketResult.NONE
    if status == TicketStatus.SETTLED:
        void = settled is None or fixed is VOID_LEG
        word = TicketResult.REFUND if void or settled is None else settled.result
    return state(status, word, payout, acts, legs, by_act=True)


WHOLE = {
    TicketFactKind.CANCEL: TicketStatus.CANCELLED,
    TicketFactKind.REJECT: TicketStatus.REJECTED,
}


def as_fixed(leg: LegState, fixed: LegState) -> LegState:
    """Return a leg that ended as the whole ticket is said to; its Rule 4 and price stay."""
    return msgspec.structs.replace(
        fixed, deduction=leg.deduction, starting_price=leg.starting_price
    )


def refund(ticket: Agreed, acts: Acts) -> int:
    """Return the stake that is left, for a bet that is not computed here."""
    return acts.amount + (0 if ticket.free_bet else ticket.stake - acts.stake)


def cashed_out(acts: Acts, legs: tuple[LegState, ...]) -> Wanted:
    """Return the state of a ticket whose whole stake was cashed out."""
    return state(TicketStatus.SETTLED, TicketResult.CASH_OUT, acts.amount, acts, legs, by_act=True)


def by_provider(
    ticket: Agreed,
    fact: TicketFact,
    acts: Acts,
    legs: tuple[LegState, ...],
    facts: Sequence[TicketFact],
    rules: RuleSet,
) -> Wanted:
    """Return the state that the provider's result in force gives to the whole ticket."""
    staked = ticket.staked
    doubts = doubts_of_equal_time(facts, fact, staked, rules) if len(facts) > 1 else ()
    said = paid(fact.result or NOTHING, staked, rules, own=lambda: own_figure(ticket, legs, rules))
    if said.status == TicketStatus.OPEN:
        return open_state(acts, legs, doubts=doubts)
    payout = said.payout
    if acts.stake:
        left = Fraction(ticket.stake - acts.stake, ticket.stake)
        whole = said.exact * left + major(acts.amount, ticket.precision)
        payout = rounded_money(whole, said.result, staked, rules)
    return state(
        said.status,
        said.result,
        int(payout * 10**ticket.precision),
        acts,
        legs,
        hold=said.hold,
        doubts=doubts,
    )


def own_figure(ticket: Agreed, legs: Sequence[LegState], rules: RuleSet) -> Fraction | None:
    """Return what the rules make of a provider's legs, with the stake, to check his payout by."""
    try:
        whole = msgspec.structs.replace(ticket, free_bet=False)
        return computed(whole, NO_ACTS, legs, rules).returns
    except (NeedsDecision, RulesRefusal):
        return None


def by_legs(
    ticket: Agreed,
    acts: Acts,
    legs: tuple[LegState, ...],
    rules: RuleSet,
    memory: Memory | None,
) -> Wanted:
    """Return the state that the legs come to by the rules."""
    if memory is None or acts is not NO_ACTS:
        return worked_out(ticket, acts, legs, rules, memory)
    terms = (ticket.shape, ticket.stake, ticket.currency, ticket.each_way, ticket.free_bet)
    key = (*terms, *map(id, ticket.legs), *map(id, legs))
    if (found := memory.states.get(key)) is None:
        found = memory.states[key] = worked_out(ticket, acts, legs, rules, memory), ticket.legs
    return found[0]


def worked_out(
    ticket: Agreed,
    acts: Acts,
    legs: tuple[LegState, ...],
    rules: RuleSet,
    memory: Memory | None,
) -> Wanted:
    """Return the state that the legs come to by the rules."""
    try:
        settled = computed(ticket, acts, legs, rules, memory)
    except (NeedsDecision, RulesRefusal) as reason:
        said = any(leg.win is not None for leg in legs)
        return open_state(acts, legs, doubts=(cannot(str(reason)),) if said else ())
    payout = minor(settled, ticket)
    if payout is None:
        return open_state(acts, legs, doubts=doubts_of(legs))
    pinned = all(leg.pinned for leg in legs)
    return state(TicketStatus.SETTLED, settled.result, payout, acts, legs, by_act=pinned)


def doubts_of(legs: Sequence[LegState]) -> tuple[Doubt, ...]:
    """Return what keeps a ticket open that no provider will decide, each kind once."""
    asked = [one for leg in legs for one in (leg.doubt, leg.place_doubt) if one is not None]
    found = {one.kind: one for one in reversed(asked)}
    return tuple(found[kind] for kind in sorted(found))


def cannot(reason: str) -> Doubt:
    """Return why a ticket can't be settled by itself."""
    return Doubt(ReviewKind.CANNOT_SETTLE, reason)


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


def open_state(
    acts: Acts,
    legs: tuple[LegState, ...],
    *,
    by_act: bool = False,
    doubts: tuple[Doubt, ...] = (),
) -> Wanted:
    """Return the state of a ticket that is not settled: it paid its cash-outs and no more."""
    return state(
        TicketStatus.OPEN, TicketResult.NONE, acts.amount, acts, legs, by_act=by_act, doubts=doubts
    )


def state(
    status: TicketStatus,
    result: TicketResult,
    payout: int,
    acts: Acts,
    legs: tuple[LegState, ...],
    *,
    by_act: bool = False,
    hold: Doubt | None = None,
    doubts: tuple[Doubt, ...] = (),
) -> Wanted:
    """Return a state with what was cashed out before."""
    return Wanted(
        status, result, payout, acts.stake, acts.amount, legs, 0, None, by_act, hold, doubts
    )


def heard_of(ticket: Agreed, states: States) -> list[Fact]:
    """Return the newest fact about each outcome that the ticket bets on."""
    return [
        fact
        for leg in ticket.legs
        for outcome in (leg.outcome, leg.place_outcome)
        if outcome is not None and (fact := states(outcome).newest) is not None
    ]


def written(fact: Fact) -> int:
    """Return a fact's place in the order in which facts were written down."""
    return fact.id
