"""The API's description (OpenAPI 3.1), made from the structures that the code itself reads."""

from typing import Any

import msgspec
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from backoffice.api import (
    act_shapes,
    examples,
    feed_shapes,
    provider_shapes,
    recovery_shapes,
    shapes,
)
from backoffice.api.errors import PROBLEM_JSON, Problem
from settlement.asked import AskedTicket
from settlement.rules.quote import Quote

REF = "#/components/schemas/{name}"
STRUCTURES = (
    AskedTicket,
    Quote,
    Problem,
    shapes.TakenIn,
    shapes.Results,
    shapes.Ticket,
    shapes.Explanation,
    shapes.Timeline,
    shapes.QuoteAnswer,
    *act_shapes.STRUCTURES,
    *provider_shapes.STRUCTURES,
    *feed_shapes.STRUCTURES,
    *recovery_shapes.STRUCTURES,
)
NUMBER = {
    "description": "An exact number: text like 2.50, or a JSON number, which loses nothing.",
    "anyOf": [{"type": "string"}, {"type": "number"}],
}
SEVERAL = {"anyOf": [NUMBER, {"type": "array", "items": NUMBER}]}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How programs come in."""

    target_class = "backoffice.api.authentication.BearerToken"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "Made by manage.py add_token."}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How people at the desk come in."""

    target_class = "backoffice.api.authentication.DeskSession"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


def ref(structure: type) -> dict[str, Any]:
    """Return the reference to a structure's description."""
    return {"$ref": REF.format(name=structure.__name__)}


def with_structures(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the descriptions of our structures to the API's."""
    _refs, found = msgspec.json.schema_components(STRUCTURES, ref_template=REF)
    for description in found.values():
        for name, field in description.get("properties", {}).items():
            if not field.keys() - {"default"}:
                field |= number(name, field)
    result["components"].setdefault("schemas", {}).update(found)
    return result


def number(name: str, field: dict[str, Any]) -> dict[str, Any]:
    """Return the description of a field that takes a number in any notation."""
    described = SEVERAL if name == "rule4" else NUMBER
    return {"anyOf": [described, {"type": "null"}]} if "default" in field else described


def problems(**told: str) -> dict[Any, OpenApiResponse]:
    """Return the descriptions of the refusals that a view may answer with."""
    common = {
        "s401": "Nobody, or by a token that is no good.",
        "s403": "The user lacks the permission.",
    }
    return {
        (status[1:], PROBLEM_JSON): OpenApiResponse(ref(Problem), what)
        for status, what in sorted((common | told).items())
    }


BET_ID = OpenApiParameter(
    "bet_id", str, OpenApiParameter.PATH, description="As it was sent, percent-encoded."
)
BAD_BODY = {"s400": "No JSON.", "s413": "Too much at once.", "s415": "Not application/json."}

intake = extend_schema(
    operation_id="bring_in",
    tags=["tickets"],
    request={
        "application/json": {
            "anyOf": [
                ref(AskedTicket),
                {"type": "array", "items": ref(AskedTicket), "minItems": 1, "maxItems": 1000},
            ]
        }
    },
    responses={
        200: OpenApiResponse(
            {"anyOf": [ref(shapes.TakenIn), ref(shapes.Results)]},
            "The ticket stood there before; or what became of each of a list.",
        ),
        201: OpenApiResponse(ref(shapes.TakenIn), "The ticket is in the books."),
        **problems(
            **BAD_BODY,
            s409="There with another content, too little money, or the player may not bet.",
            s422="A ticket that can't be meant, an unknown player, an empty list.",
        ),
    },
    examples=[
        OpenApiExample("A single", examples.TICKET, request_only=True),
        OpenApiExample("A list", [examples.TICKET, examples.DOUBLE], request_only=True),
        OpenApiExample("New", examples.TAKEN_IN, response_only=True, status_codes=["201"]),
        OpenApiExample("A list's", examples.RESULTS, response_only=True, status_codes=["200"]),
        OpenApiExample(
            "Too little money",
            examples.PROBLEM,
            response_only=True,
            status_codes=["409"],
            media_type=PROBLEM_JSON,
        ),
    ],
)

ticket = extend_schema(
    operation_id="read_ticket",
    tags=["tickets"],
    parameters=[BET_ID],
    responses={
        200: OpenApiResponse(ref(shapes.Ticket), "The ticket."),
        **problems(s404="There is no such ticket."),
    },
)

explanation = extend_schema(
    operation_id="explain_ticket",
    tags=["tickets"],
    parameters=[BET_ID],
    responses={
        200: OpenApiResponse(ref(shapes.Explanation), "How the payout comes about."),
        **problems(s404="There is no such ticket."),
    },
)

timeline = extend_schema(
    operation_id="tell_ticket",
    tags=["tickets"],
    parameters=[BET_ID],
    responses={
        200: OpenApiResponse(ref(shapes.Timeline), "All that happened, the oldest first."),
        **problems(s404="There is no such ticket."),
    },
)

quote = extend_schema(
    operation_id="quote",
    tags=["quotes"],
    request={"application/json": ref(Quote)},
    responses={
        200: OpenApiResponse(ref(shapes.QuoteAnswer), "What it pays, and why."),
        **problems(**BAD_BODY, s422="A bet that can't be meant, or that a person must decide."),
    },
    examples=[OpenApiExample("A double", examples.QUOTE, request_only=True)],
)
