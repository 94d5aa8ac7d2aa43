"""A market that is bet on for the first time may have been spoken of before: that is written down.

The row stands in the transaction that creates the market, so nobody can forget it.
"""

from importlib import import_module

from django.db import migrations

released = import_module("settlement.migrations.0004_outcomes_are_tracked_in_one_call")

BEFORE = released.FORWARDS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
INSERT_MARKETS = "        INSERT INTO settlement_market (event_id, ref, specifiers, name)\n"
END_OF_INSERT = "ON CONFLICT (event_id, ref, specifiers) DO NOTHING;\n"
LOOK_BACK = """ON CONFLICT (event_id, ref, specifiers) DO NOTHING
        RETURNING event_id)
        INSERT INTO settlement_lookback (provider, subject_ref)
        SELECT DISTINCT e.provider, e.ref
          FROM tracked JOIN settlement_sportevent e ON e.id = tracked.event_id
         WHERE e.provider IN ('SPORTRADAR', 'LSPORTS')
         ORDER BY 1, 2;
"""
AFTER = BEFORE.replace(INSERT_MARKETS, "        WITH tracked AS (\n" + INSERT_MARKETS).replace(
    END_OF_INSERT, LOOK_BACK
)


class Migration(migrations.Migration):
    dependencies = [("settlement", "0006_events_move_tickets")]
    operations = [migrations.RunSQL(AFTER, BEFORE)]
