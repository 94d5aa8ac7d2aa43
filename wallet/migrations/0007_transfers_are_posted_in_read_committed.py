"""Whoever posts with an older snapshot is refused: it hides keys and balances of others.

`wallet_post_transfers` counts on its second statement to see what it has waited for (0003).
"""

from importlib import import_module

from django.db import migrations

released = import_module("wallet.migrations.0003_transfers_move_balances")

BEFORE = released.POST_TRANSFERS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
LOCKING = "    PERFORM wallet_lock_accounts(account_ids);\n"
READ_COMMITTED = """\
    IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
        RAISE EXCEPTION 'Transfers are posted in READ COMMITTED alone, not in %: an older snapshot '
            'hides what others have posted since.', upper(current_setting('transaction_isolation'))
            USING ERRCODE = 'invalid_transaction_state';
    END IF;
"""
AFTER = BEFORE.replace(LOCKING, READ_COMMITTED + LOCKING)


class Migration(migrations.Migration):
    dependencies = [("wallet", "0006_checkpoints_come_from_the_ledger")]
    operations = [migrations.RunSQL(AFTER, BEFORE)]
