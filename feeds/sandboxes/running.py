"""A sandbox as a program: its choices, its one line, its end."""

import signal
import sys
from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec

ENDS = {signal.SIGINT, signal.SIGTERM}
Choices = TypeVar("Choices", bound=msgspec.Struct)


def options_of(given: Sequence[str], kind: type[Choices]) -> Choices:
    """Return the choices; end the program when one makes no sense."""
    try:
        said = [one.split("=", 1) for one in given]
        return msgspec.convert({name: value_of(text) for name, text in said}, kind, strict=False)
    except ValueError as error:
        sys.exit(f"--option: {error}")


def value_of(text: str) -> object:
    """Return a value: JSON, or else the text as it is."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def hold_ends() -> None:
    """Keep SIGINT and SIGTERM for `until_ended`; before any thread is started."""
    for number in ENDS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)


def until_ended(urls: Mapping[str, object]) -> None:
    """Say in one line on stdout where the sandbox is, and wait for SIGINT or SIGTERM."""
    print(msgspec.json.encode(urls).decode(), flush=True)  # noqa: T201 - the program's answer
    signal.sigwait(ENDS)
