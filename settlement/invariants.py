"""What must always be true of tickets. Each truth returns the rows that break it."""

from collections.abc import Container, Sequence

import msgspec

from settlement import arrays, reading
from settlement.audit import verifying, waiting
from settlement.plans import Plan, plan
from settlement.rules.exact import RulesRefusal
from wallet.invariants import Row, Truth, rows


def tickets_unlike_their_transfers() -> list[Row]:
    """A ticket's transfers, all of its own player, sum to its payout less the cash stake."""
    return rows("""
        SELECT coalesce(t.bet_id, m.reference_id) AS ticket, t.cash_stake, t.payout,
               coalesce(m.moved, 0) AS moved
          FROM settlement_ticket t
          FULL JOIN (
              SELECT w.reference_id, min(a.player_id) AS player, max(a.player_id) AS last_player,
                     min(a.currency_id) AS currency, max(a.currency_id) AS last_currency,
                     sum(CASE WHEN w.credit_account_id = w.player_account_id THEN w.amount
                              ELSE -w.amount END) AS moved
                FROM wallet_transfer w JOIN wallet_account a ON a.id = w.player_account_id
               WHERE w.kind IN ('STAKE', 'SETTLEMENT') AND w.reference_kind = 'TICKET'
               GROUP BY w.reference_id) m ON m.reference_id = t.bet_id
         WHERE coalesce(m.moved, 0) <> coalesce(t.payout - t.cash_stake, 0)
            OR t.player_id NOT IN (m.player, m.last_player) OR m.player <> m.last_player
            OR t.currency_id NOT IN (m.currency, m.last_currency) OR m.currency <> m.last_currency
         ORDER BY 1
    """)


def tickets_without_their_legs() -> list[Row]:
    """A ticket's selections make the legs and bankers that it says, in places 1 to n."""
    return rows("""
        SELECT t.bet_id AS ticket, t.legs, coalesce(s.legs, 0) AS selections_make
          FROM settlement_ticket t
          LEFT JOIN (
              SELECT ticket_id, count(*) AS selections, max(position) AS last,
                     count(DISTINCT leg) AS legs,
                     count(DISTINCT leg) FILTER (WHERE banker) AS bankers
                FROM (SELECT ticket_id, position, banker,
                             CASE "group" WHEN '' THEN 'p' || position ELSE 'g' || "group" END
                                 AS leg
                        FROM settlement_selection) one
               GROUP BY ticket_id) s ON s.ticket_id = t.id
         WHERE s.ticket_id IS NULL OR s.legs <> t.legs OR s.bankers <> t.bankers
            OR s.last <> s.selections OR s.selections <> t.selection_count
         ORDER BY t.id
    """)


def tickets_unlike_their_facts() -> list[Row]:
    """A ticket, and what stands on its selections, is what its facts fold to, or a review holds it.

    Tickets of which nothing was ever said stand as they came; all others are folded anew.
    """
    wrong: list[Row] = []
    last = 0
    while ids := [row[0] for row in arrays.fetch(FOLDED, [last, AT_ONCE])]:
        last = ids[-1]
        held = {row[0] for row in arrays.fetch(HELD, [arrays.numbers(ids)])}
        wrong += unlike_their_facts(ids, held)
    return wrong


def unlike_their_facts(ids: Sequence[int], held: Container[int]) -> list[Row]:
    """Return the tickets among these that are not what their facts fold to, or can't be read."""
    try:
        book = reading.unlocked(ids)
    except UNREADABLE as error:
        if len(ids) == 1:
            return [{"ticket": ids[0], "stands": "", "folds_to": f"unreadable: {error}"}]
        half = len(ids) // 2
        return unlike_their_facts(ids[:half], held) + unlike_their_facts(ids[half:], held)
    found = [plan(book, ticket) for ticket in book.tickets]
    return [
        unlike(one)
        for one in found
        if (one.move or one.hold or one.legs) and one.ticket.id not in held
    ]


def unlike(found: Plan) -> Row:
    """Return how a ticket stands, and how it ought to."""
    stands, wanted = found.applied, found.wanted
    return {
        "ticket": found.ticket.bet_id,
        "stands": f"{stands.status} {stands.result} {stands.payout}",
        "folds_to": f"{wanted.status} {wanted.result} {wanted.payout}" if wanted else "",
        "selections": len(found.legs),
    }


AT_ONCE = 2000
UNREADABLE = (msgspec.MsgspecError, RulesRefusal, KeyError)
FOLDED = """
SELECT t.id FROM settlement_ticket t
 WHERE t.id > %s AND NOT EXISTS (SELECT FROM settlement_dueticket d WHERE d.ticket_id = t.id)
   AND (t.version > 0 OR EXISTS (SELECT FROM settlement_ticketfact f WHERE f.ticket_id = t.id)
        OR EXISTS (SELECT FROM settlement_selection s
                     JOIN settlement_outcome o ON o.id IN (s.outcome_id, s.place_outcome_id)
                     JOIN settlement_marketfact f ON f.market_id = o.market_id
                    WHERE s.ticket_id = t.id)
        OR EXISTS (SELECT FROM settlement_selection s
                     JOIN settlement_outcome o ON o.id IN (s.outcome_id, s.place_outcome_id)
                     JOIN settlement_market m ON m.id = o.market_id
                     JOIN settlement_marketfact f ON f.event_id = m.event_id
                    WHERE s.ticket_id = t.id)
        OR EXISTS (SELECT FROM settlement_selection s
                    WHERE s.ticket_id = t.id AND s.win_factor IS NOT NULL))
 ORDER BY t.id LIMIT %s
"""
HELD = """
SELECT ticket_id FROM settlement_review
 WHERE ticket_id = ANY (%s::bigint[]) AND closed_at IS NULL AND kind = ANY (
       ARRAY['PAYOUT_MISMATCH', 'LIMIT', 'LATE_CORRECTION', 'NEGATIVE_HELD', 'CANNOT_SETTLE'])
"""


def events_without_who_or_why() -> list[Row]:
    """Every event names its actor and its reason."""
    return rows("""
        SELECT t.bet_id AS ticket, e.sequence FROM settlement_settlementevent e
          LEFT JOIN settlement_ticket t ON t.id = e.ticket_id
         WHERE e.actor = '' OR e.reason = '' ORDER BY e.id
    """)


def work_left_undone() -> list[Row]:
    """No ticket or market is due, and no look-back waits, for more than ten minutes."""
    return rows("""
        SELECT 'due ticket' AS what, coalesce(t.bet_id, d.ticket_id::text) AS ticket,
               d.created_at::text AS since
          FROM settlement_dueticket d LEFT JOIN settlement_ticket t ON t.id = d.ticket_id
         WHERE d.created_at < now() - interval '10 minutes'
         UNION ALL
        SELECT 'due market', market_id::text, created_at::text FROM settlement_duemarket
         WHERE created_at < now() - interval '10 minutes'
         UNION ALL
        SELECT 'look-back', provider || ' ' || subject_ref, created_at::text
          FROM settlement_lookback WHERE created_at < now() - interval '10 minutes'
    """)


def tickets_unlike_their_events() -> list[Row]:
    """A ticket's events run from 1 to its version, each from where the last ended, to its state."""
    return rows("""
        SELECT t.bet_id AS ticket, t.version, coalesce(e.events, 0) AS events, e.broken
          FROM settlement_ticket t
          LEFT JOIN (
              SELECT ticket_id, count(*) AS events, max(sequence) AS last,
                     count(*) FILTER (WHERE sequence <> place
                         OR (before_status, before_result, before_payout)
                            IS DISTINCT FROM (was_status, was_result, was_payout)) AS broken,
                     (array_agg(row (after_status, after_result, after_payout)::text
                                ORDER BY sequence DESC))[1] AS ends
                FROM (SELECT e.*, row_number() OVER w AS place,
                             lag(after_status, 1, 'OPEN') OVER w AS was_status,
                             lag(after_result, 1, 'NONE') OVER w AS was_result,
                             lag(after_payout, 1, 0::bigint) OVER w AS was_payout
                        FROM settlement_settlementevent e
                      WINDOW w AS (PARTITION BY ticket_id ORDER BY sequence)) e
               GROUP BY ticket_id) e ON e.ticket_id = t.id
         WHERE t.version <> coalesce(e.last, 0) OR coalesce(e.broken, 0) > 0
            OR row (t.status, t.result, t.payout)::text <> coalesce(e.ends, '(OPEN,NONE,0)')
         ORDER BY 1
    """)


def events_unlike_their_transfers() -> list[Row]:
    """An event's difference is the transfer that it names, and no transfer is without its event."""
    return rows("""
        SELECT coalesce(w.reference_id, t.bet_id) AS ticket, e.sequence, e.difference,
               CASE WHEN w.credit_account_id = w.player_account_id
                    THEN w.amount ELSE -w.amount END AS moved
          FROM (SELECT * FROM settlement_settlementevent WHERE transfer IS NOT NULL) e
          FULL JOIN (SELECT * FROM wallet_transfer
                      WHERE kind = 'SETTLEMENT' AND reference_kind = 'TICKET') w
            ON w.id = e.transfer
          LEFT JOIN settlement_ticket t ON t.id = e.ticket_id
         WHERE e.id IS NULL OR w.id IS NULL
            OR e.difference <> CASE WHEN w.credit_account_id = w.player_account_id
                                    THEN w.amount ELSE -w.amount END
         ORDER BY 1, 2
    """)


def sealed_rows_unlike_their_seals() -> list[Row]:
    """Every sealed row, and every seal, is as it was sealed: at most the first that is not."""
    finding = verifying.verify().finding
    if finding is None:
        return []
    return [
        {
            "fault": str(finding.fault),
            "seal": finding.seal,
            "table": finding.table,
            "id": finding.id,
            "sentence": finding.sentence,
        }
    ]


TRUTHS = [
    Truth(3, "a ticket's transfers are its payout less its stake", tickets_unlike_their_transfers),
    Truth(3, "each event names the transfer that it made", events_unlike_their_transfers),
    Truth(4, "tickets are what their facts fold to", tickets_unlike_their_facts, costly=True),
    Truth(5, "every event says who and why", events_without_who_or_why),
    Truth(6, "nothing is left undone", work_left_undone),
    Truth(7, "every ticket has its legs, without a gap", tickets_without_their_legs),
    Truth(7, "every ticket's events follow each other", tickets_unlike_their_events),
    Truth(8, "every sealed row verifies", sealed_rows_unlike_their_seals, costly=True),
    Truth(8, "no row waits for its seal for more than an hour", waiting.overdue),
]
