"""A posting finds keys and accounts by index, also when the tables were empty at first sight.

A session keeps the plan that it made for an empty ledger until somebody analyzes the table: until
then each posting would read all of it.
"""

from django.db import migrations

POST = """
ALTER FUNCTION wallet_post_transfers(
    text, text[], text[], bigint[], text[], bigint[], text[], text[], text[], text[], text[])
"""
FORWARDS = "".join(
    f"{POST} SET {name} = off;"
    for name in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
)
BACKWARDS = "".join(
    f"{POST} RESET {name};" for name in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
)


class Migration(migrations.Migration):
    dependencies = [("wallet", "0008_balances_fit_the_ledger")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
