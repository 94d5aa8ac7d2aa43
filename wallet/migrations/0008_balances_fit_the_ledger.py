"""No balance is -2^63: PostgreSQL has a number for it, but none for what puts it right."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("wallet", "0007_transfers_are_posted_in_read_committed")]
    operations = [
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("player_balance_after__gte", -9223372036854775807)),
                name="transfer_balance_fits_the_ledger",
            ),
        ),
    ]
