"""Looking at all seals and the rows they seal: the first that is not as it was is named."""

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import NamedTuple

from settlement import arrays
from settlement.audit.chain import BEGINNING, Link, is_signed
from settlement.audit.findings import Fault, Finding, Head, Verdict
from settlement.audit.forms import BY_NAME, NEWEST

SEALS_AT_ONCE = 50

SEALS = """
SELECT number, "table", form, cluster, trunc(extract(epoch FROM sealed_at) * 1000000)::text,
       last_xact::text, last_id, row_count, least_id, greatest_id, ids, digests, previous, chain,
       signature
  FROM settlement_auditseal WHERE number > %s ORDER BY number LIMIT %s
"""
UNLIKE_THEIR_DIGESTS = """
SELECT s.number, u.id, r.id IS NULL
  FROM settlement_auditseal s
 CROSS JOIN unnest(s.ids, s.digests) WITH ORDINALITY u (id, digest, place)
  LEFT JOIN {table} r ON r.id = u.id
 WHERE s.number = ANY (%s::bigint[]) AND u.digest IS DISTINCT FROM {digest}
 ORDER BY s.number, u.place LIMIT 1
"""
# What lies where all is sealed, or says that it comes from a transaction that has not begun.
ADDED = """
WITH last AS (
    SELECT last_xact, last_id, number, cluster FROM settlement_auditseal
     WHERE "table" = %s ORDER BY number DESC LIMIT 1),
added AS (
    SELECT r.id FROM {table} r, last
     WHERE last.cluster = (SELECT system_identifier::text FROM pg_control_system())
       AND ((r.xact, r.id) <= (last.last_xact, last.last_id)
            OR r.xact >= pg_snapshot_xmax(pg_current_snapshot()))
    EXCEPT
    SELECT unnest(ids) FROM settlement_auditseal WHERE "table" = %s)
SELECT coalesce((SELECT min(s.number) FROM settlement_auditseal s
                  WHERE s."table" = %s AND s.cluster = last.cluster
                    AND (s.last_xact, s.last_id) >= (r.xact, r.id)), last.number), r.id
  FROM added JOIN {table} r USING (id), last
 ORDER BY r.xact, r.id LIMIT 1
"""
RESTORED = """
SELECT "table" FROM settlement_auditseal GROUP BY 1
HAVING NOT bool_or(cluster = (SELECT system_identifier::text FROM pg_control_system())) ORDER BY 1
"""
COUNTS = """
SELECT (SELECT count(*) FROM {table}) - coalesce(sum(row_count), 0)
  FROM settlement_auditseal WHERE "table" = %s
"""


class Seal(NamedTuple):
    """A seal as it stands in the database."""

    link: Link
    previous: bytes
    chain: bytes
    signature: bytes


def verify(
    *, saved: Head | None = None, progress: Callable[[int], object] = lambda number: None
) -> Verdict:
    """Compute the whole chain anew and compare it with what is there.

    `progress` is told, again and again, which seal was looked at last.
    """
    added = {found.seal: found for found in added_rows()}
    seals, rows, last, chain = 0, 0, 0, BEGINNING
    head, finding = None, head_fault(saved)
    while not finding and (block := read_seals(last, SEALS_AT_ONCE)):
        finding = first_fault(block, last, chain, added)
        head = Head(block[-1].link.number, block[-1].chain, block[-1].signature)
        last, chain = head.number, head.chain
        seals += len(block)
        rows += sum(seal.link.row_count for seal in block)
        progress(last)
    if finding := finding or lost_end(saved, last):
        return Verdict(seals, rows, 0, [], None, finding)
    return Verdict(seals, rows, rows_that_wait(), restored_tables(), head, None)


def last_seal() -> int:
    """Return the number of the last seal there is."""
    ((number,),) = arrays.fetch("SELECT coalesce(max(number), 0) FROM settlement_auditseal", [])
    return int(number)


def read_seals(last: int, count: int) -> list[Seal]:
    """Return the next seals after one."""
    found = arrays.fetch(SEALS, [last, count])
    return [Seal(Link(*row[:12]), *map(bytes, row[12:])) for row in found]


def first_fault(
    block: list[Seal], last: int, chain: bytes, added: dict[int, Finding]
) -> Finding | None:
    """Return the first thing that is wrong with some seals and their rows."""
    sound: list[Seal] = []
    broken = None
    for seal in block:
        if broken := seal_fault(seal, last, chain):
            break
        sound.append(seal)
        last, chain = seal.link.number, seal.chain
    found = [*rows_unlike_their_digests(sound)]
    found += [added[seal.link.number] for seal in sound if seal.link.number in added]
    return min(found, key=lambda finding: finding.seal, default=broken)


def seal_fault(seal: Seal, last: int, chain: bytes) -> Finding | None:
    """Return what is wrong with a seal itself, after the one that came last."""
    link = seal.link
    if link.number != last + 1:
        return Finding(Fault.SEAL_MISSING, last + 1)
    if seal.previous != chain or link.after(chain) != seal.chain:
        return Finding(Fault.SEAL_CHANGED, link.number, link.table)
    if not is_signed(link.number, seal.chain, seal.signature):
        return Finding(Fault.SEAL_NOT_SIGNED, link.number, link.table)
    if (link.table, link.form) not in BY_NAME:
        return Finding(Fault.SEAL_UNKNOWN, link.number, link.table)
    return None


def rows_unlike_their_digests(seals: list[Seal]) -> Iterator[Finding]:
    """Yield each form's first row that is gone or is not what was sealed."""
    links = sorted([seal.link for seal in seals], key=form_of)
    for (table, form), of_one in groupby(links, key=form_of):
        statement = UNLIKE_THEIR_DIGESTS.format(
            table=table, digest=BY_NAME[table, form].digest("r")
        )
        numbers = arrays.numbers([link.number for link in of_one])
        for seal, row, gone in arrays.fetch(statement, [numbers]):
            yield Finding(Fault.MISSING if gone else Fault.CHANGED, seal, table, row)


def form_of(link: Link) -> tuple[str, int]:
    """Return which form of which table a seal has."""
    return link.table, link.form


def added_rows() -> Iterator[Finding]:
    """Yield each table's first row that stands where all is sealed, and in no seal."""
    for table in NEWEST:
        for seal, row in arrays.fetch(ADDED.format(table=table), [table] * 3):
            yield Finding(Fault.ADDED, seal, table, row)


def head_fault(saved: Head | None) -> Finding | None:
    """Return what is wrong with a head that was saved."""
    if saved and not is_signed(*saved):
        return Finding(Fault.HEAD_NOT_SIGNED, saved.number)
    return None


def lost_end(saved: Head | None, last: int) -> Finding | None:
    """Return what tells that the chain no longer holds the seal that was its end."""
    if saved is None:
        return None
    if saved.number > last:
        return Finding(Fault.END_MISSING, saved.number)
    (found,) = read_seals(saved.number - 1, 1)
    if found.chain != saved.chain:
        return Finding(Fault.HEAD_DIFFERS, saved.number)
    return None


def rows_that_wait() -> int:
    """Return how many rows are not sealed yet, when all that is sealed is there."""
    return sum(
        int(waiting)
        for table in NEWEST
        for (waiting,) in arrays.fetch(COUNTS.format(table=table), [table])
    )


def restored_tables() -> list[str]:
    """Return the tables that another cluster sealed, and this one did not open yet."""
    return [table for (table,) in arrays.fetch(RESTORED, [])]
