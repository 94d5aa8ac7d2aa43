"""What a line of JSON is answered, whatever stands in it."""

import json
from decimal import Decimal

import pytest

from settlement.rules.quote import LONGEST_LINE, answer
from tests.settlement.quoting import asked_for, bet, leg, quoted


def single(**changes: str) -> bytes:
    """Return a line whose parts are written as given, so that they may be wrong JSON."""
    part = {"stake": '"10"', "price": '"2.5"', "leg": "", "more": ""} | changes
    return (
        f'{{"stake":{part["stake"]},"type":"single","legs":[{{"price":{part["price"]},'
        f'"result":"win"{part["leg"]}}}]{part["more"]}}}'
    ).encode()


def test_an_answer_holds_what_was_asked_and_what_it_pays() -> None:
    asked = bet("double", leg("1.5"), leg("5/3"), name="ticket 7", source=["x"])

    found = quoted(asked)

    assert {name: found.pop(name) for name in asked} == asked
    assert len(found.pop("explanation")) == 5
    assert found == {
        "lines": 1,
        "total_stake": "10.00",
        "result": "win",
        "returns": "25.00",
        "returns_down": "25.00",
        "exact": "25/1",
    }


@pytest.mark.parametrize(
    ("what", "stake", "price", "exactly"),
    [
        ("text", '"10"', '"2.28"', "114/5"),
        ("a ratio in text", '"10"', '"11/6"', "55/3"),
        ("JSON numbers", "10", "2.28", "114/5"),
        ("a stake with cents", "10.10", "2.28", "5757/250"),
        ("an exponent", "1e1", "228e-2", "114/5"),
        ("more digits than a float holds", "1", "1.23456789012345678901", None),
        ("a number beyond 64 bits", "18446744073709551616", "1", "18446744073709551616/1"),
        ("blanks around it", '" 10 "', '"2.28\\t"', "114/5"),
    ],
)
def test_a_price_is_exact_as_text_and_as_a_number(
    what: str, stake: str, price: str, exactly: str | None
) -> None:
    found, good = asked_for(single(stake=stake, price=price))

    assert good
    assert found["exact"] == (exactly or "123456789012345678901/100000000000000000000")


def test_numbers_come_back_as_they_were_written() -> None:
    written, good = answer(single(price="2.2800", more=',"ref":12345678901234567890.10'), 1)

    found = json.loads(written, parse_float=Decimal)

    assert good
    assert str(found["legs"][0]["price"]) == "2.2800"
    assert str(found["ref"]) == "12345678901234567890.10"


@pytest.mark.parametrize(
    ("word", "result"),
    [("refund", "refund"), ("push", "refund"), ("cancelled", "refund"), ("placed", "lose")],
)
def test_other_words_for_a_result_are_known(word: str, result: str) -> None:
    assert quoted(bet("single", leg("3", word)))["result"] == result


@pytest.mark.parametrize("stake", ["1/3", "0.00001"])
def test_a_total_stake_is_a_number_that_programs_can_read(stake: str) -> None:
    found, good = asked_for(json.dumps(bet("single", leg(), stake=stake)).encode())

    assert not good or "…" not in found["total_stake"]


@pytest.mark.parametrize(
    ("what", "line", "sentence"),
    [
        ("a list", b"[1]", "A bet is a JSON object."),
        ("text", b'"single"', "A bet is a JSON object."),
        ("nothing", b"null", "A bet is a JSON object."),
        ("a number", b"12", "A bet is a JSON object."),
        ("an empty object", b"{}", "Object missing required field `stake`"),
        ("no JSON", b"single 10 @ 2", "JSON is malformed: invalid character (byte 0)"),
        ("half an object", b'{"stake":', "Input data was truncated"),
        ("a null byte", b'{"stake":"1\x000"}', "JSON is malformed: invalid character (byte 11)"),
        (
            "an escaped null byte",
            single(stake='"1\\u00000"'),
            "stake: “1\0000” is not a number like 2.50 or a ratio like 5/3.",
        ),
        (
            "invalid UTF-8",
            b'{"name":"\xff"}',
            "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
        ),
        (
            "a lone surrogate",
            b'{"name":"\\ud800 and more"}',
            "JSON is malformed: unexpected end of escaped utf-16 surrogate pair (byte 15)",
        ),
        (
            "no number",
            single(stake="NaN"),
            "JSON is malformed: invalid character (byte 9)",
        ),
        (
            "no number in text",
            single(price='"NaN"'),
            "legs[1].price: “NaN” is not a number like 2.50 or a ratio like 5/3.",
        ),
        (
            "infinity",
            single(stake='"Infinity"'),
            "stake: “Infinity” is not a number like 2.50 or a ratio like 5/3.",
        ),
        (
            "1e400",
            single(stake="1e400"),
            "stake: A number is expected, best written as text.",
        ),
        (
            "a negative stake",
            single(stake="-10"),
            "stake: “-10” is not a number like 2.50 or a ratio like 5/3.",
        ),
        ("no stake", single(stake="0"), "The stake must be above zero."),
        (
            "a truth as a price",
            single(price="true"),
            "legs[1].price: A number is expected, best written as text.",
        ),
        (
            "a list as a price",
            single(price='["2"]'),
            "legs[1].price: A number is expected, best written as text.",
        ),
        (
            "a price below 1",
            single(price='"0.99"'),
            "legs[1].price: decimal odds of 0.99 are below 1.",
        ),
        (
            "an unknown field of a leg",
            single(leg=',"odds":"3"'),
            "Object contains unknown field `odds` - at `$.legs[0]`",
        ),
        (
            "an unknown result",
            single(leg=',"result":"won"'),
            "legs[1]: “won” is not a result (win, place, lose, void, half_win, half_lose).",
        ),
        (
            "a deduction of more than all",
            single(leg=',"rule4":[101]'),
            "legs[1].rule4: a deduction is 0 to 100 percent.",
        ),
        (
            "a truth as a dead heat",
            single(leg=',"dead_heat":true'),
            "legs[1], dead heat: A number is expected, best written as text.",
        ),
        (
            "half a result each-way",
            single(leg=',"result":"half_win"', more=',"each_way":true'),
            "legs[1]: a half result says nothing about the place part.",
        ),
        (
            "half a result in a dead heat",
            single(leg=',"result":"half_win","dead_heat":"1/2"'),
            "A half result in a dead heat has to be decided by hand.",
        ),
        (
            "an unknown currency",
            single(more=',"currency":"eur"'),
            "There is no currency “eur” here.",
        ),
        (
            "rules that are no object",
            single(more=',"rules":[1]'),
            "Expected `object | null`, got `array` - at `$.rules`",
        ),
        (
            "an unknown rule",
            single(more=',"rules":{"tax":"5"}'),
            "Rules: Object contains unknown field `tax`",
        ),
        (
            "a cash-out without its amount",
            single(more=',"cashed_out":{"stake":"5"}'),
            "Object missing required field `amount` - at `$.cashed_out`",
        ),
        (
            "60,000 digits",
            single(stake="1" * 60_000),
            "Integer value out of range - at `$[...]`",
        ),
        (
            "60,000 places",
            single(stake=f"1.{'1' * 60_000}"),
            f"stake: “1.{'1' * 48}” is not a number like 2.50 or a ratio like 5/3.",
        ),
        (
            "60,000 digits in text",
            single(stake=f'"{"1" * 60_000}"'),
            f"stake: “{'1' * 50}” is not a number like 2.50 or a ratio like 5/3.",
        ),
        ("a long line", b" " * (LONGEST_LINE + 1), "A line has at most 100,000 bytes."),
        (
            "more legs than a bet has",
            json.dumps(bet("accumulator", *[leg()] * 2000)).encode(),
            "A bet has 1 to 40 legs, not 2000.",
        ),
    ],
)
def test_a_line_that_cannot_be_priced_says_why(what: str, line: bytes, sentence: str) -> None:
    assert asked_for(line) == ({"line": 1, "error": sentence}, False)
