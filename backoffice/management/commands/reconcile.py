"""manage.py reconcile: look at every truth; exit 1 when one is broken."""

import sys
from argparse import ArgumentParser
from decimal import Decimal
from typing import Any

import msgspec
from django.core.management.base import BaseCommand
from django.db import DatabaseError

from backoffice import truths
from backoffice.truths import Finding
from settlement.audit import sealing
from wallet.invariants import Row


class Command(BaseCommand):
    help = "Look at every truth of the books and name the rows that break one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="a JSON object a line")
        parser.add_argument("--rows", type=int, default=100, help="name at most so many rows each")

    def handle(self, *args: Any, **options: Any) -> None:
        self._seal()
        findings = truths.check()
        for finding in findings:
            rows = finding.rows[: options["rows"]]
            self.stdout.write(as_json(finding, rows) if options["json"] else as_text(finding, rows))
        if any(finding.rows for finding in findings):
            sys.exit(1)

    def _seal(self) -> None:
        """Seal what no worker has sealed yet: where only commands run, nobody else does."""
        try:
            sealing.seal_all()
        except (sealing.ForeignSeal, DatabaseError) as error:
            self.stderr.write(f"What waits for its seal can't be sealed: {error}")


def as_json(finding: Finding, rows: list[Row]) -> str:
    """Return a finding for programs."""
    said = {
        "truth": finding.truth,
        "name": finding.name,
        "count": len(finding.rows),
        "rows": rows,
    }
    return msgspec.json.encode(said, enc_hook=plain).decode()


def as_text(finding: Finding, rows: list[Row]) -> str:
    """Return a finding for people."""
    count = len(finding.rows)
    head = f"{'✗' if count else '✓'} {finding.truth}  {finding.name}"
    if not count:
        return head
    lines = ["    " + ", ".join(f"{name} {value}" for name, value in row.items()) for row in rows]
    more = [f"    and {count - len(rows)} more"] if count > len(rows) else []
    return "\n".join([f"{head}: {count} row{'s' if count > 1 else ''}", *lines, *more])


def plain(value: object) -> object:
    """Return what JSON can hold."""
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value).__name__)
