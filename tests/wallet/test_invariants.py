"""Each truth finds the rows that break it, even when somebody had the triggers switched off."""

import pytest

from tests import databases
from tests.factories import FundedPlayer
from wallet.invariants import TRUTHS


def broken_truths() -> set[int]:
    return {truth.number for truth in TRUTHS if truth.find()}


def test_all_truths_hold_after_ordinary_work(player: FundedPlayer) -> None:
    player.post("-120.00")
    FundedPlayer.create("5", currency="JPY")

    assert broken_truths() == set()


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("UPDATE wallet_account SET balance = balance + 1 WHERE player_id IS NOT NULL", {1, 2}),
        ("UPDATE wallet_transfer SET amount = amount + 1 WHERE account_sequence = 1", {1, 2, 7}),
        ("UPDATE wallet_transfer SET player_balance_after = 1 WHERE account_sequence = 1", {7}),
        ("DELETE FROM wallet_transfer WHERE account_sequence = 1", {1, 2, 7}),
        ("DELETE FROM wallet_transfer WHERE account_sequence = 2", {1, 2, 7}),
        ("UPDATE wallet_account SET version = 7 WHERE player_id IS NOT NULL", {7}),
    ],
)
def test_tampering_is_found(own_database: str, tampering: str, broken: set[int]) -> None:
    FundedPlayer.create("100.00").post("-30.00")
    databases.as_owner(
        "ALTER TABLE wallet_transfer DISABLE TRIGGER USER",
        "ALTER TABLE wallet_account DISABLE TRIGGER USER",
        tampering,
    )

    assert broken_truths() == broken


def test_a_transfer_without_a_reason_is_found(own_database: str) -> None:
    player = FundedPlayer.create("100.00")
    databases.as_owner(
        "ALTER TABLE wallet_transfer DISABLE TRIGGER USER",
        "ALTER TABLE wallet_transfer DROP CONSTRAINT transfer_says_who_and_why",
        "UPDATE wallet_transfer SET reason = ''",
    )

    assert broken_truths() == {5}
    rows = next(truth.find() for truth in TRUTHS if truth.number == 5)
    assert [row["key"] for row in rows] == list(
        player.account.transfers.values_list("key", flat=True)
    )


def test_a_broken_account_is_named(own_database: str) -> None:
    player = FundedPlayer.create("100.00")
    FundedPlayer.create("50.00")
    databases.as_owner(
        "ALTER TABLE wallet_account DISABLE TRIGGER USER",
        f"UPDATE wallet_account SET balance = 10001 WHERE id = {player.account.pk}",
    )

    truths = {truth.number: truth.find() for truth in TRUTHS}
    assert truths[1] == [{"currency": "EUR", "players": "150.01", "difference": "0.01"}]
    assert truths[2] == [
        {
            "account": player.account.pk,
            "player": player.player.external_id,
            "currency": "EUR",
            "cached": 10001,
            "derived": 10000,
        }
    ]
