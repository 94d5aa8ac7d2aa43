"""Events, markets and outcomes are found, and created where they are new, in one call.

Nearly always all of them are there. New rows are written in the order of their keys, so that two
callers who share some wait for each other and never in a circle; a name that was missing is filled
in. However many are asked for, they are reached by index: a plan for a thousand would read tables.
"""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION settlement_track_outcomes(
        providers text[], events text[], starts timestamptz[], event_names text[],
        markets text[], all_specifiers text[], market_names text[],
        outcomes text[], outcome_names text[], lines text[])
    RETURNS bigint[]
    LANGUAGE plpgsql VOLATILE SET search_path = public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
    SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    found_ids bigint[];
    all_there boolean;
    nameless boolean;
BEGIN
    FOR attempt IN 1..2 LOOP
        SELECT array_agg(o.id ORDER BY a.place), bool_and(o.id IS NOT NULL),
               bool_or((e.name = '' AND a.event_name <> '') OR (m.name = '' AND a.market_name <> '')
                       OR (o.name = '' AND a.outcome_name <> '')
                       OR (e.start_at IS NULL AND a.start_at IS NOT NULL))
          INTO found_ids, all_there, nameless
          FROM unnest(providers, events, starts, event_names, markets, all_specifiers, market_names,
                      outcomes, outcome_names, lines)
               WITH ORDINALITY AS a (provider, event, start_at, event_name, market, specifier,
                                     market_name, outcome, outcome_name, line, place)
          LEFT JOIN settlement_sportevent e ON e.ref = a.event AND e.provider = a.provider
          LEFT JOIN settlement_market m
            ON m.event_id = e.id AND m.ref = a.market AND m.specifiers = a.specifier
          LEFT JOIN LATERAL (
                SELECT o.id, o.name FROM settlement_outcome o
                 WHERE o.market_id = m.id AND o.ref = a.outcome AND o.ref <> ''
                 UNION ALL
                SELECT o.id, o.name FROM settlement_outcome o
                 WHERE a.outcome = '' AND o.market_id = m.id AND o.name = a.outcome_name
                   AND o.line = a.line AND o.ref = '') o ON true;
        EXIT WHEN all_there;

        INSERT INTO settlement_sportevent (provider, ref, name, start_at)
        SELECT a.provider, a.event, max(a.event_name), max(a.start_at)
          FROM unnest(found_ids, providers, events, starts, event_names)
               AS a (id, provider, event, start_at, event_name)
         WHERE a.id IS NULL
         GROUP BY a.event, a.provider ORDER BY a.event, a.provider
            ON CONFLICT (ref, provider) DO NOTHING;

        INSERT INTO settlement_market (event_id, ref, specifiers, name)
        SELECT e.id, a.market, a.specifier, max(a.market_name)
          FROM unnest(found_ids, providers, events, markets, all_specifiers, market_names)
               AS a (id, provider, event, market, specifier, market_name)
          JOIN settlement_sportevent e ON e.ref = a.event AND e.provider = a.provider
         WHERE a.id IS NULL
         GROUP BY e.id, a.market, a.specifier ORDER BY e.id, a.market, a.specifier
            ON CONFLICT (event_id, ref, specifiers) DO NOTHING;

        INSERT INTO settlement_outcome (market_id, ref, name, line)
        SELECT m.id, a.outcome, max(a.outcome_name),
               CASE a.outcome WHEN '' THEN a.line ELSE '' END
          FROM unnest(found_ids, providers, events, markets, all_specifiers, outcomes,
                      outcome_names, lines)
               AS a (id, provider, event, market, specifier, outcome, outcome_name, line)
          JOIN settlement_sportevent e ON e.ref = a.event AND e.provider = a.provider
          JOIN settlement_market m
            ON m.event_id = e.id AND m.ref = a.market AND m.specifiers = a.specifier
         WHERE a.id IS NULL
         GROUP BY m.id, a.outcome, CASE a.outcome WHEN '' THEN a.line ELSE '' END,
                  CASE a.outcome WHEN '' THEN a.outcome_name ELSE '' END
         ORDER BY 1, 2, 3, 4
            ON CONFLICT DO NOTHING;
    END LOOP;

    IF nameless THEN
        UPDATE settlement_sportevent e
           SET name = CASE e.name WHEN '' THEN n.name ELSE e.name END,
               start_at = coalesce(e.start_at, n.start_at)
          FROM (SELECT e.id, max(a.event_name) AS name, max(a.start_at) AS start_at
                  FROM unnest(providers, events, starts, event_names)
                       AS a (provider, event, start_at, event_name)
                  JOIN settlement_sportevent e ON e.ref = a.event AND e.provider = a.provider
                 WHERE (e.name = '' AND a.event_name <> '')
                    OR (e.start_at IS NULL AND a.start_at IS NOT NULL)
                 GROUP BY e.id) n
         WHERE e.id = n.id AND e.id IN (
               SELECT l.id FROM settlement_sportevent l WHERE l.id = n.id
                  FOR NO KEY UPDATE SKIP LOCKED);
        UPDATE settlement_market m SET name = n.name
          FROM (SELECT o.market_id AS id, max(a.market_name) AS name
                  FROM unnest(found_ids, market_names) AS a (outcome_id, market_name)
                  JOIN settlement_outcome o ON o.id = a.outcome_id
                 WHERE a.market_name <> '' GROUP BY o.market_id) n
         WHERE m.id = n.id AND m.name = '' AND m.id IN (
               SELECT l.id FROM settlement_market l WHERE l.id = n.id
                  FOR NO KEY UPDATE SKIP LOCKED);
        UPDATE settlement_outcome o SET name = n.name
          FROM (SELECT a.outcome_id AS id, max(a.outcome_name) AS name
                  FROM unnest(found_ids, outcome_names) AS a (outcome_id, outcome_name)
                 WHERE a.outcome_name <> '' GROUP BY a.outcome_id) n
         WHERE o.id = n.id AND o.name = '' AND o.id IN (
               SELECT l.id FROM settlement_outcome l WHERE l.id = n.id
                  FOR NO KEY UPDATE SKIP LOCKED);
    END IF;
    RETURN found_ids;
END
$$;
"""

BACKWARDS = """
DROP FUNCTION settlement_track_outcomes(
    text[], text[], timestamptz[], text[], text[], text[], text[], text[], text[], text[]);
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0003_tickets_have_the_legs_they_say")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
