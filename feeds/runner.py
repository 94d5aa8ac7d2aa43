"""A feed at work: one thread receives and stores, another one processes what is stored.

Receiving waits for nothing: a provider whose messages nobody reads cuts us off, and what is stored
is safe. So while more waits there than can be taken at once, processing rests. Each looks at least
once a second whether it is to stop.
"""

import os
import random
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Protocol

import structlog
from django.conf import settings
from django.db import Error, close_old_connections, connection, transaction

from feeds import halting, inbox, leases, store
from feeds.connections import Arrival, Connection, Lease, Lost, MustWait, Source, Trouble
from feeds.leases import Fenced, Sign
from feeds.models import RunState
from settlement.wakeup import SETTLE_DUE, wake

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 1000
TICK = 0.5  # seconds
RENEWALS = 8  # while a lease lasts
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
MOST_FAILURES = 5
LONGEST_REST = 2.0  # Then some messages are processed, however many still wait to be received.
LONGEST_HOLD = 120.0  # Then they are, whatever the provider was asked for and does not tell.
MANY_BYTES = 8 * 2**20
STEADY = 30.0  # A connection that lived so long begins its back-off anew.


def holder_here(where: str) -> str:
    """Return a name for this process that people can find it by; a worker's names its host."""
    place = where if "@" in where else f"{where} {socket.gethostname()}"
    return f"{place} {os.getpid()}"


class Stop(Protocol):
    """Says when a feed is to stop."""

    def is_set(self) -> bool:
        """Whether it is to stop."""
        ...


def run(source: Source, *, holder: str, stop: Stop) -> bool:
    """Run a feed until somebody says stop; return whether the lease was to be had."""
    lease = leases.take(feed=source.feed, holder=holder)
    if lease is None:
        return False
    log.info("feed_started", feed=source.feed, epoch=lease.epoch, holder=holder)
    Run(source, lease, stop).go()
    return True


class Run:
    """One holder's time with a feed."""

    def __init__(self, source: Source, lease: Lease, asked: Stop) -> None:
        self.source, self.lease, self.asked = source, lease, asked
        self.stop = threading.Event()
        self.news = threading.Event()
        self.caught_up = threading.Event()
        self.caught_up.set()
        self.held_since: float | None = None
        self.parent = os.getppid()
        self.processing = threading.Thread(target=self.process, name="process")
        self.receiver = Receiver(self)

    def go(self) -> None:
        """Receive and process until we are to stop; then finish what is begun, and leave."""
        why = "It was stopped."
        self.processing.start()
        try:
            self.receiver.receive()
        except Fenced:
            why = ""
            log.warning("feed_taken_over", feed=self.lease.feed, epoch=self.lease.epoch)
        finally:
            self.stop.set()
            self.news.set()
            self.caught_up.set()
            self.held_since = None
            self.processing.join()
            self.release(why)
            log.info("feed_stopped", feed=self.lease.feed, epoch=self.lease.epoch)

    def release(self, why: str) -> None:
        """Give the lease back; when the database is away, it ends by itself."""
        try:
            leases.release(self.lease, why)
        except Error as error:
            wait_for_database(self.lease.feed, error)

    def is_over(self) -> bool:
        """Whether we are to stop; a worker's child does when its parent is gone."""
        orphaned = os.getppid() != self.parent
        if orphaned or self.asked.is_set() or not self.processing.is_alive():
            self.stop.set()
        return self.stop.is_set()

    def rest(self, seconds: float) -> bool:
        """Wait, but not when we are to stop; return whether we are."""
        until = time.monotonic() + seconds
        while not self.is_over() and (left := until - time.monotonic()) > 0:
            self.stop.wait(min(left, TICK))
        return self.is_over()

    def hold(self, is_recovering: bool) -> None:
        """Let processing wait for what the provider tells again, or wait no more."""
        if not is_recovering:
            self.held_since = None
        elif self.held_since is None:
            self.held_since = time.monotonic()

    def is_held(self) -> bool:
        """Whether processing waits; not for ever."""
        since = self.held_since
        return since is not None and time.monotonic() - since < LONGEST_HOLD

    def process(self) -> None:
        """Process what is stored, as long as we are to go on."""
        try:
            Processor(self).process()
        finally:
            self.stop.set()
            connection.close()


class Receiver:
    """What receives: connects, stores what comes, and tells how it goes."""

    def __init__(self, run: Run) -> None:
        self.run, self.lease = run, run.lease
        self.pauses = Pauses()
        self.sign = Sign(RunState.CONNECTING)
        self.renewed = 0.0
        self.heard: float | None = None
        self.messages = self.passed_by = 0
        self.depth: int | None = None

    def receive(self) -> None:
        """Connect, and connect again, until we are to stop."""
        while not self.run.is_over():
            try:
                self.receive_once()
            except Error as error:
                wait_for_database(self.lease.feed, error)
                self.renewed = 0.0  # The next session must bear our name before it locks anything.
                self.run.rest(self.pauses.next())

    def receive_once(self) -> None:
        """Connect, and store what comes as long as the connection lasts; then pause."""
        self.tell(Sign(RunState.CONNECTING))
        try:
            with closing(self.run.source.open(self.lease)) as connected:
                self.receive_from(connected)
        except MustWait as must:
            self.pause(RunState.WAITING, str(must), max(must.seconds, SHORTEST_PAUSE))
        except Trouble as trouble:
            log.warning("feed_disconnected", feed=self.lease.feed, why=str(trouble))
            self.pause(RunState.TROUBLE, str(trouble), self.pauses.next())
        except (Error, Fenced):
            raise
        except Exception as error:
            log.exception("feed_receiving_failed", feed=self.lease.feed)
            self.pause(RunState.TROUBLE, failed_on(error), self.pauses.next())

    def receive_from(self, connected: Connection) -> None:
        """Store what comes until the connection is over or we are to stop."""
        since = time.monotonic()
        self.tell(Sign(RunState.RECEIVING))
        while not self.run.is_over():
            if time.monotonic() - since > STEADY:
                self.pauses.reset()
            try:
                self.receive_some(connected)
            except Error as error:  # The connection stays: to open one anew is dear.
                wait_for_database(self.lease.feed, error)
                self.renewed = 0.0  # The next session must bear our name before it locks anything.
                self.run.rest(TICK)

    def receive_some(self, connected: Connection) -> None:
        """Store what came, and tell that we do."""
        if not self.renewed:
            self.tell(self.sign)
        if arrivals := connected.take(most=MOST_AT_ONCE, wait=TICK):
            # What is stored must not be processed before we know what was missed.
            self.run.hold(connected.is_recovering)
            heard = time.monotonic()  # Storing may take long: nobody listens meanwhile.
            self.keep(connected, arrivals)
            self.heard = heard
        self.note_more(arrivals)
        self.run.hold(connected.is_recovering)
        self.depth = connected.depth
        self.tell(Sign(RunState.RECEIVING, connected.warning))

    def note_more(self, arrivals: Sequence[Arrival]) -> None:
        """Let processing rest when as much came as can be taken at once: more is waiting."""
        if len(arrivals) >= MOST_AT_ONCE or sum(len(one.raw) for one in arrivals) >= MANY_BYTES:
            self.run.caught_up.clear()
        else:
            self.run.caught_up.set()

    def keep(self, connected: Connection, arrivals: Sequence[Arrival]) -> None:
        """Store what came, however long the database lets us wait; then say that we have it."""
        pauses = Pauses()
        while True:
            try:
                self.tell(self.sign)
                self.stored(connected, arrivals)
                break
            except Error as error:
                wait_for_database(self.lease.feed, error)
                self.renewed = 0.0  # The next session must bear our name before it locks anything.
                if self.run.rest(min(pauses.next(), 2)):
                    raise Lost("It was stopped before the last messages were stored.") from None
        connected.acknowledge(arrivals)
        self.passed_by += sum(one.passes_by for one in arrivals)
        if messages := sum(one.is_message for one in arrivals):
            self.messages += messages
            self.run.news.set()

    @transaction.atomic
    def stored(self, connected: Connection, arrivals: Sequence[Arrival]) -> None:
        """Store messages and how far we came; last of all see that the lease is ours."""
        feed = self.lease.feed
        messages = [one for one in arrivals if one.is_message]
        inbox.receive(feed=feed, bodies=[one.raw for one in messages if not one.is_cut])
        for one in messages:
            if one.is_cut:
                store.set_aside(feed, one.raw, one.digest, too_long(one.size))
        connected.keep(arrivals)
        leases.fence(self.lease)

    def pause(self, state: RunState, sentence: str, seconds: float) -> None:
        """Wait, and tell for how long."""
        self.run.caught_up.set()
        self.run.hold(False)
        log.info("feed_waits", feed=self.lease.feed, seconds=round(seconds, 1), why=sentence)
        until = time.monotonic() + seconds
        while not self.run.is_over() and (left := until - time.monotonic()) > 0:
            self.tell(Sign(state, sentence, wait=left))
            self.run.stop.wait(min(left, TICK))

    def tell(self, sign: Sign) -> None:
        """Renew the lease once a second, and at once when there is something new to tell."""
        now = time.monotonic()
        same = (sign.state, sign.sentence) == (self.sign.state, self.sign.sentence)
        if same and now - self.renewed < renewed_every():
            return
        ago = None if self.heard is None else now - self.heard
        told = Sign(
            sign.state,
            sign.sentence,
            sign.wait,
            ago,
            self.messages,
            self.passed_by,
            self.depth,
        )
        if not leases.renew(self.lease, told):
            self.run.stop.set()
        self.sign, self.renewed = sign, now
        self.messages = self.passed_by = 0


class Processor:
    """What processes: takes what is stored, the oldest first, and sees whether it makes sense."""

    def __init__(self, run: Run) -> None:
        self.run, self.feed = run, run.lease.feed
        self.judge = halting.Judge()
        self.failures = 0
        self.drained = False
        self.asked = 0.0

    def process(self) -> None:
        """Process until we are to stop."""
        while not self.run.stop.is_set():
            self.run.caught_up.wait(LONGEST_REST)
            self.run.news.clear()
            try:
                if not self.goes_on():
                    self.run.stop.set()
                elif not self.processed_some():
                    self.run.news.wait(TICK)
            except Error as error:
                wait_for_database(self.feed, error)
                self.asked = 0.0  # The next session must bear our name before it locks anything.
                self.run.stop.wait(1)
            except Exception as error:
                self.failed(error)

    def failed(self, error: Exception) -> None:
        """Try again what our own program failed on; after some times, ask for somebody."""
        log.exception("feed_processing_failed", feed=self.feed)
        self.failures += 1
        if self.failures >= MOST_FAILURES:
            halting.halt(
                feed=self.feed,
                why=f"Our own program failed on the messages: {type(error).__name__}: {error}. "
                "They are stored, and not processed until somebody has looked at it.",
            )
        self.run.stop.wait(1)

    def goes_on(self) -> bool:
        """Whether the lease is ours and nobody wants us to stop: asked once a second."""
        if time.monotonic() - self.asked < renewed_every():
            return True
        self.asked = time.monotonic()
        return leases.may_go_on(self.run.lease)

    def processed_some(self) -> bool:
        """Process what waits; return whether anything did."""
        if self.run.is_held() or leases.is_halted(self.feed):
            return False
        if not self.drained:
            inbox.settle_left()  # Whoever ran the feed before may have died before he did.
            self.drained = True
        done = inbox.process_stored(feed=self.feed)
        if done is None:
            return False
        self.failures = 0
        if done.due:
            wake(SETTLE_DUE)
            inbox.settle_left()
        if why := self.judge.verdict(done.states):
            halting.halt(feed=self.feed, why=why)
            self.judge = halting.Judge()
        return True


class Pauses:
    """How long to wait before another try: longer each time, never all at the same moment."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin with short pauses again."""
        self.longest = SHORTEST_PAUSE

    def next(self) -> float:
        """Return the next pause, in seconds."""
        pause = self.longest * random.uniform(0.5, 1)  # noqa: S311 - nobody must not guess it
        self.longest = min(self.longest * 2, LONGEST_PAUSE)
        return pause


def renewed_every() -> float:
    """Return after how many seconds a lease is renewed, and looked at: once a second at least."""
    return min(1.0, float(settings.FEED_LEASE_SECONDS) / RENEWALS)


def wait_for_database(feed: str, error: Error) -> None:
    """Tell that the database is away, and let go of a connection that is of no more use."""
    log.warning("feed_waits_for_database", feed=feed, error=str(error))
    close_old_connections()


def failed_on(error: Exception) -> str:
    """Say that it is our own program that has to be mended."""
    return f"Our own program failed on the connection: {type(error).__name__}. See the log."


def too_long(size: int) -> str:
    """Say why a message was not read."""
    return (
        f"It has {size:,} bytes: too many for one message. How it begins is kept: "
        "ask the provider what it settles."
    )
