"""The sandbox as a program: its arguments, its one line, its end."""

import signal
import sys
from argparse import ArgumentParser
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import msgspec

from feeds.odds88.sandbox.options import Options, Order, Zero
from feeds.odds88.sandbox.server import Sandbox
from feeds.odds88.sandbox.store import NotAMessage
from feeds.odds88.sandbox.world import World
from feeds.odds88.windows import Windows

ENDS = {signal.SIGINT, signal.SIGTERM}


@dataclass(frozen=True, slots=True)
class Running:
    """What the program was asked for."""

    port: int
    divide: float
    messages: list[Path]
    world: bool
    pace: float
    options: Options


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments; each choice that an option makes can be set by `--option`."""
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--divide", type=float, default=1, help="make all windows so much shorter")
    parser.add_argument("--messages", type=Path, action="append", default=[], metavar="FILE.jsonl")
    parser.add_argument("--world", action="store_true", help="settle registered bets by chance")
    parser.add_argument("--pace", type=float, default=10, help="seconds until a bet is settled")
    parser.add_argument("--client-id", default=Options().client_id)
    parser.add_argument("--password", default=Options().password)
    parser.add_argument("--bare", action="store_true", help="send bets without an envelope")
    parser.add_argument("--zero", choices=[one.value for one in Zero], default=Zero.ALL.value)
    parser.add_argument("--order", choices=[one.value for one in Order], default=Order.PUSH.value)
    parser.add_argument("--seed", type=int, default=Options().seed)
    parser.add_argument("--reach", type=float, default=Options().reach, help="seconds back at most")
    parser.add_argument("--chunk", type=int, default=Options().chunk, help="messages at once")
    parser.add_argument("--pause", type=float, default=0, help="seconds between two chunks")


def running(given: dict[str, Any]) -> Running:
    """Return what parsed arguments ask for."""
    names = {field.name for field in fields(Running)} - {"options"}
    choices = {name: given[name] for name in Options.__struct_fields__ if name in given}
    return Running(
        **{name: given[name] for name in names},
        options=msgspec.convert(choices, Options),
    )


def run(asked: Running) -> None:
    """Serve until SIGINT or SIGTERM, after one line on stdout that says where."""
    for number in ENDS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
    windows = Windows().divided(asked.divide)
    with Sandbox(windows=windows, options=asked.options, port=asked.port) as sandbox:
        for file in asked.messages:
            load(sandbox, file)
        if asked.world:
            World(sandbox.vendor, pace=asked.pace, seed=asked.options.seed)
        print(line_of(sandbox), flush=True)  # noqa: T201 - the program's answer
        signal.sigwait(ENDS)


def load(sandbox: Sandbox, file: Path) -> None:
    """Push a file of messages; end the program when it can't be read."""
    try:
        sandbox.load(file)
    except (OSError, NotAMessage) as error:
        sys.exit(f"{file}: {error}")


def line_of(sandbox: Sandbox) -> str:
    """Return where the sandbox is, as JSON."""
    urls = {
        "api_url": sandbox.api_url,
        "http_url": sandbox.http_url,
        "ws_url": sandbox.ws_url,
        "control_url": f"{sandbox.api_url}/sandbox",
    }
    return msgspec.json.encode(urls).decode()
