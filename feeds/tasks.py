"""What workers and beat do for the feeds. Each task may be repeated, doubled or lost at will."""

import threading
from typing import Any

import structlog
from celery import shared_task
from celery.signals import worker_shutting_down
from django.conf import settings
from django.db import Error, connection

from feeds import inbox, leases, runner, sources, store, sweeping
from feeds.sportradar import events
from feeds.stopping import SharedFlag

log = structlog.get_logger(__name__)

# Made before the worker forks its children: they all see it.
STOP = SharedFlag()


@shared_task(bind=True, acks_late=False, reject_on_worker_lost=False)
def run_feed(self: Any, feed: str) -> None:
    """Run a feed until it is stopped; somebody who runs it already is left alone."""
    holder = runner.holder_here(self.request.hostname or "celery")
    runner.run(sources.SOURCES[feed](), holder=holder, stop=STOP)


@shared_task
def watch_feeds() -> None:
    """Start each feed that nobody runs."""
    for feed in sources.configured():
        if leases.is_free(feed):
            log.info("feed_is_free", feed=feed)
            run_feed.apply_async(kwargs={"feed": feed}, queue="feeds", expires=15)


@worker_shutting_down.connect
def stop_feeds(sender: str, **_: object) -> None:
    """Let the feeds of a worker that shuts down finish and leave; it waits for them.

    The byte is enough, also while the database is away; people see the wish in the lease.
    """
    STOP.set()
    threading.Thread(target=ask_to_stop, args=[sender], name="stop-feeds", daemon=True).start()


def ask_to_stop(worker: str) -> None:
    """Write down that the feeds that a worker runs are to stop."""
    try:
        leases.ask_to_stop(holders=f"{worker} ")
    except Error as error:
        log.warning("feeds_not_asked_to_stop", worker=worker, error=str(error))
    finally:
        connection.close()


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


@shared_task
def recover_overdue() -> None:
    """Have events told again that should be over and lack results, night by night."""
    if "sportradar" in sources.configured():
        hours = settings.UOF_RECONCILE_HOURS
        wanted = events.want_open(
            feed="sportradar",
            hours=hours,
            why=f"It should be over for {hours} hours, and bets on it lack results.",
            actor="system:reconcile",
        )
        log.info("overdue_events_wanted", requests=wanted)
