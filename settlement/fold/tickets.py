"""A ticket's state: the fold of everything that was said of it and of what it bet on."""

from collections.abc import Callable, Sequence
from fractions import Fraction

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
from settlement.fold.results import Staked, doubts_of_equal_time, in_force, paid
from settlement.parts import PartOfBet, legs_of
from settlement.rules.exact import NeedsDecision, RulesRefusal
from settlement.rules.kinds import Shape
from settlement.rules.legs import HALF_LOST, HALF_WON, LOST, ONE, VOID, WON
from settlement.rules.payout import Bet, Settled, settle
from settlement.rules.rounding import rounded
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
LEG_FOR = {
    TicketResult.WIN: LegState(WON, WON),
    TicketResult.LOSE: LegState(LOST, LOST),
    TicketResult.REFUND: VOID_LEG,
    TicketResult.HALF_WIN: LegState(HALF_WON, HALF_WON),
    TicketResult.HALF_LOSE: LegState(HALF_LOST, HALF_LOST),
    TicketResult.PLACE_WIN: LegState(LOST, WON),
}
States = Callable[[int], OutcomeState]
Memory = dict[tuple[object, ...], Wanted]


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
            Fraction(self.stake, 10**self.precision),
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
    if acts.stake >= ticket.stake and not acts.pinned_since:
        found = cashed_out(acts, legs)
    elif acts.pin is not None:
        found = by_pin(ticket, acts.pin, acts, legs, rules)
    elif result is not None and not any(leg.pinned for leg in legs):
        found = by_provider(ticket, result, acts, legs, facts, rules)
    else:
        found = by_legs(ticket, acts, legs, rules, memory)
    heard = heard_of(ticket, states)
    return msgspec.structs.replace(
        found,
        ticks=max([fact.ticks for fact in [result] if fact] + [leg.ticks for leg in legs]),
        cause=max([*facts, *heard], key=written, default=None),
        ticket_facts=tuple([fact.id for fact in facts]),
        market_facts=tuple([fact.id for fact in heard]),
    )


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
    if pin.kind == TicketFactKind.SETTLE and pin.act.result is not None:
        fixed = LEG_FOR[pin.act.result]
    else:
        fixed = VOID_LEG
    try:
        settled = computed(ticket, acts, [as_fixed(leg, fixed) for leg in legs], rules)
    except (NeedsDecision, RulesRefusal) as reason:
        if fixed is not VOID_LEG:
            return open_state(acts, legs, by_act=True, doubts=(cannot(str(reason)),))
        settled = None
    payout = refund(ticket, acts) if settled is None else minor(settled, ticket)
    if payout is None:
        return open_state(acts, legs, by_act=True)
    status = WHOLE.get(pin.kind, TicketStatus.SETTLED)
    word = TicketResult.NONE
    if status == TicketStatus.SETTLED:
        word = settled.result if settled is not None else TicketResult.REFUND
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
    said = paid(fact.result, staked, rules) if fact.result else None
    if said is None or said.status == TicketStatus.OPEN:
        return open_state(acts, legs)
    left = Fraction(ticket.stake - acts.stake, ticket.stake)
    payout = said.payout * 10**ticket.precision * left
    return state(
        said.status,
        said.result,
        int(rounded(payout, ONE, rules.rounding.mode)) + acts.amount,
        acts,
        legs,
        hold=said.hold,
        doubts=doubts_of_equal_time(facts, fact, staked, rules) if len(facts) > 1 else (),
    )


def by_legs(
    ticket: Agreed,
    acts: Acts,
    legs: tuple[LegState, ...],
    rules: RuleSet,
    memory: Memory | None,
) -> Wanted:
    """Return the state that the legs come to by the rules."""
    if memory is None or acts is not NO_ACTS:
        return worked_out(ticket, acts, legs, rules)
    terms = (ticket.shape, ticket.stake, ticket.currency, ticket.each_way, ticket.free_bet)
    key = (*terms, *map(id, ticket.legs), *map(id, legs))
    if (found := memory.get(key)) is None:
        found = memory[key] = worked_out(ticket, acts, legs, rules)
    return found


def worked_out(ticket: Agreed, acts: Acts, legs: tuple[LegState, ...], rules: RuleSet) -> Wanted:
    """Return the state that the legs come to by the rules."""
    pinned = any(leg.pinned for leg in legs)
    try:
        settled = computed(ticket, acts, legs, rules)
    except (NeedsDecision, RulesRefusal) as reason:
        said = any(leg.win is not None for leg in legs)
        return open_state(acts, legs, by_act=pinned, doubts=(cannot(str(reason)),) if said else ())
    payout = minor(settled, ticket)
    if payout is None:
        return open_state(acts, legs, by_act=pinned, doubts=doubts_of(legs))
    return state(TicketStatus.SETTLED, settled.result, payout, acts, legs, by_act=pinned)


def doubts_of(legs: Sequence[LegState]) -> tuple[Doubt, ...]:
    """Return what keeps a ticket open that no provider will decide, each kind once."""
    found = {leg.doubt.kind: leg.doubt for leg in reversed(legs) if leg.doubt is not None}
    return tuple(found[kind] for kind in sorted(found))


def cannot(reason: str) -> Doubt:
    """Return why a ticket can't be settled by itself."""
    return Doubt(ReviewKind.CANNOT_SETTLE, reason)


def computed(ticket: Agreed, acts: Acts, legs: Sequence[LegState], rules: RuleSet) -> Settled:
    """Return what the rules make of the legs."""
    scale = 10**ticket.precision
    parts = [
        PartOfBet(
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
        for leg, state in zip(ticket.legs, legs, strict=True)
    ]
    bet = Bet(
        shape=ticket.shape,
        stake=Fraction(ticket.stake, scale),
        legs=legs_of(parts, rules),
        each_way=ticket.each_way,
        free_bet=ticket.free_bet,
        cashed_out_stake=Fraction(acts.stake, scale),
        cashed_out_amount=Fraction(acts.amount, scale),
        currency=ticket.currency,
        precision=ticket.precision,
    )
    return settle(bet, rules)


def minor(settled: Settled, ticket: Agreed) -> int | None:
    """Return what is paid in minor units; nothing while a leg matters still."""
    return None if settled.returns is None else int(settled.returns * 10**ticket.precision)


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
