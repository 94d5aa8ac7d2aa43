"""Bets priced by HTTP: the vectors' shape in, the answer with its explanation out."""

from collections.abc import Callable

import pytest
from django.test import Client

from settlement.models import Ticket
from tests.backoffice.api.asking import QUOTE, Json, post


def bet(**changes: object) -> Json:
    """Return a double, one leg of which is void."""
    return {
        "type": "double",
        "stake": "10.00",
        "currency": "EUR",
        "legs": [{"price": "1.80", "result": "win"}, {"price": "2.10", "result": "void"}],
    } | changes


def test_a_bet_is_priced_with_its_reasons(api: Client) -> None:
    status, found = post(api, bet(), QUOTE)

    assert status == 200
    assert (found["returns"], found["exact"], found["result"]) == ("18.00", "18/1", "mixed")
    assert found["explanation"][-1] == "Returns 18.00 EUR."
    assert [leg["win_factor"] for leg in found["structure"]["legs"]] == ["9/5", "1/1"]
    assert Ticket.objects.count() == 0


def test_an_open_bet_has_no_price_yet(api: Client) -> None:
    status, found = post(api, bet(legs=[{"price": "2"}, {"price": "3", "result": "win"}]), QUOTE)

    assert (status, found["returns"], found["exact"]) == (200, None, None)


def test_prices_written_as_json_numbers_lose_nothing(api: Client) -> None:
    body = b'{"type":"single","stake":1,"legs":[{"price":1.2345678901234567891,"result":"win"}]}'

    _, found = post(api, body, QUOTE)

    assert found["exact"] == "12345678901234567891/10000000000000000000"


def test_a_special_bets_short_form_is_priced_too(api: Client) -> None:
    short = {"kind": "dead_heat_method",
             "input": {"stake": "10", "price": "5", "n": 2, "method": "stake"}}  # fmt: skip

    assert post(api, short, QUOTE)[1]["returns"] == "25.00"


@pytest.mark.parametrize(
    ("what", "body", "code", "told"),
    [
        ("no legs", {"stake": "1", "type": "single"}, "invalid", "missing required field `legs`"),
        ("an unknown kind", bet(type="quadruple"), "invalid", "is not a kind of bet"),
        ("an unknown currency", bet(currency="XQQ"), "invalid", "There is no currency “XQQ” here."),
        ("a list", [bet()], "invalid", "A bet is a JSON object."),
        ("odd rules", bet(rules={"x": 1}), "invalid", "Rules: "),
        ("a half result each-way", bet(each_way=True, legs=[{"price": "2", "result": "half_win"}]),
         "needs_decision", "a half result says nothing about the place part."),
    ],
)  # fmt: skip
def test_what_can_not_be_priced_says_why(
    api: Client, what: str, body: object, code: str, told: str
) -> None:
    status, problem = post(api, body, QUOTE)

    assert (status, problem["code"]) == (422, code)
    assert told in problem["detail"]


def test_who_may_not_quote_does_not(api_as: Callable[[str], Client]) -> None:
    assert post(api_as("Admin"), bet(), QUOTE)[0] == 403
    assert post(api_as("Support"), bet(), QUOTE)[0] == 200
