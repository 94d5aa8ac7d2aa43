"""Feeds over HTTP: how each is doing, and the messages that came."""

from django.http import HttpResponse
from rest_framework.request import Request  # type: ignore[import-untyped]

from backoffice.api import feed_schema, pages
from backoffice.api.base import ApiView, reply
from backoffice.api.errors import Refused
from backoffice.api.feed_shapes import FeedList, message_of
from feeds import selectors, standing
from feeds.models import FeedMessage, MessageState
from feeds.standing import Standing


class Feeds(ApiView):
    """All feeds."""

    permission = "feeds.view_feedlease"

    @feed_schema.feeds
    def get(self, request: Request) -> HttpResponse:
        """Read where each feed stands: those that are set up here, and those that left a trace."""
        return reply(FeedList(standing.standings()))


class Page(ApiView):
    """One feed."""

    permission = "feeds.view_feedlease"

    @feed_schema.feed
    def get(self, request: Request, name: str) -> HttpResponse:
        """Read where a feed stands."""
        return reply(feed_or_404(name))


class Messages(ApiView):
    """A feed's messages."""

    permission = "feeds.view_feedmessage"

    @feed_schema.messages
    def get(self, request: Request, name: str) -> HttpResponse:
        """List a feed's messages, the newest first."""
        words = pages.words_of(request, "state")
        feed = feed_or_404(name).feed
        found = FeedMessage.objects.filter(feed=feed)
        if state := words.get("state"):
            found = selectors.in_state(found, pages.one_of(state, MessageState, "state"))
        return pages.page(found, request, lambda rows: [message_of(one) for one in rows])


def feed_or_404(name: str) -> Standing:
    """Return a feed that somebody knows."""
    if (found := standing.standing(name)) is None:
        raise Refused(404, "not_found", "There is no such feed.")
    return found
