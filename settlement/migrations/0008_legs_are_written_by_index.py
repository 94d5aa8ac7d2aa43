"""How selections ended is written in one call that reaches them by index.

For a few thousand rows the planner would read a table of a few hundred thousand, and no more.
"""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION settlement_write_legs(
        ids bigint[], wins text[], voids text[], place_wins text[], place_voids text[],
        deductions text[], starts text[], results text[])
    RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
    SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    UPDATE settlement_selection s
       SET win_factor = w.win, void_factor = w.void, place_win_factor = w.place_win,
           place_void_factor = w.place_void, deduction_percent = w.deduction,
           starting_price = w.start, result = w.result
      FROM unnest(ids, wins, voids, place_wins, place_voids, deductions, starts, results)
           AS w (id, win, void, place_win, place_void, deduction, start, result)
     WHERE s.id = w.id;
END
$$;
"""

BACKWARDS = """
DROP FUNCTION settlement_write_legs(
    bigint[], text[], text[], text[], text[], text[], text[], text[]);
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0007_new_markets_are_looked_back_on")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
