"""The description of look-ups at a ticket's provider."""

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema

from backoffice.api import examples, provider_shapes
from backoffice.api.errors import PROBLEM_JSON
from backoffice.api.schema import BAD_BODY, BET_ID, problems, ref

FAILED = {
    "s404": "There is no such ticket.",
    "s409": "The provider was not asked, or does not know the bet, or refuses; `detail` says why.",
    "s502": "The provider can't be reached, fails, or answers what can't be read.",
    "s503": "The provider asks us to wait.",
    "s504": "The provider did not answer in time.",
}
WISHED = OpenApiResponse(ref(provider_shapes.Wish), "The provider took the wish. No money moved.")

look_up = extend_schema(
    operation_id="look_up_ticket",
    tags=["provider"],
    parameters=[BET_ID],
    responses={
        200: OpenApiResponse(ref(provider_shapes.ProviderLookUp), "What it says beside ours."),
        **problems(**FAILED),
    },
    examples=[
        OpenApiExample("Settled there", examples.LOOK_UP, response_only=True, status_codes=["200"]),
        OpenApiExample(
            "No answer",
            examples.NO_ANSWER,
            response_only=True,
            status_codes=["504"],
            media_type=PROBLEM_JSON,
        ),
    ],
)

cancel = extend_schema(
    operation_id="ask_to_cancel",
    tags=["provider"],
    parameters=[BET_ID],
    request={"application/json": ref(provider_shapes.CancelAsked)},
    responses={
        202: WISHED,
        **problems(**BAD_BODY, **FAILED, s422="No such reason."),
    },
    examples=[OpenApiExample("Ours", {"reason": "bookmaker"}, request_only=True)],
)

cash_out = extend_schema(
    operation_id="ask_to_cash_out",
    tags=["provider"],
    parameters=[BET_ID],
    request={"application/json": ref(provider_shapes.CashOutAsked)},
    responses={
        202: WISHED,
        **problems(**BAD_BODY, **FAILED, s422="No amount."),
    },
    examples=[OpenApiExample("Half the win", {"amount": "12.50"}, request_only=True)],
)
