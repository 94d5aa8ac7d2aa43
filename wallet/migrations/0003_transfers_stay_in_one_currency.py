"""Both sides of a transfer are accounts of the transfer's own currency."""

from django.db import migrations

FORWARDS = """
ALTER TABLE wallet_account
    ADD CONSTRAINT account_and_currency_are_unique UNIQUE (id, currency_id);
ALTER TABLE wallet_transfer
    ADD CONSTRAINT debit_account_has_the_transfers_currency
        FOREIGN KEY (debit_account_id, currency_id) REFERENCES wallet_account (id, currency_id),
    ADD CONSTRAINT credit_account_has_the_transfers_currency
        FOREIGN KEY (credit_account_id, currency_id) REFERENCES wallet_account (id, currency_id);
"""

BACKWARDS = """
ALTER TABLE wallet_transfer
    DROP CONSTRAINT debit_account_has_the_transfers_currency,
    DROP CONSTRAINT credit_account_has_the_transfers_currency;
ALTER TABLE wallet_account DROP CONSTRAINT account_and_currency_are_unique;
"""


class Migration(migrations.Migration):
    dependencies = [("wallet", "0002_currencies")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
