"""Fixtures that ended before what LSports still tells: people settle the bets on them."""

from collections.abc import Iterable, Sequence

import structlog
from django.db import transaction

from feeds import leases
from feeds.connections import Lease
from feeds.lsports.windows import Windows
from settlement import arrays
from settlement.reviews import Asked, open_reviews
from settlement.vocabulary import ReviewKind

log = structlog.get_logger(__name__)

AT_ONCE = 50
MOST_NAMED = 20


def bet_on(fixtures: Iterable[str]) -> set[str]:
    """Return those of these fixtures that somebody has bet on."""
    wanted = sorted(set(fixtures) - {""})
    rows = arrays.fetch(BET_ON, [arrays.texts(wanted)]) if wanted else []
    return {row[0] for row in rows}


def candidates(windows: Windows) -> dict[str, bool]:
    """Return the fixtures whose open bets may have been settled longer ago than is told for sure.

    Of each it says whether it began so long ago that it may be forgotten. One without a time is
    measured by when it was bet on last. Another one may have lost a market before it began.
    """
    return dict(arrays.fetch(CANDIDATES, [windows.horizon]))


@transaction.atomic
def ask(lease: Lease, fixtures: Sequence[str], *, since_ms: int) -> None:
    """Ask people to settle the open tickets on fixtures that LSports does not know any more."""
    for fixture, bets, count in arrays.fetch(OPEN_BETS, [arrays.texts(fixtures), MOST_NAMED]):
        more = f" and {count - len(bets):,} more" if count > len(bets) else ""
        tickets = f"ticket{'s'[: count != 1]} {', '.join(bets)}{more}"
        sentence = (
            f"LSports does not know fixture {fixture} any more: it tells nothing of fixtures that "
            f"ended more than a day ago, and we were not connected when it did. Open on it: "
            f"{tickets}. Settle them by hand."
        )
        open_reviews([Asked(ReviewKind.FEED_GAP, f"LSPORTS:{fixture}", sentence)])
    if fixtures:
        log.error("fixtures_are_gone", feed=lease.feed, fixtures=len(fixtures), since_ms=since_ms)
    leases.fence(lease)


BET_ON = (
    "SELECT ref FROM settlement_sportevent WHERE ref = ANY (%s::text[]) AND provider = 'LSPORTS'"
)

CANDIDATES = """
SELECT e.ref, coalesce(min(e.start_at), max(t.accepted_at)) < min(w.until)
  FROM (SELECT now() - make_interval(secs => %s) AS until) w
 CROSS JOIN settlement_ticket t
  JOIN settlement_selection s ON s.ticket_id = t.id
  JOIN settlement_outcome o ON o.id = s.outcome_id
  JOIN settlement_market m ON m.id = o.market_id
  JOIN settlement_sportevent e ON e.id = m.event_id
 WHERE t.status = 'OPEN' AND s.result = '' AND e.provider = 'LSPORTS'
 GROUP BY e.id, e.ref
HAVING least(min(e.start_at), min(t.accepted_at)) < min(w.until)
 ORDER BY e.ref
"""

# The newest of the tickets are named, and all are counted.
OPEN_BETS = """
SELECT ref, (array_agg(bet_id ORDER BY id DESC))[1:w.most], count(*)
  FROM (SELECT %s::text[] AS refs, %s::integer AS most) w
 CROSS JOIN LATERAL (
       SELECT DISTINCT e.ref, t.id, t.bet_id
         FROM settlement_sportevent e
         JOIN settlement_market m ON m.event_id = e.id
         JOIN settlement_outcome o ON o.market_id = m.id
         JOIN settlement_selection s ON s.outcome_id = o.id
         JOIN settlement_ticket t ON t.id = s.ticket_id
        WHERE e.ref = ANY (w.refs) AND e.provider = 'LSPORTS'
          AND t.status = 'OPEN' AND s.result = '') open_now
 GROUP BY ref, w.most
 ORDER BY ref
"""
