"""The fold once more, written from the specification by definition, to check the product against.

Nothing is gone through in order: each question is answered by a sentence over all facts. A bet's
lines are written out, what is open is tried both ways, money is rounded once. Only default rules of
arithmetic are known here. Nothing is shared with the code under test but the facts themselves.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from math import prod
from typing import TypeVar

from settlement.fold.computing import Agreed
from settlement.fold.facts import AgreedLeg, MarketFact, TicketFact
from settlement.rules.ruleset import RuleSet
from settlement.said import Ended, ResultSaid

Part = tuple[Fraction, Fraction]  # What is won and what is void of a unit.
WIN: Part = (Fraction(1), Fraction(0))
LOSE: Part = (Fraction(0), Fraction(0))
VOID: Part = (Fraction(0), Fraction(1))
HALVES: dict[str, Part] = {
    "HALF_WIN": (Fraction(1, 2), Fraction(1, 2)),
    "HALF_LOSE": (Fraction(0), Fraction(1, 2)),
}
FIXED: dict[str, tuple[Part, Part]] = {
    "WIN": (WIN, WIN),
    "LOSE": (LOSE, LOSE),
    "REFUND": (VOID, VOID),
    "HALF_WIN": (HALVES["HALF_WIN"],) * 2,
    "HALF_LOSE": (HALVES["HALF_LOSE"],) * 2,
    "PLACE_WIN": (LOSE, WIN),
}
Cash = tuple[int, int]  # The stake that was cashed out, and what was paid for it.
PINS = ("SETTLE", "AMOUNT", "VOID", "REOPEN", "CANCEL", "REJECT")
MANUAL, PLACE, EQUAL = "MANUAL_VOID_REASON", "PLACE_PART", "EQUAL_TIME"
AnyFact = TypeVar("AnyFact", MarketFact, TicketFact)


@dataclass(frozen=True)
class Leg:
    """How a leg stands; `asks` is the kind of what a person has to decide."""

    win: Part | None
    place: Part | None
    deduction: Fraction = Fraction(0)
    starting_price: Fraction | None = None
    by_us: bool = False
    asks: str = ""


@dataclass(frozen=True)
class State:
    """What facts come to."""

    status: str
    result: str
    payout: int
    cashed_out: Cash
    legs: tuple[Leg, ...]
    hold: str = ""
    doubts: frozenset[str] = frozenset()


# Acts


def stands(act: MarketFact | TicketFact, acts: Iterable[MarketFact | TicketFact]) -> bool:
    """An act stands unless a retraction that stands names it."""
    return not any(
        other.kind == "RETRACTION" and act.id in retracted(other) and stands(other, acts)
        for other in acts
    )


def retracted(fact: MarketFact | TicketFact) -> tuple[int, ...]:
    """Return the numbers that a retraction names."""
    return fact.content.retracts if isinstance(fact, MarketFact) else fact.act.retracts


def standing(facts: Iterable[AnyFact]) -> list[AnyFact]:
    """Return the acts of ours that stand."""
    ours = [fact for fact in facts if fact.source == "OPERATOR"]
    return [fact for fact in ours if fact.kind != "RETRACTION" and stands(fact, ours)]


def latest(acts: Iterable[AnyFact]) -> AnyFact | None:
    """Among equals the later number wins."""
    return max(acts, key=lambda fact: fact.id, default=None)


# Outcomes


def ended_of(ended: Ended) -> Part | None:
    """Read [win, void]."""
    return None if ended is None else (Fraction(ended[0]), Fraction(ended[1]))


def in_window(fact: MarketFact, accepted: int) -> bool:
    """Both ends are included; an end that is missing is no end."""
    start, end = fact.content.start, fact.content.end
    return not (start is not None and accepted < start) and not (end is not None and accepted > end)


def about(fact: MarketFact, ref: str) -> bool:
    """A settlement names its outcomes; whatever else names none is about the whole market."""
    named = fact.content.outcomes
    return ref in named or (not named and fact.kind != "SETTLEMENT")


@dataclass(frozen=True)
class Outcome:
    """How one outcome ended for one bet."""

    ended: Part | None
    by_us: bool = False
    asks: str = ""


def outcome(ref: str, facts: Sequence[MarketFact], accepted: int, rules: RuleSet) -> Outcome:
    """Our acts, else a cancel whose window holds the bet, else the settlement, else open."""
    heard = [fact for fact in facts if about(fact, ref)]
    ours = [f for f in standing(heard) if f.kind != "DEDUCTION" and in_window(f, accepted)]
    if act := latest(ours):
        ended = {"CANCEL": VOID, "ROLLBACK": None}
        if act.kind == "SETTLEMENT":
            return Outcome(ended_of(act.content.outcomes[ref].ended), by_us=True)
        return Outcome(ended[str(act.kind)], by_us=True)
    said = [fact for fact in heard if fact.source != "OPERATOR"]
    cancels = [fact for fact in live_cancels(said) if in_window(fact, accepted)]
    if any(fact.content.void_reason not in rules.manual_void_reasons for fact in cancels):
        return Outcome(VOID)
    if cancels:
        return Outcome(None, asks=MANUAL)
    return settlement(ref, said, rules)


def live_cancels(said: Sequence[MarketFact]) -> list[MarketFact]:
    """A cancel lives unless a rollback that is not earlier names its window, or no window."""
    return [
        cancel
        for cancel in said
        if cancel.kind == "CANCEL"
        and not any(
            back.kind == "CANCEL_ROLLBACK"
            and back.ticks >= cancel.ticks
            and window(back) in {(None, None), window(cancel)}
            for back in said
        )
    ]


def window(fact: MarketFact) -> tuple[int | None, int | None]:
    """Return a fact's window."""
    return fact.content.start, fact.content.end


def settlement(ref: str, said: Sequence[MarketFact], rules: RuleSet) -> Outcome:
    """Of the decisions that nothing cleared, the most certain is in force, then the latest."""
    rollbacks = [fact for fact in said if fact.kind == "ROLLBACK"]
    followed = [fact for fact in said if fact.kind == "SETTLEMENT" and follows(fact, rules)]
    undecided = [fact for fact in followed if decides(fact, ref, rules) is None]
    left = [
        fact
        for fact in followed
        if fact not in undecided
        and not any(back.ticks >= fact.ticks for back in rollbacks)
        and not any(
            one.ticks >= fact.ticks and one.certainty >= fact.certainty for one in undecided
        )
    ]
    if left:
        chosen = max(left, key=lambda fact: (fact.certainty, fact.ticks, fact.key))
        return Outcome(decides(chosen, ref, rules))
    return Outcome(None, asks=question(undecided, rollbacks, rules))


def follows(fact: MarketFact, rules: RuleSet) -> bool:
    """The policy `confirmed` leaves settlements of certainty 1 out."""
    return rules.certainty == "first" or fact.certainty == 2


def decides(fact: MarketFact, ref: str, rules: RuleSet) -> Part | None:
    """−1 decides nothing, nor does a void reason of the manual queue."""
    if fact.content.void_reason in rules.manual_void_reasons:
        return None
    return ended_of(fact.content.outcomes[ref].ended)


def question(
    undecided: Sequence[MarketFact], rollbacks: Sequence[MarketFact], rules: RuleSet
) -> str:
    """Return what the last word on an open outcome asks: a void reason of the manual queue."""
    last = max(undecided, key=lambda fact: (fact.ticks, fact.certainty, fact.key), default=None)
    if last is None or any(back.ticks >= last.ticks for back in rollbacks):
        return ""
    return MANUAL if last.content.void_reason in rules.manual_void_reasons else ""


def deduction(ref: str, facts: Sequence[MarketFact], accepted: int) -> Fraction:
    """Rule 4's percents are added up."""
    heard = standing([fact for fact in facts if about(fact, ref)])
    return sum(
        (
            Fraction(fact.content.percent or 0)
            for fact in heard
            if fact.kind == "DEDUCTION" and in_window(fact, accepted)
        ),
        Fraction(0),
    )


# Legs


def by_outcomes(
    bet: Agreed, leg: AgreedLeg, markets: Mapping[int, Sequence[MarketFact]], rules: RuleSet
) -> Leg:
    """Each part follows its outcome; without a place outcome the win part speaks for both."""
    facts = markets.get(leg.outcome, ())
    win = outcome("1", facts, bet.accepted, rules)
    off = deduction("1", facts, bet.accepted)
    if not bet.each_way or (leg.place_fraction is None and leg.place_price is None):
        return Leg(win.ended, None, off, by_us=win.by_us, asks=win.asks)
    if leg.place_outcome is None:
        place = placed_too(win)
    else:
        place = outcome("1", markets.get(leg.place_outcome, ()), bet.accepted, rules)
    asks = win.asks or place.asks
    return Leg(win.ended, place.ended, off, None, win.by_us or place.by_us, asks)


def placed_too(win: Outcome) -> Outcome:
    """A winner is placed, a void runner is void, and the rest waits for a person."""
    if win.ended is None or win.ended == VOID:
        return win
    if win.ended[0] and not win.ended[1]:
        return Outcome(WIN, win.by_us)
    return Outcome(None, win.by_us, PLACE)


def by_result(leg: AgreedLeg, said: ResultSaid) -> Leg:
    """Return what a whole ticket's result says of a leg."""
    for one in said.legs:
        if one.ref == leg.ref:
            return Leg(ended_of(one.win), ended_of(one.place))
    return Leg(None, None)


def with_acts(leg: Leg, acts: Sequence[TicketFact]) -> Leg:
    """Each thing that acts on a leg speak of is as the newest of them says."""
    if not acts:
        return leg
    ended = latest(fact for fact in acts if fact.act.win or fact.act.place)
    off = latest(fact for fact in acts if fact.act.percent)
    price = latest(fact for fact in acts if fact.act.starting_price)
    return Leg(
        win=ended_of(ended.act.win) if ended else leg.win,
        place=ended_of(ended.act.place) if ended else leg.place,
        deduction=Fraction(off.act.percent or 0) if off else leg.deduction,
        starting_price=Fraction(price.act.starting_price or 0) if price else leg.starting_price,
        by_us=True,
        asks="" if ended else leg.asks,
    )


# Money


def multiplier(part: Part | None, price: Fraction | None, off: Fraction) -> Fraction | None:
    """A unit pays win × price + void, Rule 4 taken off the profit; nothing while that is open."""
    if part is None or (part[0] and price is None):
        return None
    return part[0] * (1 + ((price or 1) - 1) * (1 - min(off, Fraction(90)) / 100)) + part[1]


def parts_of(bet: Agreed, agreed: AgreedLeg, leg: Leg) -> list[Fraction | None]:
    """Return what a unit on each part of a leg pays; starting prices are not reduced."""
    price = leg.starting_price if agreed.price is None else agreed.price
    off = Fraction(0) if agreed.price is None else leg.deduction
    win = multiplier(leg.win, price, off)
    if not bet.each_way:
        return [win]
    if agreed.place_fraction is None:
        return [win, Fraction(1)]
    at_place = None if price is None else 1 + agreed.place_fraction * (price - 1)
    return [win, multiplier(leg.place, at_place, off)]


def lines(bet: Agreed) -> Iterator[tuple[int, ...]]:
    """Write out the lines: every banker, and each choice of the other legs."""
    bankers = tuple(n for n, leg in enumerate(bet.legs) if leg.banker)
    others = [n for n, leg in enumerate(bet.legs) if not leg.banker]
    for fold in bet.shape.folds:
        for chosen in combinations(others, fold):
            yield bankers + chosen


def returned(bet: Agreed, legs: Sequence[Leg]) -> Fraction | None:
    """Return what the whole stake pays in minor units; nothing while what is open matters."""
    units = [parts_of(bet, a, leg) for a, leg in zip(bet.legs, legs, strict=True)]
    gaps = [(n, p) for n, unit in enumerate(units) for p, one in enumerate(unit) if one is None]
    found = set()
    for tried in product((Fraction(0), Fraction(1), Fraction(7)), repeat=len(gaps)):
        filled = [[one or Fraction(0) for one in unit] for unit in units]
        for (n, p), one in zip(gaps, tried, strict=True):
            filled[n][p] = one
        found.add(written_out(bet, filled))
    return found.pop() if len(found) == 1 else None


def written_out(bet: Agreed, units: Sequence[Sequence[Fraction]]) -> Fraction:
    """Return the sum over all lines and parts."""
    written = list(lines(bet))
    parts = len(units[0])
    unit_stake = Fraction(bet.stake, len(written) * parts)
    return sum(
        (unit_stake * prod(units[n][p] for n in line) for line in written for p in range(parts)),
        Fraction(0),
    )


def half_up(amount: Fraction) -> int:
    """Round once, half up."""
    return int(amount + Fraction(1, 2))


def by_legs(bet: Agreed, legs: Sequence[Leg], cashed_out: Cash) -> tuple[str, int] | None:
    """Return the word and the payout that legs come to; cashed out in full, they count no more."""
    if cashed_out[0] == bet.stake:
        return "CASH_OUT", cashed_out[1]
    gross = returned(bet, legs)
    if gross is None:
        return None
    net = max(gross - bet.stake, Fraction(0)) if bet.free_bet else gross
    left = 1 - Fraction(cashed_out[0], bet.stake)
    return word(bet, legs, gross), half_up(net * left + cashed_out[1])


def word(bet: Agreed, legs: Sequence[Leg], gross: Fraction) -> str:
    """Return the word of a ticket that some line pays, by design.md §3."""
    if not gross:
        return "LOSE"
    ended = [
        (leg.win, leg.place if bet.each_way and agreed.place_fraction is not None else None)
        for agreed, leg in zip(bet.legs, legs, strict=True)
    ]
    if all(win == VOID and place in (VOID, None) for win, place in ended):
        return "REFUND"
    if all(win == WIN and place in (WIN, None) for win, place in ended):
        return "WIN"
    if len(ended) > 1:
        return "MIXED"
    win, place = ended[0]
    if win == LOSE and place not in (None, LOSE):
        return "PLACE_WIN"
    return next((name for name, half in HALVES.items() if half == win), "MIXED")


# Whole tickets


def in_force(facts: Sequence[TicketFact]) -> TicketFact | None:
    """The greatest time; then the greater versions, the smaller payout, the content."""
    results = results_that_count(facts)
    for rank in RANKS:
        best = max((rank(fact) for fact in results), default=None)
        results = [fact for fact in results if rank(fact) == best]
    return results[0] if results else None


def results_that_count(facts: Sequence[TicketFact]) -> list[TicketFact]:
    """A provider's own word counts, and what he answered counts while an act accepts it."""
    acts = standing(facts)
    return [fact for fact in facts if fact.kind == "RESULT" or (fact in acts and fact.result)]


def said_of(fact: TicketFact) -> ResultSaid:
    """Return the result that a fact gives."""
    assert fact.result is not None
    return fact.result


RANKS: tuple[Callable[[TicketFact], Fraction | int | bytes], ...] = (
    lambda fact: fact.ticks,
    lambda fact: sum(leg.version for leg in said_of(fact).legs),
    lambda fact: -Fraction(said_of(fact).payout or 0),
    lambda fact: fact.key,
)


def paid(bet: Agreed, said: ResultSaid) -> tuple[str, str, int, str]:
    """Return the status, the word, what is paid of the whole stake, and why it waits."""
    if said.flag:
        odd = said.result not in ("NONE", "REFUND")
        back = 0 if bet.free_bet else bet.stake
        return said.flag, "NONE", back, "PAYOUT_MISMATCH" if odd else ""
    if said.result == "NONE":
        return "OPEN", "NONE", 0, ""
    amount, fits = money(bet, said)
    called = result_word(bet, said, amount)
    return "SETTLED", called, half_up(amount), "" if fits else "PAYOUT_MISMATCH"


def money(bet: Agreed, said: ResultSaid) -> tuple[Fraction, bool]:
    """The payout, when it is stake × multiplier to a minor unit; of a free bet, the profit."""
    payout = 100 * Fraction(said.payout or 0)
    expected = bet.stake * Fraction(said.multiplier or 0)
    if bet.free_bet:
        if said.result == "REFUND":
            return Fraction(0), True
        expected = max(expected - bet.stake, Fraction(0))
        return expected, abs(expected - 100 * Fraction(said.payout or 0)) <= 1
    fits = abs(expected - payout) <= 1
    return (payout if fits else expected), fits


def result_word(bet: Agreed, said: ResultSaid, payout: Fraction) -> str:
    """Return the word for a result; money follows the payout, never the word."""
    if said.result in ("CASH_OUT", "REFUND"):
        return str(said.result)
    if not payout:
        return "LOSE"
    if said.result in ("HALF_WIN", "HALF_LOSE", "PLACE_WIN") and len(bet.legs) == 1:
        return str(said.result)
    all_won = all(leg.win in (None, ("1", "0")) for leg in said.legs)
    return "WIN" if said.result == "WIN" and all_won else "MIXED"


def by_provider(
    bet: Agreed, fact: TicketFact, facts: Sequence[TicketFact], legs: tuple[Leg, ...], cash: Cash
) -> State:
    """Return the state that the result in force gives; a cash-out of ours takes its share first."""
    status, called, whole, hold = paid(bet, said_of(fact))
    payout = half_up(whole * (1 - Fraction(cash[0], bet.stake))) + cash[1]
    counted = [one for one in results_that_count(facts) if one.ticks == fact.ticks]
    same_time = [paid(bet, said_of(one)) for one in counted]
    asks = {EQUAL} if len({one[2] for one in same_time}) > 1 else set()
    return State(status, called, payout, cash, legs, hold, frozenset(asks))


# The ticket


def fold(
    bet: Agreed,
    markets: Mapping[int, Sequence[MarketFact]],
    facts: Sequence[TicketFact],
    rules: RuleSet,
) -> State:
    """Ticket over leg over market over provider."""
    acts = standing(facts)
    let_go = [fact.id for fact in acts if fact.kind == "RELEASE" or fact.kind == "ACCEPT"]
    released = max(let_go, default=0)
    cash_outs = [fact for fact in acts if fact.kind == "CASH_OUT"]
    cash = (
        sum(fact.act.stake or 0 for fact in cash_outs),
        sum(fact.act.amount or 0 for fact in cash_outs),
    )
    unreleased = [fact for fact in acts if fact.id > released]
    pin = latest(fact for fact in unreleased if fact.kind in PINS)
    chosen = in_force(facts)
    legs = tuple(leg_of(bet, leg, markets, chosen, unreleased, rules) for leg in bet.legs)
    if cash[0] == bet.stake and not (pin and all(pin.id > fact.id for fact in cash_outs)):
        return State("SETTLED", "CASH_OUT", cash[1], cash, legs)
    if pin:
        return pinned(bet, pin, legs, cash)
    if chosen and not any(leg.by_us for leg in legs):
        return by_provider(bet, chosen, facts, legs, cash)
    if settled := by_legs(bet, legs, cash):
        return State("SETTLED", *settled, cash, legs)
    asks = frozenset(leg.asks for leg in legs if leg.asks)
    return State("OPEN", "NONE", cash[1], cash, legs, doubts=asks)


def leg_of(
    bet: Agreed,
    leg: AgreedLeg,
    markets: Mapping[int, Sequence[MarketFact]],
    chosen: TicketFact | None,
    acts: Sequence[TicketFact],
    rules: RuleSet,
) -> Leg:
    """An act on the leg, else one on its market, else the ticket's result, else its outcomes."""
    found = by_outcomes(bet, leg, markets, rules)
    if chosen and not found.by_us:
        found = by_result(leg, said_of(chosen))
    mine = [fact for fact in acts if fact.kind == "LEG" and fact.position == leg.position]
    return with_acts(found, mine)


def pinned(bet: Agreed, pin: TicketFact, legs: tuple[Leg, ...], cash: Cash) -> State:
    """Return the state that an act on the whole ticket gives."""
    if pin.kind == "REOPEN":
        return State("OPEN", "NONE", cash[1], cash, legs)
    if pin.kind == "AMOUNT":
        amount = pin.act.amount or 0
        return State("SETTLED", "MIXED" if amount else "LOSE", amount, cash, legs)
    if pin.kind in ("CANCEL", "REJECT"):
        status = {"CANCEL": "CANCELLED", "REJECT": "REJECTED"}[str(pin.kind)]
        back = 0 if bet.free_bet else bet.stake - cash[0]
        return State(status, "NONE", back + cash[1], cash, legs)
    called = "REFUND" if pin.kind == "VOID" else str(pin.act.result)
    if called == "REFUND" and cash[0] == bet.stake:
        return State("SETTLED", "REFUND", cash[1], cash, legs)
    win, place = FIXED[called]
    fixed = [Leg(win, place, leg.deduction, leg.starting_price) for leg in legs]
    if settled := by_legs(bet, fixed, cash):
        return State("SETTLED", *settled, cash, legs)
    unpriced = frozenset({"CANNOT_SETTLE"})  # Won at a starting price that nobody knows.
    return State("OPEN", "NONE", cash[1], cash, legs, doubts=unpriced)
