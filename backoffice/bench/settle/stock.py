"""Open tickets by set, 60 % singles and 40 % trebles, as their intake would have left them.

A ticket on markets has its first leg on one that is not decided: a hot one, or one that nobody
settles. Of a treble's other legs 85 % have won already, and their markets' facts are there.
"""

from typing import Any

from django.db.backends.utils import CursorWrapper

from backoffice.bench.intake.fill import Stock, add_outcomes
from backoffice.bench.settle.layout import Layout

TICKETS_AN_ODDS88_EVENT = 20


def stock(layout: Layout) -> Stock:
    """Return what fills a database as the layout says."""

    def outcomes(cursor: CursorWrapper, tickets: int) -> dict[str, Any]:
        past = add_outcomes(cursor, tickets)
        cursor.execute(PAST_FACTS, past)
        values = {
            "hot": len(layout.market_ends),
            "odds88": max(4, (tickets - layout.on_markets) // TICKETS_AN_ODDS88_EVENT),
        }
        cursor.execute(HOT, values)
        (first_hot,) = cursor.fetchone()
        cursor.execute(ODDS88, values)
        (first_odds88,) = cursor.fetchone()
        return values | {
            "first_past": past["first_outcome"],
            "past": past["outcomes"] // 3,
            "first_hot": first_hot,
            "first_odds88": first_odds88,
            "on_markets": layout.on_markets,
            "stride": layout.stride,
            "ends": layout.market_ends,
        }

    return Stock(outcomes, TICKETS, SELECTIONS)


PAST_FACTS = """
INSERT INTO settlement_marketfact
       (market_id, source, kind, certainty, ticks, key, content, actor, reason, note)
SELECT market_id, 'SPORTRADAR', 'SETTLEMENT', 2, 17801000000000000,
       sha256(id::text::bytea),
       '{"outcomes":{"1":{"ended":["1","0"]},"2":{"ended":["0","0"]},"3":{"ended":["0","0"]}}}',
       '', '', ''
  FROM settlement_outcome
 WHERE id >= %(first_outcome)s AND (id - %(first_outcome)s) %% 3 = 0
   AND (id - %(first_outcome)s) / 3 %% 20 < 17
"""

HOT = """
WITH events AS (
    INSERT INTO settlement_sportevent (provider, ref, name, start_at)
    SELECT 'SPORTRADAR', 'sr:match:' || 90000000 + n, 'Hot ' || n, '2026-06-01Z'
      FROM generate_series(0, %(hot)s - 1) n
    RETURNING id
), markets AS (
    INSERT INTO settlement_market (event_id, ref, specifiers, name)
    SELECT id, '1', '', '1x2' FROM events ORDER BY id
    RETURNING id
), outcomes AS (
    INSERT INTO settlement_outcome (market_id, ref, name, line)
    SELECT m.id, n::text, '', '' FROM markets m, generate_series(1, 3) n ORDER BY m.id, n
    RETURNING id
)
SELECT min(id) FROM outcomes
"""

ODDS88 = """
WITH events AS (
    INSERT INTO settlement_sportevent (provider, ref, name, start_at)
    SELECT 'ODDS88', (7000000 + n)::text, 'Home ' || n || ' - Away ' || n, '2026-06-01Z'
      FROM generate_series(1, %(odds88)s) n
    RETURNING id, ref
), markets AS (
    INSERT INTO settlement_market (event_id, ref, specifiers, name)
    SELECT id, (1000000 + ref::integer)::text, '', 'Match result' FROM events ORDER BY id
    RETURNING id, ref
), outcomes AS (
    INSERT INTO settlement_outcome (market_id, ref, name, line)
    SELECT m.id, (m.ref::bigint * 10 + n)::text, '', ''
      FROM markets m, generate_series(1, 3) n ORDER BY m.id, n
    RETURNING id
)
SELECT min(id) FROM outcomes
"""

SHAPE = """
       LATERAL (SELECT CASE WHEN n > %(on_markets)s THEN n
                            ELSE n::bigint * %(stride)s %% %(on_markets)s END) AS placed (slot),
       LATERAL (SELECT CASE WHEN slot %% 5 < 3 THEN 1 ELSE 3 END) AS shape (legs)
"""

TICKETS = f"""
INSERT INTO settlement_ticket
       (id, bet_id, content_hash, provider, provider_bet_id, player_id, currency_id, rule_set_id,
        stake, cash_stake, kind, system, selection_count, legs, bankers, lines, each_way,
        free_bet_ref, placed_at, accepted_at)
SELECT n, md5(n::text)::uuid::text, sha256(n::text::bytea),
       CASE WHEN n > %(on_markets)s THEN 'ODDS88' ELSE 'SPORTRADAR' END, '',
       (%(player_ids)s::bigint[])[1 + n %% cardinality(%(player_ids)s::bigint[])], 'EUR',
       (SELECT min(id) FROM settlement_ruleset), %(stake)s, %(stake)s,
       CASE legs WHEN 1 THEN 'SINGLE' ELSE 'TREBLE' END, '', legs, legs, 0, 1, false, '', at, at
  FROM generate_series(%(start)s, %(end)s) n, {SHAPE},
       LATERAL (SELECT '2026-05-01Z'::timestamptz + n * interval '1 second') AS clock (at)
"""  # noqa: S608 - put together from constants

SELECTIONS = f"""
INSERT INTO settlement_selection
       (ticket_id, position, provider, outcome_id, line, "group", price, banker, win_factor,
        void_factor, result)
SELECT n, place, '',
       CASE WHEN n > %(on_markets)s
            THEN %(first_odds88)s + 3 * ((n * 7 + place * 13) %% %(odds88)s) + n %% 3
            WHEN place = 1 AND hot < %(hot)s THEN %(first_hot)s + 3 * hot + slot / 5 %% 3
            WHEN place = 1 THEN %(first_past)s + 3 * (waiting * 20 + 17 + n %% 3) + n %% 3
            ELSE %(first_past)s + 3 * past END,
       '', '', '1.' || 10 + (n * 31 + place * 17) %% 90, false,
       CASE WHEN won THEN '1' END, CASE WHEN won THEN '0' END, CASE WHEN won THEN 'WIN' ELSE '' END
  FROM generate_series(%(start)s, %(end)s) n, {SHAPE}, generate_series(1, legs) place,
       LATERAL (SELECT width_bucket(slot, %(ends)s::bigint[]),
                       n::bigint * 37 %% (%(past)s / 20),
                       (n::bigint * %(past)s / %(tickets)s + place * 97 + n %% 89) %% %(past)s)
               AS lies (hot, waiting, past),
       LATERAL (SELECT n <= %(on_markets)s AND place > 1 AND past %% 20 < 17) AS known (won)
"""  # noqa: S608 - put together from constants
