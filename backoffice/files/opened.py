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
    """Read what a file says of itself. A table is read twice, so one from a pipe is kept."""
    with tempfile.TemporaryFile() as scratch:
        match form:
            case Format.JSONL:
                yield Source(file, form, None)
            case Format.XLSX:
                yield Source(file, form, XlsxTable(file, scratch, most_unpacked))
            case Format.CSV if file.seekable():
                yield Source(file, form, CsvTable(file))
            case Format.CSV:
                shutil.copyfileobj(file, scratch)
                yield Source(scratch, form, CsvTable(scratch))


@contextmanager
def opened(name: str, form: Format | None = None) -> Iterator[Source]:
    """Open the file that was named; - is standard input."""
    with cast("BufferedReader", sys.stdin.buffer) if name == "-" else Path(name).open("rb") as file:
        start = file.peek(4)
        if start.startswith(UTF_16):
            raise UnreadableFile("The file is UTF-16: save it as UTF-8.")
        form = form or format_of(name, start)
        if form is Format.XLSX and not file.seekable():
            raise UnreadableFile("XLSX can't come through a pipe: name the file.")
        with source_of(file, form) as source:
            yield source


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
