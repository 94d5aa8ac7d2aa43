"""Fixtures that are over, and have bets without a result: somebody is asked to look.

LSports names the fixtures that it follows. One that it names no more ought to be settled soon.
"""

from collections.abc import Sequence

import structlog
from django.db import transaction

from feeds import leases
from feeds.connections import Lease
from feeds.lsports import ledger
from feeds.lsports.windows import Windows
from settlement import arrays
from settlement.reviews import Asked, close_about, open_reviews
from settlement.vocabulary import ReviewKind

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 200
ABOUT_FIXTURES = (ReviewKind.SETTLEMENT_MISSING, ReviewKind.FEED_GAP)


@transaction.atomic
def look(lease: Lease, windows: Windows) -> None:
    """Ask about fixtures that ended a while ago and lack results, and forget those that do not.

    LSports is asked once more, too: its message may have been lost.
    """
    close_answered()
    rows = arrays.fetch(LACKING, [windows.missing, lease.feed, MOST_AT_ONCE])
    for fixture, minutes, tickets, markets in rows:
        log.warning("settlement_is_missing", feed=lease.feed, fixture=fixture, tickets=tickets)
        open_reviews(
            [
                Asked(
                    ReviewKind.SETTLEMENT_MISSING,
                    subject_of(fixture),
                    sentence_about(fixture, minutes, tickets, markets),
                )
            ]
        )
        ledger.want(
            feeds=[lease.feed],
            fixture=fixture,
            why="It is over, and bets on it have no result.",
            actor=ledger.BY_US,
        )
    note_asked(lease.feed, [row[0] for row in rows])
    arrays.execute(FORGET, [lease.feed])
    leases.fence(lease)


def close_answered() -> None:
    """Close what was asked about fixtures whose bets have their results now."""
    answered = [row[0] for row in arrays.fetch(ANSWERED, [])]
    for kind in ABOUT_FIXTURES:
        close_about(kind, answered)


def note_asked(feed: str, fixtures: Sequence[str]) -> None:
    """Write down that somebody was asked about fixtures."""
    if fixtures:
        arrays.execute(NOTED, [feed, arrays.texts(fixtures)])


def subject_of(fixture: str) -> str:
    """Return how a review names a fixture."""
    return f"LSPORTS:{fixture}"


def sentence_about(fixture: str, minutes: int, tickets: int, markets: int) -> str:
    """Say that settlements are missing."""
    return (
        f"Fixture {fixture} is over for {minutes} minutes, and LSports has not settled "
        f"{markets:,} market{'s'[: markets != 1]} on which {tickets:,} "
        f"ticket{'s are' if tickets != 1 else ' is'} open. It is being asked again; what it does "
        "not tell has to be settled by hand."
    )


# Bets on a fixture that still have no result, found by the indexes alone, also when nobody has
# counted the rows yet: OFFSET 0 keeps the steps in their order, and outcomes with and without an
# id of their provider's have an index each.
BETS = """
  FROM settlement_sportevent e
 CROSS JOIN LATERAL (
       SELECT id FROM settlement_market WHERE event_id = e.id OFFSET 0) m
 CROSS JOIN LATERAL (
       SELECT id FROM settlement_outcome WHERE market_id = m.id AND ref <> ''
        UNION ALL
       SELECT id FROM settlement_outcome WHERE market_id = m.id AND ref = '' OFFSET 0) o
 CROSS JOIN LATERAL (
       SELECT ticket_id FROM settlement_selection
        WHERE outcome_id = o.id AND result = '' OFFSET 0) s
 CROSS JOIN LATERAL (
       SELECT id FROM settlement_ticket
        WHERE id = s.ticket_id AND status = 'OPEN' OFFSET 0) t
 WHERE e.ref = f.fixture_ref AND e.provider = 'LSPORTS'
"""

# To know whether there is one, the first is enough; only those that are asked about are counted.
IS_OPEN = f"(SELECT true {BETS} LIMIT 1)"

# A fixture that what receives is at just now is left to the next look: it would wait for us, and
# we for it.
LACKING = f"""
WITH due AS MATERIALIZED (
    SELECT f.fixture_ref, f.ended_at FROM feeds_endedfixture f
     WHERE f.ended_at < statement_timestamp() - make_interval(secs => %s)
       AND f.feed = %s AND f.asked_at IS NULL AND {IS_OPEN}
     ORDER BY f.ended_at LIMIT %s FOR UPDATE SKIP LOCKED)
SELECT f.fixture_ref, (extract(epoch FROM clock_timestamp() - f.ended_at) / 60)::integer,
       o.tickets, o.markets
  FROM due f
 CROSS JOIN LATERAL (
       SELECT count(DISTINCT t.id) AS tickets, count(DISTINCT m.id) AS markets {BETS}) o
 ORDER BY f.ended_at
"""  # noqa: S608 - no word of it comes from outside

NOTED = """
UPDATE feeds_endedfixture SET asked_at = clock_timestamp()
 WHERE feed = %s AND fixture_ref = ANY (%s::text[])
"""

# Whose bets have all their results is not looked at again.
FORGET = f"""
WITH settled AS MATERIALIZED (
    SELECT f.id FROM feeds_endedfixture f
     WHERE f.ended_at IS NOT NULL AND f.feed = %s AND {IS_OPEN} IS NULL
       FOR UPDATE SKIP LOCKED)
UPDATE feeds_endedfixture f SET ended_at = NULL FROM settled s WHERE f.id = s.id
"""  # noqa: S608 - no word of it comes from outside

ANSWERED = f"""
SELECT DISTINCT f.subject
  FROM (SELECT subject, substr(subject, 9) AS fixture_ref FROM settlement_review
         WHERE kind IN ('SETTLEMENT_MISSING', 'FEED_GAP') AND starts_with(subject, 'LSPORTS:')
           AND closed_at IS NULL) f
 WHERE {IS_OPEN} IS NULL
 ORDER BY f.subject
"""  # noqa: S608 - no word of it comes from outside
