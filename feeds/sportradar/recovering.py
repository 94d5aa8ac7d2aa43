"""What asks producers to tell again, beside what receives: the API holds no messages up."""

import threading
import time
from collections.abc import Callable
from http import HTTPStatus

import structlog
from django.db import Error, close_old_connections, connection, transaction

from feeds import leases
from feeds.connections import Lease
from feeds.leases import Fenced
from feeds.models import FeedAccount, Recovery, RecoveryState
from feeds.sportradar import accounts, health
from feeds.sportradar.keeping import Producers, now, want_again
from feeds.sportradar.ledger import Limits, Request, cover_gap, next_request, say
from feeds.sportradar.rest import Api
from feeds.sportradar.troubles import Busy, Refused, SportradarTrouble
from settlement import arrays
from settlement.reviews import Asked, open_reviews
from settlement.vocabulary import ReviewKind

log = structlog.get_logger(__name__)

BEAT = 0.5  # seconds
MOST_TRIES = 3
END_SECONDS = 10.0
DESCRIBED = 6 * 3600.0  # Producers, void reasons and our account are asked for so often;
LACKING = 60.0  # what lacks the more often.


class Recoverer:
    """Asks for what is missing, one request after the other, in a thread of its own."""

    def __init__(
        self, lease: Lease, account: FeedAccount, api: Callable[[], Api], limits: Limits
    ) -> None:
        self.lease, self.account, self.limits = lease, account, limits
        self.api = api()
        self.refreshed = time.monotonic()
        self.over = threading.Event()
        self.beat = min(BEAT, limits.windows.between / 10)
        self.resting = 0.0
        self.thread = threading.Thread(target=self.run, name="recover", daemon=True)

    def start(self) -> None:
        """Begin."""
        self.thread.start()

    def end(self) -> None:
        """End, after the answer that we are waiting for."""
        self.over.set()
        self.thread.join(END_SECONDS)

    @property
    def is_alive(self) -> bool:
        """Whether it still works."""
        return self.thread.is_alive()

    def run(self) -> None:
        """Ask until we are to stop, or the lease is somebody else's."""
        try:
            while not self.over.wait(self.beat):
                try:
                    if not self.worked():
                        return
                except Error as error:
                    log.warning("recovery_waits_for_database", error=str(error))
                    close_old_connections()
                    self.over.wait(1)
        except Fenced:
            log.info("recovery_ended", feed=self.lease.feed)
        except Exception:
            log.exception("recovery_failed", feed=self.lease.feed)
        finally:
            self.api.close()
            connection.close()

    def worked(self) -> bool:
        """Make the requests that may be made now; return whether to go on."""
        if not leases.may_go_on(self.lease):
            return False
        arrays.execute(DONE, [self.lease.feed])
        give_up_on_stalled(self.lease, self.limits)
        self.refresh()
        while cover_gap(self.lease, self.limits):
            pass
        self.resting = max(0.0, self.resting - self.beat)
        while not self.over.is_set():
            request = next_request(self.lease, self.limits, events_too=not self.resting)
            if request is None:
                break
            self.send(request)
        return True

    def refresh(self) -> None:
        """Ask anew who we are, and for producers and void reasons: now and then, or what lacks."""
        since = time.monotonic() - self.refreshed
        if since < DESCRIBED and not (since > LACKING and accounts.lacks(self.lease.feed)):
            return
        self.refreshed = time.monotonic()
        try:
            self.account = accounts.ask(self.lease, self.api)
        except SportradarTrouble as trouble:
            log.warning("account_not_refreshed", why=str(trouble))

    def send(self, request: Request) -> None:
        """Send a request, and write down what came of it."""
        trouble: SportradarTrouble | None = None
        status: int | None = None
        try:
            status = self.sent(request)
        except SportradarTrouble as error:
            trouble = error
            status = error.status if isinstance(error, Refused) else None
        if trouble is None:
            accepted(self.lease, request, status or HTTPStatus.ACCEPTED, self.limits)
            return
        log.warning("recovery_refused", producer=request.producer, why=str(trouble))
        pause = pause_after(trouble, self.limits)
        failed(self.lease, request, trouble, status, pause)
        if request.event_ref and not is_about_the_event(trouble):
            self.resting = pause

    def sent(self, request: Request) -> int:
        """Send a request; return the answer's status."""
        if request.event_ref:
            return self.api.recover_event(
                request.code, request.event_ref, request_id=request.request_id
            )
        return self.api.recover(
            request.code, after_ms=request.after_ms or 0, request_id=request.request_id
        )


def is_about_the_event(trouble: SportradarTrouble) -> bool:
    """Whether another event may be asked for at once: it is this one that is not to be had."""
    return isinstance(trouble, Refused) and not accounts.is_refusal(trouble)


def pause_after(trouble: SportradarTrouble, limits: Limits) -> float:
    """Return for how long nothing more is asked for."""
    if isinstance(trouble, Busy) and trouble.retry_after is not None:
        return max(trouble.retry_after, limits.windows.between)
    return limits.windows.between


@transaction.atomic
def accepted(lease: Lease, request: Request, status: int, limits: Limits) -> None:
    """Note that a request was taken; what it brings may be here already."""
    producers = Producers(lease.feed, [request.producer])
    recovery = Recovery.objects.select_for_update(no_key=True).get(pk=request.recovery)
    recovery.http_status, recovery.answered_at = status, producers.at
    was_told = recovery.state == RecoveryState.TOLD
    one = producers.known[request.producer]
    is_same = one.now.is_down and one.now.since == request.since
    if recovery.state == RecoveryState.ASKED:
        waited_for = bool(request.event_ref) or is_same
        recovery.state = RecoveryState.RUNNING if waited_for else RecoveryState.ABANDONED
    recovery.save(update_fields=["http_status", "answered_at", "state"])
    if not request.event_ref:
        producers.change(
            request.producer, lambda it, at: health.not_before(it, at + limits.windows.between)
        )
    if not request.event_ref and is_same and recovery.state != RecoveryState.ABANDONED:
        producers.change(
            request.producer, lambda it, at: health.asked(it, now=at, request_id=request.request_id)
        )
        if was_told:
            producers.change(
                request.producer,
                lambda it, at: health.told(it, now=at, request_id=request.request_id),
            )
        say(one.row, "")
    producers.save()
    leases.fence(lease)


@transaction.atomic
def failed(
    lease: Lease, request: Request, trouble: SportradarTrouble, status: int | None, pause: float
) -> None:
    """Note that a request was not taken: nothing was begun, and it is made again later.

    One that was told all the same, or given up by others, is left as it is.
    """
    producers = Producers(lease.feed, [request.producer])
    recovery = Recovery.objects.select_for_update(no_key=True).get(pk=request.recovery)
    recovery.http_status, recovery.answered_at = status, producers.at
    recovery.sentence = str(trouble)[:500]
    recovery.counted = not isinstance(trouble, Busy)
    if recovery.state != RecoveryState.ASKED:
        recovery.save(update_fields=FAILED)
    elif request.event_ref:
        put_back(recovery, is_busy=isinstance(trouble, Busy))
    else:
        recovery.state, recovery.done_at = RecoveryState.FAILED, producers.at
        recovery.save(update_fields=FAILED)
    producers.change(request.producer, lambda one, at: health.not_before(one, at + pause))
    say(producers.known[request.producer].row, str(trouble))
    producers.save()
    leases.fence(lease)


def put_back(recovery: Recovery, *, is_busy: bool) -> None:
    """Want an event again; after some tries somebody is asked to look."""
    recovery.state, recovery.done_at = RecoveryState.FAILED, now()
    recovery.save(update_fields=FAILED)
    tries = recovery.tries - is_busy
    if tries < MOST_TRIES:
        want_again(recovery, tries=tries)
        return
    sentence = (
        f"The results of {recovery.event_ref} could not be had again from Sportradar after "
        f"{tries} tries: settle its tickets by hand, or ask again later. {recovery.sentence}"
    )
    subject = f"SPORTRADAR:{recovery.event_ref}"
    open_reviews([Asked(ReviewKind.FEED_GAP, subject, sentence.strip())])


@transaction.atomic
def give_up_on_stalled(lease: Lease, limits: Limits) -> None:
    """Ask again for events of which nothing comes any more."""
    stalled = arrays.fetch(STALLED, [lease.feed, limits.windows.stalled])
    for recovery in Recovery.objects.filter(pk__in=[row[0] for row in stalled]):
        recovery.sentence = "Nothing came any more."
        put_back(recovery, is_busy=False)
    leases.fence(lease)


FAILED = "http_status answered_at sentence counted state done_at".split()

STALLED = """
SELECT r.id FROM feeds_recovery r JOIN feeds_producer p ON p.id = r.producer_id
 WHERE p.feed = %s AND r.kind = 'EVENT' AND r.state IN ('ASKED', 'RUNNING')
   AND coalesce(r.progress_at, r.asked_at) < clock_timestamp() - make_interval(secs => %s)
   FOR NO KEY UPDATE OF r
"""

# What was told is done with when nothing that came before its end waits to be processed.
DONE = """
UPDATE feeds_recovery r SET state = 'DONE', done_at = clock_timestamp()
  FROM feeds_producer p
 WHERE p.id = r.producer_id AND p.feed = %s AND r.state = 'TOLD' AND NOT EXISTS (
       SELECT FROM feeds_unfinished u JOIN feeds_feedmessage m ON m.id = u.message_id
        WHERE u.state = 'STORED' AND m.feed = p.feed AND u.message_id <= r.told_past)
"""
