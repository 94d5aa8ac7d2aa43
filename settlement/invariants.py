"""What must always be true of tickets. Each truth returns the rows that break it."""

from wallet.invariants import Row, Truth, rows


def tickets_unlike_their_transfers() -> list[Row]:
    """A ticket's transfers sum to its payout less the cash stake; none is of an unknown ticket."""
    return rows("""
        SELECT coalesce(t.bet_id, m.reference_id) AS ticket, t.cash_stake, t.payout,
               coalesce(m.moved, 0) AS moved
          FROM settlement_ticket t
          FULL JOIN (
              SELECT reference_id,
                     sum(CASE WHEN credit_account_id = player_account_id THEN amount
                              ELSE -amount END) AS moved
                FROM wallet_transfer
               WHERE kind IN ('STAKE', 'SETTLEMENT') AND reference_kind = 'TICKET'
               GROUP BY reference_id) m ON m.reference_id = t.bet_id
         WHERE coalesce(m.moved, 0) <> coalesce(t.payout - t.cash_stake, 0)
         ORDER BY 1
    """)


def tickets_without_their_legs() -> list[Row]:
    """A ticket's selections make as many legs as it says, in places 1 to n."""
    return rows("""
        SELECT t.bet_id AS ticket, t.legs, coalesce(s.legs, 0) AS selections_make
          FROM settlement_ticket t
          LEFT JOIN (
              SELECT ticket_id, count(*) AS selections, max(position) AS last,
                     count(DISTINCT CASE "group" WHEN '' THEN 'p' || position
                                                 ELSE 'g' || "group" END) AS legs
                FROM settlement_selection GROUP BY ticket_id) s ON s.ticket_id = t.id
         WHERE coalesce(s.legs, 0) <> t.legs OR s.last <> s.selections
         ORDER BY t.id
    """)


TRUTHS = [
    Truth(3, "a ticket's transfers are its payout less its stake", tickets_unlike_their_transfers),
    Truth(7, "every ticket has its legs, without a gap", tickets_without_their_legs),
]
