"""Our files as the formats that import-export's pages offer."""

import io
from typing import Any

from import_export.formats.base_formats import CSV, XLSX
from import_export.formats.base_formats import Format as AnyFormat

from backoffice.files import exporting
from backoffice.files.found import Found, UnreadableFile
from backoffice.files.opened import Format, source_of

MOST_ROWS = 10_000
MOST_BYTES = 10 * 2**20
MOST_UNPACKED = 64 * 2**20


class TicketFile(AnyFormat):  # type: ignore[misc]
    """A file of tickets. What import-export calls a dataset are the tickets that were found."""

    form: Format

    def __init__(self, encoding: str | None = None) -> None:
        """Take an encoding, as import-export gives one, and need none."""

    def get_title(self) -> str:
        return self.form.value

    def get_extension(self) -> str:
        return self.form.value

    def can_import(self) -> bool:
        return True

    def create_dataset(self, in_stream: bytes | None) -> list[Found]:
        """Return what stands in the file; refuse more rows than one transaction should hold."""
        if in_stream is None:
            raise UnreadableFile(
                "This preview is gone: it was confirmed already, or it is older than an hour. "
                "Choose the file again."
            )
        with source_of(io.BytesIO(in_stream), self.form, MOST_UNPACKED) as source:
            if (source.look_through() or 0) > MOST_ROWS:
                raise UnreadableFile(
                    f"The file has more than {MOST_ROWS:,} rows: bring it in on the server with "
                    "manage.py import_tickets."
                )
            return list(source.tickets())


class CsvFile(TicketFile):
    """Comma or semicolon."""

    form = Format.CSV

    def get_content_type(self) -> str:
        return str(CSV.CONTENT_TYPE)

    def can_export(self) -> bool:
        return True

    def export_data(self, dataset: exporting.Rows, **_: Any) -> bytes:
        return exporting.as_csv(dataset)


class XlsxFile(TicketFile):
    """The first sheet."""

    form = Format.XLSX

    def get_content_type(self) -> str:
        return str(XLSX.CONTENT_TYPE)

    def can_export(self) -> bool:
        return True

    def export_data(self, dataset: exporting.Rows, **_: Any) -> bytes:
        return exporting.as_xlsx(dataset)


class JsonLinesFile(TicketFile):
    """A ticket a line; only a way in."""

    form = Format.JSONL
