"""Posting: all or none, once under each key, and never what a balance can't bear."""

import pytest
from django.db import InternalError, connection, transaction

from tests.factories import FundedPlayer, money
from wallet import selectors, services
from wallet.models import Account, Transfer
from wallet.selectors import Posted
from wallet.services import (
    InsufficientFunds,
    KeyReused,
    PlayerNotActive,
    PostingRefused,
    UnknownAccount,
    WalletRefusal,
)
from wallet.vocabulary import TransferKind

TEXTS = ("key", "reason", "note", "reference_kind", "reference_id")


def post(*postings: services.Posting) -> list[Posted]:
    return services.post_transfers(postings=postings, actor="test")


def test_a_deposit_moves_the_balance_and_names_who_and_why(player: FundedPlayer) -> None:
    posted = services.deposit(
        player=player.player, amount=money("20.50"), key="d-1", actor="user:ann", reason="OTHER"
    )

    row = Transfer.objects.get(pk=posted.transfer_id)
    assert (posted.change, posted.balance_after, posted.sequence) == (2050, 12050, 2)
    assert (row.actor, row.reason, row.debit_account.kind) == ("user:ann", "OTHER", "HOUSE_CASH")
    assert player.balance == "120.50"


def test_a_withdrawal_may_empty_the_account(player: FundedPlayer) -> None:
    services.withdraw(
        player=player.player, amount=money("100"), key="w", actor="test", reason="OTHER"
    )

    assert player.balance == "0.00"


def test_a_withdrawal_never_goes_below_zero(player: FundedPlayer) -> None:
    with pytest.raises(InsufficientFunds) as refusal:
        services.withdraw(
            player=player.player, amount=money("100.01"), key="w", actor="test", reason="OTHER"
        )

    name = player.player.external_id
    assert str(refusal.value) == f"{name} holds 100.00 EUR: too little for 100.01 EUR."
    assert player.balance == "100.00"


def test_a_correction_may_leave_a_player_below_zero(player: FundedPlayer) -> None:
    player.post("-100.01", kind=TransferKind.SETTLEMENT)

    assert player.balance == "-0.01"


def test_the_same_key_with_the_same_content_returns_the_first_posting(
    player: FundedPlayer,
) -> None:
    posting = player.posting("5.00")
    (first,) = post(posting)

    (second,) = services.post_transfers(postings=[posting], actor="somebody else")

    assert second == first._replace(repeated=True)
    assert player.balance == "105.00"


@pytest.mark.parametrize(
    "difference",
    [
        {"change": "5.01"},
        {"kind": TransferKind.DEPOSIT},
        {"reason": "OTHER"},
        {"note": "another"},
        {"reference_kind": "TICKET"},
        {"reference_id": "2"},
    ],
    ids=lambda difference: next(iter(difference)),
)
def test_the_same_key_with_other_content_is_refused(
    player: FundedPlayer, difference: dict[str, str]
) -> None:
    player.post("5.00", key="k")

    with pytest.raises(KeyReused, match="The key “k” was already used for a different transfer"):
        player.post(**{"change": "5.00", "key": "k"} | difference)

    assert player.balance == "105.00"


def test_the_same_key_for_another_player_is_refused(player: FundedPlayer) -> None:
    player.post("5.00", key="k")
    other = FundedPlayer.create()

    with pytest.raises(KeyReused):
        other.post("5.00", key="k")

    assert other.balance == "0.00"


def test_one_call_may_name_a_key_twice_if_it_means_the_same(player: FundedPlayer) -> None:
    posting = player.posting("5.00")

    first, second = post(posting, posting)

    assert first == second
    assert player.balance == "105.00"


def test_one_call_may_not_mean_two_things_by_one_key(player: FundedPlayer) -> None:
    with pytest.raises(KeyReused):
        post(player.posting("5.00", key="k"), player.posting("6.00", key="k"))

    assert player.balance == "100.00"


def test_all_are_posted_or_none(player: FundedPlayer) -> None:
    other = FundedPlayer.create("1.00")

    with pytest.raises(InsufficientFunds):
        post(player.posting("5.00"), other.posting("-2.00", kind=TransferKind.STAKE))

    assert (player.balance, other.balance) == ("100.00", "1.00")


def test_an_account_may_be_moved_many_times_in_one_call(player: FundedPlayer) -> None:
    posted = post(*(player.posting("-10.00", key=f"s-{number}") for number in range(5)))

    assert [row.sequence for row in posted] == [2, 3, 4, 5, 6]
    assert [row.balance_after for row in posted] == [9000, 8000, 7000, 6000, 5000]
    assert player.balance == "50.00"


def test_an_account_moves_in_the_order_that_was_asked_for(player: FundedPlayer) -> None:
    post(
        player.posting("50.00", key="z", kind=TransferKind.DEPOSIT),
        player.posting("-150.00", key="a", kind=TransferKind.WITHDRAWAL),
    )

    assert player.balance == "0.00"
    assert [t.key for t in selectors.statement(account=player.account)][:2] == ["a", "z"]


def test_a_withdrawal_before_the_deposit_that_covers_it_is_refused(player: FundedPlayer) -> None:
    with pytest.raises(InsufficientFunds):
        post(
            player.posting("-150.00", key="b", kind=TransferKind.WITHDRAWAL),
            player.posting("50.00", key="a", kind=TransferKind.DEPOSIT),
        )

    assert player.balance == "100.00"


def test_a_refusal_inside_a_callers_transaction_leaves_the_rest_of_it(player: FundedPlayer) -> None:
    with transaction.atomic():
        player.post("1.00")
        with pytest.raises(InsufficientFunds):
            player.post("-500.00", kind=TransferKind.STAKE)
        player.post("2.00")

    assert player.balance == "103.00"


def test_the_answers_stand_in_the_order_of_the_questions(player: FundedPlayer) -> None:
    posted = post(player.posting("1.00", key="b"), player.posting("2.00", key="a"))

    assert [row.key for row in posted] == ["b", "a"]
    assert [row.change for row in posted] == [100, 200]
    assert [Transfer.objects.get(pk=row.transfer_id).key for row in posted] == ["b", "a"]


@pytest.mark.parametrize("status", ["BLOCKED", "CLOSED"])
@pytest.mark.parametrize("kind", ["DEPOSIT", "WITHDRAWAL", "STAKE"])
def test_a_player_who_is_not_active_may_not_bet_or_pay(
    player: FundedPlayer, status: str, kind: str
) -> None:
    player.player.status = status
    player.player.save()

    with pytest.raises(
        PlayerNotActive, match=f"is {status.lower()}: no {kind.lower()} is possible"
    ):
        player.post("5.00" if kind == "DEPOSIT" else "-5.00", kind=TransferKind(kind))

    assert player.balance == "100.00"


@pytest.mark.parametrize("kind", ["SETTLEMENT", "ADJUSTMENT"])
def test_settlements_and_corrections_always_reach_him(player: FundedPlayer, kind: str) -> None:
    player.player.status = "CLOSED"
    player.player.save()

    player.post("5.00", kind=TransferKind(kind), note="late result")

    assert player.balance == "105.00"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ({"change": "0"}, "The amount is zero: there is nothing to move."),
        ({"change": "-1", "kind": TransferKind.DEPOSIT}, "A deposit can't be -1.00"),
        ({"change": "1", "kind": TransferKind.WITHDRAWAL}, "A withdrawal can't be 1.00"),
        ({"change": "1", "kind": TransferKind.STAKE}, "A stake can't be 1.00"),
        ({"change": "1", "kind": TransferKind.ADJUSTMENT}, "A note is required"),
        ({"change": "1", "kind": TransferKind.ADJUSTMENT, "note": "  "}, "A note is required"),
        ({"change": "1", "reason": ""}, "A reason is required."),
        ({"change": "1", "key": ""}, "A key has 1 to 150 characters."),
        ({"change": "1", "key": "k" * 151}, "A key has 1 to 150 characters."),
        ({"change": "1", "note": "n" * 501}, "The note is longer than 500 characters."),
        ({"change": "1", "reason": "R" * 31}, "The reason is longer than 30 characters."),
        ({"change": "1", "reason": "R" + " " * 30}, "The reason is longer than 30 characters."),
        ({"change": "1", "reference_kind": "K" * 13}, "The reference kind is longer than 12"),
        ({"change": "1", "reference_id": "I" * 101}, "The reference id is longer than 100"),
        *(({"change": "1", name: "\0"}, "a character with the code 0.") for name in TEXTS),
        *(({"change": "1", name: "\ud800"}, "an unpaired surrogate.") for name in TEXTS),
        ({"change": "1", "currency": "USD"}, "is kept in EUR."),
    ],
)
def test_a_posting_that_makes_no_sense_is_refused(
    player: FundedPlayer, words: dict[str, str], complaint: str
) -> None:
    with pytest.raises(PostingRefused) as refusal:
        player.post(**words)

    assert complaint in str(refusal.value)
    assert player.balance == "100.00"


@pytest.mark.parametrize(
    ("actor", "complaint"),
    [
        ("", "Nobody is named as the one who moves the money."),
        ("a" * 201, "The actor's name is longer than 200 characters."),
        ("\0", "A text holds a character with the code 0."),
        ("\udfff", "A text holds half a character: an unpaired surrogate."),
    ],
)
def test_nobody_moves_money_without_a_name_for_the_books(
    player: FundedPlayer, actor: str, complaint: str
) -> None:
    with pytest.raises(PostingRefused) as refusal:
        services.post_transfers(postings=[player.posting("1.00")], actor=actor)

    assert str(refusal.value) == complaint
    assert player.balance == "100.00"


def test_the_longest_texts_are_those_that_the_ledger_has_room_for(player: FundedPlayer) -> None:
    fields = [field for field in Transfer._meta.concrete_fields if field.name in TEXTS]
    words = {field.name: "ü" * (field.max_length or 0) for field in fields}

    services.post_transfers(postings=[player.posting("1.00", **words)], actor="ü" * 200)

    row = Transfer.objects.get(key=words["key"])
    assert (row.actor, row.reason, row.note) == ("ü" * 200, "ü" * 30, "ü" * 500)
    assert (row.reference_kind, row.reference_id) == ("ü" * 12, "ü" * 100)


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_transaction_that_sees_an_old_ledger_posts_nothing(own_database: str, level: str) -> None:
    player = FundedPlayer.create("100.00")

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
        with pytest.raises(InternalError, match=f"in READ COMMITTED alone, not in {level}"):
            player.post("1.00")

    assert player.balance == "100.00"


def test_an_unknown_account_is_refused(player: FundedPlayer) -> None:
    with pytest.raises(UnknownAccount, match="There is no player's account number 999999"):
        player.post("1.00", account_id=999999)


def test_a_house_account_cannot_be_posted_to_as_if_it_were_a_players(player: FundedPlayer) -> None:
    house = Account.objects.get(kind="HOUSE_CASH", currency_id="EUR")

    with pytest.raises(UnknownAccount):
        player.post("1.00", account_id=house.pk)


def test_a_balance_beyond_what_the_ledger_holds_is_refused(player: FundedPlayer) -> None:
    with pytest.raises(WalletRefusal, match="more than the ledger can hold"):
        player.post("92233720368547758.07")

    assert player.balance == "100.00"


def test_a_balance_of_which_there_is_no_opposite_is_refused(db: None) -> None:
    player = FundedPlayer.create("0.00")
    least = player.posting("-92233720368547758.07", kind=TransferKind.ADJUSTMENT, note="least")
    one_less = player.posting("-0.01", kind=TransferKind.ADJUSTMENT, note="one less")

    with pytest.raises(PostingRefused) as refusal:
        post(least, one_less)

    name = player.player.external_id
    assert str(refusal.value) == f"The balance of {name} would be more than the ledger can hold."
    assert player.balance == "0.00"
    post(least)
    assert player.balance == "-92233720368547758.07"


def test_text_reaches_the_ledger_as_it_was_typed(player: FundedPlayer) -> None:
    note = 'a "quoted", {braced}, back\\slashed NULL note, with ümläuts\nand a line'

    posted = player.post("1.00", note=note, reference_id="NULL")

    row = Transfer.objects.get(pk=posted.transfer_id)
    assert (row.note, row.reference_id) == (note, "NULL")


def test_accounts_are_opened_once(player: FundedPlayer) -> None:
    again = services.open_accounts(players=[player.player.pk], currency="EUR")

    assert again == {player.player.pk: player.account.pk}
    assert Account.objects.filter(player__isnull=True, currency_id="EUR").count() == 4


def test_no_postings_are_no_work(db: None) -> None:
    assert post() == []
