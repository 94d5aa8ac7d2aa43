"""Lines that nobody would write by hand: answered all the same, never a traceback."""

import json
from typing import Any

import pytest

from settlement.rules.quote import LONGEST_LINE, answer
from tests.settlement.quoting import asked_for, bet, exact, leg, quoted, refusal

SINGLE = json.dumps(bet("single", leg("2.5")))


def single(more: str) -> bytes:
    """Return a good line with something else in it."""
    return f"{SINGLE[:-1]},{more}}}".encode()


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("nested lists", b"[" * 40_000 + b"]" * 40_000),
        ("nested objects", b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
        ("lists nested in a field that nobody reads", single(f'"x":{"[" * 2000}{"]" * 2000}')),
        ("lists that never end", b"[" * 90_000),
        ("an exponent beyond any decimal", single('"x":1e99999999999999999999')),
        ("an exponent below any decimal", single('"x":1e-99999999999999999999')),
        ("a list where a rule has a word", single('"rules":{"dead_heat_method":[]}')),
        ("an object where a rule has a word", single('"rules":{"dead_heat_method":{}}')),
    ],
)
def test_an_impossible_line_is_answered_too(what: str, line: bytes) -> None:
    written, good = answer(line, 1)

    assert good or written.startswith(b'{"line":1,"error":"')


def test_more_digits_than_python_writes_are_answered_with_an_error() -> None:
    deductions = [f"1/{999_999_999_999_989 - 2 * number}" for number in range(400)]

    found = refusal(bet("single", leg("2", rule4=deductions)))

    assert found


@pytest.mark.parametrize(
    ("what", "more"),
    [
        ("an exponent", '"x":1e400'),
        ("a number beyond 64 bits", '"x":18446744073709551616'),
        ("a negative one", '"x":-9223372036854775809'),
        ("4,000 digits", f'"x":{"1" * 4000}'),
        ("60,000 places", f'"x":1.{"1" * 60_000}'),
        ("a surrogate pair", '"x":"\\ud83d\\ude00"'),
        ("a null byte, escaped", '"x":"\\u0000"'),
        ("some nesting", f'"x":{"[" * 500}{"]" * 500}'),
    ],
)
def test_what_stands_beside_a_bet_comes_back_with_its_answer(what: str, more: str) -> None:
    found, good = asked_for(single(more))

    assert good
    assert found["returns"] == "25.00"
    assert found["x"] == json.loads(f"{{{more}}}")["x"]


def test_of_a_field_written_twice_the_last_one_counts() -> None:
    found, good = asked_for(single('"stake":"20"'))

    assert good
    assert (found["stake"], found["returns"]) == ("20", "50.00")


def test_an_error_names_the_bet_and_its_line() -> None:
    written, good = answer(b'{"name":{"id":1.50},"stake":"x"}', 17)

    assert not good
    assert json.loads(written)["line"] == 17
    assert b'"name":{"id":1.50}' in written


def test_the_longest_line_is_read() -> None:
    padded = SINGLE.encode().ljust(LONGEST_LINE)

    assert asked_for(padded)[1]


@pytest.mark.parametrize(
    ("what", "changes", "pays"),
    [
        ("none", {"dead_heat": 0}, 60),
        ("none, in text", {"dead_heat": "0"}, 60),
        ("room for all", {"dead_heat": "3/2"}, 60),
        ("a third, as a feed rounds it", {"dead_heat": "0.33"}, 20),
        ("a loser's", {"result": "lose", "dead_heat": "1/2"}, 0),
        ("a void leg's", {"result": "void", "dead_heat": "1/2"}, 10),
        ("a place's, not each-way", {"place_dead_heat": "1/2"}, 60),
    ],
)
def test_a_dead_heats_factor_is_read(what: str, changes: dict[str, Any], pays: int) -> None:
    assert exact(bet("single", leg("6") | changes)) == pays


@pytest.mark.parametrize("tiny", ["0.02", "0.0244", "0.01", "0.001"])
def test_a_dead_heat_of_very_many_never_pays_in_full(tiny: str) -> None:
    found, good = asked_for(json.dumps(bet("single", leg("6", dead_heat=tiny))).encode())

    assert not good or found["returns"] != "60.00"


@pytest.mark.parametrize("tied", [2.5, True])
def test_a_short_forms_number_of_tied_is_a_whole_number(tied: object) -> None:
    short = {"stake": "10", "price": "6", "n": tied, "method": "stake_reduction"}

    assert refusal({"kind": "dead_heat_method", "input": short})


@pytest.mark.parametrize(("terms", "said"), [("5", "5"), ("1.01", "1.01"), ("5/4", "1.25")])
def test_places_never_pay_more_than_the_win(terms: str, said: str) -> None:
    asked = bet("single", leg("9", "place", place_fraction=terms), each_way=True)

    assert refusal(asked) == f"legs[1].place_fraction: {said} is above 1."


def test_a_withdrawn_price_below_1_is_refused() -> None:
    assert refusal(bet("single", leg("4", withdrawn=["0.5"]))).startswith("legs[1].withdrawn: ")


def test_letters_that_only_become_a_result_in_capitals_are_refused() -> None:
    assert "“loſe” is not a result" in refusal(bet("single", leg("2", "loſe")))


def test_an_answer_that_is_asked_again_stays_the_same() -> None:
    first = quoted(bet("trixie", leg("2"), leg("3"), leg("4", "void")))

    assert quoted(first) == first
