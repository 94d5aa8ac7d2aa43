"""Singles, each on an event of its own, and many on one market; set into the tables at once."""

from typing import Any

from django.db.backends.utils import CursorWrapper

from backoffice.bench.intake.fill import Stock
from backoffice.bench.settle.layout import Layout

BACKLOG, STEADY, HOT = "a backlog", "steadily", "one market"
MARKETS_AN_EVENT = 50
FIRST_MARKET = 100
OVER, UNDER = "12", "13"
HOT_EVENT = "sr:match:49999999"


def market_ref(place: int) -> str:
    """Return a market's id by its place among those of an event."""
    return str(FIRST_MARKET + place)


def specifiers(place: int) -> str:
    """Return the specifiers that it has."""
    return f"hcp=0:1|total={place}.5"


def stock(layout: Layout) -> Stock:
    """Return what fills a database as the layout says."""

    def outcomes(cursor: CursorWrapper, tickets: int) -> dict[str, Any]:
        values: dict[str, Any] = {
            "hot": layout.on_markets,
            "hot_event": HOT_EVENT,
            "markets": MARKETS_AN_EVENT,
        }
        values |= {"tickets": tickets, "first_market": FIRST_MARKET}
        cursor.execute(OUTCOMES, values)
        (first,) = cursor.fetchone()
        return {"hot": layout.on_markets, "first_outcome": first}

    return Stock(outcomes, TICKETS, SELECTIONS)


# The event of nobody's number 0 is the one that all the first tickets are on.
OUTCOMES = """
WITH events AS (
    INSERT INTO settlement_sportevent (provider, ref, name, start_at)
    SELECT 'SPORTRADAR', CASE n WHEN 0 THEN %(hot_event)s ELSE 'sr:match:' || 50000000 + n END,
           n::text, '2026-06-01Z'
      FROM generate_series(0, %(tickets)s - %(hot)s) n
    RETURNING id, name::integer AS n
), markets AS (
    INSERT INTO settlement_market (event_id, ref, specifiers, name)
    SELECT id, (%(first_market)s + n %% %(markets)s)::text,
           'hcp=0:1|total=' || n %% %(markets)s || '.5', 'Total'
      FROM events ORDER BY n
    RETURNING id
), outcomes AS (
    INSERT INTO settlement_outcome (market_id, ref, name, line)
    SELECT m.id, (12 + n)::text, '', '' FROM markets m, generate_series(0, 1) n ORDER BY m.id, n
    RETURNING id
)
SELECT min(id) FROM outcomes
"""

TICKETS = """
INSERT INTO settlement_ticket
       (id, bet_id, content_hash, provider, provider_bet_id, player_id, currency_id, rule_set_id,
        stake, cash_stake, kind, system, selection_count, legs, bankers, lines, each_way,
        free_bet_ref, placed_at, accepted_at)
SELECT n, md5(n::text)::uuid::text, sha256(n::text::bytea), 'SPORTRADAR', '',
       (%(player_ids)s::bigint[])[1 + n %% cardinality(%(player_ids)s::bigint[])], 'EUR',
       (SELECT min(id) FROM settlement_ruleset), %(stake)s, %(stake)s, 'SINGLE', '', 1, 1, 0, 1,
       false, '', at, at
  FROM generate_series(%(start)s, %(end)s) n,
       LATERAL (SELECT '2026-05-01Z'::timestamptz + n * interval '1 second') AS clock (at)
"""

SELECTIONS = """
INSERT INTO settlement_selection
       (ticket_id, position, provider, outcome_id, line, "group", price, banker)
SELECT n, 1, '', %(first_outcome)s + 2 * greatest(n - %(hot)s, 0) + n %% 2, '', '',
       '1.' || 10 + n * 31 %% 90, false
  FROM generate_series(%(start)s, %(end)s) n
"""
