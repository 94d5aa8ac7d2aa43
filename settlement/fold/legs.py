"""How each leg of a ticket stands: by an act on the leg, by its outcomes, by the whole's result."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from msgspec.structs import replace

from settlement.fold.facts import OPEN_LEG, AgreedLeg, Doubt, LegState, TicketFact
from settlement.fold.outcomes import (
    OutcomeState,
    Verdict,
    deduction,
    factors_of,
    leg_state,
    verdict,
)
from settlement.rules.exact import ratio
from settlement.rules.legs import VOID, WON
from settlement.rules.ruleset import RuleSet
from settlement.said import LegSaid, ResultSaid
from settlement.vocabulary import LegResult, ReviewKind

WIN_ONLY = Doubt(
    ReviewKind.PLACE_PART,
    "Its provider speaks of the win part alone: the place part has to be settled by hand.",
)


def by_outcomes(
    leg: AgreedLeg,
    states: Callable[[int], OutcomeState],
    accepted: int,
    rules: RuleSet,
    *,
    each_way: bool,
) -> LegState:
    """Return what the facts of its markets say of a leg."""
    state = states(leg.outcome)
    if not each_way or not leg.has_place_terms:
        return state.for_all or leg_state(state, accepted, rules)
    win = verdict(state, accepted, rules)
    off = deduction(state, accepted) if state.deductions else Fraction(0)
    if leg.place_outcome is not None:
        place = verdict(states(leg.place_outcome), accepted, rules)
    else:
        place = place_from_win(win)
    return LegState(
        win=win.ended,
        place=place.ended,
        deduction=off,
        ticks=max(win.ticks, place.ticks),
        pinned=win.pinned or place.pinned,
        by_act=win.pinned or place.pinned,
        doubt=win.doubt,
        place_doubt=place.doubt,
    )


def place_from_win(win: Verdict) -> Verdict:
    """Return what a result that speaks of the win part alone means for the place part.

    A winner is placed, also one of several; a void runner is void. Whether a loser was placed, and
    what half a result means for a place, it does not say.
    """
    if win.ended is None:
        return Verdict(None, win.ticks, win.pinned)
    if win.ended == VOID:
        return win
    if win.ended.win and not win.ended.void:
        return Verdict(WON, win.ticks, win.pinned)
    return Verdict(None, win.ticks, win.pinned, WIN_ONLY)


def by_result(legs: Sequence[AgreedLeg], said: ResultSaid, ticks: int) -> list[LegState]:
    """Return the legs that a whole ticket's result names; the others stay open."""
    left = list(said.legs)
    found = []
    for leg in legs:
        named = next((one for one in left if names(one, leg)), None)
        if named is not None:
            left.remove(named)
        found.append(leg_said(named, ticks) if named else OPEN_LEG)
    return found


def names(said: LegSaid, leg: AgreedLeg) -> bool:
    """Whether a provider's leg is this one of ours; its event is looked at where both know it."""
    return said.ref == leg.ref and (not said.event or not leg.event or said.event == leg.event)


def leg_said(said: LegSaid, ticks: int) -> LegState:
    """Return a leg as a whole ticket's result tells it."""
    return LegState(factors_of(said.win), factors_of(said.place), ticks=said.ticks or ticks)


def with_acts(state: LegState, acts: Sequence[TicketFact]) -> LegState:
    """Return a leg after the acts on it, newest first: each field by the newest that names it."""
    for fact in reversed(acts):
        act = fact.act
        if act.win is not None:
            state = replace(state, win=factors_of(act.win), doubt=None)
        if act.place is not None:
            state = replace(state, place=factors_of(act.place), place_doubt=None)
        if act.percent is not None:
            state = replace(state, deduction=ratio(act.percent))
        if act.starting_price is not None:
            state = replace(state, starting_price=ratio(act.starting_price))
        state = replace(state, pinned=True, by_act=state.by_act or act.win is not None)
    return state


def acts_by_leg(acts: Sequence[TicketFact]) -> Mapping[int, list[TicketFact]]:
    """Return the acts on legs by the leg's position, in the order given."""
    found: dict[int, list[TicketFact]] = {}
    for act in acts:
        if act.position is not None:
            found.setdefault(act.position, []).append(act)
    return found


def leg_result(state: LegState, *, each_way: bool) -> LegResult | None:
    """Return the word for how a leg ended; nothing while a part of it is open."""
    if state.win is None or (each_way and state.place is None):
        return None
    if state.win.win:
        return LegResult.HALF_WIN if state.win.void else LegResult.WIN
    if each_way and state.place is not None and state.place.win:
        return LegResult.PLACE
    if state.win.void:
        return LegResult.VOID if state.win == VOID else LegResult.HALF_LOSE
    return LegResult.LOSE
