"""The peer's task, for one message. Installed for a benchmark alone."""

from celery import shared_task

from backoffice.bench.models import NaiveAccount
from backoffice.bench.settle.naive import settle_naively


@shared_task
def settle_one(body: str, house: int) -> None:
    """Settle a bet as one message says."""
    settle_naively(body.encode(), house=NaiveAccount(pk=house))
