"""A ticket's state: the fold of everything that was said of it and of what it bet on."""

from collections.abc import Callable, Sequence
from fractions import Fraction

import msgspec

from settlement.fold.acts import NO_ACTS, Acts, acts_of
from settlement.fold.computing import Agreed, Memory, computed, major, minor
from settlement.fold.facts import (
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
    doubts_of_equal_time,
    in_force,
    paid,
    rounded_money,
)
from settlement.rules.exact import NeedsDecision, RulesRefusal
from settlement.rules.legs import HALF_LOST, HALF_WON, LOST, VOID, WON
from settlement.rules.ruleset import RuleSet
from settlement.vocabulary import (
    ReviewKind,
    Source,
    TicketFactKind,
    TicketResult,
    TicketStatus,
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
        found = remembered_pin(ticket, acts.pin, acts, legs, rules, memory)
    elif result is not None and not pinned:
        found = by_provider(ticket, result, acts, legs, facts, rules)
    else:
        found = by_legs(ticket, acts, legs, rules, memory)
    heard = heard_of(ticket, states)
    return msgspec.structs.replace(
        found,
        ticks=result.ticks if result and not pinned else deciding_ticks(found, ticket, legs),
        cause=newest_act(ticket, states, facts) if found.by_act else newest([*facts, *heard]),
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


def remembered_pin(
    ticket: Agreed,
    pin: TicketFact,
    acts: Acts,
    legs: tuple[LegState, ...],
    rules: RuleSet,
    memory: Memory | None,
) -> Wanted:
    """Return the state that one of our own fixed; the same act on the same bet is computed once."""
    if memory is None or acts.cash_outs:
        return by_pin(ticket, pin, acts, legs, rules)
    key = (pin.kind, pin.act, *same_bet(ticket, legs))
    if (found := memory.states.get(key)) is None:
        found = memory.states[key] = by_pin(ticket, pin, acts, legs, rules), ticket.legs
    return found[0]


def same_bet(ticket: Agreed, legs: tuple[LegState, ...]) -> tuple[object, ...]:
    """Return what makes two bets come to the same: their terms, and legs and states by identity."""
    terms = (ticket.shape, ticket.stake, ticket.currency, ticket.each_way, ticket.free_bet)
    return (*terms, *map(id, ticket.legs), *map(id, legs))


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
    key = same_bet(ticket, legs)
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
    by_act = all(leg.by_act for leg in legs)
    return state(TicketStatus.SETTLED, settled.result, payout, acts, legs, by_act=by_act)


def doubts_of(legs: Sequence[LegState]) -> tuple[Doubt, ...]:
    """Return what keeps a ticket open that no provider will decide, each kind once."""
    asked = [one for leg in legs for one in (leg.doubt, leg.place_doubt) if one is not None]
    found = {one.kind: one for one in reversed(asked)}
    return tuple(found[kind] for kind in sorted(found))


def cannot(reason: str) -> Doubt:
    """Return why a ticket can't be settled by itself."""
    return Doubt(ReviewKind.CANNOT_SETTLE, reason)


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


def newest_act(ticket: Agreed, states: States, facts: Sequence[Fact]) -> Fact | None:
    """Return the act of our own people that was written down last: what they fixed is theirs."""
    of_outcomes = [
        states(outcome).newest_act
        for leg in ticket.legs
        for outcome in (leg.outcome, leg.place_outcome)
        if outcome is not None
    ]
    ours = [fact for fact in facts if fact.source == Source.OPERATOR]
    return newest([*ours, *(fact for fact in of_outcomes if fact is not None)])


def newest(facts: Sequence[Fact]) -> Fact | None:
    """Return what was written down last."""
    return max(facts, key=written, default=None)


def written(fact: Fact) -> int:
    """Return a fact's place in the order in which facts were written down."""
    return fact.id
