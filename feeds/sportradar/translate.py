"""A message of Sportradar → what it says in our words, and what a person has to look at."""

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from msgspec.structs import replace

from feeds.sportradar.messages import (
    Alive,
    BetCancel,
    BetSettlement,
    EventMessage,
    Market,
    ProductDown,
    RollbackBetCancel,
    RollbackBetSettlement,
    SnapshotComplete,
    Windowed,
)
from feeds.sportradar.parser import UNPRINTABLE, parse
from feeds.sportradar.results import outcome_said, shown
from settlement.said import MarketContent, MarketSaid, OutcomeSaid, ReviewSaid, Told
from settlement.specifiers import canonical
from settlement.vocabulary import MarketFactKind, ReviewKind, Source

TICKS_A_MILLISECOND = 10_000
LONGEST_REF = 200
LONGEST_SPECIFIERS = 400
TWO_RESULTS = "two results at once"
LIVENESS = frozenset({"alive", "snapshot_complete", "product_down"})
ROOTS: dict[type, str] = {
    BetSettlement: "bet_settlement",
    RollbackBetSettlement: "rollback_bet_settlement",
    BetCancel: "bet_cancel",
    RollbackBetCancel: "rollback_bet_cancel",
}
MILLISECOND = re.compile(r"[0-9]{1,15}")
VOID_REASON = re.compile(r"(-?[0-9]{1,9})(?:\.0+)?")

# What a message says of a market, and what else has to be asked about it.
Saying = tuple[MarketContent | None, str]


class Held(Exception):
    """What is said of a market can't be meant. The text says why, to a person."""


def read(raw: bytes, known: Mapping[str, Container[str]] = MappingProxyType({})) -> Told:
    """Return what a message says: of an event that is known, about markets with these ids only.

    What it says of the others is looked at when it is read for somebody who has bet on them.
    """
    message = parse(raw)
    match message:
        case BetSettlement(markets=()):
            return Told(ignored="It is a bet_settlement that names no market.")
        case BetSettlement():
            return told(message, MarketFactKind.SETTLEMENT, settled, known, message.certainty)
        case RollbackBetSettlement():
            return told(message, MarketFactKind.ROLLBACK, taken_back, known)
        case BetCancel(superseded_by=other) if other:
            return superseded(message, other)
        case BetCancel():
            return told(message, MarketFactKind.CANCEL, windowed(message), known)
        case RollbackBetCancel():
            return told(message, MarketFactKind.CANCEL_ROLLBACK, windowed(message), known)
        case Alive():
            return Told(ignored="alive")
        case SnapshotComplete():
            return Told(ignored="snapshot_complete")
        case ProductDown():
            return Told(ignored="product_down")
    return Told(ignored=f"It is “{shown(message.root)}”, which says nothing of settled bets.")


def told(
    message: EventMessage,
    kind: MarketFactKind,
    content_of: Callable[[Market], Saying],
    known: Mapping[str, Container[str]],
    certainty: int = 1,
) -> Told:
    """Return a message's facts. A market that can't be read is held alone, and asked about."""
    if not message.markets:
        return Told((message.event_id,), reviews=(without_markets(message),))
    facts: list[MarketSaid] = []
    reviews: list[ReviewSaid] = []
    ticks = message.timestamp * TICKS_A_MILLISECOND
    for market in those_that_matter(message.markets, known.get(message.event_id)):
        specifiers = None
        content, complaint = None, ""
        try:
            ref, specifiers = identity_of(market)
            content, complaint = content_of(market)
        except Held as reason:
            complaint = str(reason)
        if content is not None and specifiers is not None:
            facts.append(
                MarketSaid(
                    Source.SPORTRADAR,
                    message.event_id,
                    ref,
                    specifiers,
                    kind,
                    ticks,
                    certainty,
                    content,
                )
            )
        if complaint:
            reviews.append(held(message, market, specifiers, complaint))
    return Told((message.event_id,), markets=agreeing(facts), reviews=tuple(reviews), ticks=ticks)


def agreeing(facts: Sequence[MarketSaid]) -> tuple[MarketSaid, ...]:
    """Return facts of which no two give an outcome different results; one with two is held."""
    if len({(one.market, one.specifiers) for one in facts}) == len(facts):
        return tuple(facts)
    said: dict[tuple[str, str, str], OutcomeSaid] = {}
    twice: dict[tuple[str, str], dict[str, str]] = {}
    for one in facts:
        for ref, ended in one.content.outcomes.items():
            if said.setdefault((one.market, one.specifiers, ref), ended) != ended:
                twice.setdefault((one.market, one.specifiers), {})[ref] = TWO_RESULTS
    return tuple(without(one, twice.get((one.market, one.specifiers), {})) for one in facts)


def without(fact: MarketSaid, unknown: Mapping[str, str]) -> MarketSaid:
    """Return a fact in which some outcomes are held."""
    if not unknown:
        return fact
    content = fact.content
    ended = {ref: one for ref, one in content.outcomes.items() if ref not in unknown}
    return replace(fact, content=replace(content, outcomes=ended, held={**content.held, **unknown}))


def those_that_matter(markets: Sequence[Market], wanted: Container[str] | None) -> Iterable[Market]:
    """Return the markets with these ids, and those that can't be told: all when none are given."""
    if wanted is None:
        return markets
    return [one for one in markets if not (ref := ref_in(one.id)) or ref in wanted]


def identity_of(market: Market) -> tuple[str, str]:
    """Return what a market is known by, beside its event; refuse what could be another's."""
    ref, given = ref_in(market.id), market.specifiers
    if not ref:
        raise Held("a market has no id that could be one")
    if len(given) > LONGEST_SPECIFIERS:
        raise Held(f"the specifiers of market {shown(ref)} are too long: “{shown(given)}”")
    try:
        return ref, in_order(given)
    except ValueError:
        raise Held(
            f"the specifiers of market {shown(ref)} are not written name=value: “{shown(given)}”"
        ) from None


@lru_cache(8192)
def in_order(given: str) -> str:
    """Return specifiers in their one order."""
    return canonical(given.strip())


def ref_in(given: str) -> str:
    """Return an id; nothing when it can't be the id of anything."""
    ref = given.strip()
    if len(ref) > LONGEST_REF or (not ref.isprintable() and UNPRINTABLE.search(ref)):
        return ""
    return ref


def settled(market: Market) -> Saying:
    """Return how a market's outcomes ended; those with no known result are held."""
    ended: dict[str, OutcomeSaid] = {}
    unknown: dict[str, str] = {}
    nameless = False
    for one in market.outcomes:
        ref = ref_in(one.id)
        said = outcome_said(one.result, one.void_factor, one.dead_heat_factor)
        if not ref:
            nameless = True
        elif isinstance(said, str):
            unknown[ref] = said
        elif ended.setdefault(ref, said) != said:
            unknown[ref] = TWO_RESULTS
    for ref in unknown:
        ended.pop(ref, None)
    content = MarketContent(
        outcomes=ended, void_reason=void_reason_in(market.void_reason), held=unknown
    )
    return content, "one of its outcomes has no id" if nameless else ""


def taken_back(market: Market) -> Saying:
    """Return which results are taken back: of the outcomes named, or of the whole market."""
    refs = [ref_in(one.id) for one in market.outcomes]
    named = {ref: OutcomeSaid() for ref in refs if ref}
    if refs and not named:
        raise Held("results of outcomes are taken back, and none of them has an id")
    nameless = not all(refs)
    return MarketContent(outcomes=named), "one of its outcomes has no id" if nameless else ""


def windowed(message: Windowed) -> Callable[[Market], Saying]:
    """Return what says for each market which bets a cancel, or its rollback, is about."""
    try:
        start, end = window_of(message)
    except Held as reason:
        return refusing(str(reason))

    def content_of(market: Market) -> Saying:
        reason = void_reason_in(market.void_reason)
        return MarketContent(start=start, end=end, void_reason=reason), ""

    return content_of


def refusing(reason: str) -> Callable[[Market], Saying]:
    """Return what holds each market for the same reason."""

    def content_of(market: Market) -> Saying:
        raise Held(reason)

    return content_of


def window_of(message: Windowed) -> tuple[int | None, int | None]:
    """Return the window's first and last millisecond; an end that is not given is open."""
    start = millisecond("start_time", message.start_time)
    end = millisecond("end_time", message.end_time)
    if start is not None and end is not None and end < start:
        raise Held(f"its window ends before it starts: from {start} to {end}")
    return start, end


def millisecond(name: str, given: str) -> int | None:
    """Return one end of a window."""
    if not given:
        return None
    if not MILLISECOND.fullmatch(given):
        raise Held(f"{name} is not a whole number of milliseconds: “{shown(given)}”")
    return int(given)


def void_reason_in(given: str) -> int | None:
    """Return the number of a void reason, known or not; what is no number says nothing."""
    found = VOID_REASON.fullmatch(given.strip()) if given else None
    return int(found[1]) if found else None


def held(
    message: EventMessage, market: Market, specifiers: str | None, complaint: str
) -> ReviewSaid:
    """Return the question about a market of which something could not be applied."""
    return ReviewSaid(
        ReviewKind.MARKET_HELD,
        f"In a {ROOTS[type(message)]} about {message.event_id}, {complaint}. "
        "That part was not applied; ask Sportradar, or decide by hand.",
        message.event_id,
        event=message.event_id,
        market=ref_in(market.id),
        specifiers=specifiers,
    )


def without_markets(message: EventMessage) -> ReviewSaid:
    """Return the question about a cancel or a rollback that names nothing."""
    return ReviewSaid(
        ReviewKind.CANCEL_WITHOUT_MARKETS,
        f"A {ROOTS[type(message)]} about {message.event_id} names no market: nothing was changed. "
        "If the whole event was meant, void its markets by hand.",
        message.event_id,
        event=message.event_id,
    )


def superseded(message: BetCancel, other: str) -> Told:
    """Return the question about an event that another takes the place of; nothing is void by it."""
    review = ReviewSaid(
        ReviewKind.EVENT_SUPERSEDED,
        f"Sportradar cancels bets on {message.event_id} because {shown(other)} takes its place. "
        "Nothing was voided: void its markets by hand, or settle them by the results of the other.",
        message.event_id,
        event=message.event_id,
    )
    return Told((message.event_id,), reviews=(review,))
