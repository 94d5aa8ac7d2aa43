"""Each way to fail is answered as a problem (RFC 9457), and a bug of ours tells no internals."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client
from rest_framework.exceptions import Throttled  # type: ignore[import-untyped]

from backoffice.api import tickets
from settlement.models import Ticket
from tests.backoffice.api.asking import QUOTE, TICKETS, get, post, ticket
from tests.factories import FundedPlayer

Fail = Callable[[Exception], None]


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch) -> Fail:
    """A function that lets the intake raise."""

    def let(error: Exception) -> None:
        def bring_in(**_: Any) -> None:
            raise error

        monkeypatch.setattr(tickets, "bring_in", bring_in)

    return let


def test_a_problem_has_the_shape_of_rfc_9457(api: Client) -> None:
    response = api.get(f"{TICKETS}nobodys/")

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "code": "not_found",
        "detail": "There is no such ticket.",
    }


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "options", "head", "trace"])
@pytest.mark.parametrize("path", [TICKETS, QUOTE])
def test_another_method_is_405(api: Client, path: str, method: str) -> None:
    response = getattr(api, method)(path)

    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["", "nothing/", "tickets", "quote", "tickets//", "tickets/T-1", "quote/x/", "../v1/"]
)
def test_another_address_is_404_by_any_method(api: Client, path: str) -> None:
    for response in (api.get(f"/api/v1/{path}"), api.post(f"/api/v1/{path}", data={})):
        assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_who_is_not_let_in_learns_no_addresses() -> None:
    assert get(Client(), "/api/v1/nothing/")[0] == 401


def test_another_language_than_json_is_406(api: Client) -> None:
    response = api.get(f"{TICKETS}T-1/", headers={"Accept": "text/html"})

    assert (response.status_code, response.json()["code"]) == (406, "not_acceptable")


def test_a_ticket_is_read_by_get_and_head_alone(api: Client) -> None:
    for method, status in (("get", 404), ("head", 404), ("post", 405), ("options", 405)):
        response = getattr(api, method)(f"{TICKETS}T-1/")

        assert response.status_code == status
        assert response["Allow"] == "GET, HEAD"


def test_too_many_requests_say_when_to_come_back(api: Client, fail: Fail) -> None:
    fail(Throttled(wait=30))

    response = api.post(TICKETS, data=json.dumps(ticket()), content_type="application/json")

    assert (response.status_code, response.json()["code"]) == (429, "throttled")
    assert response["Retry-After"] == "30"


@pytest.mark.parametrize(("error", "status"), [(Http404("x"), 404), (PermissionDenied("x"), 403)])
def test_djangos_own_refusals_are_problems(
    api: Client, fail: Fail, error: Exception, status: int
) -> None:
    fail(error)

    assert post(api, ticket())[0] == status


def test_a_bug_is_500_without_internals_and_is_logged(
    api: Client, fail: Fail, caplog: pytest.LogCaptureFixture
) -> None:
    fail(RuntimeError("the safe is behind the picture"))

    status, problem = post(api, ticket())

    assert (status, problem["code"]) == (500, "error")
    assert "picture" not in json.dumps(problem)
    assert set(problem) == {"type", "title", "status", "code", "detail", "request_id"}
    [record] = [one for one in caplog.records if one.name == "backoffice.api.errors"]
    assert record.levelname == "ERROR"
    assert "API request failed" in str(record.msg)


def test_what_fails_half_way_leaves_nothing(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    punter = FundedPlayer.create("100.00", external_id="P")
    monkeypatch.setattr("settlement.intake.take_stakes", lambda *_: 1 / 0)

    status, _ = post(api, [ticket("T-1"), ticket("T-2")])

    assert status == 500
    assert (Ticket.objects.count(), punter.balance) == (0, "100.00")
