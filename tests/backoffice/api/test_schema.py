"""The API's description says the truth, and its page opens where there is no Internet."""

import json
import re
from typing import Any

import msgspec
import pytest
import schemathesis
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
from hypothesis import given, settings

from backoffice.api import examples, shapes
from backoffice.wsgi import application
from settlement.models import Selection
from tests.backoffice.api.asking import QUOTE, TICKETS, get, post, secret_of, ticket
from tests.factories import FundedPlayer, UserFactory

SCHEMA = "/api/schema/"
CHECKS = [
    schemathesis.checks.not_a_server_error,
    schemathesis.checks.status_code_conformance,
    schemathesis.checks.content_type_conformance,
    schemathesis.checks.response_schema_conformance,
]


@pytest.fixture
def punter(db: None) -> FundedPlayer:
    """Player P-1 with 100.00 EUR."""
    return FundedPlayer.create("100.00", external_id="P-1")


def described(client: Client) -> dict[str, Any]:
    """Return the API's description."""
    response = client.get(SCHEMA, headers={"Accept": "application/vnd.oai.openapi+json"})
    found: dict[str, Any] = json.loads(response.content)
    return found


def names(structure: type) -> set[str]:
    """Return a structure's fields."""
    return {field.name for field in msgspec.structs.fields(structure)}


def test_the_description_is_valid_and_without_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn")

    assert capsys.readouterr().out.startswith("openapi: 3.1.0")


def test_it_names_what_there_is_and_how_to_come_in() -> None:
    found = described(Client())

    assert set(found["paths"]) == {
        "/api/v1/tickets/",
        "/api/v1/tickets/{bet_id}/",
        "/api/v1/tickets/{bet_id}/explanation/",
        "/api/v1/tickets/{bet_id}/settlements/",
        "/api/v1/tickets/{bet_id}/provider/",
        "/api/v1/tickets/{bet_id}/provider/cancel/",
        "/api/v1/tickets/{bet_id}/provider/cash-out/",
        "/api/v1/previews/",
        "/api/v1/batches/",
        "/api/v1/batches/{number}/",
        "/api/v1/batches/{number}/lines/",
        "/api/v1/batches/{number}/reverse/",
        "/api/v1/approvals/",
        "/api/v1/approvals/{number}/",
        "/api/v1/reviews/",
        "/api/v1/reviews/{number}/",
        "/api/v1/tickets/{bet_id}/timeline/",
        "/api/v1/feeds/",
        "/api/v1/feeds/{name}/",
        "/api/v1/feeds/{name}/messages/",
        "/api/v1/feeds/{name}/recoveries/",
        "/api/v1/quote/",
    }
    assert found["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for path in found["paths"].values():
        for operation in path.values():
            assert operation["security"] == [{"token": []}, {"session": []}]
            assert {"401", "403"} <= operation["responses"].keys()


def test_a_ticket_is_described_as_it_is_read() -> None:
    components = described(Client())["components"]["schemas"]

    asked = components["AskedTicket"]
    assert asked["required"] == [
        "bet_id", "provider", "player", "currency", "stake", "kind", "placed_at", "selections",
    ]  # fmt: skip
    assert asked["properties"]["stake"]["anyOf"] == [{"type": "string"}, {"type": "number"}]
    assert "price" in components["AskedSelection"]["required"]


def test_the_examples_are_good(api: Client, punter: FundedPlayer) -> None:
    assert post(api, examples.TICKET) == (201, examples.TAKEN_IN)
    assert post(api, [examples.TICKET, examples.DOUBLE])[1]["created"] == 1
    assert post(api, examples.QUOTE, QUOTE)[1]["returns"] == "18.00"


def test_the_examples_of_refusals_are_ours(api: Client) -> None:
    punter = FundedPlayer.create("10.00", external_id="P-1")

    assert post(api, [examples.TICKET, examples.DOUBLE]) == (200, examples.RESULTS)
    assert post(api, examples.DOUBLE) == (409, examples.PROBLEM)
    assert punter.balance == "0.00"


def test_answers_have_the_fields_that_are_described(api: Client, punter: FundedPlayer) -> None:
    post(api, ticket(player="P-1"))
    found = get(api, f"{TICKETS}T-1/")[1]
    Selection.objects.update(win_factor="1", void_factor="0", result="WIN")
    explained = get(api, f"{TICKETS}T-1/explanation/")[1]
    told = get(api, f"{TICKETS}T-1/timeline/")[1]
    quoted = post(api, examples.QUOTE | {"free_bet": True}, QUOTE)[1]

    assert set(found) == names(shapes.Ticket)
    assert set(found["selections"][0]) == names(shapes.TicketSelection)
    assert set(found["transfers"][0]) == names(shapes.TicketTransfer)
    assert set(explained) == names(shapes.Explanation)
    assert set(told) == names(shapes.Timeline)
    assert set(told["entries"][0]) == names(shapes.TimelineEntry)
    assert set(quoted) == names(shapes.QuoteAnswer)
    msgspec.convert(found, shapes.Ticket)
    msgspec.convert(explained, shapes.Explanation)
    msgspec.convert(told, shapes.Timeline)
    msgspec.convert(quoted, shapes.QuoteAnswer)


def test_the_page_takes_nothing_from_elsewhere() -> None:
    html = Client().get("/api/docs/").content.decode()

    addresses = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert len(addresses) >= 4
    assert {address.split("/")[1] for address in addresses} == {"static"}
    assert "https://" not in html
    for address in addresses:
        assert finders.find(address.removeprefix("/static/")), address


@pytest.fixture(params=["Platform", "Senior"])
def description(own_database: str, request: pytest.FixtureRequest) -> Any:
    """The description as a program loads it, with a token in each request."""
    FundedPlayer.create("100.00", external_id="P-1")
    user = UserFactory.create(role=request.param, is_staff=False)
    found = schemathesis.openapi.from_wsgi(SCHEMA, application)
    found.config.update(headers={"Authorization": f"Bearer {secret_of(user)}"})
    return found


def test_no_request_by_the_description_is_a_fault_of_ours(description: Any) -> None:
    for found in description.get_all_operations():

        @settings(max_examples=20)
        @given(case=found.ok().as_strategy())
        def ask(case: Any) -> None:
            case.validate_response(case.call(), checks=CHECKS)

        ask()
