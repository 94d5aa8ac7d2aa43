"""Acts that wait for another person: listed and decided."""

from http import HTTPStatus

from django.http import HttpResponse
from rest_framework.request import Request  # type: ignore[import-untyped]

from backoffice import acts
from backoffice.acting import actor_for
from backoffice.api import act_schema, pages
from backoffice.api.act_shapes import ApprovalAsked
from backoffice.api.acts import batch_or_404, object_of, read
from backoffice.api.base import ApiView, ReadsOrActs, reply
from settlement.acts import services
from settlement.models import Batch
from settlement.vocabulary import BatchState

DECIDED_BY = {
    "accept": services.accept,
    "refuse": services.refuse,
    "withdraw": services.withdraw,
}


class Waiting(ApiView):
    """The acts that wait."""

    permission = "settlement.view_approval"

    @act_schema.approvals
    def get(self, request: Request) -> HttpResponse:
        """List the acts that wait for another person, the oldest first."""
        pages.words_of(request)
        found = Batch.objects.filter(state=BatchState.WAITING)
        return pages.page(
            found, request, lambda rows: [acts.batch_object(one) for one in rows], key="id"
        )


class Decision(ApiView):
    """A decision about one of them."""

    permission = "settlement.view_approval"
    permission_classes = [ReadsOrActs]

    @act_schema.approval
    def post(self, request: Request, number: int) -> HttpResponse:
        """Accept or refuse somebody else's act, or withdraw one's own."""
        words = object_of(request)
        asked = read(words, ApprovalAsked)
        batch_or_404(number)
        decide = DECIDED_BY[asked.decision]
        batch = decide(batch_id=number, actor=actor_for(request.user), note=asked.note)
        runs = batch.state == BatchState.RUNNING
        return reply(acts.whole_batch_object(batch), HTTPStatus.ACCEPTED if runs else HTTPStatus.OK)
