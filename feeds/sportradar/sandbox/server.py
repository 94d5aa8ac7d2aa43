"""The sandbox as a whole, and Python's way to steer it."""

from typing import Any
from urllib.parse import unquote, urlsplit

from feeds.sandboxes.counts import Counts, Figures
from feeds.sandboxes.http import Request, Response
from feeds.sandboxes.publishing import Publisher
from feeds.sandboxes.rabbit import RabbitPublisher
from feeds.sandboxes.serving import Serving
from feeds.sportradar.sandbox import api, control, queues, telling
from feeds.sportradar.sandbox.api import Site
from feeds.sportradar.sandbox.counts import counts
from feeds.sportradar.sandbox.faults import Fault
from feeds.sportradar.sandbox.memory import MemoryPublisher
from feeds.sportradar.sandbox.options import Options
from feeds.sportradar.sandbox.playing import Playing
from feeds.sportradar.sandbox.telling import Markets, Outcomes, Told, markets_of
from feeds.sportradar.sandbox.vendor import Vendor
from feeds.sportradar.sandbox.world import World
from feeds.sportradar.windows import Windows

EXCHANGE = "unifiedfeed"


class Sandbox(Serving):
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
        windows, options = windows or Windows(), options or Options()
        super().__init__(port, windows.alive / 20)
        self.counted = counts()
        self.amqp_url = broker
        self.memory = None if broker else MemoryPublisher(self.counted, options, windows)
        publisher: Publisher = self.memory or publisher_of(str(broker), self.counted, options)
        self.vendor = Vendor(windows, options, self.counted, publisher)
        self.vendor.refuse, self.vendor.listen = self.refuse, self.listen_soon

    @property
    def queues_url(self) -> str:
        """Where the queues are when there is no broker."""
        return f"{self.api_url}{queues.ROOT}"

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
        if self.memory is not None and request.path.startswith(queues.ROOT):
            return queues.serve(self.memory, request)
        if request.path.startswith(control.ROOT):
            return control.serve(self.vendor, request)
        return api.serve(self.vendor, request, self.site)

    def tend(self) -> None:
        """Do what is due."""
        self.vendor.tend()

    def now(self) -> int:
        """Return the server's time in milliseconds."""
        return self.vendor.now()

    def end(self) -> None:
        """Publish and recover nothing any more."""
        self.vendor.publisher.close()
        self.vendor.recovering.stop()
        for end in self.vendor.ends:
            end()


def publisher_of(url: str, counted: Counts, options: Options) -> RabbitPublisher:
    """Return what publishes through a broker."""

    def declare(channel: Any) -> None:
        channel.exchange_declare(EXCHANGE, "topic", durable=True, auto_delete=False)

    return RabbitPublisher(
        url, counted, exchange=EXCHANGE, declare=declare, mandatory=options.mandatory
    )
