"""The truths about tickets find what somebody did past all rules, with the triggers off."""

import pytest

from settlement.invariants import TRUTHS
from tests import databases
from tests.factories import FundedPlayer
from tests.settlement.asked import accepted, bet, builder, legs, selection
from tests.settlement.settling import settled_single, state
from wallet.vocabulary import TransferKind

OFF = [
    f"ALTER TABLE {table} DISABLE TRIGGER USER"
    for table in ("settlement_ticket", "settlement_selection", "wallet_transfer")
]
DOUBLE = "(SELECT id FROM settlement_ticket WHERE bet_id = 'T-2')"
BUILDER = "(SELECT id FROM settlement_ticket WHERE bet_id = 'T-3')"
SYSTEM = "(SELECT id FROM settlement_ticket WHERE bet_id = 'T-4')"


def broken() -> dict[int, list[str]]:
    """Return the broken truths with the tickets that break them."""
    found: dict[int, set[str]] = {}
    for truth in TRUTHS:
        if broken := {str(row["ticket"]) for row in truth.find()}:
            found[truth.number] = found.get(truth.number, set()) | broken
    return {number: sorted(tickets) for number, tickets in found.items()}


def some_tickets() -> FundedPlayer:
    """Bring in a single, a double, a builder of three parts, a system with a banker, a free bet."""
    player = FundedPlayer.create("100.00")
    FundedPlayer.create("100.00")
    FundedPlayer.create("100.00", "USD")
    accepted(
        bet(player, bet_id="T-1"),
        bet(player, *legs(2), bet_id="T-2", kind="double"),
        bet(player, *builder("X", "Y", "Z"), bet_id="T-3"),
        bet(player, selection(9, banker=True), *legs(2), bet_id="T-4", kind="system:1/2"),
        bet(player, bet_id="T-5", free_bet_ref="F-1"),
        bet(player, bet_id="T-6", stake_taken=False),
    )
    return player


def test_the_truths_hold_after_ordinary_work(player: FundedPlayer) -> None:
    some_tickets()

    assert broken() == {}


def test_a_settlement_that_pays_what_the_ticket_says_is_sound(player: FundedPlayer) -> None:
    settled_single(player)

    assert state() == ("SETTLED", "WIN", 2500, 1)
    assert broken() == {}


@pytest.mark.parametrize(
    ("what", "tampering", "found"),
    [
        ("a stake that was never taken",
         "DELETE FROM wallet_transfer WHERE reference_id = 'T-1'", {3: ["T-1"]}),
        ("a stake that was changed in the ledger",
         "UPDATE wallet_transfer SET amount = 999 WHERE reference_id = 'T-1'", {3: ["T-1"]}),
        ("a stake under another ticket's name",
         "UPDATE wallet_transfer SET reference_id = 'T-2' WHERE reference_id = 'T-1'",
         {3: ["T-1", "T-2"]}),
        ("a stake under no ticket's name",
         "UPDATE wallet_transfer SET reference_id = 'T-9' WHERE reference_id = 'T-1'",
         {3: ["T-1", "T-9"]}),
        ("a free bet that claims to have cost money",
         "UPDATE settlement_ticket SET cash_stake = stake, free_bet_ref = '' WHERE bet_id = 'T-5'",
         {3: ["T-5"]}),
        ("cash that became a free bet",
         "UPDATE settlement_ticket SET cash_stake = 0, free_bet_ref = 'F' WHERE bet_id = 'T-1'",
         {3: ["T-1"]}),
        ("a larger stake",
         "UPDATE settlement_ticket SET stake = 2000, cash_stake = 2000 WHERE bet_id = 'T-1'",
         {3: ["T-1"]}),
        ("a payout that was never paid",
         "UPDATE settlement_ticket SET status = 'SETTLED', result = 'WIN', payout = 2500 "
         "WHERE bet_id = 'T-6'", {3: ["T-6"], 7: ["T-6"]}),
        ("a ticket that vanished with its selections",
         f"DELETE FROM settlement_selection WHERE ticket_id = {DOUBLE}; "
         "DELETE FROM settlement_ticket WHERE bet_id = 'T-2'", {3: ["T-2"]}),
        ("a ticket under another bet_id",
         "UPDATE settlement_ticket SET bet_id = 'T-7' WHERE bet_id = 'T-1'",
         {3: ["T-1", "T-7"]}),
        ("a ticket that was given to another player",
         "UPDATE settlement_ticket SET player_id = player_id + 1 WHERE bet_id = 'T-1'",
         {3: ["T-1"]}),
        ("a ticket in another currency",
         "UPDATE settlement_ticket SET currency_id = 'USD' WHERE bet_id = 'T-1'", {3: ["T-1"]}),
        ("a leg that vanished",
         f"DELETE FROM settlement_selection WHERE ticket_id = {DOUBLE} AND position = 2",
         {7: ["T-2"]}),
        ("a first leg that vanished",
         f"DELETE FROM settlement_selection WHERE ticket_id = {DOUBLE} AND position = 1",
         {7: ["T-2"]}),
        ("all legs vanished", f"DELETE FROM settlement_selection WHERE ticket_id = {DOUBLE}",
         {7: ["T-2"]}),
        ("a leg that came later",
         "INSERT INTO settlement_selection (ticket_id, position, provider, outcome_id, line, "
         f'"group", price, banker) SELECT {DOUBLE}, 3, \'\', max(id), \'\', \'\', \'2\', false '
         "FROM settlement_outcome", {7: ["T-2"]}),
        ("a ticket that says more legs",
         "UPDATE settlement_ticket SET kind = 'TREBLE', legs = 3 WHERE bet_id = 'T-2'",
         {7: ["T-2"]}),
        ("a hole in the order",
         f"UPDATE settlement_selection SET position = 5 WHERE ticket_id = {DOUBLE} "
         "AND position = 2", {7: ["T-2"]}),
        ("a builder's part that became a leg",
         f"UPDATE settlement_selection SET \"group\" = '' WHERE ticket_id = {BUILDER} "
         "AND position = 3", {7: ["T-3"]}),
        ("a builder's middle part that vanished",
         f"DELETE FROM settlement_selection WHERE ticket_id = {BUILDER} AND position = 2",
         {7: ["T-3"]}),
        ("a builder's last part that vanished",
         f"DELETE FROM settlement_selection WHERE ticket_id = {BUILDER} AND position = 3",
         {7: ["T-3"]}),
        ("a banker that is none any more",
         f"UPDATE settlement_selection SET banker = false WHERE ticket_id = {SYSTEM}",
         {7: ["T-4"]}),
    ],
)  # fmt: skip
def test_tampering_is_found(
    own_database: str, what: str, tampering: str, found: dict[int, list[str]]
) -> None:
    some_tickets()
    databases.as_owner(*OFF, tampering)

    assert broken() == found


def test_a_row_says_what_is_wrong(own_database: str) -> None:
    some_tickets()
    databases.as_owner(
        *OFF,
        "UPDATE settlement_ticket SET status = 'SETTLED', result = 'WIN', payout = 7 "
        "WHERE bet_id = 'T-1'",
        f"DELETE FROM settlement_selection WHERE ticket_id = {DOUBLE} AND position = 2",
    )

    rows = [(truth.number, row) for truth in TRUTHS for row in truth.find()]
    assert rows == [
        (3, {"ticket": "T-1", "cash_stake": 1000, "payout": 7, "moved": -1000}),
        (7, {"ticket": "T-2", "legs": 2, "selections_make": 1}),
        (7, {"ticket": "T-1", "version": 0, "events": 0, "broken": None}),
    ]


def test_a_stake_that_the_wrong_player_paid_is_found(player: FundedPlayer) -> None:
    """Both players' books are sound, and the ticket's transfers sum up: but it is not his."""
    own = some_tickets()
    words = {"reference_kind": "TICKET", "reference_id": "T-1"}

    own.post("10.00", **words)
    player.post("-10.00", kind=TransferKind.STAKE, reason="BET_PLACED", **words)

    assert broken() == {3: ["T-1"]}
