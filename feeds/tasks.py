"""What workers and beat do for the feeds. Each task may be repeated, doubled or lost at will."""

import structlog
from celery import shared_task
from django.conf import settings

from feeds import inbox, store, sweeping

log = structlog.get_logger(__name__)


@shared_task
def sweep() -> None:
    """Finish what a crash, or a wake-up that was lost, left undone."""
    done = inbox.drain(older_than=settings.SWEEP_AFTER)
    if done.states or done.settled.tickets:
        log.info("swept", messages=sum(done.states.values()), tickets=done.settled.tickets)


@shared_task
def keep_days() -> None:
    """Make the days to come; drop the bodies of days that are over for long enough."""
    store.make_days()
    store.drop_days(settings.RAW_RETENTION_DAYS)


@shared_task
def sweep_by_look_ups() -> None:
    """Carry a sweep on for a few seconds: one worker at a time does it."""
    sweeping.carry_on()
