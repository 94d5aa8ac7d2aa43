"""Small builders: facts in a line each, and what the fold makes of them in a few words.

Providers' times (`at`) are ticks, windows and acceptance are milliseconds, money is in cents.
Leg 1 bets on outcome 1, leg 2 on outcome 2, …; an outcome named at intake for the place part has
ten times its leg's number. Each outcome has a market of its own, in which the provider calls it
“1”. Providers' facts are known by their content, our own people's acts by their number.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import msgspec

from settlement.fold.computing import Agreed
from settlement.fold.facts import AgreedLeg, MarketFact, TicketFact, Wanted
from settlement.fold.outcomes import OutcomeState, outcome_state
from settlement.fold.tickets import fold
from settlement.rules.kinds import shape_of
from settlement.rules.legs import HALF_LOST, HALF_WON, LOST, VOID, WON, Factors
from settlement.rules.ruleset import DEFAULT, RuleSet
from settlement.said import (
    ActSaid,
    Ended,
    LegSaid,
    MarketContent,
    OutcomeSaid,
    ResultSaid,
    encoded,
    key_of,
)
from settlement.vocabulary import MarketFactKind, Source, TicketFactKind, TicketResult

OUTCOME = "1"
ACCEPTED = 1_000
MarketFacts = Mapping[int, Sequence[MarketFact]]
Brief = tuple[str, str, int]

ENDED: dict[str, Ended] = {
    "won": ("1", "0"),
    "lost": ("0", "0"),
    "void": ("0", "1"),
    "half won": ("1/2", "1/2"),
    "half lost": ("0", "1/2"),
    "tied 1/2": ("1/2", "0"),
    "tied 1/3": ("1/3", "0"),
    "undecided": None,
}
NUMBERS = ("part_price", "place_fraction", "place_price")
WORDS = {WON: "won", LOST: "lost", VOID: "void", HALF_WON: "half won", HALF_LOST: "half lost"}


def market_fact(
    kind: MarketFactKind,
    content: MarketContent,
    *,
    at: int = 0,
    certainty: int = 1,
    source: Source = Source.SPORTRADAR,
    number: int = 1,
) -> MarketFact:
    """Return a fact as it is stored; a provider's is known by its content."""
    by_content = (source, kind, certainty, at, encoded(content))
    return MarketFact(
        id=number,
        source=source,
        ticks=at,
        key=key_of("act", number) if source == Source.OPERATOR else key_of(*by_content),
        actor="user:ann" if source == Source.OPERATOR else "",
        reason="CORRECTION" if source == Source.OPERATOR else "",
        kind=kind,
        certainty=certainty,
        content=content,
    )


def said(**ended: str) -> dict[str, OutcomeSaid]:
    """Return what a settlement says of outcomes, each by its word."""
    return {ref: OutcomeSaid(ENDED[word]) for ref, word in ended.items()}


def settled(
    word: str,
    *,
    at: int = 1,
    certainty: int = 1,
    void_reason: int | None = None,
    source: Source = Source.SPORTRADAR,
    number: int = 1,
) -> MarketFact:
    """Return a provider's settlement of the outcome."""
    content = MarketContent(outcomes=said(**{OUTCOME: word}), void_reason=void_reason)
    return market_fact(
        MarketFactKind.SETTLEMENT,
        content,
        at=at,
        certainty=certainty,
        source=source,
        number=number,
    )


def rolled_back(*refs: str, at: int, source: Source = Source.SPORTRADAR) -> MarketFact:
    """Return a rollback of the whole market, or of the outcomes named."""
    content = MarketContent(outcomes={ref: OutcomeSaid() for ref in refs})
    return market_fact(MarketFactKind.ROLLBACK, content, at=at, source=source)


def cancelled(
    start: int | None = None,
    end: int | None = None,
    *,
    at: int = 1,
    void_reason: int | None = None,
    number: int = 1,
) -> MarketFact:
    """Return a provider's cancel of bets that were accepted in a window."""
    content = MarketContent(start=start, end=end, void_reason=void_reason)
    return market_fact(MarketFactKind.CANCEL, content, at=at, number=number)


def cancel_rolled_back(start: int | None = None, end: int | None = None, *, at: int) -> MarketFact:
    """Return the taking back of a cancel."""
    return market_fact(MarketFactKind.CANCEL_ROLLBACK, MarketContent(start=start, end=end), at=at)


def market_act(kind: MarketFactKind, *, number: int, **content: Any) -> MarketFact:
    """Return an act of ours on a market."""
    return market_fact(kind, MarketContent(**content), source=Source.OPERATOR, number=number)


def settled_by_us(
    word: str, *, number: int, start: int | None = None, end: int | None = None
) -> MarketFact:
    """Return our own settlement of the outcome."""
    return market_act(
        MarketFactKind.SETTLEMENT,
        number=number,
        outcomes=said(**{OUTCOME: word}),
        start=start,
        end=end,
    )


def deducted(
    percent: str, *, number: int, start: int | None = None, end: int | None = None
) -> MarketFact:
    """Return a Rule 4 deduction for bets that were accepted in a window."""
    return market_act(
        MarketFactKind.DEDUCTION, number=number, percent=percent, start=start, end=end
    )


def market_retraction(*retracts: int, number: int) -> MarketFact:
    """Return the taking back of acts on a market."""
    return market_act(MarketFactKind.RETRACTION, number=number, retracts=retracts)


def result(
    word: str,
    payout: str | None = None,
    multiplier: str | None = None,
    *,
    at: int = 1,
    versions: Sequence[int] = (),
    number: int = 1,
    **more: Any,
) -> TicketFact:
    """Return a whole ticket's result as Odds88 gives it; `versions` are those of its legs."""
    legs = tuple(LegSaid(ref=f"leg {n}", version=one) for n, one in enumerate(versions))
    content = ResultSaid(
        TicketResult(word), payout=payout, multiplier=multiplier, **({"legs": legs} | more)
    )
    return TicketFact(
        id=number,
        source=Source.ODDS88,
        ticks=at,
        key=key_of(Source.ODDS88, at, encoded(content)),
        kind=TicketFactKind.RESULT,
        result=content,
    )


def act(kind: str, *, number: int, position: int | None = None, **said: Any) -> TicketFact:
    """Return an act of ours on a ticket or on one of its legs."""
    return TicketFact(
        id=number,
        source=Source.OPERATOR,
        key=key_of("act", number),
        actor="user:ann",
        reason="CORRECTION",
        kind=TicketFactKind(kind),
        position=position,
        act=ActSaid(**said),
    )


def leg_act(position: int, word: str, *, number: int, place: str | None = None) -> TicketFact:
    """Return an act that says how a leg ended; the place part like the win part unless told."""
    return act("LEG", number=number, position=position, win=ENDED[word], place=ENDED[place or word])


def cash_out(stake: int, amount: int, *, number: int) -> TicketFact:
    """Return a cash-out of ours."""
    return act("CASH_OUT", number=number, stake=stake, amount=amount)


def accepted(said: TicketFact, *, number: int) -> TicketFact:
    """Return the acceptance of a result that its provider gave when he was asked."""
    told = act("ACCEPT", number=number, says=said.result, source=Source.ODDS88, lookup=number)
    return msgspec.structs.replace(told, ticks=said.ticks, result=said.result)


def retraction(*retracts: int, number: int) -> TicketFact:
    """Return the taking back of acts on a ticket."""
    return act("RETRACTION", number=number, retracts=retracts)


def leg(position: int, price: str | None = "2", **more: Any) -> AgreedLeg:
    """Return a leg, its numbers given as text."""
    numbers: dict[str, str | None] = {"price": price} | {
        name: more.pop(name) for name in NUMBERS if name in more
    }
    exact: dict[str, Any] = {
        name: None if text is None else Fraction(text) for name, text in numbers.items()
    }
    named: dict[str, Any] = {"ref": f"leg {position}", "outcome": position} | more
    return AgreedLeg(position, **named, **exact)


def ticket(
    *legs: AgreedLeg,
    kind: str = "",
    stake: int = 1_000,
    accepted: int = ACCEPTED,
    currency: str = "EUR",
    precision: int = 2,
    **more: Any,
) -> Agreed:
    """Return a ticket: a single or an accumulator in euros unless told otherwise."""
    counted = {one.group or one.position: one.banker for one in legs}
    kind = kind or ("single" if len(counted) == 1 else "accumulator")
    return Agreed(
        "T-1",
        shape_of(kind, legs=len(counted), bankers=sum(counted.values())),
        stake,
        currency,
        precision,
        accepted=accepted,
        legs=legs,
        **more,
    )


def single(price: str | None = "2.50", **more: Any) -> Agreed:
    """Return a single of 10.00 EUR."""
    return ticket(leg(1, price), **more)


def accumulator(*prices: str, **more: Any) -> Agreed:
    """Return an accumulator of 10.00 EUR."""
    return ticket(*[leg(n, price) for n, price in enumerate(prices, start=1)], **more)


def each_way(*prices: str, place_outcome: bool = False, **more: Any) -> Agreed:
    """Return an each-way bet of 20.00 EUR in all, a quarter of the odds for a place."""
    legs = [
        leg(n, price, place_fraction="1/4", place_outcome=10 * n if place_outcome else None)
        for n, price in enumerate(prices, start=1)
    ]
    return ticket(*legs, each_way=True, **({"stake": 2_000} | more))


def wanted(
    bet: Agreed,
    markets: MarketFacts | None = None,
    facts: Sequence[TicketFact] = (),
    rules: RuleSet = DEFAULT,
) -> Wanted:
    """Return what the facts of a ticket and of its outcomes' markets come to."""

    def state_of(outcome: int) -> OutcomeState:
        return outcome_state(OUTCOME, (markets or {}).get(outcome, ()), rules)

    return fold(bet, state_of, facts, rules)


def brief(found: Wanted) -> Brief:
    """Return a state's status, result and payout in cents."""
    return (str(found.status), str(found.result), found.payout)


def outcome(
    facts: Sequence[MarketFact], *, accepted: int = ACCEPTED, rules: RuleSet = DEFAULT
) -> str:
    """Return how the outcome ended for a single that was accepted then, in a word."""
    return word_of(wanted(single(accepted=accepted), {1: facts}, rules=rules).legs[0].win)


def word_of(ended: Factors | None) -> str:
    """Return how people say that; a dead heat by its factor."""
    if ended is None:
        return "open"
    return WORDS.get(ended) or f"tied {ended.win}"


def leg_words(found: Wanted) -> list[str]:
    """Return how each leg's win part stands."""
    return [word_of(one.win) for one in found.legs]


def doubts(found: Wanted) -> list[str]:
    """Return the kinds of what a person has to look at."""
    return [str(doubt.kind) for doubt in found.doubts]


def held(found: Wanted) -> str:
    """Return the kind of what the state waits for by itself, if it does."""
    return str(found.hold.kind) if found.hold else ""


def digest(found: Wanted) -> Wanted:
    """Return a state without what only tells which facts were heard, and in which order."""
    return msgspec.structs.replace(found, cause=None, ticket_facts=(), market_facts=())
