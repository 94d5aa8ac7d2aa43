"""If Python were wrong, the database refuses it: for the application's role and for its owner."""

from collections.abc import Callable

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError, ProgrammingError

from tests import databases
from tests.factories import FundedPlayer
from wallet.models import Account, Currency, HouseCheckpoint, Transfer

REWRITING = [
    "UPDATE wallet_transfer SET amount = amount + 1",
    "UPDATE wallet_transfer SET note = 'nothing happened'",
    "DELETE FROM wallet_transfer",
    "TRUNCATE wallet_transfer CASCADE",
    "UPDATE wallet_account SET balance = balance + 1 WHERE player_id IS NOT NULL",
    "UPDATE wallet_account SET version = 0",
    "UPDATE wallet_account SET currency_id = 'USD'",
    "UPDATE wallet_account SET player_id = NULL, kind = 'HOUSE_CASH', balance = NULL",
    "DELETE FROM wallet_account",
    "TRUNCATE wallet_account CASCADE",
    "UPDATE wallet_currency SET precision = 3 WHERE code = 'EUR'",
    "DELETE FROM wallet_currency WHERE code = 'EUR'",
    "UPDATE wallet_housecheckpoint SET balance = 0",
    "DELETE FROM wallet_housecheckpoint",
    "TRUNCATE wallet_housecheckpoint",
]
SWITCHING_OFF = [
    "ALTER TABLE wallet_transfer DISABLE TRIGGER ALL",
    "DROP TRIGGER transfers_are_append_only ON wallet_transfer",
    "SET session_replication_role = replica",
    "CREATE OR REPLACE FUNCTION wallet_refuse_rewriting() RETURNS trigger AS '' LANGUAGE sql",
    "SET ROLE backoffice_owner",
    "INSERT INTO wallet_housecheckpoint (account_id, through_xact, through_id, balance) "
    "SELECT id, '3', 1, 5 FROM wallet_account WHERE player_id IS NULL",
    "CREATE TEMP TABLE mine (LIKE wallet_transfer); CREATE TRIGGER t AFTER INSERT ON mine "
    "REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION wallet_move_balances()",
]
BEFORE, TO_COME = "now() - interval '1 microsecond'", "clock_timestamp() + interval '1 second'"


def test_the_application_works_as_the_restricted_role(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, pg_has_role(current_user, 'backoffice_owner', 'MEMBER')"
        )

        assert cursor.fetchone() == ("backoffice_app", False)


@pytest.mark.parametrize("statement", [*REWRITING, *SWITCHING_OFF])
def test_the_applications_role_may_not_rewrite_the_books(
    player: FundedPlayer, statement: str
) -> None:
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert player.balance == "100.00"


@pytest.mark.parametrize("statement", REWRITING)
def test_a_trigger_stops_even_the_tables_owner(own_database: str, statement: str) -> None:
    player = FundedPlayer.create("100.00")

    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match=r"append-only|by hand"):
        databases.as_owner(statement)

    assert player.balance == "100.00"
    assert Transfer.objects.count() == 1


@pytest.mark.parametrize(
    ("what", "changes", "complaint"),
    [
        ("a wrong running balance", {"player_balance_after": "1"}, "the running balance"),
        ("a number that skips one", {"account_sequence": "4"}, "its number in the account"),
        ("a number used before", {"account_sequence": "1"}, "transfer_has_its_own_number"),
        ("another transaction's number", {"xact": "'3'"}, "the number of the transaction that"),
        ("a time before its transaction", {"created_at": BEFORE}, "it must carry the time"),
        ("a time to come", {"created_at": TO_COME}, "it must carry the time"),
        ("a time without end", {"created_at": "'infinity'"}, "it must carry the time"),
        ("a balance that can't be negated", {"player_balance_after": str(-(2**63))}, "fits_the"),
        ("an amount of nothing", {"amount": "0"}, "transfer_amount_is_positive"),
        ("a negative amount", {"amount": "-5"}, "transfer_amount_is_positive"),
        ("one account on both sides", {"debit_account_id": "%(account)s"}, "has_two_sides"),
        ("a player as the counterpart", {"debit_account_id": "%(other)s"}, "and the house"),
        ("the wrong pot of the house", {"debit_account_id": "%(stakes)s"}, "not the one for"),
        ("another currency's pot", {"debit_account_id": "%(dollars)s"}, "accounts of its currency"),
        ("another currency", {"currency_id": "'USD'"}, "accounts of its currency"),
        ("an account that is not there", {"debit_account_id": "999999"}, "and the house"),
        ("no actor", {"actor": "''"}, "transfer_says_who_and_why"),
        ("no reason", {"reason": "''"}, "transfer_says_who_and_why"),
        ("a key used before", {"key": "'first'"}, "transfer_key_is_used_once"),
        ("an unknown kind", {"kind": "'GIFT'"}, "transfer_kind_is_known"),
        ("an adjustment without a note", {"kind": "'ADJUSTMENT'"}, "adjustment_has_a_note"),
        ("a deposit that takes", {"kind": "'WITHDRAWAL'"}, "withdrawal_and_stake_never_overdraw"),
        (
            "a third party's account",
            {"player_account_id": "%(other)s", "kind": "'SETTLEMENT'"},
            "transfer_has_the_player_on_one_side",
        ),
    ],
)
def test_a_transfer_that_does_not_add_up_is_refused(
    player: FundedPlayer, what: str, changes: dict[str, str], complaint: str
) -> None:
    player.post("1.00", key="first")
    other, dollars = FundedPlayer.create(), FundedPlayer.create(currency="USD")
    house = Account.objects.filter(player=None).values_list("kind", "currency_id", "pk")
    pots = {(kind, currency): pk for kind, currency, pk in house}
    columns = {
        "key": "'new'", "kind": "'DEPOSIT'", "player_account_id": "%(account)s",
        "debit_account_id": "%(cash)s", "credit_account_id": "%(account)s", "amount": "500",
        "currency_id": "'EUR'", "player_balance_after": "10600", "account_sequence": "3",
        "actor": "'me'", "reason": "'OTHER'", "reference_kind": "''", "reference_id": "''",
        "note": "''",
    }  # fmt: skip
    changed = columns | changes
    values = {
        "account": player.account.pk, "other": other.account.pk, "cash": pots["HOUSE_CASH", "EUR"],
        "stakes": pots["HOUSE_STAKES", "EUR"], "dollars": pots["HOUSE_CASH", "USD"],
    }  # fmt: skip

    insert = f"INSERT INTO wallet_transfer ({', '.join(changed)}) VALUES "
    with (
        pytest.raises(DatabaseError) as refusal,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"{insert} ({', '.join(changed.values())})", values)

    assert complaint in str(refusal.value)
    assert player.balance == "101.00"
    assert dollars.balance == "0.00"


def test_the_database_takes_no_deposit_for_a_closed_player(player: FundedPlayer) -> None:
    player.player.status = "CLOSED"
    player.player.save()
    house = Account.objects.get(kind="HOUSE_CASH", currency_id="EUR")

    with pytest.raises(IntegrityError, match="blocked or closed"), transaction.atomic():
        Transfer.objects.create(
            key="new", kind="DEPOSIT", player_account=player.account, debit_account=house,
            credit_account=player.account, amount=500, currency_id="EUR",
            player_balance_after=10500, account_sequence=2, actor="me", reason="OTHER",
        )  # fmt: skip

    assert player.balance == "100.00"


def test_the_row_that_adds_up_would_have_been_taken(player: FundedPlayer) -> None:
    """The table above fails for its reason alone: the unchanged row is a good one."""
    house = Account.objects.get(kind="HOUSE_CASH", currency_id="EUR")

    Transfer.objects.create(
        key="new", kind="DEPOSIT", player_account=player.account, debit_account=house,
        credit_account=player.account, amount=500, currency_id="EUR",
        player_balance_after=10500, account_sequence=2, actor="me", reason="OTHER",
    )  # fmt: skip

    assert player.balance == "105.00"


@pytest.mark.parametrize(
    ("what", "words"),
    [("a gift", {"balance": 5}), ("a past", {"version": 3})],
)
def test_an_account_opens_empty(player: FundedPlayer, what: str, words: dict[str, int]) -> None:
    with pytest.raises(IntegrityError, match="an account opens empty"), transaction.atomic():
        Account.objects.create(
            kind="PLAYER_CASH", player=player.player, currency_id="USD", **{"balance": 0} | words
        )

    assert not Account.objects.filter(currency_id="USD").exists()


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("a player's account without a balance", {"kind": "PLAYER_CASH", "balance": None}),
        ("a house account with a cached balance", {"kind": "HOUSE_CASH", "balance": 0}),
        ("an unknown kind", {"kind": "PLAYER_SECRET", "balance": 0}),
    ],
)
def test_an_account_is_what_its_kind_says(
    player: FundedPlayer, what: str, words: dict[str, object]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.create(player=player.player, currency_id="USD", **words)


def test_the_orm_can_change_nothing_either(player: FundedPlayer) -> None:
    row = Transfer.objects.get()
    attempts = [
        lambda: Transfer.objects.update(amount=1),
        lambda: Transfer.objects.all().delete(),
        row.save,
        row.delete,
        lambda: Account.objects.filter(pk=player.account.pk).update(balance=1),
        player.account.save,
        player.account.delete,
        lambda: Currency.objects.filter(pk="EUR").update(precision=8),
        lambda: HouseCheckpoint.objects.all().delete(),
    ]

    attempt: Callable[[], object]
    for attempt in attempts:
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()

    assert player.balance == "100.00"
    assert Transfer.objects.get().amount == 10000
