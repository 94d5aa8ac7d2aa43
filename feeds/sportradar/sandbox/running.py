"""The sandbox as a program: its arguments, its one line, its end."""

from argparse import ArgumentParser
from dataclasses import dataclass, fields
from typing import Any

from feeds.sandboxes.running import hold_ends, options_of, until_ended
from feeds.sportradar.sandbox.options import Options
from feeds.sportradar.sandbox.server import Sandbox
from feeds.sportradar.sandbox.world import World
from feeds.sportradar.windows import Windows


@dataclass(frozen=True, slots=True)
class Running:
    """What the program was asked for."""

    broker: str | None
    port: int
    divide: float
    world: bool
    seed: int
    events: int
    span: float
    pace: float
    option: list[str]


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument("--broker", metavar="amqp://…", help="else queues are read over HTTP")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--divide", type=float, default=1, help="make all windows so much shorter")
    parser.add_argument(
        "--world", action="store_true", help="tell the story of a world from now on"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the world")
    parser.add_argument("--events", type=int, default=5000, help="of the world")
    parser.add_argument("--span", type=float, default=3600, help="seconds that its story takes")
    parser.add_argument(
        "--pace", type=float, default=1, help="tell it so many times faster; 0: at once"
    )
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE",
                        help="one of the choices, as often as you like")  # fmt: skip


def running(given: dict[str, Any]) -> Running:
    """Return what parsed arguments ask for."""
    return Running(**{field.name: given[field.name] for field in fields(Running)})


def run(asked: Running) -> None:
    """Serve until SIGINT or SIGTERM, after one line on stdout that says where."""
    hold_ends()
    windows, options = Windows().divided(asked.divide), options_of(asked.option, Options)
    with Sandbox(windows=windows, options=options, broker=asked.broker, port=asked.port) as sandbox:
        if asked.world:
            sandbox.play(world_of(asked, sandbox.vendor.now()), pace=asked.pace or None)
        until_ended(urls_of(sandbox))


def world_of(asked: Running, now: int) -> World:
    """Return the world that begins now."""
    return World(seed=asked.seed, events=asked.events, start=now, span=asked.span)


def urls_of(sandbox: Sandbox) -> dict[str, object]:
    """Return where the sandbox is."""
    return {
        "api_url": sandbox.api_url,
        "amqp_url": sandbox.amqp_url,
        "queues_url": sandbox.queues_url,
        "control_url": f"{sandbox.api_url}/sandbox",
        "virtual_host": sandbox.site.virtual_host,
        "token": sandbox.options.token,
    }
