"""The description of acts, approvals and reviews."""

from enum import StrEnum

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from backoffice.api import act_shapes, examples
from backoffice.api.schema import BAD_BODY, BET_ID, problems, ref
from settlement.orders import Order
from settlement.vocabulary import ActKind, BatchState, LineState, ReviewKind

NUMBER = OpenApiParameter("number", int, OpenApiParameter.PATH, description="Its id.")
CURSOR = OpenApiParameter("cursor", int, description="From the `next` of the page before.")
LIMIT = OpenApiParameter("limit", int, description="How many at most, 1 to 1000; 100 if unsaid.")
PAGING = [CURSOR, LIMIT]
BAD_LIST = "A filter or cursor that can't be meant."
STALE = "The preview is not what would be done now; or nothing would be done."
REFUSED = {
    **BAD_BODY,
    "s409": STALE,
    "s422": "An order that can't be meant; `field` names the culprit.",
}


def word(name: str, known: type[StrEnum], what: str) -> OpenApiParameter:
    """Return the description of a filter by one of our words."""
    return OpenApiParameter(name, str, enum=list(known), description=what)


def done(what: str) -> dict[int, OpenApiResponse]:
    """Return the descriptions of an act's answers."""
    return {
        201: OpenApiResponse(ref(act_shapes.WholeBatch), what),
        202: OpenApiResponse(
            ref(act_shapes.WholeBatch),
            "WAITING for another person, or RUNNING: ask its address how it goes on.",
        ),
    }


preview = extend_schema(
    operation_id="preview_act",
    tags=["acts"],
    request={"application/json": ref(Order)},
    responses={
        200: OpenApiResponse(ref(act_shapes.Preview), "What the act would do."),
        **problems(**REFUSED),
    },
    examples=[OpenApiExample("Settle by hand", examples.ORDER, request_only=True)],
)

on_ticket = extend_schema(
    operation_id="act_on_ticket",
    tags=["acts"],
    parameters=[BET_ID],
    request={"application/json": ref(act_shapes.TicketActAsked)},
    responses={
        **done("It is done."),
        **problems(**REFUSED, s404="There is no such ticket."),
    },
    examples=[
        OpenApiExample("Accept the provider's result", examples.ACCEPTANCE, request_only=True)
    ],
)

batches = extend_schema(
    operation_id="list_acts",
    tags=["acts"],
    parameters=[
        word("state", BatchState, "Where they stand."),
        word("act", ActKind, "What was done."),
        OpenApiParameter("maker", str, description="Who asked for them, by his name."),
        *PAGING,
    ],
    responses={
        200: OpenApiResponse(ref(act_shapes.BatchPage), "Acts, the newest first."),
        **problems(s422=BAD_LIST),
    },
)

act = extend_schema(
    operation_id="act",
    tags=["acts"],
    request={"application/json": ref(act_shapes.ConfirmedOrder)},
    responses={**done("It is done."), **problems(**REFUSED)},
)

batch = extend_schema(
    operation_id="read_act",
    tags=["acts"],
    parameters=[NUMBER],
    responses={
        200: OpenApiResponse(ref(act_shapes.WholeBatch), "The act."),
        **problems(s404="There is no such act."),
    },
)

lines = extend_schema(
    operation_id="list_tickets_of_act",
    tags=["acts"],
    parameters=[NUMBER, word("state", LineState, "What became of them."), *PAGING],
    responses={
        200: OpenApiResponse(ref(act_shapes.BatchLinePage), "Its tickets, in their order."),
        **problems(s404="There is no such act.", s422=BAD_LIST),
    },
)

reverse = extend_schema(
    operation_id="reverse_act",
    tags=["acts"],
    parameters=[NUMBER],
    request={"application/json": ref(act_shapes.ReversalAsked)},
    responses={
        200: OpenApiResponse(ref(act_shapes.Preview), "What taking it back would do."),
        **done("It was taken back."),
        **problems(**REFUSED, s404="There is no such act."),
    },
)

approvals = extend_schema(
    operation_id="list_approvals",
    tags=["approvals"],
    parameters=PAGING,
    responses={
        200: OpenApiResponse(ref(act_shapes.BatchPage), "Acts that wait, the oldest first."),
        **problems(s422=BAD_LIST),
    },
)

approval = extend_schema(
    operation_id="decide_approval",
    tags=["approvals"],
    parameters=[NUMBER],
    request={"application/json": ref(act_shapes.ApprovalAsked)},
    responses={
        200: OpenApiResponse(
            ref(act_shapes.WholeBatch),
            "Decided; RETURNED when its tickets have changed: then nothing was done.",
        ),
        202: OpenApiResponse(ref(act_shapes.WholeBatch), "Agreed to, and RUNNING."),
        **problems(
            **BAD_BODY,
            s404="There is no such act.",
            s409="It waits for nobody, or for somebody else than you.",
            s422="No such decision, or no note.",
        ),
    },
)

reviews = extend_schema(
    operation_id="list_reviews",
    tags=["reviews"],
    parameters=[
        word("kind", ReviewKind, "Why a person has to look."),
        OpenApiParameter(
            "open", str, enum=["true", "false", "all"], description="Open ones if unsaid."
        ),
        *PAGING,
    ],
    responses={
        200: OpenApiResponse(ref(act_shapes.ReviewPage), "Reviews, the newest first."),
        **problems(s422=BAD_LIST),
    },
)

review = extend_schema(
    operation_id="read_review",
    tags=["reviews"],
    parameters=[NUMBER],
    responses={
        200: OpenApiResponse(ref(act_shapes.Review), "The review."),
        **problems(s404="There is no such review."),
    },
)

decide = extend_schema(
    operation_id="decide_review",
    tags=["reviews"],
    parameters=[NUMBER],
    request={"application/json": ref(act_shapes.ReviewDecisionAsked)},
    responses={
        200: OpenApiResponse(ref(act_shapes.Preview), "What the decision would do."),
        **done("It is decided."),
        **problems(**REFUSED, s404="There is no such review."),
    },
)
