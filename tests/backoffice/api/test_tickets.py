"""Tickets by HTTP: one, many, the same again, and what is refused changes nothing."""

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from settlement.models import Selection, Ticket
from tests.backoffice.api.asking import TICKETS, Json, get, post, selection, ticket
from tests.factories import FundedPlayer
from wallet.models import Transfer

ApiAs = Callable[[str], Client]


@pytest.fixture
def punter(db: None) -> FundedPlayer:
    """Player P with 100.00 EUR."""
    return FundedPlayer.create("100.00", external_id="P")


def books() -> tuple[int, int]:
    """Return how many tickets and transfers there are."""
    return Ticket.objects.count(), Transfer.objects.count()


def test_a_ticket_is_taken_in_with_its_stake(api: Client, punter: FundedPlayer) -> None:
    response = api.post(TICKETS, data=json.dumps(ticket()), content_type="application/json")

    assert response.status_code == 201
    assert response.json() == {
        "bet_id": "T-1", "status": "created", "url": "/api/v1/tickets/T-1/",
    }  # fmt: skip
    assert response["Location"] == "/api/v1/tickets/T-1/"
    assert response["Cache-Control"] == "no-store"
    assert punter.balance == "90.00"
    stake = Transfer.objects.get(kind="STAKE")
    assert (stake.actor, stake.reason) == ("user:platform", "BET_PLACED")


def test_the_same_again_is_that_ticket(api: Client, punter: FundedPlayer) -> None:
    post(api, ticket())

    status, answer = post(api, ticket(stake=10, placed_at="2026-11-21T11:00:00+01:00"))

    assert (status, answer["status"]) == (200, "repeated")
    assert (books(), punter.balance) == ((1, 2), "90.00")


@pytest.mark.parametrize(
    ("what", "changes", "status", "code", "field"),
    [
        ("another stake", {"stake": "11.00"}, 409, "conflict", "stake"),
        ("too much", {"bet_id": "T-2", "stake": "90.01"}, 409, "insufficient_funds", "stake"),
        ("another currency", {"bet_id": "T-2", "currency": "USD"}, 409, "insufficient_funds",
         "stake"),
        ("nobody's", {"bet_id": "T-2", "player": "nobody"}, 422, "unknown", "player"),
        ("no currency of ours", {"currency": "XQQ"}, 422, "invalid", "currency"),
        ("a third place", {"stake": "1.001"}, 422, "invalid", "stake"),
        ("a price below 1", {"selections": [selection(price="0.9")]}, 422, "invalid",
         "selections[1].price"),
        ("no time zone", {"placed_at": "2026-11-21T10:00:00"}, 422, "invalid", "placed_at"),
        ("two legs in a single", {"selections": [selection(), selection(event="e")]}, 422,
         "invalid", "kind"),
        ("an unknown field", {"bonus": 1}, 422, "invalid", "bonus"),
        ("the character 0", {"bet_id": "T\0"}, 422, "invalid", "bet_id"),
    ],
)  # fmt: skip
def test_what_is_refused_says_why_and_changes_nothing(
    api: Client, punter: FundedPlayer, what: str, changes: Json, status: int, code: str, field: str
) -> None:
    post(api, ticket())

    answered, problem = post(api, ticket(**changes))

    assert (answered, problem["status"], problem["code"]) == (status, status, code)
    assert problem.get("field", "") == field
    assert len(problem["detail"]) > 10
    assert (books(), punter.balance) == ((1, 2), "90.00")


@pytest.mark.parametrize("status", ["BLOCKED", "CLOSED"])
def test_who_may_not_bet_is_a_conflict(api: Client, status: str) -> None:
    FundedPlayer.create(external_id="P", status=status)

    answered, problem = post(api, ticket())

    assert (answered, problem["code"]) == (409, "not_active")
    assert problem["detail"] == f"P is {status.lower()}: no stake is possible."
    assert books() == (0, 0)


def test_numbers_written_as_json_numbers_lose_nothing(api: Client, punter: FundedPlayer) -> None:
    body = json.dumps(ticket(selections=[selection(price="PRICE")]))

    status, _ = post(api, body.replace('"PRICE"', "2.1234567890123456789").encode())

    assert status == 201
    assert Selection.objects.get().price == "2.1234567890123456789"


def test_a_whole_number_of_thirty_digits_stays_whole(api: Client, punter: FundedPlayer) -> None:
    digits = 123456789012345678901234567890

    status, answer = post(api, ticket(bet_id=digits))

    assert (status, answer["bet_id"]) == (201, str(digits))
    assert get(api, answer["url"])[1]["bet_id"] == str(digits)


def test_a_list_is_answered_in_its_order(api: Client, punter: FundedPlayer) -> None:
    post(api, ticket("T-2"))

    status, answer = post(
        api, [ticket("T-1"), ticket("T-2"), ticket("T-3", stake="99"), 7, ticket("T-1")]
    )

    assert status == 200
    assert {name: answer[name] for name in ("created", "repeated", "refused")} == {
        "created": 1, "repeated": 2, "refused": 2,
    }  # fmt: skip
    assert answer["results"][0] == {
        "bet_id": "T-1", "status": "created", "code": None, "field": None, "error": None,
    }  # fmt: skip
    assert answer["results"][2] == {
        "bet_id": "T-3", "status": "refused", "code": "insufficient_funds", "field": "stake",
        "error": "P holds 80.00 EUR: too little for 99.00 EUR.",
    }  # fmt: skip
    told = [(one["bet_id"], one["status"], one["code"]) for one in answer["results"]]
    assert told[3:] == [("", "refused", "invalid"), ("T-1", "repeated", None)]
    assert punter.balance == "80.00"


def test_a_thousand_in_one_call_take_a_few_queries(
    api: Client, punter: FundedPlayer, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    many = [ticket(f"T-{number}", stake="0.10") for number in range(1000)]

    with django_assert_max_num_queries(30):
        status, answer = post(api, many)

    assert (status, answer["created"], answer["refused"]) == (200, 1000, 0)
    assert [one["bet_id"] for one in answer["results"]] == [f"T-{n}" for n in range(1000)]
    assert punter.balance == "0.00"
    assert post(api, many)[1]["repeated"] == 1000


@pytest.mark.parametrize(
    ("what", "body", "status", "code"),
    [
        ("1,001 tickets", [ticket(f"T-{n}") for n in range(1001)], 413, "too_large"),
        ("no ticket", [], 422, "invalid"),
        ("a text", "T-1", 422, "invalid"),
        ("a number", 7, 422, "invalid"),
        ("nothing", None, 422, "invalid"),
    ],
)
def test_a_body_that_is_neither_ticket_nor_list_is_refused(
    api: Client, punter: FundedPlayer, what: str, body: object, status: int, code: str
) -> None:
    answered, problem = post(api, body)

    assert (answered, problem["code"]) == (status, code)
    assert (books(), punter.balance) == ((0, 1), "100.00")


@pytest.mark.parametrize("role", ["Senior", "Platform"])
def test_who_may_place_tickets_does(api_as: ApiAs, punter: FundedPlayer, role: str) -> None:
    assert post(api_as(role), ticket())[0] == 201


@pytest.mark.parametrize("role", ["Support", "Operator", "Ops", "Auditor", "Admin"])
def test_others_place_none(api_as: ApiAs, punter: FundedPlayer, role: str) -> None:
    for body in (ticket(), [ticket()]):
        status, problem = post(api_as(role), body)

        assert (status, problem["code"]) == (403, "permission_denied")
    assert (books(), punter.balance) == ((0, 1), "100.00")


def test_a_ticket_reads_as_the_command_line_shows_it(api: Client, punter: FundedPlayer) -> None:
    post(api, ticket())

    status, found = get(api, "/api/v1/tickets/T-1/")

    assert status == 200
    some = ("bet_id", "player", "stake", "status", "result", "payout", "balance")
    assert [found[name] for name in some] == ["T-1", "P", "10.00", "OPEN", "NONE", "0.00", "90.00"]
    assert [(one["event"], one["price"]) for one in found["selections"]] == [("sr:match:1", "2.50")]
    assert [(one["kind"], one["change"]) for one in found["transfers"]] == [("STAKE", "-10.00")]


def test_an_open_ticket_says_what_it_could_return(api: Client, punter: FundedPlayer) -> None:
    post(api, ticket())

    status, found = get(api, "/api/v1/tickets/T-1/explanation/")

    assert (status, found["decided"], found["could_return"]) == (200, False, "25.00")
    assert found["text"][-1] == "Not decided yet: the open legs matter."
    assert found["structure"]["legs"][0]["price"] == "5/2"


def test_a_settled_ticket_says_how_its_payout_comes_about(
    api: Client, punter: FundedPlayer
) -> None:
    post(api, ticket())
    Selection.objects.update(win_factor="1", void_factor="0", result="WIN")

    _, found = get(api, "/api/v1/tickets/T-1/explanation/")

    assert (found["decided"], found["exact"]) == (True, "25/1")
    assert found["text"][-1] == "Returns 25.00 EUR."


@pytest.mark.parametrize(
    "bet_id",
    [
        "shop/7/2026-11-21",
        "betId:request",
        "a#b?c&d=e",
        "naïve – 賭け 🎲",
        "in blanks",
        "ends/in/slashes//",
        "100%",
        "%2F",
        "a;b,c@d+e",
        "a\u2028b\u0085c",
    ],
)
def test_any_bet_id_has_its_address(api: Client, punter: FundedPlayer, bet_id: str) -> None:
    status, answer = post(api, ticket(bet_id))

    assert (status, answer["bet_id"]) == (201, bet_id)
    for path in (answer["url"], f"{TICKETS}{quote(bet_id, safe='')}/"):
        assert get(api, path)[1]["bet_id"] == bet_id
        assert get(api, f"{path}explanation/")[1]["bet_id"] == bet_id
        assert get(api, f"{path}timeline/")[1]["bet_id"] == bet_id


@pytest.mark.parametrize(
    "path", ["nobodys/", "nobodys/explanation/", "nobodys/timeline/", f"{'x' * 5000}/"]
)
def test_a_ticket_that_is_not_there_is_404(api: Client, path: str) -> None:
    status, problem = get(api, TICKETS + path)

    assert (status, problem["code"]) == (404, "not_found")
    assert problem["detail"] == "There is no such ticket."


@pytest.mark.parametrize("path", ["T-1/", "T-1/explanation/", "T-1/timeline/", "nobodys/"])
def test_who_may_not_read_tickets_learns_nothing(
    api: Client, api_as: ApiAs, punter: FundedPlayer, path: str
) -> None:
    post(api, ticket())

    status, problem = get(api_as("Admin"), TICKETS + path)

    assert (status, problem["code"]) == (403, "permission_denied")


def test_an_auditor_reads_and_places_nothing(
    api: Client, api_as: ApiAs, punter: FundedPlayer
) -> None:
    post(api, ticket())
    auditor = api_as("Auditor")

    assert get(auditor, "/api/v1/tickets/T-1/")[0] == 200
    assert post(auditor, ticket("T-2"))[0] == 403
