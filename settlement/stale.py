"""Tickets that are open long after their last event began: somebody has to look."""

from django.db import transaction

from settlement import arrays
from settlement.reviews import Asked, open_reviews, ticket_subject
from settlement.vocabulary import ReviewKind


@transaction.atomic
def ask_about_stale_tickets(*, hours: int, most: int = 1000) -> int:
    """Ask about open tickets whose last event began so many hours ago; return how many there are.

    A ticket whose events have no time is measured by when it was placed, and given a week more.
    """
    rows = arrays.fetch(STALE, [hours, hours + UNKNOWN_START, hours, most])
    open_reviews(
        Asked(
            ReviewKind.STALE_OPEN,
            ticket_subject(ticket),
            f"It is still open, {hours} hours and more after its last event began on {began}: no "
            "result has come, or none that decides it.",
            ticket=ticket,
            amount=stake,
        )
        for ticket, stake, began in rows
    )
    return len(rows)


UNKNOWN_START = 7 * 24  # hours

# Open tickets are the few among many: those of a month are looked through, the oldest first.
STALE = """
SELECT t.id, t.stake, to_char(coalesce(max(e.start_at), t.placed_at) AT TIME ZONE 'UTC',
                              'YYYY-MM-DD HH24:MI "UTC"')
  FROM settlement_ticket t
  JOIN settlement_selection s ON s.ticket_id = t.id
  JOIN settlement_outcome o ON o.id = s.outcome_id
  JOIN settlement_market m ON m.id = o.market_id
  JOIN settlement_sportevent e ON e.id = m.event_id
 WHERE t.status = 'OPEN'
   AND NOT EXISTS (SELECT FROM settlement_review r
                    WHERE r.subject = 'ticket:' || t.id AND r.kind = 'STALE_OPEN'
                      AND (r.closed_at IS NULL OR r."end" = 'DISMISSED'))
 GROUP BY t.id, t.stake, t.placed_at
HAVING CASE WHEN bool_and(e.start_at IS NULL)
            THEN t.placed_at < now() - make_interval(hours => %s) - make_interval(hours => %s)
            ELSE max(e.start_at) < now() - make_interval(hours => %s) END
 ORDER BY t.id LIMIT %s
"""
