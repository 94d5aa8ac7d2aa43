"""A file opened by its name or by what it begins with, whatever its format."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from backoffice.files import bets, json_lines
from backoffice.files.columns import OF_TICKETS, Columns
from backoffice.files.csv_table import CsvTable
from backoffice.files.found import Found, Row, UnreadableFile
from backoffice.files.scattered import Scattered, scattered_in
from backoffice.files.xlsx_table import MOST_UNPACKED, XlsxTable


class Format(StrEnum):
    """What a file may be."""

    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"


ENDINGS = {
    ".jsonl": Format.JSONL, ".ndjson": Format.JSONL, ".csv": Format.CSV, ".xlsx": Format.XLSX,
}  # fmt: skip
STARTS = ((b"{", Format.JSONL), (b"[", Format.JSONL), (b"PK\x03\x04", Format.XLSX))
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class Table(Protocol):
    """CSV or XLSX."""

    columns: list[str]
    delimiter: str

    def rows(self) -> Iterator[Row]: ...


class Source:
    """The tickets of a file. A table is looked through once before any of its tickets is given."""

    def __init__(self, file: BinaryIO, form: Format, table: Table | None) -> None:
        self.file = file
        self.form = form
        self.table = table
        self.scattered = Scattered()

    def look_through(self) -> int | None:
        """Read a table to its end for the bets that lie scattered; return how many rows it has."""
        if self.table is not None:
            rows = bets.bets_in(self.table.rows(), self.table.columns)
            self.scattered, count = scattered_in(rows)
            return count
        return json_lines.line_count(self.file) if self.file.seekable() else None

    def tickets(self) -> Iterator[Found]:
        """Yield what stands in the file."""
        if self.table is None:
            return json_lines.tickets_in(self.file)
        rows = bets.bets_in(self.table.rows(), self.table.columns)
        return bets.tickets_in(rows, self.scattered)


@contextmanager
def source_of(file: BinaryIO, form: Format, most_unpacked: int = MOST_UNPACKED) -> Iterator[Source]:
    """Read what a file of tickets says of itself."""
    with table_of(file, form, OF_TICKETS, most_unpacked) as table:
        yield Source(file, form, table)


@contextmanager
def table_of(
    file: BinaryIO, form: Format, columns: Columns, most_unpacked: int = MOST_UNPACKED
) -> Iterator[CsvTable | XlsxTable | None]:
    """Read a table's header; JSON lines are none. A table is read twice: from a pipe it is kept."""
    with tempfile.TemporaryFile() as scratch:
        match form:
            case Format.JSONL:
                yield None
            case Format.XLSX:
                yield XlsxTable(file, scratch, most_unpacked, columns)
            case Format.CSV if file.seekable():
                yield CsvTable(file, columns)
            case Format.CSV:
                shutil.copyfileobj(file, scratch)
                yield CsvTable(scratch, columns)


@contextmanager
def opened(name: str, form: Format | None = None) -> Iterator[Source]:
    """Open the file of tickets that was named; - is standard input."""
    with opened_file(name, form) as (file, known), source_of(file, known) as source:
        yield source


@contextmanager
def opened_file(name: str, form: Format | None = None) -> Iterator[tuple[BinaryIO, Format]]:
    """Open the file that was named, and tell its format; - is standard input."""
    with cast("BufferedReader", sys.stdin.buffer) if name == "-" else Path(name).open("rb") as file:
        start = file.peek(4)
        if start.startswith(UTF_16):
            raise UnreadableFile("The file is UTF-16: save it as UTF-8.")
        form = form or format_of(name, start)
        if form is Format.XLSX and not file.seekable():
            raise UnreadableFile("XLSX can't come through a pipe: name the file.")
        yield file, form


def format_of(name: str, start: bytes) -> Format:
    """Tell the format by the name's ending, else by how the file begins."""
    if form := ENDINGS.get(Path(name).suffix.lower()):
        return form
    for sign, form in STARTS:
        if start.lstrip().removeprefix(b"\xef\xbb\xbf").startswith(sign):
            return form
    if name == "-":
        return Format.CSV
    raise UnreadableFile(f"{name} does not say what it is: add --format jsonl, csv or xlsx.")
