"""CSV: comma or semicolon, UTF-8, a row a line.

No field of ours holds a line break, so each line is read by itself: an open quote spoils its own
line and not the rest of the file.
"""

import csv
from collections.abc import Iterator
from typing import BinaryIO

from backoffice.files.columns import OF_TICKETS, OURS, Columns, columns_of
from backoffice.files.found import Row, UnreadableFile
from backoffice.files.lines import Line, lines_of

DELIMITERS = ",;"
MOST_IN_A_CELL = 131_072


class CsvTable:
    """A CSV file whose header has been read."""

    def __init__(self, file: BinaryIO, columns: Columns = OF_TICKETS) -> None:
        self.file = file
        file.seek(0)
        header = next(lines_of(file), None)
        if header is None:
            raise UnreadableFile("The file is empty: its first line has to name the columns.")
        if header.error or "\r" in header.text:
            why = header.error or "holds a line break inside: save the file with other line ends."
            raise UnreadableFile(f"Line {header.number} {why}")
        self.header_line = header.number
        try:
            self.delimiter = max(DELIMITERS, key=lambda one: known(header.text, one, columns))
            self.columns = columns_of(cells_of(header.text, self.delimiter), columns)
        except csv.Error as error:
            raise UnreadableFile(
                f"Line {header.number} {refusal(str(error), header.text)}"
            ) from error

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the header, each time from the start; empty rows are left out."""
        self.file.seek(0)
        for line in lines_of(self.file):
            if line.number > self.header_line:
                row = self._row(line)
                if row.error or any(cell.strip() for cell in row.cells):
                    yield row

    def _row(self, line: Line) -> Row:
        try:
            cells = cells_of(line.text, self.delimiter)
        except csv.Error as error:
            why = line.error or refusal(str(error), line.text)
            cells = self._readable(line.text)
            return Row(line.number, cells, why, self._sure(cells, line.text))
        width = len(self.columns)
        if any(cell.strip() for cell in cells[width:]):
            why = line.error or f"has {len(cells)} cells, and the header names {width} columns."
            return Row(line.number, cells, why, self._sure(cells, ""))
        if len(cells) < width and not line.ended:
            return Row(line.number, cells, "is cut off: the file ends in the middle of it.")
        return Row(line.number, cells, line.error)

    def _sure(self, cells: list[str], text: str) -> int:
        """Return how many cells of a broken line surely stand where they belong: its first."""
        sure = 1 + sum(column in OURS for column in self.columns[: len(OURS)])
        return 0 if len(cells) <= sure or text.lstrip().startswith('"') else sure

    def _readable(self, text: str) -> list[str]:
        """Return what cells can be made out in a broken line."""
        try:
            return cells_of(text, self.delimiter, strict=False)
        except csv.Error:
            return text.split(self.delimiter)


def cells_of(text: str, delimiter: str, *, strict: bool = True) -> list[str]:
    """Return a line's cells; blanks before a quote are passed over."""
    found = csv.reader([text], delimiter=delimiter, strict=strict, skipinitialspace=True)
    return next(found, [])


def known(header: str, delimiter: str, columns: Columns) -> int:
    """Return how many columns of ours a header names with this delimiter."""
    cells = cells_of(header, delimiter, strict=False)
    return sum(cell.strip().lower() in columns.known for cell in cells)


def refusal(error: str, text: str) -> str:
    """Say what is wrong with a line."""
    if error.startswith("field larger"):
        return f"has a cell with more than {MOST_IN_A_CELL:,} characters."
    if "\r" in text:
        return "holds a line break inside a cell."
    return "has a quote without its other one, or text after a closing quote."
