"""How tickets ended, from a file that somebody uploads: read as every other way in reads it."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from unfold.widgets import UnfoldAdminTextInputWidget

from backoffice.files.formats import MOST_BYTES, MOST_UNPACKED
from backoffice.files.found import UnreadableFile
from backoffice.files.opened import UTF_16, format_of
from backoffice.files.settlements import read_settlements
from settlement.vocabulary import ActKind

ENDINGS = ".csv,.xlsx,.jsonl"


def file_field() -> forms.FileField:
    """Return the field for a file of settlements."""
    look = UnfoldAdminTextInputWidget().attrs["class"]
    return forms.FileField(
        required=False,
        label="File",
        widget=forms.FileInput(attrs={"accept": ENDINGS, "class": look}),
        help_text="CSV, XLSX or JSON lines, a ticket or a leg a row: bet_id, and for Settle and "
        "Resettle result, payout or leg, which says how each ended.",
    )


def tickets_in(file: "UploadedFile[bytes]", act: ActKind) -> list[dict[str, Any]]:
    """Return what a file says of tickets; refuse it with all that is wrong."""
    if (file.size or 0) > MOST_BYTES:
        raise UnreadableFile(
            f"The file is larger than {MOST_BYTES // 2**20} MiB: bring it in on the server with "
            "manage.py import_settlements."
        )
    start = file.read(4)
    file.seek(0)
    if start.startswith(UTF_16):
        raise UnreadableFile("The file is UTF-16: save it as UTF-8.")
    form = format_of(file.name or "", start)
    found = read_settlements(file, form, act=act, most_unpacked=MOST_UNPACKED)  # type: ignore[arg-type]
    return found.tickets
