"""What workers do for settlement. Each task may be repeated, doubled or lost at will."""

from celery import shared_task
from django.conf import settings

from settlement import services
from settlement.acts.selectors import unfinished_acts
from settlement.acts.services import finish
from settlement.audit import sealing
from settlement.recording import look_for_all_tickets
from settlement.stale import ask_about_stale_tickets


@shared_task
def finish_acts() -> None:
    """Do what is left of acts by hand that are running: several workers share it."""
    for batch in unfinished_acts():
        finish(batch=batch)


@shared_task
def settle_due() -> None:
    """Settle what is due until nothing is: several workers share it."""
    look_for_all_tickets()
    services.drain()


@shared_task
def ask_about_stale() -> None:
    """Ask about tickets that are open for too long."""
    ask_about_stale_tickets(hours=settings.STALE_OPEN_HOURS)


@shared_task
def seal() -> None:
    """Seal what was written since: one worker at a time does it."""
    sealing.seal_all()
