"""The sandbox as a whole, and Python's way to steer it."""

import threading
import time
from contextlib import suppress
from types import TracebackType
from urllib.parse import unquote, urlsplit

import structlog

from feeds.sportradar.sandbox import api, control, queues, telling
from feeds.sportradar.sandbox.api import Site
from feeds.sportradar.sandbox.counts import Counts, Figures
from feeds.sportradar.sandbox.faults import Fault
from feeds.sportradar.sandbox.http import Request, Response
from feeds.sportradar.sandbox.listening import HOST, Listener
from feeds.sportradar.sandbox.memory import MemoryPublisher
from feeds.sportradar.sandbox.options import Options
from feeds.sportradar.sandbox.playing import Playing
from feeds.sportradar.sandbox.publishing import Closed, Publisher
from feeds.sportradar.sandbox.rabbit import RabbitPublisher
from feeds.sportradar.sandbox.telling import Markets, Outcomes, Told, markets_of
from feeds.sportradar.sandbox.vendor import Vendor
from feeds.sportradar.sandbox.world import World
from feeds.sportradar.windows import Windows

QUEUES = "/sandbox/queues"
LOOK_EVERY = 0.05

log = structlog.get_logger(__name__)


class Sandbox:
    """Sportradar's servers in threads of this process; its API is on the loopback only.

    With a `broker` messages go there, else to queues that are read over HTTP.
    """

    def __init__(
        self,
        *,
        windows: Windows | None = None,
        options: Options | None = None,
        broker: str | None = None,
        port: int = 0,
    ) -> None:
        self.counted = Counts()
        windows, options = windows or Windows(), options or Options()
        self.amqp_url = broker
        self.memory = None if broker else MemoryPublisher(self.counted, options, windows)
        publisher: Publisher = self.memory or RabbitPublisher(
            str(broker), self.counted, mandatory=options.mandatory
        )
        self.vendor = Vendor(windows, options, self.counted, publisher)
        self.vendor.refuse, self.vendor.listen = self.refuse, self.listen_soon
        self.port = port
        self.lock = threading.Lock()
        self.listener: Listener | None = None
        self.listen_at: float | None = None
        self.closing = False
        self.stopped = threading.Event()
        self.ticker = threading.Thread(target=self.tick, name="sandbox-ticker", daemon=True)

    def __enter__(self) -> "Sandbox":
        self.listen()
        self.ticker.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def api_url(self) -> str:
        """Where the API is; paths begin with /v1."""
        return f"http://{HOST}:{self.port}"

    @property
    def queues_url(self) -> str:
        """Where the queues are when there is no broker."""
        return f"{self.api_url}{QUEUES}"

    @property
    def site(self) -> Site:
        """Where the sandbox is, as its API tells it."""
        host = unquote(urlsplit(self.amqp_url).path[1:]) if self.amqp_url else ""
        return Site(self.api_url, host or f"/unifiedfeed/{self.options.bookmaker_id}")

    @property
    def counts(self) -> Figures:
        """What was seen and done."""
        return self.counted.figures()

    @property
    def options(self) -> Options:
        """How it behaves; to be replaced while it runs."""
        return self.vendor.options

    @options.setter
    def options(self, options: Options) -> None:
        self.vendor.options = options

    def settle(
        self,
        event: str,
        markets: Markets,
        outcomes: Outcomes = (),
        *,
        specifiers: str | None = None,
        certainty: int | None = 2,
        product: int = 1,
        timestamp: int | None = None,
    ) -> Told:
        """Say how a market ended, or markets."""
        whole = markets_of(markets, outcomes, specifiers)
        return telling.settle(
            self.vendor, event, whole, product=product, certainty=certainty, timestamp=timestamp
        )

    def rollback(
        self,
        event: str,
        markets: Markets,
        outcomes: Outcomes = (),
        *,
        specifiers: str | None = None,
        product: int = 1,
        timestamp: int | None = None,
    ) -> Told:
        """Take settlements of a market back: all, or those of some outcomes."""
        whole = markets_of(markets, outcomes, specifiers)
        return telling.rollback(self.vendor, event, whole, product=product, timestamp=timestamp)

    def cancel(
        self,
        event: str,
        markets: Markets,
        *,
        specifiers: str | None = None,
        start: int | None = None,
        end: int | None = None,
        superceded_by: str | None = None,
        product: int = 1,
        timestamp: int | None = None,
    ) -> Told:
        """Cancel the bets on a market that were placed in a time, or all."""
        return telling.cancel(
            self.vendor, event, markets_of(markets, (), specifiers), product=product, start=start,
            end=end, superceded_by=superceded_by, timestamp=timestamp,
        )  # fmt: skip

    def rollback_cancel(
        self,
        event: str,
        markets: Markets,
        *,
        specifiers: str | None = None,
        start: int | None = None,
        end: int | None = None,
        product: int = 1,
        timestamp: int | None = None,
    ) -> Told:
        """Take a cancel back."""
        return telling.rollback_cancel(
            self.vendor, event, markets_of(markets, (), specifiers), product=product, start=start,
            end=end, timestamp=timestamp,
        )  # fmt: skip

    def publish(
        self, body: bytes, *, product: int = 1, sport: str = "1", key: str | None = None
    ) -> Told:
        """Say something as it is."""
        return telling.publish(self.vendor, body, product=product, sport=sport, key=key)

    def play(self, world: World, *, pace: float | None = 1) -> Playing:
        """Begin to tell a world's story: in its own time, faster, or without a pause."""
        return Playing(self.vendor, world, pace=pace)

    def fault(self, fault: Fault) -> None:
        """Let something go wrong."""
        self.vendor.fault(fault)

    def clear_faults(self) -> None:
        """Forget what has not gone wrong yet."""
        self.vendor.faults.clear()

    def answer(self, request: Request) -> Response:
        """Answer a request of anybody."""
        if self.memory is not None and request.path.startswith(QUEUES):
            return queues.serve(self.memory, request)
        if request.path.startswith(control.ROOT):
            return control.serve(self.vendor, request)
        return api.serve(self.vendor, request, self.site)

    def tick(self) -> None:
        """Do what is due until the end."""
        pause = min(LOOK_EVERY, self.vendor.windows.alive / 20)
        while not self.stopped.wait(pause):
            try:
                self.open_or_close()
                self.vendor.tend()
            except Closed:
                return
            except Exception:
                log.exception("The sandbox's ticker failed")

    def listen(self) -> None:
        """Take connections from now on."""
        with self.lock:
            if self.listener is None and not self.stopped.is_set():
                self.listener = Listener(self.port, self.answer, lambda: self.vendor.now() / 1000)
                self.port = self.listener.server_port

    def listen_soon(self) -> None:
        """Take connections again, from the next look on."""
        self.listen_at = 0

    def refuse(self, seconds: float | None) -> None:
        """Take no connections from the next look on, for a while or until told otherwise."""
        self.closing = True
        self.listen_at = None if seconds is None else time.monotonic() + seconds

    def open_or_close(self) -> None:
        """Do what was asked of the listening socket."""
        if self.closing:
            self.closing = False
            self.hang_up()
        if self.listen_at is not None and self.listen_at <= time.monotonic():
            self.listen_at = None
            self.listen()

    def hang_up(self) -> None:
        """Close the socket and all its connections."""
        with self.lock:
            listener, self.listener = self.listener, None
        if listener:
            listener.end()

    def stop(self) -> None:
        """End all of it."""
        self.stopped.set()
        self.vendor.publisher.close()
        self.vendor.recovering.stop()
        for end in self.vendor.ends:
            end()
        with suppress(RuntimeError):
            self.ticker.join(10)
        self.hang_up()
