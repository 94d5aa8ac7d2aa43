"""Whatever a body holds: it is refused in a sentence, never with a 500, and changes nothing."""

import json
from decimal import Decimal

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError  # type: ignore[import-untyped]

from backoffice.api.bodies import MOST_LEVELS, decoded
from settlement.models import Ticket
from tests.backoffice.api.asking import QUOTE, TICKETS, Json, post, selection, ticket
from tests.factories import FundedPlayer
from wallet.models import Transfer

NO_JSON = [
    ("nothing", b""),
    ("blanks", b"  \n"),
    ("half an object", b'{"bet_id": '),
    ("two objects", b"{} {}"),
    ("a form", b"bet_id=T-1&stake=10"),
    ("NaN", b"NaN"),
    ("infinity", b'{"stake": Infinity}'),
    ("a raw character 0", b'"\0"'),
    ("half a character", b'{"bet_id": "\\ud800"}'),
    ("half a character as a name", b'{"\\udc00": 1}'),
    ("half a character in UTF-8", b'"\xed\xa0\x80"'),
    ("another code", '{"bet_id": "ü"}'.encode("latin-1")),
    ("UTF-16", '{"bet_id": "T"}'.encode("utf-16")),
    ("a byte order mark", b"\xef\xbb\xbf{}"),
    ("10,000 lists", b"[" * 10_000 + b"]" * 10_000),
    ("10,000 objects", b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
    ("a thousand levels", b'{"bet_id":' + b"[" * 950 + b"]" * 950 + b"}"),
    ("one level too many", b"[" * (MOST_LEVELS + 1) + b"]" * (MOST_LEVELS + 1)),
    ("5,000 digits", b"9" * 5_000),
    ("an endless exponent", b'{"stake": 1e99999999999999999999}'),
]
ODD_STAKES = [
    b"1e999999", b"1e-999999", b"-1", b"0", b"-0.0", b"0.001", b"99999999999999999999.99",
    b"123456789012345678901234567890", b'"NaN"', b'"Infinity"', b'"\\u0000"',
    b'"1,0"', b"true", b"null", b"[]", b"{}", b'{"a": [1]}', b'""',
]  # fmt: skip


@pytest.fixture
def punter(db: None) -> FundedPlayer:
    """Player P with 100.00 EUR."""
    return FundedPlayer.create("100.00", external_id="P")


def assert_nothing_moved(punter: FundedPlayer) -> None:
    assert (Ticket.objects.count(), Transfer.objects.count()) == (0, 1)
    assert punter.balance == "100.00"


@pytest.mark.parametrize("path", [TICKETS, QUOTE])
@pytest.mark.parametrize(("what", "body"), NO_JSON, ids=[what for what, _ in NO_JSON])
def test_what_is_no_json_is_400(
    api: Client, punter: FundedPlayer, what: str, body: bytes, path: str
) -> None:
    status, problem = post(api, body, path)

    assert (status, problem["code"]) == (400, "parse_error")
    assert problem["detail"].endswith(".")
    assert_nothing_moved(punter)


@pytest.mark.parametrize("stake", ODD_STAKES)
def test_a_stake_that_is_none_is_422(api: Client, punter: FundedPlayer, stake: bytes) -> None:
    body = json.dumps(ticket(stake="STAKE")).encode().replace(b'"STAKE"', stake)

    status, problem = post(api, body)

    assert (status, problem["code"]) == (422, "invalid")
    assert_nothing_moved(punter)


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
     "multipart/form-data", "application/jsonp", "x" * 300, "application/json5;;;"],
)  # fmt: skip
def test_only_json_is_read(api: Client, punter: FundedPlayer, content_type: str) -> None:
    response = api.post(TICKETS, data=json.dumps(ticket()), content_type=content_type)

    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")
    assert_nothing_moved(punter)


@pytest.mark.parametrize(("path", "most"), [(TICKETS, 8_000_000), (QUOTE, 100_000)])
def test_a_body_has_a_limit(api: Client, path: str, most: int) -> None:
    allowed = post(api, b"[" + b" " * (most - 2) + b"]", path)
    refused = post(api, b"[" + b" " * (most - 1) + b"]", path)

    assert (allowed[0], refused[0], refused[1]["code"]) == (422, 413, "too_large")
    assert refused[1]["detail"] == f"A body has at most {most:,} bytes."


def test_numbers_are_what_was_written() -> None:
    found = decoded(b'[0.1, 2.50, 1e2, 12345678901234567890123, -0.0, "\\u0000"]')

    assert found == [Decimal("0.1"), Decimal("2.5"), 100, 12345678901234567890123, 0, "\0"]
    assert str(found[1]) == "2.50"
    assert type(found[3]) is int


def test_as_many_levels_as_are_allowed_are_read() -> None:
    found = decoded(b"[" * MOST_LEVELS + b"]" * MOST_LEVELS)

    assert str(found) == "[" * MOST_LEVELS + "]" * MOST_LEVELS
    with pytest.raises(ParseError):
        decoded(b'{"a":[' + b"[" * MOST_LEVELS + b"]" * MOST_LEVELS + b"]}")


words = st.text(max_size=8) | st.sampled_from(["T-1", "P", "EUR", "10.00", "single", "\0", "�"])
numbers = st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


def changed(good: Json) -> st.SearchStrategy[Json]:
    """Return objects like a good one in which some fields are odd, or gone."""
    names = st.sampled_from([*good, "system", "x"])
    odd = st.dictionaries(names, values, max_size=3)
    return st.builds(
        lambda gone, some: {k: v for k, v in (good | some).items() if k not in gone},
        st.sets(names, max_size=1),
        odd,
    )


legs = st.lists(
    changed(selection(provider=None, group="g", place_fraction="1/4", start_at=None)), max_size=3
)
odd_tickets = st.builds(
    lambda one, some: one | {"selections": some}, changed(ticket(each_way=False)), legs
)
odd_bets = st.builds(
    lambda one, some: one | {"legs": some},
    changed(
        {"stake": "1", "type": "double", "each_way": True, "currency": "EUR", "rules": None,
         "cashed_out": None, "kind": "free_bet", "input": {}}
    ),
    st.lists(
        changed({"price": "2", "result": "win", "rule4": ["5"], "dead_heat": "1/2", "group": None,
                 "withdrawn": [], "starting_price": "3"}),
        max_size=3,
    ),
)  # fmt: skip


@settings(max_examples=60)
@given(body=odd_tickets | st.lists(odd_tickets | values, max_size=3) | values)
def test_no_odd_ticket_is_a_fault_of_ours(api: Client, punter: FundedPlayer, body: object) -> None:
    status, answer = post(api, body)

    assert status in (200, 201, 409, 422), answer


@settings(max_examples=60)
@given(body=odd_bets | values)
def test_no_odd_bet_is_a_fault_of_ours(api: Client, body: object) -> None:
    status, answer = post(api, body, QUOTE)

    assert status in (200, 422), answer
