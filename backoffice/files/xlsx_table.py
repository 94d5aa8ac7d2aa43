"""XLSX: the first sheet, read once into a scratch file, for reading it is slow.

Its texts are held in memory meanwhile, so how large they may be is limited.
"""

import warnings
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile

import msgspec
import openpyxl

from backoffice.files import cells
from backoffice.files.columns import OF_TICKETS, Columns, columns_of
from backoffice.files.found import Row, UnreadableFile

MOST_UNPACKED = 2**30
MOST_TEXTS = 2**27
TEXTS = "sharedStrings.xml"

# A cell's value with its kind.
Value = tuple[object, str]


class XlsxTable:
    """A sheet under its header. What is refused of it is given back as CSV."""

    delimiter = ","
    decoder = msgspec.json.Decoder(Row)

    def __init__(
        self,
        file: BinaryIO,
        scratch: BinaryIO,
        most_unpacked: int,
        columns: Columns = OF_TICKETS,
    ) -> None:
        refuse_bombs(file, most_unpacked)
        self.scratch = scratch
        with closing(filled_rows(file)) as rows:
            _, header = next(rows, (0, []))
            if not header:
                raise UnreadableFile(
                    "The first sheet is empty: its first row has to name the columns."
                )
            names = [str(v) if v is not None else "" for v, _ in header]
            self.columns = columns_of(names, columns)
            for number, values in rows:
                scratch.write(msgspec.json.encode(self._row(number, values)) + b"\n")

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the header, each time from the start."""
        self.scratch.seek(0)
        for line in self.scratch:
            yield self.decoder.decode(line)

    def _row(self, number: int, values: Iterable[Value]) -> Row:
        """Return a row; cells beside the header are not looked at."""
        texts, error = [], ""
        for column, (value, kind) in zip(self.columns, values, strict=False):
            text, wrong = cells.read(value, kind, column)
            texts.append(text)
            error = error or (f"{column}: {wrong}" if wrong else "")
        return Row(number, texts, error)


def filled_rows(file: BinaryIO) -> Generator[tuple[int, list[Value]]]:
    """Yield the rows that hold anything, with their numbers."""
    with said_plainly(), first_sheet(file) as sheet:
        for number, row in enumerate(sheet.iter_rows(), start=1):
            values = [(cell.value, str(cell.data_type)) for cell in row]
            if any(value is not None for value, _ in values):
                yield number, values


@contextmanager
def first_sheet(file: BinaryIO) -> Iterator[Any]:
    """Open the workbook; forget what it says of its size, which may be too little."""
    file.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Its styles and pictures are none of our business.
        book: Any = openpyxl.load_workbook(file, read_only=True, keep_links=False)
    with closing(book):
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        yield sheet


@contextmanager
def said_plainly() -> Iterator[None]:
    """Turn what the reader stumbles over, which may be anything, into a sentence."""
    try:
        yield
    except Exception as error:
        raise UnreadableFile(f"The file can't be read as XLSX: {error}.") from error


def refuse_bombs(file: BinaryIO, most: int) -> None:
    """Refuse what is no workbook, and what unpacks to more than anybody typed."""
    file.seek(0)
    try:
        with ZipFile(file) as archive:
            parts = archive.infolist()
    except (BadZipFile, RuntimeError):
        raise UnreadableFile("The file is not XLSX, or it is protected by a password.") from None
    refuse_above(most, [part.file_size for part in parts])
    refuse_above(MOST_TEXTS, [part.file_size for part in parts if part.filename.endswith(TEXTS)])


def refuse_above(most: int, sizes: Iterable[int]) -> None:
    """Refuse parts that are too large together."""
    if (unpacked := sum(sizes)) > most:
        raise UnreadableFile(
            f"The file unpacks to {unpacked:,} bytes; at most {most:,} are read. "
            "Save it as CSV, or in parts."
        )
