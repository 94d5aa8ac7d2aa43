"""Refused rows beside their file, each with its error: mend them and bring that file in."""

import csv
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

import msgspec

from backoffice.files.columns import OURS
from backoffice.files.found import Found
from backoffice.files.opened import Format, Source

MOST_SHOWN = 1000
BOM = "\ufeff"


class Refusals(Protocol):
    """Somewhere to write a refused ticket."""

    def add(self, found: Found, error: str) -> None: ...


class RefusedLines:
    """A JSON object a line, with the ticket as it came."""

    begins = '{"line":'

    def __init__(self, file: IO[str]) -> None:
        self.file = file

    def add(self, found: Found, error: str) -> None:
        """Write one refusal."""
        (row,) = found.rows
        said = {"line": row.line, "bet_id": found.bet_id, "error": error}
        if found.ticket is not None:
            kept = row.cells[0].strip()
            written = msgspec.json.encode(said).decode()
            self.file.write(f'{written[:-1]},"ticket":{ticket_text(kept)}}}\n')
            return
        text = row.cells[0].encode(errors="surrogateescape").decode(errors="replace")
        self.file.write(msgspec.json.encode(said | {"text": text[:MOST_SHOWN]}).decode() + "\n")


def ticket_text(line: str) -> str:
    """Return the ticket as it was written, also when the line is a refusal of ours."""
    whole = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    return bytes(whole["ticket"]).decode() if "ticket" in whole else line


class RefusedRows:
    """CSV: our two columns, then the row's own cells."""

    begins = BOM + OURS[0]

    def __init__(self, file: IO[str], columns: Sequence[str], delimiter: str) -> None:
        self.kept = [n for n, name in enumerate(columns) if name not in OURS]
        self.width = len(columns)
        self.writer = csv.writer(file, delimiter=delimiter)
        file.write(BOM)
        self.writer.writerow([*OURS, *(columns[n] for n in self.kept)])

    def add(self, found: Found, error: str) -> None:
        """Write all rows of a refused bet."""
        error = " ".join(error.splitlines())
        for row in found.rows:
            cells = [row.cells[n] for n in self.kept if n < len(row.cells)]
            self.writer.writerow([row.line, error, *cells, *row.cells[self.width :]])


@contextmanager
def refusals(path: Path, source: Source) -> Iterator[Refusals]:
    """Write refusals to a file that is there at the end only when there are any."""
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        to = writer(file, source)
        start = file.tell()
        try:
            yield to
        finally:
            empty = file.tell() == start
            file.close()
            if empty:
                part.unlink()
                remove_earlier(path, to.begins)
            else:
                os.replace(part, path)


def writer(file: IO[str], source: Source) -> RefusedLines | RefusedRows:
    """Return what writes refusals of this format."""
    if source.table is None:
        return RefusedLines(file)
    return RefusedRows(file, source.table.columns, source.table.delimiter)


def remove_earlier(path: Path, begins: str) -> None:
    """Remove the refusals of an earlier run, and nothing else."""
    try:
        with path.open("rb") as file:
            ours = file.read(len(begins.encode())) == begins.encode()
    except FileNotFoundError:
        return
    if ours:
        path.unlink()


def beside(name: str, form: Format) -> Path | None:
    """Return where the refusals of a file go when nobody says; nowhere for what is no file."""
    path = Path(name)
    if not path.is_file():
        return None
    return path.with_suffix(".errors.jsonl" if form is Format.JSONL else ".errors.csv")
