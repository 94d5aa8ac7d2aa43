"""The sandbox as a whole, and Python's way to steer it."""

from collections.abc import Mapping, Sequence

from feeds.lsports.sandbox import api, control, telling
from feeds.lsports.sandbox.bodies import FINISHED, OPEN, SETTLED, SETTLEMENT, Market
from feeds.lsports.sandbox.broker import BrokerQueue
from feeds.lsports.sandbox.counts import counts
from feeds.lsports.sandbox.faults import Fault
from feeds.lsports.sandbox.memory import MemoryQueue, MemoryQueues
from feeds.lsports.sandbox.options import INPLAY, PREMATCH, Options
from feeds.lsports.sandbox.places import Place
from feeds.lsports.sandbox.playing import Playing
from feeds.lsports.sandbox.telling import Bets, Told
from feeds.lsports.sandbox.traffic import BETS, Flow, odds
from feeds.lsports.sandbox.vendor import Vendor
from feeds.lsports.sandbox.world import World
from feeds.lsports.windows import Windows
from feeds.sandboxes import queues
from feeds.sandboxes.counts import Figures
from feeds.sandboxes.http import Request, Response
from feeds.sandboxes.serving import Serving

Broker = str | Mapping[str, str]


class Sandbox(Serving):
    """LSports' servers in threads of this process; its API is on the loopback only.

    With a `broker` messages go there: to one virtual host, or to one of each package when two
    URLs are given by the packages' names. Else queues are read over HTTP.
    """

    def __init__(
        self,
        *,
        windows: Windows | None = None,
        options: Options | None = None,
        broker: Broker | None = None,
        port: int = 0,
    ) -> None:
        windows, options = windows or Windows(), options or Options()
        super().__init__(port, windows.heartbeat / 20)
        self.counted = counts()
        one_host = dict.fromkeys((INPLAY, PREMATCH), broker) if isinstance(broker, str) else broker
        self.urls = dict(one_host) if one_host else None
        settings = {INPLAY: options.inplay, PREMATCH: options.prematch}
        places: dict[str, Place] = {
            name: MemoryQueue(one.queue_name, self.counted)
            if self.urls is None
            else BrokerQueue(self.urls[name], one, options, self.counted)
            for name, one in settings.items()
        }
        self.queues = MemoryQueues(
            {one.name: one for one in places.values() if isinstance(one, MemoryQueue)}.get
        )
        self.vendor = Vendor(windows, options, self.counted, places)
        self.vendor.refuse, self.vendor.listen = self.refuse, self.listen_soon

    def amqp_url(self, package: str = INPLAY) -> str | None:
        """Where a package's queue is, when there is a broker."""
        return None if self.urls is None else self.urls[package]

    @property
    def queues_url(self) -> str:
        """Where the queues are when there is no broker."""
        return f"{self.api_url}{queues.ROOT}"

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
        fixture: str | int,
        market: str | int,
        bets: Bets,
        *,
        package: str = INPLAY,
        at: int | None = None,
        kind: int | None = None,
    ) -> Told:
        """Say how bets of a market ended: by one package, or by "both"."""
        return telling.settle(
            self.vendor, str(fixture), market, bets, package=package, at=at, kind=kind
        )

    def take_back(
        self,
        fixture: str | int,
        market: str | int,
        bets: Sequence[str],
        *,
        package: str = INPLAY,
        status: int = SETTLED,
        at: int | None = None,
        kind: int | None = None,
    ) -> Told:
        """Take the settlements of bets back."""
        return telling.take_back(
            self.vendor, str(fixture), market, bets, package=package, status=status, at=at,
            kind=kind,
        )  # fmt: skip

    def reopen(
        self,
        fixture: str | int,
        market: str | int,
        bets: Sequence[str],
        *,
        package: str = INPLAY,
        status: int = OPEN,
        at: int | None = None,
        kind: int | None = None,
    ) -> Told:
        """Show bets as open again, or as suspended, without taking a settlement back."""
        return telling.reopen(
            self.vendor, str(fixture), market, bets, package=package, status=status, at=at,
            kind=kind,
        )  # fmt: skip

    def say(
        self,
        fixture: str | int,
        market: Market,
        *,
        package: str = INPLAY,
        at: int | None = None,
        kind: int | None = None,
    ) -> Told:
        """Say something of a market: with lines, names, providers, and what is wrong."""
        return telling.say(self.vendor, package, str(fixture), market, at=at, kind=kind)

    def offer(
        self,
        fixture: str | int,
        *markets: Market,
        package: str = INPLAY,
        kind: int = SETTLEMENT,
    ) -> None:
        """Know a fixture from now on: it is in snapshots, and followed when it is played."""
        telling.offer(self.vendor, str(fixture), markets, package=package, kind=kind)

    def end_fixture(
        self, fixture: str | int, status: int = FINISHED, *, package: str = INPLAY
    ) -> Told:
        """Say that a fixture is finished, cancelled (4) or abandoned (7)."""
        return telling.status(self.vendor, str(fixture), status, package=package)

    def forget(self, fixture: str | int, *, package: str = INPLAY) -> None:
        """Follow a fixture no more, without a word."""
        telling.forget(self.vendor, str(fixture), package=package)

    def publish(self, body: bytes, *, package: str = INPLAY) -> Told:
        """Say something as it is; the snapshots know nothing of it."""
        return telling.publish(self.vendor, body, package=package)

    def odds(self, count: int, *, package: str = INPLAY, bets: int = BETS) -> int:
        """Say that prices have changed, so many times at once."""
        return odds(self.vendor.package(package), count, bets=bets)

    def flow(self, rate: float, *, package: str = INPLAY, bets: int = BETS) -> Flow:
        """Say from now on, so many times a second, that prices have changed."""
        return Flow(self.vendor, self.vendor.package(package), rate, bets=bets)

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
        if request.path.startswith(queues.ROOT) and self.urls is None:
            return self.queues.serve(request)
        if request.path.startswith(control.ROOT):
            return control.serve(self.vendor, request)
        return api.serve(self.vendor, request)

    def tend(self) -> None:
        """Do what is due."""
        self.vendor.tend()

    def now(self) -> int:
        """Return the server's time in milliseconds."""
        return self.vendor.now()

    def end(self) -> None:
        """Say nothing any more."""
        self.vendor.stopped.set()
        for package in self.vendor.packages.values():
            package.place.close()
        for end in self.vendor.ends:
            end()
