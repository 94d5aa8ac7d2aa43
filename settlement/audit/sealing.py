"""Sealing: the rows that nobody can write before any more go into the chain, in short steps."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction

from settlement import arrays
from settlement.audit.chain import BEGINNING, Link, is_signed, sign
from settlement.audit.forms import NEWEST, Sealed

AT_ONCE = 1000

LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('settlement_auditseal'))"
END_OF_CHAIN = """
SELECT coalesce(s.number, 0), s.chain, s.signature,
       trunc(extract(epoch FROM now()) * 1000000)::text, c.system_identifier::text
  FROM pg_control_system() c
  LEFT JOIN (SELECT number, chain, signature FROM settlement_auditseal
              ORDER BY number DESC LIMIT 1) s ON true
"""
LAST_OF_TABLE = """
SELECT last_xact::text, last_id, cluster = %s FROM settlement_auditseal
 WHERE "table" = %s ORDER BY number DESC LIMIT 1
"""
# In the order (xact, id), and only transactions below the oldest in flight: none comes before these
# any more.
NEXT_ROWS = """
SELECT r.id, r.xact::text, {digest} FROM {table} r
 WHERE (r.xact, r.id) > (%s::xid8, %s) AND r.xact < pg_snapshot_xmin(pg_current_snapshot())
 ORDER BY r.xact, r.id LIMIT %s
"""
# Transactions that this cluster has not begun were another one's: a restore brought their rows.
FROM_ELSEWHERE = NEXT_ROWS.replace("r.xact < pg_snapshot_xmin(", "r.xact >= pg_snapshot_xmax(")
SEALED_ALREADY = """
SELECT sealed FROM settlement_auditseal s, unnest(s.ids) sealed
 WHERE s."table" = %s AND s.greatest_id >= %s AND s.least_id <= %s
   AND sealed = ANY (%s::bigint[])
"""
WRITE = """
INSERT INTO settlement_auditseal
       (number, "table", form, cluster, sealed_at, last_xact, last_id, row_count, least_id,
        greatest_id, ids, digests, previous, chain, signature)
VALUES (%s, %s, %s, %s, now(), %s::xid8, %s, %s, %s, %s, %s::bigint[], %s::bytea[], %s, %s, %s)
"""


class ForeignSeal(Exception):
    """The chain ends with a seal that our key did not sign. The text says what to do."""


class Place(NamedTuple):
    """How far a table is sealed."""

    xact: str = "0"
    id: int = 0


class Row(NamedTuple):
    """A row's place in the order of its table, and its digest."""

    id: int
    xact: str
    digest: bytes

    @property
    def place(self) -> Place:
        """Where it stands in that order."""
        return Place(self.xact, self.id)


class End(NamedTuple):
    """The chain's last seal, and the database's time, in microseconds, and cluster."""

    number: int
    chain: bytes
    signature: bytes | None
    now: str
    cluster: str


def seal_all() -> int:
    """Seal every row that can be; return how many. Where another sealer works, leave it to him."""
    return sum(seal_table(sealed) for sealed in NEWEST.values())


def seal_table(sealed: Sealed) -> int:
    """Seal a table's rows, a block in a transaction; return how many."""
    count = 0
    while rows := seal_block(sealed):
        count += rows
    return count


@transaction.atomic
def seal_block(sealed: Sealed) -> int:
    """Seal the next block; return how many rows it had, nothing when none is left."""
    ((mine,),) = arrays.fetch(LOCK, [])
    if not mine:
        return 0
    end = end_of_chain()
    refuse_foreign(end)
    if place := last_of_table(sealed.table, end.cluster):
        return seal_next(sealed, place, end)
    return open_table(sealed, end) + seal_next(sealed, Place(), end_of_chain())


def end_of_chain() -> End:
    """Return where the chain ends now."""
    ((number, chain, signature, now, cluster),) = arrays.fetch(END_OF_CHAIN, [])
    return End(number, chain or BEGINNING, signature, now, cluster)


def refuse_foreign(end: End) -> None:
    """Put nothing after a seal that is not ours: nobody could verify the chain."""
    if end.signature is not None and not is_signed(end.number, end.chain, end.signature):
        raise ForeignSeal(
            f"Seal {end.number} is not signed with our key, so none is put after it. Is AUDIT_KEY "
            "the one it was, or an earlier one in AUDIT_KEY_FALLBACKS? See verify_audit in "
            "docs/runbook.md."
        )


def last_of_table(table: str, cluster: str) -> Place | None:
    """Return how far a table is sealed in this cluster; nothing when it is not open here."""
    for xact, number, here in arrays.fetch(LAST_OF_TABLE, [cluster, table]):
        return Place(xact, number) if here else None
    return None


def open_table(sealed: Sealed, end: End) -> int:
    """Begin a table's order in this cluster: numbers of transactions start anew in each.

    Rows that came unsealed out of another cluster are sealed first; return how many.
    """
    count, place = 0, Place()
    while rows := read(FROM_ELSEWHERE, sealed, place):
        place = rows[-1].place
        if new := unsealed(sealed, rows):
            end = write(sealed, new, place, end)
            count += len(new)
    write(sealed, [], Place(), end)
    return count


def seal_next(sealed: Sealed, place: Place, end: End) -> int:
    """Seal the rows after a place but for those that a restore brought sealed; return how many."""
    while rows := read(NEXT_ROWS, sealed, place):
        place = rows[-1].place
        if new := unsealed(sealed, rows):
            write(sealed, new, place, end)
            return len(new)
    return 0


def read(statement: str, sealed: Sealed, place: Place) -> list[Row]:
    """Return the next rows after a place, with their digests."""
    complete = statement.format(table=sealed.table, digest=sealed.digest("r"))
    return [Row(*row) for row in arrays.fetch(complete, [place.xact, place.id, AT_ONCE])]


def unsealed(sealed: Sealed, rows: Sequence[Row]) -> list[Row]:
    """Return the rows that stand in no seal yet."""
    ids = [row.id for row in rows]
    values = [sealed.table, min(ids), max(ids), arrays.numbers(ids)]
    known = {number for (number,) in arrays.fetch(SEALED_ALREADY, values)}
    return [row for row in rows if row.id not in known]


def write(sealed: Sealed, rows: Sequence[Row], place: Place, end: End) -> End:
    """Write the seal of these rows at the end of the chain; return where it ends then."""
    ids, digests = [row.id for row in rows], [row.digest for row in rows]
    link = Link(
        end.number + 1, sealed.table, sealed.form, end.cluster, end.now, place.xact, place.id,
        len(ids), min(ids, default=0), max(ids, default=0), ids, digests,
    )  # fmt: skip
    chain = link.after(end.chain)
    values = [
        link.number, link.table, link.form, link.cluster, link.last_xact, link.last_id,
        link.row_count, link.least_id, link.greatest_id, arrays.numbers(ids),
        arrays.keys(digests), end.chain, chain, sign(link.number, chain),
    ]  # fmt: skip
    arrays.execute(WRITE, values)
    return end._replace(number=link.number, chain=chain)
