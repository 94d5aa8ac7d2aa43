"""Tickets with all that was said of them, read for many at once and ready to be folded."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from settlement import arrays
from settlement.book import Book, KnownOutcome, StoredLeg, StoredTicket
from settlement.fold.facts import MarketFact, TicketFact
from settlement.fold.holding import LastSettled
from settlement.models import RuleSet
from settlement.rules.ruleset import RuleSet as Rules
from settlement.rules.ruleset import rule_set
from settlement.said import ActSaid, MarketContent, ResultSaid
from settlement.vocabulary import MarketFactKind, Source, TicketFactKind, TicketStatus
from wallet import selectors as wallet
from wallet.money import Unit

SOURCE = {str(word): word for word in Source}
MARKET_KIND = {str(word): word for word in MarketFactKind}
TICKET_KIND = {str(word): word for word in TicketFactKind}
MARKET_CONTENT = msgspec.json.Decoder(MarketContent)
RESULT_CONTENT = msgspec.json.Decoder(ResultSaid)
ACT_CONTENT = msgspec.json.Decoder(ActSaid)


def locked(ticket_ids: Sequence[int]) -> Book:
    """Lock tickets in the order of their ids until the transaction ends; then read the rest.

    What is read in later statements was committed when the locks were held, or is somebody's who
    leaves a due row.
    """
    return book_of([StoredTicket(*row) for row in rows_of(TICKETS + LOCKED, ticket_ids)])


def unlocked(ticket_ids: Sequence[int]) -> Book:
    """Read tickets and facts without a lock, for those who only look."""
    return book_of([StoredTicket(*row) for row in rows_of(TICKETS + ORDERED, ticket_ids)])


def rows_of(statement: str, ids: Iterable[int]) -> list[tuple[Any, ...]]:
    """Return the rows for a set of ids."""
    return arrays.fetch(statement, [arrays.numbers(sorted(ids))])


def book_of(tickets: list[StoredTicket]) -> Book:
    """Return tickets with their legs and everything that was said."""
    ids = [ticket.id for ticket in tickets]
    legs: dict[int, list[StoredLeg]] = {number: [] for number in ids}
    for row in rows_of(SELECTIONS, ids):
        legs[row[0]].append(StoredLeg._make((*row[1:11], row[11:])))
    wanted = {one.outcome for each in legs.values() for one in each}
    wanted |= {one.place_outcome for each in legs.values() for one in each if one.place_outcome}
    outcomes = {row[0]: KnownOutcome(*row) for row in rows_of(OUTCOMES, wanted)}
    return Book(
        tickets=tickets,
        legs=legs,
        ticket_facts=ticket_facts(ids),
        outcomes=outcomes,
        market_facts=market_facts({known.market for known in outcomes.values()}),
        rules=rules_by_id({ticket.rule_set for ticket in tickets}),
        units=units_of({ticket.currency for ticket in tickets}),
        last_settled=last_settled(
            [one.id for one in tickets if one.version and one.status == TicketStatus.OPEN]
        ),
    )


def last_settled(reopened: Sequence[int]) -> dict[int, LastSettled]:
    """Return what tickets that are open again were settled to last, by a provider."""
    if not reopened:
        return {}
    return {row[0]: LastSettled(*row[1:]) for row in rows_of(LAST_SETTLED, reopened)}


# A provider's result that was accepted, and taken back again, is none.
LAST_SETTLED = """
SELECT DISTINCT ON (ticket_id) ticket_id, after_payout, settled_ticks
  FROM settlement_settlementevent e
 WHERE ticket_id = ANY (%s::bigint[]) AND after_status <> 'OPEN' AND source <> 'OPERATOR'
   AND NOT EXISTS (SELECT FROM settlement_batch b
                    WHERE b.reverses_id = e.batch AND b.state IN ('RUNNING', 'DONE'))
 ORDER BY ticket_id, sequence DESC
"""


def ticket_facts(ticket_ids: Iterable[int]) -> dict[int, list[TicketFact]]:
    """Return the facts about tickets themselves."""
    found: dict[int, list[TicketFact]] = {}
    for ticket_id, kind, position, content, *common in rows_of(TICKET_FACTS, ticket_ids):
        result = kind == TicketFactKind.RESULT
        act = NO_ACT if result else ACT_CONTENT.decode(content)
        found.setdefault(ticket_id, []).append(
            TicketFact(
                kind=TICKET_KIND[kind],
                position=position,
                result=RESULT_CONTENT.decode(content) if result else act.says,
                act=act,
                **commonly(common),
            )
        )
    return found


NO_ACT = ActSaid()


def market_facts(market_ids: Iterable[int]) -> dict[int, list[MarketFact]]:
    """Return the facts about markets."""
    found: dict[int, list[MarketFact]] = {}
    ids = arrays.numbers(sorted(market_ids))
    rows = arrays.fetch(MARKET_FACTS, [ids]) + arrays.fetch(EVENT_FACTS, [ids])
    for market_id, kind, certainty, content, *common in rows:
        found.setdefault(market_id, []).append(
            MarketFact(
                kind=MARKET_KIND[kind],
                certainty=certainty,
                content=MARKET_CONTENT.decode(content),
                **commonly(common),
            )
        )
    return found


def commonly(row: Sequence[Any]) -> dict[str, Any]:
    """Return what both kinds of facts have."""
    number, source, ticks, key, actor, reason, note, batch = row
    return {
        "id": number,
        "source": SOURCE[source],
        "ticks": ticks,
        "key": bytes(key),
        "actor": actor,
        "reason": reason,
        "note": note,
        "batch": batch,
    }


def rules_by_id(ids: Iterable[int]) -> dict[int, Rules]:
    """Return rule sets; they never change, so each is read once in a process."""
    if missing := [number for number in ids if number not in RULES_READ]:
        for row in RuleSet.objects.filter(pk__in=missing):
            RULES_READ[row.pk] = rule_set(row.settings)
    return RULES_READ


def units_of(codes: Iterable[str]) -> dict[str, Unit]:
    """Return currencies, which never change either."""
    if missing := [code for code in codes if code not in UNITS_READ]:
        UNITS_READ.update(wallet.units(missing))
    return UNITS_READ


RULES_READ: dict[int, Rules] = {}
UNITS_READ: dict[str, Unit] = {}

TICKETS = """
SELECT t.id, t.bet_id, t.kind, t.system, t.legs, t.bankers, t.stake, t.currency_id, t.each_way,
       t.free_bet_ref <> '', floor(extract(epoch FROM t.accepted_at) * 1000)::bigint,
       t.rule_set_id, t.status, t.result, t.payout, t.cashed_out_stake, t.cashed_out_amount,
       t.settled_ticks, t.version, t.player_id, a.id
  FROM settlement_ticket t
  LEFT JOIN wallet_account a
    ON a.player_id = t.player_id AND a.kind = 'PLAYER_CASH' AND a.currency_id = t.currency_id
 WHERE t.id = ANY (%s::bigint[])
"""
ORDERED = " ORDER BY t.id"
LOCKED = ORDERED + " FOR NO KEY UPDATE OF t"

SELECTIONS = """
SELECT ticket_id, id, position, outcome_id, place_outcome_id, "group", banker, price, part_price,
       place_fraction, place_price, win_factor, void_factor, place_win_factor, place_void_factor,
       deduction_percent, starting_price, result
  FROM settlement_selection WHERE ticket_id = ANY (%s::bigint[])
 ORDER BY ticket_id, position
"""

OUTCOMES = """
SELECT o.id, o.ref, o.market_id, e.ref, o.name, o.line
  FROM settlement_outcome o
  JOIN settlement_market m ON m.id = o.market_id
  JOIN settlement_sportevent e ON e.id = m.event_id
 WHERE o.id = ANY (%s::bigint[])
"""

TICKET_FACTS = """
SELECT ticket_id, kind, position, content, id, source, ticks, key, actor, reason, note, batch
  FROM settlement_ticketfact WHERE ticket_id = ANY (%s::bigint[])
"""

MARKET_FACTS = """
SELECT market_id, kind, certainty, content, id, source, ticks, key, actor, reason, note, batch
  FROM settlement_marketfact WHERE market_id = ANY (%s::bigint[])
"""

# Acts on whole events are few: they are looked for by a small index of their own.
EVENT_FACTS = """
SELECT m.id, f.kind, f.certainty, f.content, f.id, f.source, f.ticks, f.key, f.actor, f.reason,
       f.note, f.batch
  FROM settlement_market m JOIN settlement_marketfact f ON f.event_id = m.event_id
 WHERE m.id = ANY (%s::bigint[])
"""
