"""manage.py quote [FILE|-]: what would these bets pay? No database, and it starts at once."""

import os
import sys
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError

from settlement.rules.quote import answer

WRITTEN_AT_ONCE = 1000
BOM = b"\xef\xbb\xbf"


class Command(BaseCommand):
    help = "Price bets, a JSON object a line; a line that can't be priced says why, and exit is 1."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", default="-", help="JSON lines; - reads stdin")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        try:
            with ExitStack() as stack:
                failed = quote_lines(source(file, stack), sys.stdout.buffer)
        except BrokenPipeError:  # Whoever read along has seen enough.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        if failed:
            sys.stderr.write(f"{failed:,} of the lines could not be priced.\n")
            sys.exit(1)


def source(file: str, stack: ExitStack) -> IO[bytes]:
    """Open the file, or take stdin."""
    if file == "-":
        if sys.stdin is None:
            raise CommandError("There is no standard input to read.", returncode=2)
        return sys.stdin.buffer
    try:
        return stack.enter_context(Path(file).open("rb"))
    except OSError as error:
        raise CommandError(f"{file} can't be read: {error.strerror}.", returncode=2) from error


def quote_lines(lines: IO[bytes], out: IO[bytes]) -> int:
    """Answer every line that is not blank; return how many could not be priced."""
    failed, waiting = 0, []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        answered, good = answer(line.removeprefix(BOM) if number == 1 else line, number)
        failed += not good
        waiting.append(answered)
        if len(waiting) == WRITTEN_AT_ONCE or not good:
            out.write(b"\n".join(waiting) + b"\n")
            waiting.clear()
    out.write(b"".join(one + b"\n" for one in waiting))
    out.flush()
    return failed
