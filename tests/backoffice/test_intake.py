"""Tickets in a client's words: each is answered in its place, and no bad one stops a good one."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from backoffice.intake import Answer, bring_in
from settlement.models import Ticket
from tests.factories import FundedPlayer
from tests.settlement.asked import Json, bet, legs, selection


def statuses(*asked: Any) -> list[str]:
    """Bring tickets in; return what became of each."""
    return [answer.status for answer in bring_in(tickets=asked, actor="test")]


def test_each_ticket_is_answered_in_its_place(player: FundedPlayer) -> None:
    good, poor = bet(player, bet_id="G"), bet(player, bet_id="P", stake="90.01")
    bad = bet(player, bet_id="B", stake="ten")

    answers = bring_in(tickets=[bad, good, {}, poor, good], actor="test")

    name = player.player.external_id
    assert answers == [
        Answer("B", "refused", "invalid", "stake", "“ten” is not a number."),
        Answer("G", "created"),
        Answer("", "refused", "invalid", answers[2].field, answers[2].error),
        Answer("P", "refused", "insufficient_funds", "stake",
               f"{name} holds 90.00 EUR: too little for 90.01 EUR."),
        Answer("G", "repeated"),
    ]  # fmt: skip
    assert "bet_id" in answers[2].sentence
    assert player.balance == "90.00"


def test_a_refusal_is_a_sentence_with_its_field(player: FundedPlayer) -> None:
    (answer,) = bring_in(tickets=[bet(player, kind="double")], actor="test")

    assert answer.sentence == "kind: A double has 2 legs, not 1."
    assert answer.error == "A double has 2 legs, not 1."


def test_a_conflict_names_the_field_that_differs(player: FundedPlayer) -> None:
    asked = bet(player, *legs(2), kind="double", bet_id="T-1")
    changed = [selection(1), selection(2, price="2.51")]
    bring_in(tickets=[asked], actor="test")

    (answer,) = bring_in(tickets=[asked | {"selections": changed}], actor="test")

    assert answer == Answer(
        "T-1", "refused", "conflict", "selections[2].price",
        "the bet is there already with another content.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("what", "asked", "bet_id"),
    [
        ("nothing", None, ""),
        ("a list", ["T-1"], ""),
        ("a word", "T-1", ""),
        ("an empty object", {}, ""),
        ("a bet_id alone", {"bet_id": "T-1"}, "T-1"),
        ("a bet_id as a number", {"bet_id": 987654321098765432}, "987654321098765432"),
        ("a bet_id that is too long", {"bet_id": "x" * 500}, "x" * 100),
        ("a bet_id that is none", {"bet_id": None}, "None"),
    ],
)
def test_what_is_no_ticket_is_refused_under_the_bet_id_that_it_has(
    player: FundedPlayer, what: str, asked: Any, bet_id: str
) -> None:
    first, second = bring_in(tickets=[asked, bet(player)], actor="test")

    assert (first.bet_id, first.status, first.code) == (bet_id, "refused", "invalid")
    assert second.status == "created"


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("half a character in the bet_id", {"bet_id": "T\ud800"}),
        ("half a character in a time", {"placed_at": "\ud800"}),
        ("half a character as a player", {"player": "\ud800"}),
    ],
)
def test_every_answer_can_be_sent(player: FundedPlayer, what: str, words: Json) -> None:
    (answer,) = bring_in(tickets=[bet(player, **words)], actor="test")

    assert answer.status == "refused"
    assert msgspec.json.encode(answer)


def test_json_numbers_are_exact_on_the_way_in(player: FundedPlayer) -> None:
    line = msgspec.json.encode(bet(player, bet_id=12345678901234567890)).replace(
        b'"10.00"', b"0.29"
    )

    assert statuses(msgspec.json.Decoder(float_hook=Decimal).decode(line)) == ["created"]

    assert player.balance == "99.71"
    assert Ticket.objects.get().bet_id == "12345678901234567890"


def test_more_than_a_thousand_come_in_by_the_thousand(player: FundedPlayer) -> None:
    asked = [bet(player, stake="0.01") for _ in range(2100)]
    asked[1050] |= {"bet_id": asked[5]["bet_id"]}
    asked[1500] |= {"kind": "nonsense"}

    found = statuses(*asked)

    assert (found[1050], found[1500]) == ("repeated", "refused")
    assert found.count("created") == Ticket.objects.count() == 2098
    assert player.balance == "79.02"


def test_each_thousand_stands_by_itself(own_database: str) -> None:
    player = FundedPlayer.create("100.00")

    def breaking_off() -> Iterator[Json]:
        for _ in range(1500):
            yield bet(player, stake="0.01")
        raise OSError("the line is dead")

    with pytest.raises(OSError, match="the line is dead"):
        bring_in(tickets=breaking_off(), actor="test")

    assert Ticket.objects.count() == 1000
    assert player.balance == "90.00"


def test_somebody_must_bring_them(player: FundedPlayer) -> None:
    with pytest.raises(ValueError, match="Nobody is named"):
        bring_in(tickets=[bet(player)], actor="")

    assert not Ticket.objects.exists()


def test_nothing_is_answered_with_nothing(db: None) -> None:
    assert bring_in(tickets=[], actor="test") == []
