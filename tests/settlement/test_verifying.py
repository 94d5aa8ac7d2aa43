"""Whoever changes what is sealed, with all triggers off, is found: the row, and its seal."""

from collections.abc import Iterator
from itertools import cycle, islice
from random import Random
from typing import Any, NamedTuple

import psycopg
import pytest
from django.db import connection
from psycopg import sql
from pytest_django import Settings

from settlement.audit import sealing, verifying
from settlement.audit.findings import Fault, Finding, Head
from settlement.audit.forms import SEALED
from settlement.invariants import TRUTHS
from settlement.models import AuditSeal
from tests import databases
from tests.factories import FundedPlayer
from tests.services import deep
from tests.settlement.sealing import found, seal_everything, sealed_books, some_books, tamper

EDITS = 1000 if deep() else 100
LAST = "(SELECT max(number) FROM settlement_auditseal)"
COPY = """
INSERT INTO wallet_transfer OVERRIDING SYSTEM VALUE SELECT (c.row).* FROM (
    SELECT jsonb_populate_record(t, '{{"key": "x", "account_sequence": 9, {}}}') AS row
      FROM wallet_transfer t WHERE id = 2) c
"""
ADDED = COPY.format('"id": 77')
OF_THE_FUTURE = COPY.format('"id": 77, "xact": "18446744073709551615"')


def number_of(table: str) -> int:
    """Return which seal has a table's rows."""
    return AuditSeal.objects.get(table=table, row_count__gt=0).number


def test_what_nobody_touched_verifies(own_database: str) -> None:
    sealed_books()

    verdict = verifying.verify()

    last = AuditSeal.objects.order_by("number").last()
    assert last is not None
    assert (verdict.finding, verdict.rows, verdict.waiting, verdict.restored) == (None, 10, 0, [])
    assert verdict.head == Head(last.number, bytes(last.chain), bytes(last.signature))
    assert verdict.seals == last.number


def test_rows_that_came_since_wait(own_database: str) -> None:
    sealed_books()
    FundedPlayer.create("100.00")

    assert verifying.verify().waiting == 1


@pytest.mark.parametrize(
    ("what", "tampering", "fault", "table", "row"),
    [
        ("an amount that was changed", "UPDATE wallet_transfer SET amount = 999 WHERE id = 2",
         "CHANGED", "wallet_transfer", 2),
        ("two rows that were changed", "UPDATE wallet_transfer SET note = 'x' WHERE id > 1",
         "CHANGED", "wallet_transfer", 2),
        ("nothing that became an empty text",
         "UPDATE settlement_ticketfact SET content = ''", "CHANGED", "settlement_ticketfact", 3),
        ("a text that moved to the next field",
         "UPDATE wallet_transfer SET reason = '', note = reason WHERE id = 1",
         "CHANGED", "wallet_transfer", 1),
        ("a row that was removed", "DELETE FROM wallet_transfer WHERE id = 2",
         "MISSING", "wallet_transfer", 2),
        ("the last row that was removed", "DELETE FROM settlement_settlementevent",
         "MISSING", "settlement_settlementevent", 1),
        ("a row that was added among others", ADDED, "ADDED", "wallet_transfer", 77),
        ("a row from a transaction to come", OF_THE_FUTURE, "ADDED", "wallet_transfer", 77),
        ("a time that never ends",
         "UPDATE wallet_transfer SET created_at = 'infinity' WHERE id = 3",
         "CHANGED", "wallet_transfer", 3),
    ],
)  # fmt: skip
def test_a_row_that_is_not_as_it_was_is_named(
    own_database: str, what: str, tampering: str, fault: str, table: str, row: int
) -> None:
    sealed_books()

    tamper("ALTER TABLE wallet_transfer DROP CONSTRAINT transfer_says_who_and_why", tampering)

    assert verifying.verify().finding == Finding(Fault(fault), number_of(table), table, row)


def test_the_first_of_several_is_named(own_database: str) -> None:
    sealed_books()

    tamper(
        "DELETE FROM settlement_settlementevent",
        "UPDATE settlement_ruleset SET note = 'x'",
        "DELETE FROM settlement_marketfact",
    )

    assert found() == ("CHANGED", "settlement_ruleset", 1)


def test_a_row_that_was_changed_before_one_was_added_is_named_first(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "AT_ONCE", 1)
    sealed_books()
    tamper("UPDATE wallet_transfer SET note = 'x' WHERE id = 1", ADDED)

    changed = found()
    tamper("UPDATE wallet_transfer SET note = '' WHERE id = 1")

    assert changed == ("CHANGED", "wallet_transfer", 1)
    assert found() == ("ADDED", "wallet_transfer", 77)


@pytest.mark.parametrize(
    ("what", "tampering", "fault"),
    [
        ("a seal that is gone", "DELETE FROM settlement_auditseal WHERE number = 2",
         "SEAL_MISSING"),
        ("a row taken out of a seal",
         "UPDATE settlement_auditseal SET ids = ids[2:], digests = digests[2:], "
         "row_count = row_count - 1 WHERE number = 2", "SEAL_CHANGED"),
        ("another digest",
         "UPDATE settlement_auditseal SET digests[1] = sha256('x') WHERE number = 2",
         "SEAL_CHANGED"),
        ("no digest", "UPDATE settlement_auditseal SET digests[1] = NULL WHERE number = 2",
         "SEAL_CHANGED"),
        ("another time",
         "UPDATE settlement_auditseal SET sealed_at = sealed_at - interval '1 second' "
         "WHERE number = 2", "SEAL_CHANGED"),
        ("another cluster", "UPDATE settlement_auditseal SET cluster = '1' WHERE number = 2",
         "SEAL_CHANGED"),
        ("another hash of the chain",
         "UPDATE settlement_auditseal SET chain = sha256(chain) WHERE number = 2",
         "SEAL_CHANGED"),
        ("another seal before it",
         "UPDATE settlement_auditseal SET previous = sha256(previous) WHERE number = 2",
         "SEAL_CHANGED"),
        ("another signature",
         "UPDATE settlement_auditseal SET signature = sha256(signature) WHERE number = 2",
         "SEAL_NOT_SIGNED"),
    ],
)  # fmt: skip
def test_a_seal_that_is_not_as_it_was_is_named(
    own_database: str, what: str, tampering: str, fault: str
) -> None:
    sealed_books()

    tamper(tampering)

    finding = verifying.verify().finding
    assert finding is not None
    assert (finding.fault, finding.seal) == (fault, 2)


def test_a_chain_that_was_computed_anew_without_the_key_is_found(
    own_database: str, settings: Settings
) -> None:
    """Somebody owns the database and has this program, but not the key."""
    sealed_books()
    tamper("UPDATE wallet_transfer SET amount = 999 WHERE id = 2")
    tamper("DELETE FROM settlement_auditseal")
    ours, settings.AUDIT_KEY = settings.AUDIT_KEY, "a guess"
    seal_everything()
    his = found()
    settings.AUDIT_KEY = ours

    finding = verifying.verify().finding

    assert his is None
    assert finding == Finding(Fault.SEAL_NOT_SIGNED, 1, "wallet_transfer")


def test_a_chain_of_two_keys_verifies_while_both_are_known(
    own_database: str, settings: Settings
) -> None:
    sealed_books()
    settings.AUDIT_KEY, settings.AUDIT_KEY_FALLBACKS = "a new one", [settings.AUDIT_KEY]
    FundedPlayer.create("100.00")
    seal_everything()

    both = found()
    settings.AUDIT_KEY_FALLBACKS = []

    assert both is None
    assert found() == (Fault.SEAL_NOT_SIGNED, "wallet_transfer", None)


def saved_head() -> Head:
    """Return the chain's end, as somebody saves it."""
    head = verifying.verify().head
    assert head is not None
    return head


def test_an_end_that_was_cut_off_is_found_by_a_saved_head(own_database: str) -> None:
    sealed_books()
    FundedPlayer.create("100.00")
    seal_everything()
    head = saved_head()

    tamper(
        "DELETE FROM wallet_transfer WHERE id = 4",
        f"DELETE FROM settlement_auditseal WHERE number = {LAST}",
    )

    assert verifying.verify().finding is None
    assert verifying.verify(saved=head).finding == Finding(Fault.END_MISSING, head.number)


def test_an_end_that_was_sealed_anew_is_found_by_a_saved_head(own_database: str) -> None:
    sealed_books()
    FundedPlayer.create("100.00")
    seal_everything()
    head = saved_head()

    tamper(
        "UPDATE wallet_transfer SET note = 'x' WHERE id = 4",
        f"DELETE FROM settlement_auditseal WHERE number = {LAST}",
    )
    seal_everything()

    assert verifying.verify().finding is None
    assert verifying.verify(saved=head).finding == Finding(Fault.HEAD_DIFFERS, head.number)


def test_a_saved_head_holds_while_the_chain_goes_on(own_database: str) -> None:
    sealed_books()
    head = saved_head()
    FundedPlayer.create("100.00")
    seal_everything()

    assert verifying.verify(saved=head).finding is None


def test_a_head_that_somebody_else_wrote_is_found(own_database: str) -> None:
    sealed_books()
    head = saved_head()

    finding = verifying.verify(saved=head._replace(number=head.number - 1)).finding

    assert finding == Finding(Fault.HEAD_NOT_SIGNED, head.number - 1)


def test_truth_eight_tells_what_was_found(own_database: str) -> None:
    sealed_books()
    tamper("UPDATE wallet_transfer SET amount = 999 WHERE id = 2")

    rows = {truth.name: truth.find() for truth in TRUTHS if truth.number == 8}

    seal = number_of("wallet_transfer")
    assert rows == {
        "every sealed row verifies": [{
            "fault": "CHANGED", "seal": seal, "table": "wallet_transfer", "id": 2,
            "sentence": f"Row 2 of wallet_transfer was changed after seal {seal} was put on it.",
        }],
        "no row waits for its seal for more than an hour": [],
    }  # fmt: skip


class Edit(NamedTuple):
    """A field, and what somebody makes of it."""

    table: str
    column: str
    type: str


OTHERS = {
    "bigint": ["{c} + {n}", "{c} - {n}"],
    "integer": ["{c} + {n}"],
    "smallint": ["{c} + {n}"],
    "uuid": ["gen_random_uuid()"],
    "xid8": ["({c}::text::bigint + {n})::text::xid8", "({c}::text::bigint - 1)::text::xid8"],
    "character varying": ["{c} || ' '", "left(md5({c} || {n}), 5)", "'.' || reverse({c})"],
    "text": ["{c} || ' '", "md5({c} || {n})", "'[' || {c}"],
    "bytea": ["{c} || '\\x00'", "sha256({c})"],
    "jsonb": ["{c} || '{{\"rounding\": {{}}}}'", "'[]'"],
    "ARRAY": ["{c} || {n}::bigint", "array_prepend({n}::bigint, {c})"],
    "timestamp with time zone": ["{c} + interval '1 microsecond'", "{c} - interval '{n} days'"],
}
EMPTY = {
    "bigint": "0", "smallint": "0", "integer": "0", "character varying": "'NULL'", "text": "''",
}  # fmt: skip


def fields() -> list[Edit]:
    """Return every sealed column of every table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name = ANY (%s) ORDER BY 1, 2",
            [[sealed.table for sealed in SEALED]],
        )
        sealed = {(one.table, name) for one in SEALED for name in one.names}
        return [Edit(*row) for row in cursor.fetchall() if row[:2] in sealed]


def without_constraints(owner: psycopg.Connection) -> None:
    """Take everything away that stands in the way of whoever owns the tables."""
    tables = [sealed.table for sealed in SEALED]
    for (statement,) in owner.execute(
        "SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I CASCADE', conrelid::regclass, conname) "
        "FROM pg_constraint WHERE contype IN ('c', 'f', 'u') "
        "AND (conrelid::regclass::text = ANY (%s) OR confrelid::regclass::text = ANY (%s))",
        [tables, tables],
    ).fetchall():
        owner.execute(statement)
    for table, column, kind in fields():
        if column != "id":
            owner.execute(f"ALTER TABLE {table} ALTER {column} DROP NOT NULL".encode())
        if kind == "character varying":
            owner.execute(f"ALTER TABLE {table} ALTER {column} TYPE varchar(2000)".encode())


def edits(chance: Random) -> Iterator[Edit]:
    """Yield fields in any order, each once before any comes again."""
    every = fields()
    chance.shuffle(every)
    yield from islice(cycle(every), EDITS)


def test_every_edit_of_any_field_is_found(own_database: str) -> None:
    some_books()
    with psycopg.connect(databases.owner_url(own_database), autocommit=True) as owner:
        tamper()
        without_constraints(owner)
        seal_everything()
        chance = Random(8)
        for edit in edits(chance):
            assert edited_and_found(owner, edit, chance) == []
    assert found() is None, "something was not put back"


def edited_and_found(owner: psycopg.Connection, edit: Edit, chance: Random) -> list[Any]:
    """Change one field and put it back; return what was not found, or found wrongly."""
    table, column = sql.Identifier(edit.table), sql.Identifier(edit.column)
    rows = owner.execute(sql.SQL("SELECT id FROM {} ORDER BY id").format(table)).fetchall()
    (row,) = chance.choice(rows)
    read = sql.SQL("SELECT {}::text FROM {} WHERE id = %s").format(column, table)
    ((before,),) = owner.execute(read, [row]).fetchall()
    other = changed(edit, before, chance)
    write = sql.SQL("UPDATE {} SET {} = {} WHERE id = %s RETURNING id")
    ((now,),) = owner.execute(write.format(table, column, other), [row]).fetchall()

    finding = verifying.verify().finding
    fault = Fault.MISSING if edit.column == "id" else Fault.CHANGED
    right = finding is not None and finding == Finding(fault, finding.seal, edit.table, row)
    if finding is not None:
        right = right and row in AuditSeal.objects.get(number=finding.seal).ids

    back = sql.SQL("%s::{}").format(sql.SQL(type_of(edit)))
    owner.execute(write.format(table, column, back), [before, now])
    return [] if right else [(edit, row, before, other.as_string(owner), finding)]


def type_of(edit: Edit) -> str:
    """Return a type as a cast names it."""
    return "bigint[]" if edit.type == "ARRAY" else edit.type


def changed(edit: Edit, before: str | None, chance: Random) -> sql.SQL:
    """Return an expression of another value than a field has, now and then of none."""
    if before is None:
        return sql.SQL(EMPTY[edit.type])
    ways = OTHERS[edit.type] + ["NULL"] * (edit.column != "id")
    way = chance.choice(ways).format(c=f'"{edit.column}"', n=chance.randint(1, 1000))
    return sql.SQL(way)
