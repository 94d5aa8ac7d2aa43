"""What the facts of a market say of one outcome, and of a bet on it by when it was accepted.

Providers' facts are taken in the order of their own time; those of the same time by kind, certainty
and content. When they arrived does not matter. Our own people's acts outrank them, newest first.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

import msgspec
from msgspec.structs import replace

from settlement.fold.facts import OPEN_LEG, Doubt, Fact, LegState, MarketFact
from settlement.rules.exact import ratio
from settlement.rules.legs import HALF_LOST, HALF_WON, LOST, VOID, WON, ZERO, Factors
from settlement.rules.ruleset import RuleSet
from settlement.said import Ended
from settlement.vocabulary import MarketFactKind, ReviewKind, Source

RANK = {kind: place for place, kind in enumerate(MarketFactKind)}
KNOWN = {("1", "0"): WON, ("0", "0"): LOST, ("0", "1"): VOID, ("1/2", "1/2"): HALF_WON}
KNOWN[("0", "1/2")] = HALF_LOST


class OutcomeState(msgspec.Struct, frozen=True):
    """What is said of an outcome, before a bet's time of acceptance is looked at.

    `cancels` are those that stand, `windows` also what was taken back and what took it. The void
    reason of `unsure` leaves the deciding to a person. `newest` was written down last of all that
    is said of this outcome, `newest_act` of our own people's acts that stand. `for_all` is how it
    stands for every bet, when no time matters.
    """

    ref: str = ""
    ended: Factors | None = None
    ticks: int = 0
    cancels: tuple[MarketFact, ...] = ()
    windows: tuple[MarketFact, ...] = ()
    acts: tuple[MarketFact, ...] = ()
    deductions: tuple[MarketFact, ...] = ()
    unsure: MarketFact | None = None
    newest: Fact | None = None
    newest_act: Fact | None = None
    for_all: LegState | None = None


class Verdict(msgspec.Struct, frozen=True):
    """How an outcome ended for one bet."""

    ended: Factors | None
    ticks: int
    pinned: bool = False
    doubt: Doubt | None = None


NOTHING_SAID = OutcomeState(for_all=OPEN_LEG)
WINDOWED = (MarketFactKind.CANCEL, MarketFactKind.CANCEL_ROLLBACK)


def factors_of(ended: Ended) -> Factors | None:
    """Return what [win, void] stands for; the usual ones are the constants."""
    if ended is None:
        return None
    return KNOWN.get((ended[0], ended[1])) or Factors(ratio(ended[0]), ratio(ended[1]))


def outcome_state(ref: str, facts: Iterable[MarketFact], rules: RuleSet) -> OutcomeState:
    """Return what a market's facts say of the outcome that its provider calls `ref`."""
    about = [fact for fact in facts if speaks_of(fact, ref)]
    if not about:
        return NOTHING_SAID
    ours = standing_acts([fact for fact in about if fact.source == Source.OPERATOR])
    said = sorted(
        (fact for fact in about if fact.source != Source.OPERATOR),
        key=lambda fact: place_of(fact, ref, rules),
    )
    decided = decision(ref, said, rules)
    state = OutcomeState(
        ref=ref,
        ended=decided.ended,
        ticks=decided.ticks,
        cancels=tuple(live_cancels(said)),
        windows=tuple(fact for fact in said if fact.kind in WINDOWED),
        acts=tuple(fact for fact in ours if fact.kind != MarketFactKind.DEDUCTION),
        deductions=tuple(fact for fact in ours if fact.kind == MarketFactKind.DEDUCTION),
        unsure=decided.unsure,
        newest=max(about, key=lambda fact: fact.id),
        newest_act=max(ours, key=lambda fact: fact.id, default=None),
    )
    if any(has_window(fact) for fact in (*state.windows, *state.acts, *state.deductions)):
        return state
    return replace(state, for_all=leg_state(state, ALWAYS, rules))


ALWAYS = 0  # Any time of acceptance will do, where nothing has a window.


def has_window(fact: MarketFact) -> bool:
    """Whether a fact speaks of the bets of some time only."""
    return fact.content.start is not None or fact.content.end is not None


def leg_state(state: OutcomeState, accepted: int, rules: RuleSet) -> LegState:
    """Return how a leg without a place part stands, for a bet that was accepted then."""
    win = verdict(state, accepted, rules)
    off = deduction(state, accepted) if state.deductions else ZERO
    return LegState(win.ended, None, off, None, win.ticks, win.pinned, win.pinned, win.doubt)


def speaks_of(fact: MarketFact, ref: str) -> bool:
    """Whether a fact is about an outcome: it names it, or it is about the whole market."""
    if not ref:
        return fact.kind != MarketFactKind.SETTLEMENT and not fact.content.outcomes
    if fact.kind == MarketFactKind.SETTLEMENT:
        return ref in fact.content.outcomes
    return not fact.content.outcomes or ref in fact.content.outcomes


def place_of(fact: MarketFact, ref: str, rules: RuleSet) -> tuple[object, ...]:
    """Return where a provider's fact stands in the order of facts about one outcome.

    An undecided (−1) clears what is not later, so among equals it comes last.
    """
    clears = fact.kind == MarketFactKind.SETTLEMENT and said_by(fact, ref, rules) is None
    return (fact.ticks, RANK[fact.kind], fact.certainty, clears, fact.key)


def said_by(fact: MarketFact, ref: str, rules: RuleSet) -> Factors | None:
    """Return what a settlement says; one whose void reason a person decides says nothing."""
    if leaves_to_a_person(fact, rules):
        return None
    return factors_of(fact.content.outcomes[ref].ended)


def leaves_to_a_person(fact: MarketFact, rules: RuleSet) -> bool:
    """Whether the void reason is one of those that nobody wants to be followed blindly."""
    return fact.content.void_reason in rules.manual_void_reasons


class Decided(msgspec.Struct):
    """The settlement in force while the facts are gone through."""

    ended: Factors | None = None
    ticks: int = 0
    certainty: int = 0
    unsure: MarketFact | None = None


def decision(ref: str, said: Sequence[MarketFact], rules: RuleSet) -> Decided:
    """Return the settlement that stands after all providers' settlements and rollbacks."""
    found = Decided()
    for fact in said:
        if fact.kind == MarketFactKind.ROLLBACK:
            found = Decided(ticks=fact.ticks)
        elif counts(fact, rules) and fact.certainty >= found.certainty:
            found = decided_by(fact, ref, rules)
    return found


def counts(fact: MarketFact, rules: RuleSet) -> bool:
    """Whether it is a settlement, of a certainty that the rules go by."""
    settles = fact.kind == MarketFactKind.SETTLEMENT
    return settles and (rules.certainty == "first" or fact.certainty > 1)


def decided_by(fact: MarketFact, ref: str, rules: RuleSet) -> Decided:
    """Return what a settlement leaves: itself, or nothing when it decides nothing."""
    if leaves_to_a_person(fact, rules):
        return Decided(ticks=fact.ticks, unsure=fact)
    ended = said_by(fact, ref, rules)
    return Decided(ended, fact.ticks, fact.certainty if ended is not None else 0)


def live_cancels(said: Iterable[MarketFact]) -> list[MarketFact]:
    """Return the cancels that no later rollback of the same window took back."""
    live: list[MarketFact] = []
    for fact in said:
        if fact.kind == MarketFactKind.CANCEL:
            live.append(fact)
        elif fact.kind == MarketFactKind.CANCEL_ROLLBACK:
            live = [cancel for cancel in live if not takes_back(fact, cancel)]
    return live


def takes_back(rollback: MarketFact, cancel: MarketFact) -> bool:
    """Whether a cancel's window is the one that is rolled back; without times it is any."""
    window = (rollback.content.start, rollback.content.end)
    return window in ((None, None), (cancel.content.start, cancel.content.end))


def unmatched_rollbacks(facts: Iterable[MarketFact]) -> list[MarketFact]:
    """Return the cancel rollbacks of a market that found no cancel to take back."""
    said = sorted(
        (fact for fact in facts if fact.source != Source.OPERATOR),
        key=lambda fact: (fact.ticks, RANK[fact.kind], fact.certainty, fact.key),
    )
    cancels = [fact for fact in said if fact.kind == MarketFactKind.CANCEL]
    return [
        fact
        for fact in said
        if fact.kind == MarketFactKind.CANCEL_ROLLBACK
        and not any(takes_back(fact, one) for one in cancels if one.ticks <= fact.ticks)
    ]


def standing_acts(acts: Iterable[MarketFact]) -> list[MarketFact]:
    """Return our own people's acts that were not taken back, the newest first."""
    newest_first = sorted(acts, key=lambda fact: -fact.id)
    retracted: set[int] = set()
    standing = []
    for fact in newest_first:
        if fact.id in retracted:
            continue
        if fact.kind == MarketFactKind.RETRACTION:
            retracted.update(fact.content.retracts)
        else:
            standing.append(fact)
    return standing


def verdict(state: OutcomeState, accepted: int, rules: RuleSet) -> Verdict:
    """Return how the outcome ended for a bet that was accepted at this millisecond."""
    if not state.windows and not state.acts and state.unsure is None:
        return Verdict(state.ended, state.ticks)
    for act in state.acts:
        if within(act, accepted):
            return Verdict(said_by_act(act, state.ref), state.ticks, pinned=True)
    ticks = max([state.ticks, *(fact.ticks for fact in state.windows if within(fact, accepted))])
    cancels = [cancel for cancel in state.cancels if within(cancel, accepted)]
    if any(not leaves_to_a_person(cancel, rules) for cancel in cancels):
        return Verdict(VOID, ticks)
    unsure = cancels[-1] if cancels else state.unsure
    if unsure is not None:
        return Verdict(None, ticks, doubt=doubt_about(unsure))
    return Verdict(state.ended, ticks)


def said_by_act(act: MarketFact, ref: str) -> Factors | None:
    """Return what an act says of an outcome: a rollback leaves it open."""
    if act.kind == MarketFactKind.SETTLEMENT:
        return factors_of(act.content.outcomes[ref].ended)
    return VOID if act.kind == MarketFactKind.CANCEL else None


def within(fact: MarketFact, accepted: int) -> bool:
    """Whether a fact's window holds this millisecond, its ends included."""
    start, end = fact.content.start, fact.content.end
    return (start is None or start <= accepted) and (end is None or accepted <= end)


def deduction(state: OutcomeState, accepted: int) -> Fraction:
    """Return Rule 4's percents for a bet that was accepted then, added up."""
    return sum(
        (
            ratio(fact.content.percent)
            for fact in state.deductions
            if fact.content.percent and within(fact, accepted)
        ),
        ZERO,
    )


def doubt_about(fact: MarketFact) -> Doubt:
    """Say that a void reason leaves the deciding to a person."""
    code = fact.content.void_reason
    known = REASONS.get(code or 0, "") if fact.source == Source.SPORTRADAR else ""
    return Doubt(
        ReviewKind.MANUAL_VOID_REASON,
        f"The provider gives void reason {code}{known}: "
        "how the leg ended has to be decided by hand.",
    )


REASONS = {
    3: ", the result can't be verified",
    15: ", client-side settlement needed",
}
