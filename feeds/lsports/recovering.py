"""What asks for what we missed, beside what receives: LSports' API holds no messages up.

In LSports' own order: what comes is kept and not processed, a snapshot is asked for by the time of
the last heartbeat, applied, and then what was kept is processed; each bet's LastUpdate decides.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

import structlog
from django.db import Error, close_old_connections, connection

from feeds import leases
from feeds.connections import Lease
from feeds.leases import Fenced
from feeds.lsports import distribution, gone, health, keeping, ledger, missing
from feeds.lsports.answers import NotAnAnswer
from feeds.lsports.api import Account, Api, number
from feeds.lsports.health import MS, Health
from feeds.lsports.ledger import Question, Wait
from feeds.lsports.snapshots import Cut, cut, worth_storing
from feeds.lsports.troubles import LsportsTrouble
from feeds.lsports.windows import Windows
from feeds.models import PackageState, Snapshot, StaleReason

log = structlog.get_logger(__name__)

BEAT = 0.5  # seconds
END_SECONDS = 4.0  # A lease lasts longer, and nobody renews it meanwhile.
WATCH_SECONDS = 10.0  # How often LSports is asked whether it sends, and how much waits.
SOON_SECONDS = 1.0  # After so long again while it does not, and too much waits to have it sent.
LOOK_SECONDS = 60.0  # How often fixtures that ended are looked at.
AT_ONCE = 500
METHODS = {
    "InPlay": ("GetFixtureMarkets",),
    "PreMatch": ("GetFixtureMarkets", "GetOutrightFixtureMarkets", "GetOutrightLeagueMarkets"),
}
OF_FIXTURES = ("GetFixtureMarkets", "GetOutrightFixtureMarkets")
Apply = Callable[[Lease, Sequence[bytes]], None]


class Stopped(Exception):
    """We are to stop, whatever is left to be asked."""


@dataclass(frozen=True, slots=True)
class Plan:
    """From when on a package is asked what it told, and whether that leaves something out."""

    began: float
    since_ms: int
    reason: StaleReason
    is_clamped: bool


class Recoverer:
    """Asks for what is missing, one request after the other, in a thread of its own."""

    def __init__(
        self,
        lease: Lease,
        accounts: Sequence[Account],
        windows: Windows,
        apply: Apply,
    ) -> None:
        """Ask as the first of the accounts; the others know of fixtures that it does not."""
        self.lease, self.windows, self.apply = lease, windows, apply
        self.apis = [Api(one) for one in accounts]
        self.over = threading.Event()
        self.beat = min(BEAT, windows.heartbeat / 4)
        self.began = self.watched = self.reconciled = time.monotonic()
        self.reconcile_at = self.began + windows.reconcile
        self.looked = self.ask_at = 0.0
        self.holds = bool(accounts[0].snapshot_url)
        self.depth: int | None = None
        self.trouble = ""
        self.thread = threading.Thread(target=self.run, name="recover", daemon=True)

    @property
    def api(self) -> Api:
        """The API of our own package."""
        return self.apis[0]

    def start(self) -> None:
        """Begin."""
        self.thread.start()

    def end(self) -> None:
        """End; when the answer that is waited for does not come, its thread ends without us."""
        self.over.set()
        self.thread.join(END_SECONDS)

    @property
    def is_alive(self) -> bool:
        """Whether it still works."""
        return self.thread.is_alive()

    def run(self) -> None:
        """Ask until we are to stop, or the lease is somebody else's."""
        is_new = True
        try:
            while not self.over.wait(self.beat):
                try:
                    if not leases.may_go_on(self.lease):  # The session bears our name from now on.
                        return
                    if is_new:
                        ledger.give_up(self.lease)
                        is_new = False
                    self.work()
                except Error as error:
                    log.warning("recovery_waits_for_database", error=str(error))
                    close_old_connections()
                    self.over.wait(1)
        except (Fenced, Stopped):
            log.info("recovery_ended", feed=self.lease.feed)
        except Exception:
            log.exception("recovery_failed", feed=self.lease.feed)
        finally:
            for api in self.apis:
                api.close()
            connection.close()

    def work(self) -> None:
        """Do what is due: watch the package, ask for what we missed, and for wanted fixtures."""
        now = time.monotonic()
        if self.api.account.api_url and now - self.watched > self.span(WATCH_SECONDS):
            self.watched = now
            self.watch()
        if self.api.account.snapshot_url:
            self.recover()
            self.ask_for_wanted()
        if now - self.looked > self.span(LOOK_SECONDS):
            self.looked = now
            missing.look(self.lease, self.windows)

    def span(self, seconds: float) -> float:
        """Return a span as it is where all windows are shorter."""
        return seconds * self.windows.heartbeat / Windows().heartbeat

    def watch(self) -> None:
        """See whether the package is sent; have it sent again when it is not."""
        try:
            told = distribution.look(self.lease, self.api)
            self.depth, self.trouble = told.depth, ""
            if not told.is_on:
                keeping.change(self.lease, self.not_sent)
                if not distribution.have_it_sent(self.lease, self.api, told):
                    self.watched -= self.span(WATCH_SECONDS - SOON_SECONDS)
        except LsportsTrouble as trouble:
            self.depth, self.trouble = None, str(trouble)
            log.warning("package_not_watched", feed=self.lease.feed, why=str(trouble))

    def not_sent(self, one: Health, now: float) -> Health:
        """Return a package that LSports does not send."""
        return health.not_sent(one, StaleReason.DISTRIBUTION, now, self.windows)

    def make_stale(self, reason: StaleReason) -> None:
        """Write down that we may have missed something."""
        keeping.change(self.lease, lambda one, now: health.stale(one, reason, now))

    def recover(self) -> None:
        """Ask for what we missed, when something may be missing."""
        moment = ledger.clock().timestamp()
        stands = keeping.stands(self.lease.feed)
        if stands.state is PackageState.RECOVERING:  # The database was away in the middle of it.
            self.make_stale(StaleReason.CONNECTION)
            return
        if not health.may_be_recovered(stands, now=moment, windows=self.windows):
            waited = time.monotonic() - self.began > self.windows.silence
            self.holds = self.holds and not waited and stands.heard is None
            self.reconcile(stands)
            return
        self.holds = True
        plan = self.begin(stands)
        try:
            self.ask_for_all(plan.since_ms, WHY[plan.reason])
            if plan.is_clamped:
                self.cover(plan)
        except LsportsTrouble as trouble:
            self.put_off(plan, str(trouble))
        else:
            keeping.change(
                self.lease,
                lambda one, now: health.recovered(one, now=now, began=plan.began),
            )
            keeping.note(self.lease, sentence="")
        finally:
            self.holds = False

    def ask_for_all(self, since_ms: int, why: str) -> None:
        """Ask for all that changed since a time."""
        began = time.monotonic()
        for method in METHODS[self.api.account.place]:
            self.answer(self.api, Question(method=method, why=why, since_ms=since_ms))
        self.reconciled, self.reconcile_at = began, began + self.windows.reconcile

    def reconcile(self, stands: Health) -> None:
        """Ask for all that changed lately, now and then: what was lost shows in nothing else."""
        if stands.state is not PackageState.HEALTHY or stands.healthy_ms is None:
            return
        now = time.monotonic()
        if now < self.reconcile_at:
            return
        try:
            span = now - self.reconciled + self.windows.reconcile
            since_ms = stands.healthy_ms - int(span * MS)
            self.ask_for_all(since_ms, "It is compared with what came, now and then.")
        except LsportsTrouble as trouble:
            self.reconcile_at = time.monotonic() + 2 * self.windows.snapshot
            log.warning("package_not_compared", feed=self.lease.feed, why=str(trouble))

    def begin(self, stands: Health) -> Plan:
        """Write down that a package is being recovered, and return from when on it is asked."""
        one = keeping.change(self.lease, health.recovering)
        since_ms, is_clamped = health.told_since(one, now=one.since, windows=self.windows)
        return Plan(one.since, since_ms, stands.reason or StaleReason.ASKED, is_clamped)

    def put_off(self, plan: Plan, sentence: str) -> None:
        """Ask again after a while; say meanwhile why we don't have it."""
        log.warning("recovery_put_off", feed=self.lease.feed, why=sentence)
        keeping.change(
            self.lease,
            lambda one, now: health.failed(
                one,
                now=now,
                began=plan.began,
                reason=plan.reason,
                wait=2 * self.windows.snapshot,
            ),
        )
        keeping.note(self.lease, sentence=sentence[:500])

    def answer(self, api: Api, question: Question, wanted: Snapshot | None = None) -> list[Cut]:
        """Ask, and apply the answer; return its fixtures."""
        return self.answered(api, question, self.asked(question, wanted))

    def asked(self, question: Question, wanted: Snapshot | None) -> Snapshot:
        """Write down what is asked, as soon as the limits let us."""
        self.refuse_when_over()
        while not isinstance(
            found := ledger.may_ask(self.lease, question, self.windows, wanted), Snapshot
        ):
            self.rest(found)
        return found

    def refuse_when_over(self) -> None:
        """Write no more when our connection is over: another one asks anew."""
        if self.over.is_set():
            raise Stopped

    def rest(self, wait: Wait) -> None:
        """Wait for the limits, no longer than the lease is ours."""
        if self.over.wait(min(wait.seconds, 1.0)) or not leases.may_go_on(self.lease):
            raise Stopped

    def answered(self, api: Api, question: Question, snapshot: Snapshot) -> list[Cut]:
        """Apply what a request brings."""
        try:
            raw = self.told(api, question, snapshot)
            found = cut(question.method, raw)
        except NotAnAnswer as trouble:
            sentence = f"LSports' snapshot can't be read. {trouble}"
            ledger.failed(self.lease, snapshot, sentence)
            raise LsportsTrouble(sentence) from None
        except LsportsTrouble as trouble:
            ledger.failed(self.lease, snapshot, str(trouble))
            raise
        bet_on = gone.bet_on({one.fixture for one in found})
        messages = [one.raw for one in found if worth_storing(one, bet_on)]
        for start in range(0, len(messages), AT_ONCE):
            self.refuse_when_over()
            self.apply(self.lease, messages[start : start + AT_ONCE])
        ledger.done(self.lease, snapshot, fixtures=len(found), messages=len(messages))
        return found

    def told(self, api: Api, question: Question, snapshot: Snapshot) -> bytes:
        """Return the answer to a request, and write down when it came."""
        status: int | None = None
        try:
            raw = api.snapshot(
                question.method, since_ms=question.since_ms, fixtures=question.fixtures
            )
            status = HTTPStatus.OK
            return raw
        except LsportsTrouble as trouble:
            status = trouble.status
            raise
        finally:
            ledger.answered(self.lease, snapshot, status=status)
            self.refuse_when_over()

    def ask_for_wanted(self) -> None:
        """Ask for the fixture that was wanted first."""
        wanted = ledger.next_wanted(self.lease.feed)
        if wanted is None or time.monotonic() < self.ask_at:
            return
        self.holds = False
        row: Snapshot | None = wanted
        try:
            for method in self.methods_of_fixtures(self.api):
                question = Question(
                    method=method,
                    why=wanted.why,
                    actor=wanted.actor,
                    fixtures=(wanted.fixture_ref,),
                )
                self.answer(self.api, question, row)
                row = None
        except LsportsTrouble as trouble:
            log.warning("fixture_not_told", fixture=wanted.fixture_ref, why=str(trouble))
            if trouble.may_pass:
                self.ask_at = time.monotonic() + 2 * self.windows.snapshot
                ledger.want_again(self.lease, wanted)

    def methods_of_fixtures(self, api: Api) -> list[str]:
        """Return how a package is asked for some fixtures."""
        return [one for one in METHODS[api.account.place] if one in OF_FIXTURES]

    def cover(self, plan: Plan) -> None:
        """Look for fixtures with open bets that were settled before what is still told.

        Each is asked for by its name, in both packages: what nobody knows any more, people settle.
        """
        found = gone.candidates(self.windows)
        left = {ref for ref, is_old in found.items() if is_old}
        old = [ref for ref in found if isinstance(number(ref), int)]  # Others LSports refuses.
        for start in range(0, len(old), gone.AT_ONCE):
            some = old[start : start + gone.AT_ONCE]
            for api in self.apis:
                for method in self.methods_of_fixtures(api):
                    question = Question(
                        method=method,
                        why="Bets on it are open, and it may have ended too long ago.",
                        fixtures=tuple(some),
                    )
                    left -= {one.fixture for one in self.answer(api, question)}
        gone.ask(self.lease, sorted(left), since_ms=plan.since_ms)


WHY = {
    StaleReason.NEVER: "The package was never heard before.",
    StaleReason.CONNECTION: "The connection to LSports was new.",
    StaleReason.SILENT: "No heartbeat came for too long.",
    StaleReason.GAP: "Heartbeats were missing between two that came.",
    StaleReason.INTERRUPTED: "LSports said that its feed was interrupted.",
    StaleReason.DISTRIBUTION: "LSports did not send the package.",
    StaleReason.ASKED: "It was asked for.",
}
