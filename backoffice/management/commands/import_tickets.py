"""manage.py import_tickets FILE: tickets as JSON lines, CSV or XLSX, each of them once."""

import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from backoffice.files import bringing
from backoffice.files.bringing import Imported
from backoffice.files.found import Found, UnreadableFile
from backoffice.files.opened import Format, Source, opened
from backoffice.files.refusals import Refusals, beside, refusals
from backoffice.models import User

PERMISSION = "settlement.place_ticket"
SHOWN = 10
INTERRUPTED = 130


class Command(BaseCommand):
    help = (
        "Bring tickets in: JSON lines, or CSV and XLSX with a selection a row. Run it again at "
        "will: what is there is not doubled. Refused rows go to a file of their own."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the file, or - for standard input (jsonl, csv)")
        parser.add_argument("--dry-run", action="store_true", help="check all, write nothing")
        parser.add_argument("--errors", type=Path, help="where refused rows go")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        parser.add_argument("--format", type=Format, choices=list(Format))
        parser.add_argument("--as", dest="user", metavar="USER", help="who brings them in")

    def handle(self, *args: Any, **options: Any) -> None:
        run = Run(self, options)
        try:
            with progress() as bar, opened(options["file"], options["format"]) as source:
                run.bring(source, bar)
        except UnreadableFile as error:
            raise CommandError(str(error), returncode=2) from None
        except KeyboardInterrupt:
            self.stderr.write(f"Interrupted. {run.how_far}")
            sys.exit(INTERRUPTED)
        except DatabaseError as error:
            raise CommandError(f"The database gave up: {error} {run.how_far}") from error
        except OSError as error:
            named = f"{error.filename or options['file']}: {error.strerror}."
            raise CommandError(f"{named} {run.how_far}", returncode=2) from None
        run.print()
        if run.into.refused:
            sys.exit(1)


class Run:
    """One run: who brings what in, and what has come of it so far."""

    def __init__(self, command: BaseCommand, options: dict[str, Any]) -> None:
        self.command = command
        self.options = options
        self.actor = actor_of(options["user"])
        self.started = time.monotonic()
        self.form: Format | None = None
        self.path: Path | None = None
        self.into = Imported()
        self.first: list[str] = []

    def bring(self, source: Source, bar: Progress) -> None:
        """Bring all tickets in, or see what would come of it."""
        self.form = source.form
        self.path = self._path(source)
        work = bringing.rolled_back if self.options["dry_run"] else bringing.for_good
        (task,) = bar.task_ids
        with ExitStack() as stack:
            bar.update(task, description="Bringing in", total=source.look_through())
            to = stack.enter_context(refusals(self.path, source)) if self.path else None

            def refuse(found: Found, error: str) -> None:
                self._refuse(found, error, to)

            found = source.tickets()
            for into in bringing.bring(found, actor=self.actor, work=work, refuse=refuse):
                self.into = into
                bar.update(task, completed=into.rows)

    def _path(self, source: Source) -> Path | None:
        """Return where refused rows go; never over the file itself."""
        name: str = self.options["file"]
        path: Path | None = self.options["errors"] or beside(name, source.form)
        if path and path.exists() and Path(name).exists() and path.samefile(name):
            raise UnreadableFile("--errors names the file itself.")
        return path

    def _refuse(self, found: Found, error: str, to: Refusals | None) -> None:
        """Write a refusal down; say it at once when there is no file for it."""
        said = " ".join(error.splitlines())
        if not said.startswith("line "):
            said = f"line {found.rows[0].line}: {said}"
        if to is None:
            self.command.stderr.write(said)
            return
        to.add(found, error)
        if len(self.first) < SHOWN:
            self.first.append(said)

    @property
    def how_far(self) -> str:
        """Say how far it came, and that nothing has to be done but to go on."""
        into = self.into
        if not into.rows:
            return "Nothing was taken in."
        if self.options["dry_run"]:
            return f"Lines up to {into.reached:,} were checked; nothing was written."
        return (
            f"All up to line {into.reached:,} is done: {into.created:,} tickets created, "
            f"{into.repeated:,} were there, {into.refused:,} refused. "
            "Run the same again to go on: nothing is doubled."
        )

    def print(self) -> None:
        """Print what came of the file."""
        for said in self.first:
            self.command.stderr.write(said)
        if self.first and (more := self.into.refused - len(self.first)):
            self.command.stderr.write(f"and {more:,} more")
        result = self._result()
        self.command.stdout.write(
            msgspec.json.encode(result).decode() if self.options["json"] else in_words(result)
        )

    def _result(self) -> dict[str, Any]:
        seconds = time.monotonic() - self.started
        return {
            "format": self.form,
            "dry_run": self.options["dry_run"],
            "rows": self.into.rows,
            "tickets": self.into.tickets,
            "created": self.into.created,
            "repeated": self.into.repeated,
            "refused": self.into.refused,
            "seconds": round(seconds, 3),
            "tickets_per_second": round(self.into.tickets / seconds),
            "errors": str(self.path) if self.path and self.into.refused else None,
        }


def in_words(result: dict[str, Any]) -> str:
    """Return the result for people."""
    said = (
        "{rows:,} rows, {tickets:,} tickets: {created:,} created, {repeated:,} were there, "
        "{refused:,} refused; {seconds:.1f} s, {tickets_per_second:,} tickets/s."
    ).format(**result)
    if result["dry_run"]:
        said = (
            f"Nothing was written. {said} Balances were checked thousand by thousand: each "
            "thousand found them as they stand now."
        )
    errors = result["errors"]
    return f"{said} The refused rows, with their errors: {errors}" if errors else said


def actor_of(name: str | None) -> str:
    """Return who brings the tickets in; somebody who is named has to be allowed to."""
    if name is None:
        return "import:tickets"
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise CommandError(f"There is no active user “{name}”.", returncode=2)
    if not user.has_perm(PERMISSION):
        raise CommandError(f"{name} may not bring tickets in ({PERMISSION}).", returncode=2)
    return f"user:{user.get_username()}"


@contextmanager
def progress() -> Iterator[Progress]:
    """Show how far it is, on a terminal only."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal
    ) as bar:
        bar.add_task("Looking through", total=None)
        yield bar
