"""All that a sandbox knows: its packages, its limits, and what is to go wrong."""

import threading
import time
from collections.abc import Callable, Mapping

from feeds.lsports.sandbox.faults import (
    ApiDown,
    ApiUp,
    Delay,
    DistributionOff,
    DistributionOn,
    Duplicate,
    Fault,
    Faults,
    Interrupted,
    OnPackage,
    OnRequest,
    Outage,
    Over,
    RefuseConsumers,
    Silent,
    SkipHeartbeats,
)
from feeds.lsports.sandbox.limits import Limits
from feeds.lsports.sandbox.options import INPLAY, PREMATCH, Options
from feeds.lsports.sandbox.package import FOREVER, Package
from feeds.lsports.sandbox.places import Place
from feeds.lsports.windows import Windows
from feeds.sandboxes.counts import Counts


class NoSuchPackage(ValueError):
    """There is no package of this name."""


class Vendor:
    """What the threads of a sandbox share."""

    def __init__(
        self, windows: Windows, options: Options, counts: Counts, places: Mapping[str, Place]
    ) -> None:
        self.windows = windows
        self.options = options
        self.counts = counts
        self.faults = Faults()
        self.limits = Limits()
        self.stopped = threading.Event()
        self.ends: list[Callable[[], None]] = []
        self.api_down_until = 0.0
        self.refuse: Callable[[float | None], None] = lambda seconds: None
        self.listen: Callable[[], None] = lambda: None
        self.packages = {
            name: Package(
                name,
                place=places[name],
                counts=counts,
                windows=windows,
                options=lambda: self.options,
                clock=self.now,
            )
            for name in (INPLAY, PREMATCH)
        }

    def now(self) -> int:
        """Return the server's time in milliseconds."""
        return time.time_ns() // 10**6 + round(self.options.skew * 1000)

    def package(self, name: str) -> Package:
        """Return a package by its name."""
        if name not in self.packages:
            raise NoSuchPackage(f"There is no package {name}: there are inplay and prematch.")
        return self.packages[name]

    def tend(self) -> None:
        """Do what is due."""
        for package in self.packages.values():
            package.tend()

    def fault(self, fault: Fault) -> None:
        """Let something go wrong."""
        self.counts.note("faults", str(fault.__struct_config__.tag))
        match fault:
            case OnRequest():
                self.faults.add(fault)
            case OnPackage(package=None):
                for package in self.packages.values():
                    happen(package, fault)
            case OnPackage(package=str(name)):
                happen(self.package(name), fault)
            case ApiDown(seconds=seconds, refuse=True):
                self.refuse(seconds)
            case ApiDown(seconds=seconds):
                self.api_down_until = until(seconds)
            case ApiUp():
                self.api_down_until = 0
                self.listen()


def happen(package: Package, fault: OnPackage) -> None:
    """Let something happen to a package, also while it waits for its broker."""
    state = package.state
    match fault:
        case Silent(seconds=seconds):
            state.silent_until = until(seconds)
        case Outage(seconds=seconds):
            state.lost_until = until(seconds)
        case Interrupted(seconds=seconds):
            state.interrupted_until = until(seconds)
            state.next_heartbeat = 0
        case SkipHeartbeats(count=count):
            state.skipped += count
        case Over():
            package.recover()
        case DistributionOff():
            package.stop()
        case DistributionOn():
            package.start()
        case RefuseConsumers(seconds=seconds):
            package.place.refuse(seconds)
        case Duplicate(count=count):
            package.repeat(count)
        case Delay(seconds=seconds):
            state.delay = seconds


def until(seconds: float | None) -> float:
    """Return when so many seconds are over; without a figure never."""
    return FOREVER if seconds is None else time.monotonic() + seconds
