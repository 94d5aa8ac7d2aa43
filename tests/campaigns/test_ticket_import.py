"""A hundred thousand rows with two hundred broken ones: `make campaign NAME=ticket_import`."""

import collections
import contextlib
import itertools
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import psutil

from settlement.models import Ticket
from tests import databases
from tests.backoffice.test_ticket_files import BROKEN, row, rows_of, text_file
from tests.factories import FundedPlayer
from wallet.invariants import TRUTHS
from wallet.models import Transfer

ROWS, BROKEN_ROWS, PLAYERS, EVENTS = 100_000, 200, 1_000, 5_000


def lines_of_a_day() -> tuple[list[str], int]:
    """Return the rows, and how many of their tickets are good."""
    kinds = itertools.cycle(make for make, _ in BROKEN.values())
    lines: list[str] = []
    broken = good = 0
    while len(lines) < ROWS:
        if broken < BROKEN_ROWS and len(lines) >= broken * ROWS // BROKEN_ROWS:
            bad = next(kinds)(f"B-{broken}")
            if broken + len(bad) <= BROKEN_ROWS:
                lines += bad
                broken += len(bad)
        else:
            lines += good_bet(len(lines))
            good += 1
    return lines, good


def good_bet(number: int) -> list[str]:
    """Return a bet's rows: a third of them are doubles, but the last."""
    legs = 2 if number % 3 == 0 and number + 2 <= ROWS else 1
    words = {"player": f"P{number % PLAYERS}", "kind": "double" if legs == 2 else "single"}
    return [
        row(f"{number:030d}", event=f"sr:match:{(number + leg) % EVENTS}", **words)
        for leg in range(legs)
    ]


def run(path: Path, database: str) -> tuple[dict[str, object], float]:
    """Import the file in a process of its own; return what it says, and its peak in MiB."""
    with subprocess.Popen(
        [sys.executable, "manage.py", "import_tickets", str(path), "--json"],
        env=databases.environment(database),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        watched, peak = psutil.Process(child.pid), 0
        while child.poll() is None:
            with contextlib.suppress(psutil.Error):
                peak = max(peak, watched.memory_info().rss)
            time.sleep(0.05)
        said = child.communicate()[0]
    assert child.returncode == 1
    return json.loads(said), peak / 2**20


def test_a_large_file_with_faults(own_database: str, tmp_path: Path) -> None:
    FundedPlayer.create(external_id="P-poor")
    FundedPlayer.create(external_id="P-blocked", status="BLOCKED")
    FundedPlayer.create("1000.00", external_id="P-1")
    for number in range(PLAYERS):
        FundedPlayer.create("1000.00", external_id=f"P{number}")
    lines, good = lines_of_a_day()
    path = text_file(tmp_path / "day.csv", lines)

    first, peak = run(path, own_database)
    refused = rows_of(tmp_path / "day.errors.csv")
    stakes = Transfer.objects.filter(kind="STAKE").count()
    second, second_peak = run(path, own_database)

    assert (first["rows"], first["created"], first["repeated"]) == (ROWS, good, 0)
    assert (len(refused), stakes, Ticket.objects.count()) == (BROKEN_ROWS, good, good)
    assert (second["created"], second["repeated"]) == (0, good)
    assert second["refused"] == first["refused"]
    assert Transfer.objects.filter(kind="STAKE").count() == stakes
    for truth in TRUTHS:
        assert truth.find() == [], truth.name
    tell(path, first, peak, refused)
    print(f"Again: {second['seconds']} s, {second_peak:.0f} MiB; all there, nothing doubled.")


def tell(path: Path, said: dict[str, object], peak: float, refused: list[dict[str, str]]) -> None:
    """Print what came of the file."""
    size = path.stat().st_size / 2**20
    print(
        f"\n{said['rows']:,} rows ({size:.1f} MiB), {said['tickets']:,} tickets: "
        f"{said['created']:,} created, {said['refused']} refused in {said['seconds']} s "
        f"({said['tickets_per_second']:,} tickets/s), peak {peak:.0f} MiB."
    )
    named = collections.Counter(kind_of(found["error"]) for found in refused)
    for kind, count in sorted(named.items()):
        print(f"  {count:4}  {kind}")


def kind_of(error: str) -> str:
    """Return which of the kinds of faults a sentence tells of."""
    for kind, (_, sentence) in BROKEN.items():
        if all(part in error for part in re.split(r"\{[ab]\}", sentence)):
            return f"{kind}: {sentence.format(a='…', b='…')}"
    raise AssertionError(error)
