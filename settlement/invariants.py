"""What must always be true of tickets. Each truth returns the rows that break it."""

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


TRUTHS = [
    Truth(3, "a ticket's transfers are its payout less its stake", tickets_unlike_their_transfers),
    Truth(7, "every ticket has its legs, without a gap", tickets_without_their_legs),
]
