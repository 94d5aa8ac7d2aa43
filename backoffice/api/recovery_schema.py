"""The description of what feeds are asked to tell again."""

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from backoffice.api import recovery_shapes
from backoffice.api.act_schema import BAD_LIST, PAGING, word
from backoffice.api.feed_schema import NAME, NO_FEED
from backoffice.api.schema import BAD_BODY, problems, ref
from feeds.models import RecoveryKind, RecoveryState

recoveries = extend_schema(
    operation_id="list_recoveries",
    tags=["feeds"],
    parameters=[
        NAME,
        word("state", RecoveryState, "Where they stand."),
        word("kind", RecoveryKind, "All since a time, or single events."),
        OpenApiParameter("event", str, description="An event, by its provider's id."),
        *PAGING,
    ],
    responses={
        200: OpenApiResponse(ref(recovery_shapes.RecoveryPage), "Requests, the newest first."),
        **problems(s404=NO_FEED, s422=BAD_LIST),
    },
)

recover = extend_schema(
    operation_id="recover_event",
    tags=["feeds"],
    parameters=[NAME],
    request={"application/json": ref(recovery_shapes.RecoveryAsked)},
    responses={
        202: OpenApiResponse(ref(recovery_shapes.RecoveryWanted), "It is wanted. No money moved."),
        **problems(
            **BAD_BODY,
            s404=NO_FEED,
            s409="Nobody can be asked; `detail` says why.",
            s422="Nobody has bet on the event, or the note is missing or too long.",
        ),
    },
    examples=[
        OpenApiExample(
            "An event",
            {"event": "sr:match:4711", "note": "The score was changed, a player asks."},
            request_only=True,
        )
    ],
)
