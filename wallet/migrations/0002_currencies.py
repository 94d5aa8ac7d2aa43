"""A new installation knows the world's currencies."""

from django.db import migrations

from wallet.currencies import PRECISIONS


def add_currencies(apps, schema_editor):
    currency = apps.get_model("wallet", "Currency")
    currency.objects.bulk_create(
        [currency(code=code, precision=precision) for code, precision in sorted(PRECISIONS.items())]
    )


class Migration(migrations.Migration):
    dependencies = [("wallet", "0001_initial")]
    operations = [migrations.RunPython(add_currencies, migrations.RunPython.noop)]
