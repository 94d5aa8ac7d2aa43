"""Rule sets are added, for the time to come; none is changed, and none reaches back."""

from datetime import UTC, datetime

from django.db import migrations

FIRST_IN_FORCE = datetime(1970, 1, 1, tzinfo=UTC)

FORWARDS = """
CREATE FUNCTION settlement_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused. Add a new row instead.',
        TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE FUNCTION settlement_refuse_retroactive_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A rule set can''t reach back: % is over. Tickets keep the rules of their time.',
        NEW.in_force_from USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER rule_sets_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON settlement_ruleset FOR EACH STATEMENT EXECUTE FUNCTION settlement_refuse_rewriting();
CREATE TRIGGER rule_sets_never_reach_back BEFORE INSERT ON settlement_ruleset
    FOR EACH ROW WHEN (NEW.in_force_from < clock_timestamp())
    EXECUTE FUNCTION settlement_refuse_retroactive_rules();
"""

BACKWARDS = """
DROP TRIGGER rule_sets_never_reach_back ON settlement_ruleset;
DROP TRIGGER rule_sets_are_append_only ON settlement_ruleset;
DROP FUNCTION settlement_refuse_retroactive_rules();
DROP FUNCTION settlement_refuse_rewriting();
"""


def add_the_first(apps, schema_editor):
    """Put the defaults in force for all time before the first change. `{}` means every default."""
    apps.get_model("settlement", "RuleSet").objects.create(
        settings={}, in_force_from=FIRST_IN_FORCE, actor="system:migrate", note="The defaults"
    )


class Migration(migrations.Migration):
    dependencies = [("settlement", "0001_initial")]
    operations = [
        migrations.RunPython(add_the_first, migrations.RunPython.noop),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
