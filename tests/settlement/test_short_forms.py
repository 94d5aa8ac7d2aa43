"""Short forms of special bets: the full bet behind each, or a sentence."""

from typing import Any

import msgspec
import pytest

from settlement.rules.quote import answer

BUILDER = {
    "stake": "10", "stored_payout": "60", "rule": "strip_void_price",
    "legs": [["4.0", "void"], ["2.0", "win"]],
}  # fmt: skip


def answered(kind: str, given: Any) -> dict[str, Any]:
    """Return the answer to a short form."""
    line, _ = answer(msgspec.json.encode({"kind": kind, "input": given}), 1)
    found: dict[str, Any] = msgspec.json.decode(line)
    return found


@pytest.mark.parametrize(
    ("kind", "given", "returns"),
    [
        ("bet_builder", BUILDER, "20.00"),
        ("bet_builder", BUILDER | {"rule": "void_all"}, "10.00"),
        ("free_bet", {"stake": "10", "price": "7.0", "stake_returned": False}, "60.00"),
        ("free_bet", {"stake": "10", "price": "7.0", "stake_returned": True}, "70.00"),
        ("price_precision", {"stake": "100", "price": "21/11"}, "190.91"),
        ("dead_heat_method",
         {"stake": "10", "price": "6", "n": 2, "method": "profit_divided"}, "35.00"),
    ],
)  # fmt: skip
def test_a_short_form_is_priced(kind: str, given: Any, returns: str) -> None:
    assert answered(kind, given)["returns"] == returns


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        ("tote", {}, "“tote” is settled by the provider's payout or by amount."),
        (["x"], {}, "is settled by the provider's payout or by amount."),
        ("free_bet", {}, "The input of a free_bet is incomplete or odd: 'price'."),
        ("free_bet", [], "“input” is a JSON object."),
        ("bet_builder", BUILDER | {"stake": "0"}, "is incomplete or odd"),
        ("bet_builder", BUILDER | {"legs": [1]}, "is incomplete or odd"),
        ("dead_heat_method", {"stake": "1", "price": "2", "n": 2, "method": "?"}, "Rules: "),
    ],
)
def test_one_that_makes_no_sense_says_so(kind: Any, given: Any, said: str) -> None:
    assert said in answered(kind, given)["error"]
