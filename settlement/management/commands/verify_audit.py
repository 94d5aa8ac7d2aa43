"""manage.py verify_audit: is every sealed row as it was sealed? exit 1 when one is not."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from settlement.audit import verifying
from settlement.audit.findings import Head, Verdict


class SavedHead(msgspec.Struct, forbid_unknown_fields=True):
    """A head as it stands in a file."""

    seal: int
    chain: str
    signature: str


class Command(BaseCommand):
    help = "Compute all seals anew; name the first row or seal that is not as it was."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--head", type=Path, metavar="FILE", help="compare with a saved head")
        parser.add_argument(
            "--save-head", type=Path, metavar="FILE", help="save the head, when all is well"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, head: Path | None, save_head: Path | None, **options: Any) -> None:
        saved = read_head(head) if head else None
        with progress() as bar:
            (task,) = bar.task_ids
            bar.update(task, total=verifying.last_seal())
            verdict = verifying.verify(
                saved=saved, progress=lambda number: bar.update(task, completed=number)
            )
        self.stdout.write(as_json(verdict) if options["json"] else as_text(verdict))
        if verdict.finding:
            sys.exit(1)
        if save_head:
            write_head(save_head, verdict.head)


def read_head(file: Path) -> Head:
    """Return the head that a file holds."""
    try:
        saved = msgspec.json.decode(file.read_bytes(), type=SavedHead)
        return Head(saved.seal, bytes.fromhex(saved.chain), bytes.fromhex(saved.signature))
    except (OSError, ValueError) as error:
        raise CommandError(f"{file} holds no head: {error}", returncode=2) from error


def write_head(file: Path, head: Head | None) -> None:
    """Save the head in a file."""
    if head is None:
        raise CommandError("There is no seal yet, so there is no head to save.")
    try:
        file.write_bytes(msgspec.json.encode(for_a_file(head)) + b"\n")
    except OSError as error:
        raise CommandError(f"{file} can't be written: {error.strerror}.", returncode=2) from error


def for_a_file(head: Head) -> SavedHead:
    """Return a head in words."""
    return SavedHead(head.number, head.chain.hex(), head.signature.hex())


def as_json(verdict: Verdict) -> str:
    """Return a verdict for programs."""
    finding = verdict.finding
    said = {
        "ok": finding is None,
        "seals": verdict.seals,
        "rows": verdict.rows,
        "waiting": verdict.waiting,
        "restored": verdict.restored,
        "head": for_a_file(verdict.head) if verdict.head else None,
        "finding": finding
        and {
            "fault": finding.fault,
            "seal": finding.seal,
            "table": finding.table,
            "id": finding.id,
            "sentence": finding.sentence,
        },
    }
    return msgspec.json.encode(said).decode()


def as_text(verdict: Verdict) -> str:
    """Return a verdict for people."""
    if verdict.finding:
        return f"✗ {verdict.finding.sentence}"
    lines = [f"✓ {verdict.rows:,} rows under {verdict.seals:,} seals are as they were sealed."]
    if verdict.waiting:
        lines.append(f"  {verdict.waiting:,} later ones wait for their seal.")
    if verdict.restored:
        names = ", ".join(verdict.restored)
        lines.append(
            f"  Restored, and not sealed here yet; rows added since can't be told: {names}"
        )
    if verdict.head:
        lines.append(f"  Head: seal {verdict.head.number} {verdict.head.chain.hex()}")
    return "\n".join(lines)


@contextmanager
def progress() -> Iterator[Progress]:
    """Show how far it is, on a terminal only."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal
    ) as bar:
        bar.add_task("Looking at the seals", total=None)
        yield bar
