"""What an act says of a market or of a whole event, and whom it reaches."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from settlement import arrays
from settlement.acts.sayings import NotForTicket, number, part
from settlement.fold.facts import MarketFact
from settlement.fold.outcomes import standing_acts
from settlement.models import Market, Outcome, SportEvent
from settlement.orders import BadOrder, MarketAsked, Order, OutcomeAsked
from settlement.reading import market_facts
from settlement.rules.legs import WIN_PART
from settlement.said import EPOCH, MarketContent, OutcomeSaid
from settlement.vocabulary import ActKind, LegResult, MarketFactKind, called

KINDS = {
    ActKind.MARKET_SETTLE: MarketFactKind.SETTLEMENT,
    ActKind.MARKET_VOID: MarketFactKind.CANCEL,
    ActKind.MARKET_DEDUCT: MarketFactKind.DEDUCTION,
    ActKind.MARKET_REOPEN: MarketFactKind.ROLLBACK,
}


LONGEST_REF = 200


class MarketSaying(NamedTuple):
    """One thing that an act says of a market, or of an event's markets all together."""

    market: int | None
    event: int | None
    kind: MarketFactKind
    content: MarketContent
    reaches: tuple[int, ...]


def market_saying(order: Order) -> MarketSaying:
    """Return what an order says of its market; refuse one that nobody has bet on."""
    asked = order.market
    if asked is None:
        raise BadOrder("Say which market.", "market")
    content = content_of(order.act, asked)
    event = SportEvent.objects.filter(provider=asked.provider, ref=asked.event).first()
    if event is None:
        raise BadOrder(
            f"Nobody has bet on an event “{asked.event}” of {called(asked.provider)}.",
            "market.event",
        )
    kind = KINDS[order.act]
    if not asked.market:
        if order.act == ActKind.MARKET_SETTLE:
            raise BadOrder("Say which of the event's markets ended like that.", "market.market")
        markets = Market.objects.filter(event=event).order_by("id")
        reached = tuple(markets.values_list("pk", flat=True))
        return MarketSaying(None, event.pk, kind, content, reached)
    found = Market.objects.filter(event=event, ref=asked.market, specifiers=asked.specifiers)
    market = found.first()
    if market is None:
        raise BadOrder(f"Nobody has bet on market {named(asked)}.", "market.market")
    refuse_unknown_outcomes(market, asked)
    return MarketSaying(market.pk, None, kind, content, (market.pk,))


def named(asked: MarketAsked) -> str:
    """Return how people call a market."""
    return " ".join(filter(None, [f"“{asked.market}”", asked.specifiers, f"of {asked.event}"]))


def refuse_unknown_outcomes(market: Market, asked: MarketAsked) -> None:
    """Refuse outcomes when nobody has bet on a single one of them: their ids are mistyped."""
    if not asked.outcomes:
        return
    known = set(Outcome.objects.filter(market=market).values_list("ref", flat=True))
    if not known.intersection(asked.outcomes):
        listed = ", ".join(sorted(filter(None, known))[:10])
        raise BadOrder(
            f"Nobody has bet on outcome {', '.join(sorted(asked.outcomes)[:5])}; "
            f"bets are on {listed or 'outcomes without an id'}.",
            "market.outcomes",
        )


def content_of(act: ActKind, asked: MarketAsked) -> MarketContent:
    """Return what is said; refuse words that don't go with the act."""
    if act == ActKind.MARKET_SETTLE:
        if not asked.outcomes:
            raise BadOrder("Say how its outcomes ended.", "market.outcomes")
        if asked.accepted_from or asked.accepted_to:
            raise BadOrder("A result is for all bets: it has no window.", "market.accepted_from")
    elif any(one.result != LegResult.VOID or one.dead_heat for one in asked.outcomes.values()):
        raise BadOrder("Outcomes are named here, not settled: their result is VOID.", "outcomes")
    if any(not 0 < len(ref) <= LONGEST_REF for ref in asked.outcomes):
        raise BadOrder(f"An outcome's id has 1 to {LONGEST_REF} characters.", "market.outcomes")
    if (act == ActKind.MARKET_DEDUCT) != bool(asked.percent and asked.percent.strip()):
        raise BadOrder("Rule 4 takes a percentage, and nothing else does.", "market.percent")
    return MarketContent(
        outcomes={ref: outcome_said(act, ref, one) for ref, one in asked.outcomes.items()},
        start=millisecond(asked, "accepted_from"),
        end=millisecond(asked, "accepted_to"),
        percent=percent_of(asked),
    )


def outcome_said(act: ActKind, ref: str, asked: OutcomeAsked) -> OutcomeSaid:
    """Return how an outcome ended; acts that only name it say no more."""
    if act != ActKind.MARKET_SETTLE:
        return OutcomeSaid()
    if asked.result == LegResult.PLACE:
        raise BadOrder("A place has an outcome of its own.", f"market.outcomes.{ref}")
    try:
        return OutcomeSaid(part(WIN_PART, asked.result, asked.dead_heat, 0))
    except NotForTicket as reason:
        raise BadOrder(f"Outcome {ref}: {reason}", f"market.outcomes.{ref}") from None


def percent_of(asked: MarketAsked) -> str | None:
    """Return Rule 4's percents."""
    try:
        return number(asked.percent, "Rule 4", most=100)
    except NotForTicket as reason:
        raise BadOrder(str(reason), "market.percent") from None


def millisecond(asked: MarketAsked, name: str) -> int | None:
    """Return one end of the window."""
    at = asked.accepted_from if name == "accepted_from" else asked.accepted_to
    if at is None:
        return None
    if any(one and one.tzinfo is None for one in (asked.accepted_from, asked.accepted_to)):
        raise BadOrder("A time needs its offset, like 2026-11-21T10:00:00Z.", f"market.{name}")
    if asked.accepted_from and asked.accepted_to and asked.accepted_from > asked.accepted_to:
        raise BadOrder("The window ends before it begins.", "market.accepted_to")
    passed = at - EPOCH
    return (passed.days * 86400 + passed.seconds) * 1000 + passed.microseconds // 1000


def lock_markets(said: Iterable[MarketSaying]) -> None:
    """Let acts on the same markets come one after the other."""
    reached = sorted({market for one in said for market in one.reaches})
    arrays.fetch(LOCK_MARKETS, [arrays.numbers(reached)])


LOCK_MARKETS = """
SELECT id FROM settlement_market WHERE id = ANY (%s::bigint[]) ORDER BY id FOR NO KEY UPDATE
"""


def retractions(batch: int) -> list[MarketSaying]:
    """Return what takes back an act on markets."""
    ours: dict[tuple[int | None, int | None], list[int]] = {}
    rows = arrays.fetch(OF_BATCH, [batch])
    reached = {key: markets_reached(*key) for key in {(row[1], row[2]) for row in rows}}
    stand = standing_in({one for markets in reached.values() for one in markets})
    for fact, market, event in rows:
        if fact in stand:
            ours.setdefault((market, event), []).append(fact)
    return [
        MarketSaying(
            *key,
            MarketFactKind.RETRACTION,
            MarketContent(retracts=tuple(sorted(facts))),
            tuple(reached[key]),
        )
        for key, facts in ours.items()
    ]


OF_BATCH = """
SELECT id, market_id, event_id FROM settlement_marketfact WHERE batch = %s ORDER BY id
"""


def markets_reached(market: int | None, event: int | None) -> Sequence[int]:
    """Return the markets that something said of a market or event is about."""
    if market is not None:
        return [market]
    return list(Market.objects.filter(event=event).values_list("pk", flat=True).order_by("id"))


def standing_in(markets: Iterable[int]) -> set[int]:
    """Return the numbers of the acts on markets that were not taken back."""
    said: dict[int, list[MarketFact]] = market_facts(markets)
    return {
        fact.id
        for facts in said.values()
        for fact in standing_acts([one for one in facts if one.source == "OPERATOR"])
    }


def tickets_on(markets: Iterable[int]) -> list[int]:
    """Return the tickets that bet on markets, or have their place on them."""
    return [row[0] for row in arrays.fetch(TICKETS, [arrays.numbers(sorted(markets))] * 2)]


TICKETS = """
SELECT s.ticket_id FROM settlement_outcome o JOIN settlement_selection s ON s.outcome_id = o.id
 WHERE o.market_id = ANY (%s::bigint[])
 UNION
SELECT s.ticket_id FROM settlement_outcome o
  JOIN settlement_selection s ON s.place_outcome_id = o.id
 WHERE o.market_id = ANY (%s::bigint[])
 ORDER BY 1
"""
