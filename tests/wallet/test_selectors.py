"""Balances and statements, now and at any past time."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction

from tests.factories import FundedPlayer
from wallet import selectors, services
from wallet.models import HouseCheckpoint
from wallet.vocabulary import TransferKind


def test_a_balance_is_known_for_every_past_moment(own_database: str) -> None:
    player = FundedPlayer.create("100.00")
    won = player.post("50.00")
    lost = player.post("-20.00")

    def held(at: object) -> str:
        return str(selectors.balance_at(account=player.account, at=at))  # type: ignore[arg-type]

    instant = timedelta(microseconds=1)
    assert held(won.created_at - instant) == "100.00"
    assert held(won.created_at) == "150.00"
    assert held(lost.created_at - instant) == "150.00"
    assert held(lost.created_at) == "130.00"
    assert held(won.created_at - timedelta(days=1)) == "0.00"


def test_a_statement_runs_backwards_without_a_gap(player: FundedPlayer) -> None:
    player.post("-30.00", kind=TransferKind.STAKE, reference_kind="TICKET", reference_id="T-1")
    player.post("75.00", note="won")

    unit = player.account.currency.unit
    lines = [
        selectors.statement_line(transfer, unit)
        for transfer in selectors.statement(account=player.account)
    ]

    assert [line.sequence for line in lines] == [3, 2, 1]
    assert [line.change for line in lines] == ["75.00", "-30.00", "100.00"]
    assert [line.balance_after for line in lines] == ["145.00", "70.00", "100.00"]
    assert lines[1].reference == "TICKET T-1"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ({"kind": "STAKE"}, [2]),
        ({"before_sequence": 3}, [2, 1]),
        ({"kind": "STAKE", "before_sequence": 2}, []),
    ],
)
def test_a_statement_can_be_narrowed(
    player: FundedPlayer, words: dict[str, object], found: list[int]
) -> None:
    player.post("-30.00", kind=TransferKind.STAKE)
    player.post("75.00")

    chosen = selectors.statement(account=player.account, **words)  # type: ignore[arg-type]

    assert [transfer.account_sequence for transfer in chosen] == found


def test_the_house_holds_what_the_players_do_not(player: FundedPlayer) -> None:
    player.post("-30.00", kind=TransferKind.STAKE)
    player.post("75.00")
    player.post("-5.00", kind=TransferKind.ADJUSTMENT, note="a mistake")
    FundedPlayer.create("1500", currency="JPY")

    euros, yen = selectors.books()

    assert euros.house == {
        "HOUSE_ADJUSTMENTS": "5.00",
        "HOUSE_CASH": "-100.00",
        "HOUSE_PAYOUTS": "-75.00",
        "HOUSE_STAKES": "30.00",
    }
    assert (euros.players, euros.difference, euros.balanced) == ("140.00", "0.00", True)
    assert (yen.currency, yen.players, yen.balanced) == ("JPY", "1500", True)


def checkpoint() -> None:
    """Write a checkpoint; a transaction of another test, even elsewhere, makes it wait."""
    deadline = time.monotonic() + 20
    while not services.checkpoint_house_accounts():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_checkpoint_changes_no_balance(own_database: str) -> None:
    player = FundedPlayer.create("100.00")
    before = selectors.books()

    checkpoint()

    assert HouseCheckpoint.objects.count() == 4
    assert selectors.books() == before
    assert services.checkpoint_house_accounts() == 0
    player.post("-30.00", kind=TransferKind.STAKE)
    assert selectors.books()[0].house["HOUSE_STAKES"] == "30.00"
    checkpoint()
    assert HouseCheckpoint.objects.count() == 8
    assert selectors.books()[0].balanced


def test_a_checkpoint_waits_for_a_transfer_that_is_still_in_flight(own_database: str) -> None:
    slow, quick = FundedPlayer.create("100.00"), FundedPlayer.create("100.00")
    posted, checked = threading.Event(), threading.Event()

    def post_slowly() -> None:
        with transaction.atomic():
            slow.post("-30.00", kind=TransferKind.STAKE)
            posted.set()
            checked.wait(20)
        connection.close()

    thread = threading.Thread(target=post_slowly)
    thread.start()
    posted.wait(20)
    quick.post("-1.00", kind=TransferKind.STAKE)
    services.checkpoint_house_accounts()
    assert selectors.books()[0].house["HOUSE_STAKES"] == "1.00"
    checked.set()
    thread.join()

    assert selectors.books()[0].house["HOUSE_STAKES"] == "31.00"
    assert selectors.books()[0].balanced
