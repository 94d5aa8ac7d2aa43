"""What workers do for settlement. Each task may be repeated, doubled or lost at will."""

from celery import shared_task

from settlement import services
from settlement.recording import look_for_all_tickets


@shared_task
def settle_due() -> None:
    """Settle what is due until nothing is: several workers share it."""
    look_for_all_tickets()
    services.drain()
