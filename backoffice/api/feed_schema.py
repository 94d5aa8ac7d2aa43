"""The description of feeds and their messages."""

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from backoffice.api import feed_shapes
from backoffice.api.act_schema import BAD_LIST, PAGING, word
from backoffice.api.schema import problems, ref
from feeds.models import MessageState
from feeds.standing import Standing

NAME = OpenApiParameter("name", str, OpenApiParameter.PATH, description="Its name, as odds88.")
NO_FEED = "There is no such feed."

feeds = extend_schema(
    operation_id="list_feeds",
    tags=["feeds"],
    responses={
        200: OpenApiResponse(ref(feed_shapes.FeedList), "Where each feed stands."),
        **problems(),
    },
)

feed = extend_schema(
    operation_id="read_feed",
    tags=["feeds"],
    parameters=[NAME],
    responses={
        200: OpenApiResponse(ref(Standing), "Where the feed stands."),
        **problems(s404=NO_FEED),
    },
)

messages = extend_schema(
    operation_id="list_messages",
    tags=["feeds"],
    parameters=[NAME, word("state", MessageState, "What became of them."), *PAGING],
    responses={
        200: OpenApiResponse(ref(feed_shapes.MessagePage), "Messages, the newest first."),
        **problems(s404=NO_FEED, s422=BAD_LIST),
    },
)
