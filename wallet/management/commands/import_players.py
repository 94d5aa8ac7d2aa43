"""manage.py import_players FILE: players and their opening balances, as JSON lines."""

import itertools
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from wallet import imports
from wallet.imports import Imported

AT_ONCE = 1000


class Command(BaseCommand):
    help = (
        "Import players: a JSON object a line with player, currency, name and deposit. "
        "Run it again at will: an opening balance is posted once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the file, or - for standard input")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["file"]
        note = "Opening balance from a file"  # Not the file's name: it may come under another.
        work = self._dry_run if options["dry_run"] else run
        try:
            with opened(name) as file:
                found = work(file, note)
        except OSError as error:
            raise CommandError(f"{name} can't be read: {error.strerror}.", returncode=2) from None
        self._report(found, options)
        if found.refused:
            sys.exit(1)

    def _dry_run(self, file: BinaryIO, note: str) -> Imported:
        with transaction.atomic():
            found = run(file, note)
            transaction.set_rollback(True)
        return found

    def _report(self, found: Imported, options: dict[str, Any]) -> None:
        for refused in found.refused:
            self.stderr.write(f"line {refused.line}: {refused.reason}")
        if options["json"]:
            self.stdout.write(msgspec.json.encode(found).decode())
            return
        would = "Nothing was written. " if options["dry_run"] else ""
        self.stdout.write(
            f"{would}{found.lines} lines: {found.players} new players, {found.deposits} deposits "
            f"posted, {found.repeated} posted before, {len(found.refused)} lines refused."
        )


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """Open the file that was named; - is standard input."""
    if name == "-":
        yield sys.stdin.buffer
    else:
        with Path(name).open("rb") as file:
            yield file


def run(file: BinaryIO, note: str) -> Imported:
    """Import a file in steps, each a transaction of its own: memory stays flat."""
    found = Imported()
    lines = numbered(file)
    while batch := list(itertools.islice(lines, AT_ONCE)):
        imports.import_lines(lines=batch, actor="import:players", note=note, into=found)
    return found


def numbered(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not blank, with their numbers."""
    return ((number, line) for number, line in enumerate(file, 1) if line.strip())
