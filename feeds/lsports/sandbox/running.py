"""The sandbox as a program: its arguments, its one line, its end."""

from argparse import ArgumentParser
from dataclasses import dataclass, fields
from typing import Any

from feeds.lsports.sandbox.options import INPLAY, PREMATCH, Options
from feeds.lsports.sandbox.server import Broker, Sandbox
from feeds.lsports.sandbox.world import World
from feeds.lsports.windows import Windows
from feeds.sandboxes.running import hold_ends, options_of, until_ended


@dataclass(frozen=True, slots=True)
class Running:
    """What the program was asked for."""

    broker: str | None
    prematch_broker: str | None
    port: int
    divide: float
    world: bool
    seed: int
    fixtures: int
    span: float
    pace: float
    odds: int
    rate: float
    option: list[str]

    @property
    def brokers(self) -> Broker | None:
        """Where messages go."""
        if self.broker is None or self.prematch_broker is None:
            return self.broker
        return {INPLAY: self.broker, PREMATCH: self.prematch_broker}


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument("--broker", metavar="amqp://…", help="else queues are read over HTTP")
    parser.add_argument("--prematch-broker", metavar="amqp://…", help="of the pre-match package")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--divide", type=float, default=1, help="make all windows so much shorter")
    parser.add_argument(
        "--world", action="store_true", help="tell the story of a world from now on"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the world")
    parser.add_argument("--fixtures", type=int, default=5000, help="of the world")
    parser.add_argument("--span", type=float, default=3600, help="seconds that its story takes")
    parser.add_argument(
        "--pace", type=float, default=1, help="tell it so many times faster; 0: at once"
    )
    parser.add_argument("--odds", type=int, default=1, help="messages of odds for each fixture")
    parser.add_argument("--rate", type=float, default=0, help="of in-play odds, a second")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE",
                        help="one of the choices, as often as you like")  # fmt: skip


def running(given: dict[str, Any]) -> Running:
    """Return what parsed arguments ask for."""
    return Running(**{field.name: given[field.name] for field in fields(Running)})


def run(asked: Running) -> None:
    """Serve until SIGINT or SIGTERM, after one line on stdout that says where."""
    hold_ends()
    windows, options = Windows().divided(asked.divide), options_of(asked.option, Options)
    with Sandbox(
        windows=windows, options=options, broker=asked.brokers, port=asked.port
    ) as sandbox:
        if asked.world:
            sandbox.play(world_of(asked, sandbox), pace=asked.pace or None)
        if asked.rate > 0:
            sandbox.flow(asked.rate)
        until_ended(urls_of(sandbox))


def world_of(asked: Running, sandbox: Sandbox) -> World:
    """Return the world that begins now."""
    return World(
        seed=asked.seed, fixtures=asked.fixtures, start=sandbox.now(), span=asked.span,
        odds=asked.odds, options=sandbox.options,
    )  # fmt: skip


def urls_of(sandbox: Sandbox) -> dict[str, object]:
    """Return where the sandbox is, and what its packages are called."""
    return {
        "api_url": sandbox.api_url,
        "queues_url": sandbox.queues_url,
        "control_url": f"{sandbox.api_url}/sandbox",
        **{name: package_of(sandbox, name) for name in (INPLAY, PREMATCH)},
    }


def package_of(sandbox: Sandbox, name: str) -> dict[str, object]:
    """Return a package's queue and credentials."""
    settings = sandbox.vendor.package(name).settings
    return {
        "package_id": settings.id,
        "user": settings.user,
        "password": settings.password,
        "queue": settings.queue_name,
        "format": settings.layout.format,
        "amqp_url": sandbox.amqp_url(name),
    }
