"""manage.py import_settlements FILE: how tickets ended, from a file, as one act by hand."""

import csv
import os
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from backoffice.admin.statements import harmless
from backoffice.files.found import UnreadableFile
from backoffice.files.opened import Format, opened_file
from backoffice.files.settlements import BadRows, Settlements, read_settlements
from backoffice.management.acting import ActCommand, Json, actor_named, exit_unless_all
from settlement.vocabulary import ActKind

RESULTS = ("bet_id", "state", "sentence", "currency", "difference")
Write = Callable[[Iterable[Json], Mapping[str, int]], None]


class Command(ActCommand):
    help = (
        "Settle tickets by a file: CSV or XLSX with bet_id, result or payout, or a leg a row; or "
        "JSON lines. Acts as USER, by his permissions and limits. Shows what would come of it and "
        "changes nothing, unless --yes. Exit 0: done, or waiting for somebody else to agree; "
        "1: refused, a bad row, or a ticket was left alone; 2: not understood or not readable."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the file, or - for standard input (jsonl, csv)")
        parser.add_argument("--resettle", action="store_true", help="settle settled tickets anew")
        parser.add_argument("--results", type=Path, help="a CSV file for what became of each")
        parser.add_argument("--format", type=Format, choices=list(Format))
        self.add_act_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        actor_named(options["user"])
        act = ActKind.RESETTLE if options["resettle"] else ActKind.SETTLE
        found = read(options["file"], options["format"], act)
        with results_in(options["results"], options["file"]) as write:
            rows = self.carry({"act": act, "tickets": found.tickets}, options)
            write(rows, found.lines)
        exit_unless_all(rows)


def read(name: str, form: Format | None, act: ActKind) -> Settlements:
    """Return what a file says; refuse it with what is wrong."""
    try:
        with opened_file(name, form) as (file, known):
            return read_settlements(file, known, act=act)
    except BadRows as error:
        raise CommandError(f"{error}\nNothing was done.") from None
    except UnreadableFile as error:
        raise CommandError(str(error), returncode=2) from None
    except OSError as error:
        raise CommandError(f"{error.filename or name}: {error.strerror}.", returncode=2) from None


@contextmanager
def results_in(path: Path | None, name: str) -> Iterator[Write]:
    """Make sure that results can be written before anything is done; leave no half of them."""
    if path is None:
        yield lambda rows, lines: None
        return
    if path.exists() and Path(name).exists() and path.samefile(name):
        raise CommandError("--results names the file itself.", returncode=2)
    part = path.with_name(f"{path.name}.part")
    try:
        file = part.open("w", encoding="utf-8-sig", newline="")
    except OSError as error:
        raise CommandError(f"{part}: {error.strerror}.", returncode=2) from None
    try:
        with file:
            yield lambda rows, lines: write_results(csv.writer(file), rows, lines)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_results(writer: Any, rows: Iterable[Json], lines: Mapping[str, int]) -> None:
    """Write what became of each ticket, with the line on which it stands."""
    writer.writerow(("line", *RESULTS))
    for row in rows:
        writer.writerow([lines[row["bet_id"]], *(harmless(row[name] or "") for name in RESULTS)])
