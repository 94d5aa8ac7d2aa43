"""Rows that should be sealed by now: the sealer does not run, or something holds it up."""

from settlement import arrays
from settlement.audit.forms import NEWEST
from settlement.audit.sealing import Place, end_of_chain, last_of_table
from wallet.invariants import Row

# What a restore brought has its seal, unless its number is greater than any that was sealed then.
BROUGHT_SEALED = """
SELECT coalesce(max(greatest_id), 0) FROM settlement_auditseal
 WHERE "table" = %s AND (cluster <> %s OR number < (
       SELECT max(number) FROM settlement_auditseal WHERE "table" = %s AND row_count = 0))
"""
OVERDUE = """
SELECT count(*), min(created_at)::text FROM {table}
 WHERE (xact, id) > (%s::xid8, %s) AND id > %s AND created_at < now() - interval '1 hour'
"""


def overdue() -> list[Row]:
    """Return the tables in which rows wait for their seal for more than an hour."""
    cluster = end_of_chain().cluster
    found = {table: overdue_in(table, cluster) for table in NEWEST}
    return [
        {"table": table, "rows": rows, "since": since}
        for table, (rows, since) in found.items()
        if rows
    ]


def overdue_in(table: str, cluster: str) -> tuple[int, str]:
    """Return how many rows of a table are overdue, and since when."""
    place = last_of_table(table, cluster) or Place()
    ((brought,),) = arrays.fetch(BROUGHT_SEALED, [table, cluster, table])
    ((rows, since),) = arrays.fetch(OVERDUE.format(table=table), [place.xact, place.id, brought])
    return rows, since
