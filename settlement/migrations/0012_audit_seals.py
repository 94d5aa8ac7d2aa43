"""Rows that must stay are sealed: a hash chain over them, which goes on and is never rewritten."""

import django.contrib.postgres.fields
from django.db import migrations, models

import wallet.models

FORWARDS = """
CREATE FUNCTION settlement_seals_follow_the_last() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp
AS $$
DECLARE
    last record;
BEGIN
    SELECT number, chain INTO last FROM settlement_auditseal ORDER BY number DESC LIMIT 1;
    IF NEW.number <> coalesce(last.number, 0) + 1
       OR NEW.previous <> coalesce(last.chain, decode(repeat('00', 32), 'hex'))
       OR NEW.sealed_at <> transaction_timestamp() THEN
        RAISE EXCEPTION 'Seal % is refused: it does not follow the last one, now. '
            'Seal through settlement.audit.sealing.', NEW.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER seals_follow_the_last BEFORE INSERT ON settlement_auditseal
    FOR EACH ROW EXECUTE FUNCTION settlement_seals_follow_the_last();

CREATE FUNCTION settlement_refuse_rewriting_seals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Seals are append-only: % is refused. A seal that does not fit tells that rows '
        'were changed: see “verify_audit” in docs/runbook.md.', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER seals_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement_auditseal
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_refuse_rewriting_seals();

CREATE FUNCTION settlement_refuse_foreign_transactions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A row of % is refused: it must carry the transaction that writes it.',
        TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER rule_sets_carry_their_own_transaction BEFORE INSERT ON settlement_ruleset
    FOR EACH ROW WHEN (NEW.xact <> pg_current_xact_id())
    EXECUTE FUNCTION settlement_refuse_foreign_transactions();

-- Digests do not get smaller by compression.
ALTER TABLE settlement_auditseal ALTER COLUMN digests SET STORAGE EXTERNAL;
"""

BACKWARDS = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM settlement_auditseal) THEN
        RAISE EXCEPTION 'The seals would be lost: this can''t be migrated backwards.';
    END IF;
END
$$;
DROP TRIGGER rule_sets_carry_their_own_transaction ON settlement_ruleset;
DROP FUNCTION settlement_refuse_foreign_transactions();
DROP TRIGGER seals_are_append_only ON settlement_auditseal;
DROP FUNCTION settlement_refuse_rewriting_seals();
DROP TRIGGER seals_follow_the_last ON settlement_auditseal;
DROP FUNCTION settlement_seals_follow_the_last();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("settlement", "0011_acts_are_not_rewritten"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("table", models.CharField(max_length=63)),
                ("form", models.PositiveSmallIntegerField()),
                ("cluster", models.CharField(max_length=20)),
                ("sealed_at", models.DateTimeField()),
                ("last_xact", wallet.models.TransactionIdField()),
                ("last_id", models.BigIntegerField()),
                ("row_count", models.PositiveIntegerField()),
                ("least_id", models.BigIntegerField()),
                ("greatest_id", models.BigIntegerField()),
                (
                    "ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
                (
                    "digests",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BinaryField(max_length=32), size=None
                    ),
                ),
                ("previous", models.BinaryField(max_length=32)),
                ("chain", models.BinaryField(max_length=32)),
                ("signature", models.BinaryField(max_length=32)),
            ],
        ),
        migrations.AddField(
            model_name="ruleset",
            name="xact",
            field=wallet.models.TransactionIdField(
                db_default=wallet.models.CurrentTransactionId(), editable=False
            ),
        ),
        migrations.AddIndex(
            model_name="ruleset",
            index=models.Index(fields=["xact", "id"], name="ruleset_in_commit_order"),
        ),
        migrations.AddIndex(
            model_name="marketfact",
            index=models.Index(fields=["xact", "id"], name="market_fact_in_commit_order"),
        ),
        migrations.AddIndex(
            model_name="settlementevent",
            index=models.Index(fields=["xact", "id"], name="event_in_commit_order"),
        ),
        migrations.AddIndex(
            model_name="ticketfact",
            index=models.Index(fields=["xact", "id"], name="ticket_fact_in_commit_order"),
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(fields=["xact", "id"], name="batch_in_commit_order"),
        ),
        migrations.AddIndex(
            model_name="approval",
            index=models.Index(fields=["xact", "id"], name="approval_in_commit_order"),
        ),
        migrations.AddIndex(
            model_name="actlimit",
            index=models.Index(fields=["xact", "id"], name="act_limit_in_commit_order"),
        ),
        migrations.AddIndex(
            model_name="auditseal",
            index=models.Index(fields=["table", "number"], name="seal_of_a_table"),
        ),
        migrations.AddIndex(
            model_name="auditseal",
            index=models.Index(fields=["table", "greatest_id"], name="seal_by_its_ids"),
        ),
        migrations.AddConstraint(
            model_name="auditseal",
            constraint=models.UniqueConstraint(
                fields=("previous",), name="seal_is_the_only_one_after_its_last"
            ),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
