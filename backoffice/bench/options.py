"""The options that every benchmark has, for `bench` and for the child that measures."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any


def add_options(parser: ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("--rounds", type=at_least_one, help="how often each side is measured")
    parser.add_argument("--smoke", action="store_true", help="small and quick; floors are halved")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")


def as_words(options: dict[str, Any]) -> list[str]:
    """Return the options as they are typed."""
    rounds = [f"--rounds={options['rounds']}"] if options["rounds"] else []
    return rounds + [f"--{name}" for name in ("smoke", "json") if options[name]]


def at_least_one(word: str) -> int:
    """Read a count."""
    if not word.isdecimal() or int(word) == 0:
        raise ArgumentTypeError(f"“{word}” is not a count of 1 or more.")
    return int(word)
