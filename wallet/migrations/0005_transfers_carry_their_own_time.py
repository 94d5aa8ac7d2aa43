"""A transfer carries the time and the number of the transaction that writes it, and no other.

Readers go by `xact` to miss no row in flight, and statements by `created_at`. The check stands in
the statement trigger of 0003: a further trigger would read all rows once more.
"""

from importlib import import_module

from django.db import migrations

released = import_module("wallet.migrations.0003_transfers_move_balances")

BEFORE = released.MOVE_BALANCES.partition("-- With it")[0].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
LAST_COMPLAINT = "THEN 'the running balance does not follow from the last one'\n"
ITS_OWN = """\
               WHEN w.xact <> pg_current_xact_id()
                    OR w.created_at NOT BETWEEN transaction_timestamp() AND clock_timestamp()
               THEN 'it must carry the time and the number of the transaction that writes it'
"""
AFTER = BEFORE.replace(LAST_COMPLAINT, LAST_COMPLAINT + ITS_OWN)


class Migration(migrations.Migration):
    dependencies = [("wallet", "0004_the_ledger_is_append_only")]
    operations = [migrations.RunSQL(AFTER, BEFORE)]
