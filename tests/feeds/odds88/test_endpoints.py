"""What the look-up endpoints answer is read as far as it is told, whatever its keys look like."""

from decimal import Decimal

import pytest

from feeds.odds88.endpoints import (
    LONGEST_WAIT,
    BetStatus,
    problem_in,
    read_reject_reasons,
    read_settled,
    read_status,
    seconds_in,
    shown,
)
from settlement.said import Unreadable


def status(raw: bytes) -> BetStatus:
    """Return what an answer says of a bet."""
    found = read_status(raw)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("raw", "label"),
    [
        (b'{"resultType":1}', "pending"),
        (b'{"resultType":2}', "accepted"),
        (b'{"resultType":3}', "rejected"),
        (b'{"resultType":"Accepted"}', "accepted"),
        (b'{"RESULTTYPE":2}', "accepted"),
        (b'{"ResultType":"2"}', "accepted"),
        (b'{"resultType":9}', "unknown (9)"),
        (b'{"resultType":-1}', "unknown (-1)"),
        (b'{"resultType":"Parked"}', "unknown (parked)"),
        (b'{"cancellationStatus":{}}', "unknown"),
    ],
)
def test_where_a_bet_stands_is_labelled(raw: bytes, label: str) -> None:
    assert status(raw).label == label


@pytest.mark.parametrize(
    ("raw", "label"),
    [
        (b'{"resultType":3,"rejectInfo":{"reason":19}}', "bet limit exceeded"),
        (b'{"resultType":3,"RejectInfo":{"Reason":100}}', "unexpected error"),
        (b'{"resultType":3,"rejectInfo":{"reason":41}}', "unknown (41)"),
        (b'{"resultType":3,"rejectInfo":{"reason":0}}', ""),
        (b'{"resultType":3,"rejectInfo":{"reason":null}}', ""),
        (b'{"resultType":3,"rejectInfo":null}', ""),
        (b'{"resultType":3}', ""),
    ],
)
def test_a_reject_reason_is_labelled_when_it_is_known(raw: bytes, label: str) -> None:
    assert status(raw).reject_label == label


def test_a_bet_is_told_in_sentences() -> None:
    found = status(
        b'{"requestId":"R-1","resultType":3,"rejectInfo":{"reason":11,"message":"Too\\nlate"},'
        b'"cancellationStatus":{"status":2,"message":null},"acceptedBet":null,"new":[1.5]}'
    )

    assert found.sentences == (
        "At Odds88 the bet is rejected: event not active.",
        "It says: “Too late”",
        "The wish to cancel it was rejected.",
    )


@pytest.mark.parametrize("raw", [b"", b" \n", b"null", b"{}"])
def test_an_empty_answer_says_nothing(raw: bytes) -> None:
    assert read_status(raw) is None
    assert read_settled(raw) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"[1]",
        b'"x"',
        b"5",
        b"{",
        b"<html>",
        b"\xff",
        b'{"resultType":{}}',
        b'{"resultType":1.5}',
        b'{"rejectInfo":{"reason":1}}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_bet_is_refused_in_a_sentence(raw: bytes) -> None:
    with pytest.raises(Unreadable, match=r"\.$"):
        read_status(raw)


def test_how_a_bet_ended_is_read_with_every_digit() -> None:
    found = read_settled(
        b'{"betId":"P:R","betSettlement":1,"payoutMultiplier":2.5000000000000000000000000001,'
        b'"payout":25.0,"amount":10.10,"selections":[{"selectionId":31}]}'
    )

    assert found is not None
    assert found.payout_multiplier == Decimal("2.5000000000000000000000000001")
    assert found.amount == Decimal("10.10")


@pytest.mark.parametrize(
    "raw", [b'{"betId":"R"}', b'{"amount":10}', b'{"betId":"R","isCancelled":false}']
)
def test_a_bet_without_an_ending_is_not_settled(raw: bytes) -> None:
    assert read_settled(raw) is None


@pytest.mark.parametrize(
    "raw",
    [
        b'{"betSettlement":1,"payout":1e999999}',
        b'{"betSettlement":1,"amount":1e-999999}',
        b'{"betSettlement":"Win"}',
        b"[]",
        b'[{"betSettlement":1}]',
        b"<html>",
        b'{"betSettlement":1,"betId":"\\u0000"}',
    ],
)
def test_what_is_no_settlement_is_refused(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        read_settled(raw)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b'{"detail":"Bet not found for player.","title":"Bad"}', "Bet not found for player."),
        (b'{"Title":"Bad Request","detail":null}', "Bad Request"),
        (b'{"title":"a\\u0007b"}', "a b"),
        (b'{"detail":"' + b"x" * 300 + b'"}', "x" * 200 + "…"),
        (b"{}", ""),
        (b'{"title":5}', ""),
        (b"[]", ""),
        (b"<html>", ""),
        (b"\xff", ""),
        (b"", ""),
        (b"[" * 100_000, ""),
    ],
)
def test_a_refusal_says_as_much_as_it_says(raw: bytes, said: str) -> None:
    assert problem_in(raw) == said


@pytest.mark.parametrize(
    "raw",
    [
        b'{"1":"Price changed","x":"y"}',
        b'[{"id":1,"name":"Price changed"},{"id":2},5]',
        b'[{"Key":"1","Description":"Price changed"}]',
    ],
)
def test_reject_reasons_are_read_in_the_shapes_that_they_may_have(raw: bytes) -> None:
    assert read_reject_reasons(raw) == {1: "Price changed"}


@pytest.mark.parametrize("raw", [b"null", b'"x"', b"[]", b"{}"])
def test_without_reject_reasons_there_are_none(raw: bytes) -> None:
    assert read_reject_reasons(raw) == {}


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        (" 0 ", 0),
        ("999999", LONGEST_WAIT),
        ("99999999999999999999", 1),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 1),
        ("-1", 1),
        ("²", 1),
        ("", 1),
        (None, 1),
    ],
)
def test_a_wish_to_wait_is_bounded(header: str | None, seconds: float) -> None:
    assert seconds_in(header) == seconds


def test_somebodys_words_stay_on_one_line_and_can_be_written_down() -> None:
    assert shown("a\r\nb\x00c\ud800d\u2028e") == "a  b c d e"
