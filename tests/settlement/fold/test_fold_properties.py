"""What holds for the fold of any facts, and that it is what the specification says it is."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import count
from typing import Any, NamedTuple, TypeVar

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from settlement.fold.computing import Agreed, Memory
from settlement.fold.facts import AgreedLeg, MarketFact, TicketFact, Wanted
from settlement.fold.outcomes import outcome_state
from settlement.fold.tickets import fold
from settlement.rules.legs import Factors
from settlement.rules.ruleset import RuleSet
from settlement.said import LegSaid, MarketContent, OutcomeSaid
from settlement.vocabulary import MarketFactKind, Source
from tests.settlement.examples import examples
from tests.settlement.fold import reference
from tests.settlement.fold.facts_of import (
    ENDED,
    OUTCOME,
    accepted,
    act,
    cash_out,
    digest,
    doubts,
    held,
    leg,
    market_act,
    market_fact,
    result,
    retraction,
    said,
    ticket,
    wanted,
)

T = TypeVar("T")
Numbers = Iterator[int]  # Acts and facts share one line of numbers.
TIMES = st.integers(1, 5)
EDGES = st.sampled_from([None, None, 999, 1000, 1001])
WHOLE = ["won", "won", "lost", "void", "undecided", "tied 1/2", "tied 1/3"]
HALVES = ["half won", "half lost"]
REASONS = st.sampled_from([None, None, None, 1, 3, 15])
PRICES = ["1", "1.50", "2", "2.50", "11/3", "9"]
LEG_PRICES = st.sampled_from([*PRICES * 3, None, None, None, None, None, None])
KINDS = ["single", "single", "accumulator", "system:2/3", "system:1,2/3", "trixie", "system:2/2"]
RULES = st.sampled_from(
    [
        RuleSet(),
        RuleSet(),
        RuleSet(certainty="confirmed"),
        RuleSet(manual_void_reasons=()),
        RuleSet(manual_void_reasons=(1,)),
    ]
)


class Story(NamedTuple):
    """A bet with everything that was said of it and of what it bets on."""

    bet: Agreed
    markets: dict[int, list[MarketFact]]
    facts: list[TicketFact]
    rules: RuleSet

    def wanted(self) -> Wanted:
        """Return what the product makes of it."""
        return wanted(self.bet, self.markets, self.facts, self.rules)


@cache
def between(least: int, most: int) -> st.SearchStrategy[int]:
    """A whole number; to make a strategy anew takes longer than to draw from it."""
    return st.integers(least, most)


def any_of(values: Sequence[T]) -> st.SearchStrategy[T]:
    """One of these."""
    return sampled(tuple(values))


@cache
def sampled(values: tuple[T, ...]) -> st.SearchStrategy[T]:
    """One of these, made once."""
    return st.sampled_from(values)


def up_to(most: int, draw: st.DrawFn, one: st.SearchStrategy[T]) -> list[T]:
    """Draw so many, or fewer."""
    return [draw(one) for _ in range(draw(between(0, most)))]


@st.composite
def bets(draw: st.DrawFn) -> Agreed:
    """A bet with up to four legs; some at starting price, some each-way, some for free."""
    kind = draw(any_of(KINDS))
    each_way = draw(between(0, 3)) == 0
    bankers = draw(between(0, 1)) if kind in ("system:2/3", "trixie") else 0
    size = {"single": 1, "accumulator": draw(between(2, 3)), "system:2/2": 2}.get(kind, 3)
    return ticket(
        *[
            draw(legs(position, each_way=each_way, banker=position <= bankers))
            for position in range(1, size + bankers + 1)
        ],
        kind=kind,
        stake=draw(any_of([1_000, 2_000, 333])),
        each_way=each_way,
        free_bet=draw(between(0, 7)) == 0,
    )


@st.composite
def legs(draw: st.DrawFn, position: int, *, each_way: bool, banker: bool) -> AgreedLeg:
    """A leg; each way most have place terms, and half of those an outcome for the place part."""
    placed = each_way and draw(between(0, 5)) > 0
    return leg(
        position,
        draw(LEG_PRICES),
        banker=banker,
        place_fraction=draw(any_of(["1/4", "1/5"])) if placed else None,
        place_outcome=10 * position if placed and draw(st.booleans()) else None,
    )


@st.composite
def provider_facts(draw: st.DrawFn, numbers: Numbers, words: Sequence[str]) -> MarketFact:
    """A provider's word on a market: mostly how the outcome ended."""
    kind = draw(any_of([*["SETTLEMENT"] * 4, "ROLLBACK", "CANCEL", "CANCEL_ROLLBACK"]))
    content: dict[str, Any] = {}
    if kind == "SETTLEMENT":
        content = {"outcomes": said(**{"1": draw(any_of(words)), "2": "won"})}
        content |= {"void_reason": draw(REASONS)}
    elif kind == "ROLLBACK":
        refs = draw(any_of(["", "", "1", "2"]))
        content = {"outcomes": {ref: OutcomeSaid() for ref in refs}}
    else:
        content = {"start": draw(EDGES), "end": draw(EDGES)}
        content |= {"void_reason": draw(REASONS)} if kind == "CANCEL" else {}
    return market_fact(
        MarketFactKind(kind),
        MarketContent(**content),
        at=draw(TIMES),
        certainty=draw(between(1, 2)) if kind == "SETTLEMENT" else 1,
        number=next(numbers),
    )


@st.composite
def market_acts(draw: st.DrawFn, numbers: Numbers, words: Sequence[str]) -> MarketFact:
    """An act of ours on a market; it may take back any that came before it."""
    number = next(numbers)
    kind = draw(any_of(["SETTLEMENT", "CANCEL", "ROLLBACK", "DEDUCTION", "RETRACTION"]))
    content: dict[str, Any] = {"start": draw(EDGES), "end": draw(EDGES)}
    if kind == "SETTLEMENT":
        content |= {"outcomes": said(**{"1": draw(any_of(words))})}
    elif kind == "DEDUCTION":
        content |= {"percent": draw(any_of(["5", "20", "80"]))}
    elif kind == "RETRACTION":
        content = {"retracts": (draw(between(0, number - 1)),)}
    return market_act(MarketFactKind(kind), number=number, **content)


@st.composite
def results(draw: st.DrawFn, numbers: Numbers, bet: Agreed) -> TicketFact:
    """A whole ticket's result; most payouts fit, some by a minor unit, some not at all."""
    word = draw(any_of("NONE WIN WIN LOSE REFUND HALF_WIN PLACE_WIN CASH_OUT".split()))
    flag = draw(any_of([*[""] * 5, "CANCELLED", "REJECTED"]))
    times = draw(any_of(["0", "0", "0.5", "1", "2.5"]))
    off = draw(any_of([0, 0, 0, 1, 2]))
    payout = Fraction(times) * bet.stake // 1 + off
    told = [
        LegSaid(one.ref, ENDED[draw(any_of(WHOLE))], version=draw(between(0, 1)))
        for one in bet.legs
        if draw(st.booleans())
    ]
    said_money: dict[str, Any] = {"payout": f"{payout / 100:.2f}", "multiplier": times}
    if word == "NONE" or flag:
        said_money = {}
    return result(
        word,
        at=draw(TIMES),
        number=next(numbers),
        legs=tuple(told),
        flag=flag,
        **said_money,
    )


@st.composite
def ticket_acts(draw: st.DrawFn, numbers: Numbers, bet: Agreed) -> TicketFact:
    """An act of ours on a ticket or a leg; it may take back any that came before it."""
    number = next(numbers)
    kind = draw(
        any_of(
            "SETTLE AMOUNT VOID REOPEN CANCEL REJECT LEG LEG LEG RELEASE ACCEPT RETRACTION".split()
        )
    )
    more: dict[str, Any] = {}
    if kind == "SETTLE":
        words = ["WIN", "LOSE", "REFUND"] + (["PLACE_WIN"] if bet.each_way else ["HALF_WIN"])
        more = {"result": draw(any_of(words))}
    elif kind == "AMOUNT":
        more = {"amount": draw(any_of([0, 1, 5_000]))}
    elif kind == "RETRACTION":
        return retraction(draw(between(0, number - 1)), number=number)
    elif kind == "ACCEPT":
        return accepted(draw(results(numbers, bet)), number=number)
    elif kind == "LEG":
        more = draw(leg_words(each_way=bet.each_way))
        more |= {"position": draw(between(1, len(bet.legs)))}
    return act(kind, number=number, **more)


@st.composite
def leg_words(draw: st.DrawFn, *, each_way: bool) -> dict[str, Any]:
    """What an act says of a leg: how both parts ended, or what they are paid at."""
    decided = any_of(["won", "lost", "void", "tied 1/2"])
    said: dict[str, Any] = {}
    if draw(st.booleans()):
        said = {"win": ENDED[draw(decided)]}
        said |= {"place": ENDED[draw(decided)]} if each_way else {}
    if not said or draw(between(0, 3)) == 0:
        said |= {"percent": "20"} if draw(st.booleans()) else {"starting_price": "4.50"}
    return said


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """A bet and what was said, each of a few kinds so that they meet."""
    bet = draw(bets())
    numbers = count(1)
    words = WHOLE if bet.each_way else WHOLE + HALVES
    outcomes = [one.outcome for one in bet.legs]
    outcomes += [one.place_outcome for one in bet.legs if one.place_outcome]
    markets = {}
    for number in outcomes:
        said = up_to(6, draw, provider_facts(numbers, words))
        if draw(between(0, 3)) == 0:
            said += up_to(4, draw, market_acts(numbers, words))
        markets[number] = once(said)
    facts = up_to(3, draw, results(numbers, bet)) if draw(st.booleans()) else []
    if draw(between(0, 2)) == 0:
        facts += up_to(5, draw, ticket_acts(numbers, bet))
    if draw(between(0, 4)) == 0:
        stake = draw(any_of([bet.stake, bet.stake // 3]))
        facts.append(cash_out(stake, draw(between(0, 999)), number=next(numbers)))
        facts += up_to(2, draw, ticket_acts(numbers, bet))
    return Story(bet, markets, once(facts), draw(RULES))


def once(facts: list[Any]) -> list[Any]:
    """Facts of the same content are stored once."""
    return list({fact.key: fact for fact in reversed(facts)}.values())


def ours(found: Wanted) -> reference.State:
    """Return the product's state in the reference's words."""
    return reference.State(
        str(found.status),
        str(found.result),
        found.payout,
        (found.cashed_out_stake, found.cashed_out_amount),
        tuple(
            reference.Leg(part(one.win), part(one.place), one.deduction, one.starting_price)
            for one in found.legs
        ),
        held(found),
        frozenset(doubts(found)),
    )


def part(ended: Factors | None) -> reference.Part | None:
    """Return a part as the reference has it."""
    return None if ended is None else (ended.win, ended.void)


def theirs(story: Story) -> reference.State:
    """Return the reference's state, its legs without what they only carry on the way."""
    found = reference.fold(*story)
    return replace(found, legs=tuple(replace(leg, by_us=False, asks="") for leg in found.legs))


@examples
@given(stories())
def test_the_fold_is_what_the_specification_says(story: Story) -> None:
    assert ours(story.wanted()) == theirs(story)


@examples
@given(stories(), st.data())
def test_any_order_and_duplication_of_facts_gives_the_same_state(
    story: Story, data: st.DataObject
) -> None:
    def again(facts: Sequence[Any]) -> list[Any]:
        more = data.draw(st.lists(st.sampled_from(facts), max_size=3)) if facts else []
        copies = [msgspec.structs.replace(one, id=one.id + 1000) for one in providers(more)]
        return data.draw(st.permutations([*facts, *copies]))

    mixed = story._replace(
        markets={number: again(facts) for number, facts in story.markets.items()},
        facts=again(story.facts),
    )

    assert digest(mixed.wanted()) == digest(story.wanted())


@examples
@given(stories(), st.data())
def test_the_numbers_of_providers_facts_tell_only_which_were_heard(
    story: Story, data: st.DataObject
) -> None:
    def renumbered(facts: Sequence[Any]) -> list[Any]:
        said = providers(facts)
        ids = data.draw(st.permutations([one.id for one in said])) if said else []
        shift = data.draw(st.sampled_from([0, 1000]))
        other = [msgspec.structs.replace(o, id=n + shift) for o, n in zip(said, ids, strict=True)]
        return other + [one for one in facts if one.source == Source.OPERATOR]

    mixed = story._replace(
        markets={number: renumbered(facts) for number, facts in story.markets.items()},
        facts=renumbered(story.facts),
    )

    assert digest(mixed.wanted()) == digest(story.wanted())


def providers(facts: Sequence[Any]) -> list[Any]:
    """Return the facts that providers said."""
    return [fact for fact in facts if fact.source != Source.OPERATOR]


@examples
@given(stories())
def test_a_memory_of_other_tickets_on_the_same_legs_changes_nothing(story: Story) -> None:
    bet, markets, facts, rules = story
    states = {n: outcome_state(OUTCOME, about, rules) for n, about in markets.items()}
    memory = Memory()
    other: list[dict[str, Any]] = [
        {"stake": 2 * bet.stake}, {"free_bet": not bet.free_bet}, {"accepted": 999}, {},
    ]  # fmt: skip

    for changes in other * 2:
        one = msgspec.structs.replace(bet, **changes)
        for heard in ((), facts):
            remembered = fold(one, states.__getitem__, heard, rules, memory)
            assert remembered == fold(one, states.__getitem__, heard, rules)
