"""Rows are sealed once each, in the order in which nothing can come before them any more."""

import json
import threading
from hashlib import sha256

import psycopg
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from settlement import tasks
from settlement.audit import sealing, verifying, waiting
from settlement.audit.forms import NEWEST, SEALED, Sealed
from settlement.models import AuditSeal, RuleSet
from tests import databases
from tests.factories import FundedPlayer
from tests.settlement.sealing import (
    found,
    seal_everything,
    sealed_books,
    sealed_ids,
    seals,
    some_books,
    tamper,
)
from wallet.models import Transfer

RULES = "INSERT INTO settlement_ruleset (settings, in_force_from, note, actor)"
NEW_RULES = f"{RULES} VALUES ('{{}}', now() + interval '1 day', 'New', 'test') RETURNING id"

TIME = "timestamp with time zone"
PLAIN = {"uuid",
    "bigint", "integer", "smallint", "boolean", "numeric", "xid8", "character varying", "text",
    "jsonb", "ARRAY",
}  # fmt: skip


def deposits(player: FundedPlayer, count: int) -> None:
    """Pay in so many times."""
    for _ in range(count):
        player.post("1.00")


def app() -> psycopg.Connection:
    """Return another connection of the application's role."""
    url = databases.environment(connection.settings_dict["NAME"])["DATABASE_URL"]
    return psycopg.connect(url)


def test_rows_are_sealed_in_blocks(own_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "AT_ONCE", 10)
    player = FundedPlayer.create()
    deposits(player, 25)

    seal_everything()

    assert sum(seals("wallet_transfer")) == 25
    assert max(seals("wallet_transfer")) == 10
    assert sealed_ids("wallet_transfer") == list(
        Transfer.objects.order_by("id").values_list("id", flat=True)
    )
    assert found() is None


def test_each_table_that_is_sealed_is_sealed(own_database: str) -> None:
    sealed_books()

    assert {table: len(sealed_ids(table)) for table in sorted(NEWEST)} == {
        "settlement_actlimit": 1,
        "settlement_approval": 1,
        "settlement_batch": 1,
        "settlement_marketfact": 1,
        "settlement_ruleset": 1,
        "settlement_settlementevent": 1,
        "settlement_ticketfact": 1,
        "wallet_transfer": 3,
    }


def test_sealing_again_seals_nothing(own_database: str) -> None:
    sealed_books()
    before = AuditSeal.objects.count()

    tasks.seal()

    assert sealing.seal_all() == 0
    assert AuditSeal.objects.count() == before


@pytest.mark.parametrize("sealed", SEALED, ids=lambda sealed: sealed.table)
def test_every_column_of_a_table_is_sealed(db: None, sealed: Sealed) -> None:
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, sealed.table)

    moves_on = {"state", "done_at"} if sealed.table == "settlement_batch" else set()
    assert set(sealed.names) == {column.name for column in columns} - moves_on


@pytest.mark.parametrize("sealed", SEALED, ids=lambda sealed: sealed.table)
def test_no_sealed_text_hangs_on_the_session(db: None, sealed: Sealed) -> None:
    """A date, say, is written in the style that the session asks for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name = %s",
            [sealed.table],
        )
        types = dict(cursor.fetchall())

    kinds = {name: kind for name, _, kind in (c.partition(":") for c in sealed.columns.split())}
    assert {types[name] for name, kind in kinds.items() if kind == "time"} <= {TIME}
    assert {types[name] for name, kind in kinds.items() if kind == "bytes"} <= {"bytea"}
    assert {types[name] for name, kind in kinds.items() if not kind} <= PLAIN


def test_anybody_can_compute_a_digest(own_database: str) -> None:
    sealed_books()
    rules = RuleSet.objects.get()
    seal = AuditSeal.objects.get(table="settlement_ruleset", row_count=1)

    written = json.dumps(
        [
            str(rules.pk), str(rules.xact), "{}", "0", "The defaults", "system:migrate",
            str(round(rules.created_at.timestamp() * 1_000_000)),
        ],
        separators=(",", ":"),
    )  # fmt: skip

    assert bytes(seal.digests[0]) == sha256(written.encode()).digest()


def test_a_row_in_flight_holds_up_what_comes_after_it_and_is_not_lost(own_database: str) -> None:
    FundedPlayer.create("100.00")
    seal_everything()
    with app() as other:
        (in_flight,) = other.execute(NEW_RULES).fetchone() or (0,)
        FundedPlayer.create("100.00")
        RuleSet.objects.create(settings={}, in_force_from="2100-01-01 00:00Z", note="x", actor="x")

        sealing.seal_all()
        meanwhile = sealed_ids("settlement_ruleset"), len(sealed_ids("wallet_transfer"))
        other.commit()
    seal_everything()

    assert meanwhile == ([1], 1)
    assert sealed_ids("settlement_ruleset") == [1, in_flight, in_flight + 1]
    assert len(sealed_ids("wallet_transfer")) == 2
    assert found() is None


def test_of_many_sealers_at_once_one_seals(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "AT_ONCE", 3)
    deposits(FundedPlayer.create(), 100)
    errors: list[Exception] = []

    def seal() -> None:
        try:
            sealing.seal_all()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=seal) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal_everything()

    assert errors == []
    assert len(sealed_ids("wallet_transfer")) == len(set(sealed_ids("wallet_transfer"))) == 100
    assert found() is None


def test_nothing_is_put_after_a_seal_that_our_key_did_not_sign(
    own_database: str, settings: Settings
) -> None:
    sealed_books()
    before = AuditSeal.objects.count()
    old, settings.AUDIT_KEY = settings.AUDIT_KEY, "another"

    with pytest.raises(sealing.ForeignSeal, match=f"Seal {before} is not signed with our key"):
        tasks.seal()

    settings.AUDIT_KEY_FALLBACKS = [old]
    FundedPlayer.create("1.00")
    seal_everything()
    assert AuditSeal.objects.count() == before + 1
    assert found() is None


FORGED = """
INSERT INTO settlement_auditseal SELECT {} FROM (
    SELECT number, "table", form, cluster, now() AS sealed_at, last_xact, last_id, row_count,
           least_id, greatest_id, ids, digests, chain AS previous, sha256(chain) AS chain, signature
      FROM settlement_auditseal ORDER BY number DESC LIMIT 1) last
"""
COLUMNS = (
    'number + 1 AS number, "table", form, cluster, sealed_at, last_xact, last_id, row_count, '
    "least_id, greatest_id, ids, digests, previous, chain, signature"
)


@pytest.mark.parametrize(
    ("what", "columns"),
    [
        ("with a number left out", COLUMNS.replace("number + 1", "number + 2")),
        ("with the number of the last", COLUMNS.replace("number + 1", "number")),
        ("after another", COLUMNS.replace("previous", "sha256(previous)")),
        ("of another time", COLUMNS.replace("sealed_at", "sealed_at - interval '1 second'")),
    ],
)
def test_a_seal_that_does_not_follow_is_refused(own_database: str, what: str, columns: str) -> None:
    sealed_books()
    before = AuditSeal.objects.count()

    with (
        pytest.raises(DatabaseError, match="it does not follow the last one"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(FORGED.format(columns))

    assert AuditSeal.objects.count() == before


@pytest.mark.parametrize("statement", ["UPDATE {} SET form = 2", "DELETE FROM {}", "TRUNCATE {}"])
def test_seals_are_never_edited(own_database: str, statement: str) -> None:
    sealed_books()
    before = list(AuditSeal.objects.order_by("number").values())

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement.format("settlement_auditseal"))
    with pytest.raises(Exception, match="Seals are append-only"):
        databases.as_owner(statement.format("settlement_auditseal"))

    assert list(AuditSeal.objects.order_by("number").values()) == before


def test_seals_can_not_be_migrated_away(own_database: str) -> None:
    sealed_books()

    with pytest.raises(Exception, match="The seals would be lost"):
        call_command("migrate", "settlement", "0009", verbosity=0)

    assert found() is None


def test_new_rules_carry_the_transaction_that_writes_them(db: None) -> None:
    forged = NEW_RULES.replace("actor)", "actor, xact)").replace("'test')", "'test', '7')")

    with pytest.raises(DatabaseError, match="must carry the transaction"), transaction.atomic():
        connection.cursor().execute(forged)

    assert RuleSet.objects.count() == 1


def test_rows_that_wait_for_more_than_an_hour_are_told(own_database: str) -> None:
    sealed_books()
    FundedPlayer.create("100.00")
    nothing = waiting.overdue()

    tamper("UPDATE wallet_transfer SET created_at = '2026-11-01Z' WHERE id = 4")

    assert nothing == []
    assert waiting.overdue() == [
        {"table": "wallet_transfer", "rows": 1, "since": "2026-11-01 00:00:00+00"}
    ]


class Elsewhere:
    """The same rows in another cluster, whose transactions have far greater numbers."""

    AHEAD = "(xact::text::bigint + 1000000000)::text::xid8"

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def seal(self) -> None:
        """Seal everything there."""
        here = sealing.end_of_chain
        with self.monkeypatch.context() as there:
            there.setattr(sealing, "end_of_chain", lambda: here()._replace(cluster="1"))
            tamper(f"UPDATE wallet_transfer SET xact = {self.AHEAD}")
            seal_everything()

    def write(self) -> None:
        """Write something there that is not sealed any more."""
        FundedPlayer.create("100.00")
        last = "(SELECT max(id) FROM wallet_transfer)"
        tamper(f"UPDATE wallet_transfer SET xact = {self.AHEAD} WHERE id = {last}")


@pytest.fixture
def elsewhere(own_database: str, monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    """Another cluster, out of which this database is restored."""
    return Elsewhere(monkeypatch)


def test_a_restored_database_seals_on_and_nothing_twice(elsewhere: Elsewhere) -> None:
    some_books()
    elsewhere.seal()
    elsewhere.write()
    FundedPlayer.create("100.00")

    before = verifying.verify()
    seal_everything()

    assert (before.finding, before.restored) == (None, sorted(NEWEST))
    assert sealed_ids("wallet_transfer") == [1, 2, 3, 4, 5]
    assert seals("wallet_transfer") == [3, 1, 1]
    after = verifying.verify()
    assert (after.finding, after.restored, after.rows) == (None, [], 12)


def test_what_was_sealed_elsewhere_is_passed_over_when_its_numbers_come_again(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "AT_ONCE", 2)
    some_books()
    monkeypatch.setattr(Elsewhere, "AHEAD", "'5'::xid8")
    elsewhere.seal()

    FundedPlayer.create("100.00")
    seal_everything()

    assert sealed_ids("wallet_transfer") == [1, 2, 3, 4]
    assert found() is None


def test_a_row_that_is_added_after_a_restore_is_found(elsewhere: Elsewhere) -> None:
    some_books()
    elsewhere.seal()
    FundedPlayer.create("100.00")
    seal_everything()
    elsewhere.write()

    assert found() == ("ADDED", "wallet_transfer", 5)


def test_what_a_restore_brought_sealed_is_never_overdue(elsewhere: Elsewhere) -> None:
    some_books()
    tamper("UPDATE wallet_transfer SET created_at = '2026-11-01Z'")
    elsewhere.seal()

    brought = waiting.overdue()
    elsewhere.write()
    tamper("UPDATE wallet_transfer SET created_at = '2026-11-02Z' WHERE id = 4")
    unsealed = waiting.overdue()
    seal_everything()

    assert brought == []
    assert unsealed == [{"table": "wallet_transfer", "rows": 1, "since": "2026-11-02 00:00:00+00"}]
    assert waiting.overdue() == []
