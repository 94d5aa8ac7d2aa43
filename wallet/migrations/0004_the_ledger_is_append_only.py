"""What was written stays: no transfer, checkpoint or currency is ever changed or removed."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION wallet_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused. Post a correcting transfer instead.',
        TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER transfers_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON wallet_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION wallet_refuse_rewriting();
CREATE TRIGGER checkpoints_are_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON wallet_housecheckpoint
    FOR EACH STATEMENT EXECUTE FUNCTION wallet_refuse_rewriting();
CREATE TRIGGER currencies_keep_their_precision BEFORE UPDATE OR DELETE OR TRUNCATE
    ON wallet_currency FOR EACH STATEMENT EXECUTE FUNCTION wallet_refuse_rewriting();
CREATE INDEX transfer_by_day ON wallet_transfer USING brin (created_at);
ALTER TABLE wallet_account SET (fillfactor = 70);
ALTER TABLE wallet_transfer SET (autovacuum_vacuum_insert_scale_factor = 0.05,
                                 autovacuum_analyze_scale_factor = 0.02);
"""

BACKWARDS = """
ALTER TABLE wallet_transfer RESET (autovacuum_vacuum_insert_scale_factor,
                                   autovacuum_analyze_scale_factor);
ALTER TABLE wallet_account RESET (fillfactor);
DROP INDEX transfer_by_day;
DROP TRIGGER currencies_keep_their_precision ON wallet_currency;
DROP TRIGGER checkpoints_are_append_only ON wallet_housecheckpoint;
DROP TRIGGER transfers_are_append_only ON wallet_transfer;
DROP FUNCTION wallet_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("wallet", "0003_transfers_move_balances")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
