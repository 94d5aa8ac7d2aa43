"""Reviews over HTTP: what a person has to look at, and his decision."""

from django.http import HttpResponse
from rest_framework.request import Request  # type: ignore[import-untyped]

from backoffice import acts
from backoffice.acting import order_of
from backoffice.api import act_schema, pages
from backoffice.api.act_shapes import ReviewDecisionAsked
from backoffice.api.acts import done, object_of, read, shown
from backoffice.api.base import ApiView, ReadsOrActs, reply
from backoffice.api.errors import Refused
from settlement.models import Review
from settlement.vocabulary import ReviewKind

OPEN = {"true": True, "false": False, "all": None}


class Reviews(ApiView):
    """The reviews."""

    permission = "settlement.view_review"

    @act_schema.reviews
    def get(self, request: Request) -> HttpResponse:
        """List reviews, the newest first: the open ones, unless `open` says false or all."""
        words = pages.words_of(request, "open", "kind")
        found = acts.REVIEWS.all()
        if (asked := words.get("open", "true")) not in OPEN:
            raise Refused(422, "invalid", "open is true, false or all.", field="open")
        if (is_open := OPEN[asked]) is not None:
            found = found.filter(closed_at__isnull=is_open)
        if kind := words.get("kind"):
            found = found.filter(kind=pages.one_of(kind, ReviewKind, "kind"))
        return pages.page(
            found, request, lambda rows: [acts.whole_review_object(one) for one in rows]
        )


class Page(ApiView):
    """One review."""

    permission = "settlement.view_review"
    permission_classes = [ReadsOrActs]

    @act_schema.review
    def get(self, request: Request, number: int) -> HttpResponse:
        """Read a review: what is asked, what it holds back, how it can be decided."""
        return reply(acts.whole_review_object(review_or_404(number)))

    @act_schema.decide
    def post(self, request: Request, number: int) -> HttpResponse:
        """Accept what a review holds back, or dismiss it: without a token that is previewed."""
        asked = read(object_of(request), ReviewDecisionAsked)
        review_or_404(number)
        order = order_of(
            {
                "act": asked.decision,
                "reviews": [number],
                "reason": asked.reason,
                "note": asked.note,
            }
        )
        return shown(order, request) if asked.token is None else done(order, request, asked.token)


def review_or_404(number: int) -> Review:
    """Return a review that is there."""
    if (found := acts.REVIEWS.filter(pk=number).first()) is None:
        raise Refused(404, "not_found", f"There is no review {number}.")
    return found
