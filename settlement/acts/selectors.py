"""Questions about acts by hand."""

from settlement.models import Batch
from settlement.vocabulary import BatchState


def unfinished_acts() -> list[Batch]:
    """Return the acts that are running, the oldest first."""
    found = Batch.objects.filter(state=BatchState.RUNNING).select_related("reverses")
    return list(found.order_by("id"))
