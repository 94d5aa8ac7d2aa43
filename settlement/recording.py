"""Facts are written down here, and the tickets that they are about are made due.

Facts of whole tickets and the due rows stand in one transaction. Facts of markets leave a row that
their market is due; tickets on it are looked for in a later transaction, when everybody can see the
facts: whoever brings a ticket in between sees them himself.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db import transaction

from settlement import arrays
from settlement.fold.disputes import KINDS as DISPUTES
from settlement.fold.disputes import disputes
from settlement.fold.facts import MarketFact
from settlement.fold.missing import doubt_about_missing, left_out
from settlement.fold.naming import Named, doubt_about_names, is_unclear, told_bets
from settlement.reading import market_facts
from settlement.reviews import Asked, close, market_subject, open_reviews
from settlement.said import MarketSaid, TicketSaid, encoded, key_of
from settlement.vocabulary import MarketFactKind, ReviewEnd, Source, TicketFactKind
from settlement.writing import BY_US


class ForTicket(NamedTuple):
    """A result with the ticket that it is about, and the message that it stood in."""

    ticket: int
    said: TicketSaid
    message: int | None


class ForMarket(NamedTuple):
    """A fact with the market that it is about, and the message that it stood in."""

    market: int
    said: MarketSaid
    message: int | None


def record_results(facts: Sequence[ForTicket]) -> list[int]:
    """Write whole tickets' results and make their tickets due; return those that heard news."""
    if not facts:
        return []
    contents = [encoded(fact.said.result) for fact in facts]
    written = arrays.fetch(
        RESULTS,
        [
            str(TicketFactKind.RESULT),
            arrays.numbers([fact.ticket for fact in facts]),
            arrays.texts([fact.said.source for fact in facts]),
            arrays.numbers([fact.said.ticks for fact in facts]),
            arrays.keys(
                key_of(fact.said.source, fact.said.ticks, content)
                for fact, content in zip(facts, contents, strict=True)
            ),
            arrays.texts(contents),
            arrays.optional([fact.message for fact in facts]),
        ],
    )
    return [row[0] for row in written]


def record_market_facts(facts: Sequence[ForMarket]) -> None:
    """Write facts of markets; a market that heard something new is due."""
    if not facts:
        return
    contents = [encoded(fact.said.content) for fact in facts]
    arrays.execute(
        MARKETS,
        [
            arrays.numbers([fact.market for fact in facts]),
            arrays.texts([fact.said.source for fact in facts]),
            arrays.texts([fact.said.kind for fact in facts]),
            arrays.numbers([fact.said.certainty for fact in facts]),
            arrays.numbers([fact.said.ticks for fact in facts]),
            arrays.keys(
                key_of(
                    fact.said.source, fact.said.kind, fact.said.certainty, fact.said.ticks, content
                )
                for fact, content in zip(facts, contents, strict=True)
            ),
            arrays.texts(contents),
            arrays.optional([fact.message for fact in facts]),
            arrays.texts(["t" if fact.said.content.only_asks else "f" for fact in facts]),
        ],
    )


@transaction.atomic
def look_for_tickets(markets: Iterable[int] | None = None) -> list[int] | None:
    """Make the tickets on due markets due: some such markets, or those named; return the tickets.

    Nothing is returned when no market was due.

    A market whose row somebody else holds is being looked at by him.
    """
    if markets is None:
        taken = arrays.fetch(TAKE_ANY_MARKETS, [])
    else:
        taken = arrays.fetch(TAKE_MARKETS, [arrays.numbers(sorted(set(markets)))])
    return made_due(taken) if taken else None


@transaction.atomic
def look_for_tickets_of_act(batch: int) -> None:
    """Make the tickets on an act's markets due; wait for whoever looks for them already."""
    made_due(arrays.fetch(TAKE_MARKETS_OF_ACT, [batch]))


def made_due(taken: Sequence[tuple[int | None, int | None, bool]]) -> list[int]:
    """Make the tickets on markets due, whose rows were taken; return the tickets.

    Where what was said only makes people look, no ticket moves by it.
    """
    found = markets_of(taken)
    review_markets(found)
    moving = markets_of([row for row in taken if not row[2]]) if any(r[2] for r in taken) else found
    return [row[0] for row in arrays.fetch(MAKE_DUE, [arrays.numbers(moving)] * 2)]


def markets_of(due: Sequence[tuple[int | None, int | None, bool]]) -> list[int]:
    """Return the markets that rows name, or whose events they name."""
    events = {event for _, event, _ in due if event is not None}
    rows = arrays.fetch(MARKETS_OF_EVENTS, [arrays.numbers(sorted(events))]) if events else []
    return sorted({market for market, _, _ in due if market is not None} | {row[0] for row in rows})


def look_for_all_tickets() -> None:
    """Make the tickets on all due markets due."""
    while look_for_tickets() is not None:
        pass


def review_markets(markets: Sequence[int]) -> None:
    """Ask about what a person has to look at in these markets; close what is over."""
    facts = market_facts(markets)
    doubts = {market: disputes(said) for market, said in facts.items()}
    for market, refs in waiting_in_vain(facts).items():
        doubts[market].append(doubt_about_missing(refs))
    for market, named in unclear_names(facts).items():
        doubts[market].append(doubt_about_names(facts[market], named))
    asked = [
        Asked(doubt.kind, market_subject(market), doubt.sentence, market=market)
        for market, found in doubts.items()
        for doubt in found
    ]
    kept = {(one.market, str(one.kind)) for one in asked}
    open_now = arrays.fetch(OPEN_OF_MARKETS, [arrays.numbers(markets), arrays.texts(DISPUTES)])
    open_reviews(asked)
    over = [number for number, market, kind in open_now if (market, kind) not in kept]
    close(over, end=ReviewEnd.BY_ITSELF, by=BY_US)


def waiting_in_vain(facts: Mapping[int, Sequence[MarketFact]]) -> dict[int, list[str]]:
    """Return, by market, the outcomes that its settlement left out and open tickets bet on."""
    settled = [market for market, said in facts.items() if any(map(settles, said))]
    if not settled:
        return {}
    refs: dict[int, dict[str, int]] = {}
    for number, market, ref in arrays.fetch(OUTCOMES, [arrays.numbers(sorted(settled))]):
        refs.setdefault(market, {})[ref] = number
    lacking = {market: left_out(facts[market], known) for market, known in refs.items()}
    numbers = [refs[market][ref] for market, found in lacking.items() for ref in found]
    open_now = arrays.fetch(BET_ON, [arrays.numbers(sorted(numbers))]) if numbers else []
    still = {row[0] for row in open_now}
    found = {
        market: [ref for ref in some if refs[market][ref] in still]
        for market, some in lacking.items()
    }
    return {market: some for market, some in found.items() if some}


def unclear_names(facts: Mapping[int, Sequence[MarketFact]]) -> dict[int, list[Named]]:
    """Return, by market, the names that open tickets bet on and that stand for no single bet."""
    settled = [market for market, said in facts.items() if told_bets(said)]
    if not settled:
        return {}
    unclear = {
        number: (market, Named(name, line))
        for number, market, name, line in arrays.fetch(NAMED, [arrays.numbers(sorted(settled))])
        if is_unclear(facts[market], Named(name, line))
    }
    found: dict[int, list[Named]] = {}
    open_now = arrays.fetch(BET_ON, [arrays.numbers(sorted(unclear))]) if unclear else []
    for (number,) in open_now:
        market, named = unclear[number]
        found.setdefault(market, []).append(named)
    return found


def settles(fact: MarketFact) -> bool:
    """Whether Sportradar says how a market ended."""
    return fact.kind == MarketFactKind.SETTLEMENT and fact.source == Source.SPORTRADAR


# Rows are written in the order of their keys, so that two writers never wait in a circle.
RESULTS = """
WITH written AS (
    INSERT INTO settlement_ticketfact
           (kind, ticket_id, source, ticks, key, content, message, actor, reason, note)
    SELECT %s, f.ticket, f.source, f.ticks, f.key, f.content, f.message, '', '', ''
      FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bytea[], %s::text[], %s::bigint[])
           AS f (ticket, source, ticks, key, content, message)
     ORDER BY f.ticket, f.key
        ON CONFLICT (ticket_id, key) DO NOTHING
    RETURNING ticket_id)
INSERT INTO settlement_dueticket (ticket_id) SELECT DISTINCT ticket_id FROM written
RETURNING ticket_id
"""

MARKETS = """
WITH heard AS (
    SELECT *
      FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::smallint[], %s::bigint[], %s::bytea[],
                  %s::text[], %s::bigint[], %s::boolean[])
           AS f (market, source, kind, certainty, ticks, key, content, message, only_asks)
), written AS (
    INSERT INTO settlement_marketfact
           (market_id, source, kind, certainty, ticks, key, content, message, actor, reason, note)
    SELECT f.market, f.source, f.kind, f.certainty, f.ticks, f.key, f.content, f.message, '', '', ''
      FROM heard f
     ORDER BY f.market, f.key
        ON CONFLICT (market_id, key) DO NOTHING
    RETURNING market_id, key)
INSERT INTO settlement_duemarket (market_id, only_asks)
SELECT w.market_id, bool_and(f.only_asks)
  FROM written w JOIN heard f ON f.market = w.market_id AND f.key = w.key
 GROUP BY w.market_id
"""

TAKE_MARKETS = """
DELETE FROM settlement_duemarket WHERE ctid = ANY (ARRAY(
       SELECT ctid FROM settlement_duemarket WHERE market_id = ANY (%s::bigint[])
        ORDER BY id FOR UPDATE SKIP LOCKED))
RETURNING market_id, event_id, only_asks
"""

TAKE_ANY_MARKETS = """
DELETE FROM settlement_duemarket WHERE ctid = ANY (ARRAY(
       SELECT ctid FROM settlement_duemarket ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED))
RETURNING market_id, event_id, only_asks
"""

TAKE_MARKETS_OF_ACT = """
DELETE FROM settlement_duemarket WHERE ctid = ANY (ARRAY(
       SELECT d.ctid FROM settlement_marketfact f
         JOIN settlement_duemarket d ON d.market_id = f.market_id OR d.event_id = f.event_id
        WHERE f.batch = %s ORDER BY d.id FOR UPDATE OF d))
RETURNING market_id, event_id, only_asks
"""

MARKETS_OF_EVENTS = "SELECT id FROM settlement_market WHERE event_id = ANY (%s::bigint[])"

MAKE_DUE = """
INSERT INTO settlement_dueticket (ticket_id)
SELECT s.ticket_id FROM settlement_outcome o JOIN settlement_selection s ON s.outcome_id = o.id
 WHERE o.market_id = ANY (%s::bigint[])
 UNION
SELECT s.ticket_id FROM settlement_outcome o
  JOIN settlement_selection s ON s.place_outcome_id = o.id
 WHERE o.market_id = ANY (%s::bigint[])
 ORDER BY 1
RETURNING ticket_id
"""

OUTCOMES = "SELECT id, market_id, ref FROM settlement_outcome WHERE market_id = ANY (%s::bigint[])"

NAMED = """
SELECT id, market_id, name, line FROM settlement_outcome
 WHERE market_id = ANY (%s::bigint[]) AND ref = ''
"""

BET_ON = """
SELECT o.id FROM unnest(%s::bigint[]) o (id)
 WHERE EXISTS (SELECT FROM settlement_selection s JOIN settlement_ticket t ON t.id = s.ticket_id
                WHERE s.outcome_id = o.id AND t.status = 'OPEN')
    OR EXISTS (SELECT FROM settlement_selection s JOIN settlement_ticket t ON t.id = s.ticket_id
                WHERE s.place_outcome_id = o.id AND t.status = 'OPEN')
"""

OPEN_OF_MARKETS = """
SELECT id, market_id, kind FROM settlement_review
 WHERE subject = ANY (SELECT 'market:' || m FROM unnest(%s::bigint[]) m)
   AND kind = ANY (%s::text[]) AND closed_at IS NULL
"""
