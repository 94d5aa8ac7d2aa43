"""Tickets from files and to files at the desk: import-export's pages over our own services."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.timezone import now
from import_export.admin import ImportExportMixin
from import_export.fields import Field
from import_export.forms import ConfirmImportForm
from import_export.resources import Resource
from import_export.results import Error, Result, RowResult
from import_export.tmp_storages import CacheStorage
from psycopg.errors import DeadlockDetected
from unfold.contrib.import_export.forms import ExportForm, ImportForm

from backoffice.admin.statements import harmless
from backoffice.files import exporting
from backoffice.files.bringing import told
from backoffice.files.columns import COLUMNS
from backoffice.files.formats import (
    MOST_BYTES,
    MOST_ROWS,
    CsvFile,
    JsonLinesFile,
    TicketFile,
    XlsxFile,
)
from backoffice.files.found import Found, UnreadableFile
from backoffice.intake import Answer, bring_in
from backoffice.models import User
from settlement.models import Ticket

MOST_SHOWN = 200
BUSY = (
    "Somebody else was working on the same players or markets. Nothing was changed: choose the "
    "file again."
)


class TicketRow(RowResult):  # type: ignore[misc]
    """What became of one ticket of the file."""

    def __init__(self, found: Found, answer: Answer | None, error: str) -> None:
        super().__init__()
        self.line = found.rows[0].line
        if error:
            self.import_type = RowResult.IMPORT_TYPE_ERROR
            self.errors = [Error(error)]
            return
        created = answer is not None and answer.status == "created"
        self.import_type = RowResult.IMPORT_TYPE_NEW if created else RowResult.IMPORT_TYPE_SKIP
        self.diff = [self.line, *cells_of(found)]


def cells_of(found: Found) -> list[str]:
    """Return what the preview shows of a ticket."""
    ticket = found.ticket or {}
    named = [
        str(ticket.get(name, "")) for name in ("bet_id", "player", "stake", "currency", "kind")
    ]
    return [*named, str(len(ticket.get("selections", ())))]


class TicketResult(Result):  # type: ignore[misc]
    """What became of a file. Pages show its first rows; its totals count all."""

    def __init__(self) -> None:
        super().__init__()
        self.diff_headers = ["line", "bet", "player", "stake", "currency", "kind", "selections"]

    def add(self, row: TicketRow) -> None:
        """Add one ticket."""
        self.append_row_result(row)
        self.increment_row_result_total(row)

    @property
    def counted(self) -> dict[str, int]:
        """How many tickets are new, were there, are refused."""
        kinds = {
            "created": RowResult.IMPORT_TYPE_NEW,
            "repeated": RowResult.IMPORT_TYPE_SKIP,
            "refused": RowResult.IMPORT_TYPE_ERROR,
        }
        return {word: self.totals[kind] for word, kind in kinds.items()}

    def has_errors(self) -> bool:
        return bool(self.totals[RowResult.IMPORT_TYPE_ERROR])

    def row_errors(self) -> list[tuple[int, list[Error]]]:
        """Return the first errors with the lines that they stand in."""
        return [(row.line, row.errors) for row in self.rows if row.errors][:MOST_SHOWN]

    def valid_rows(self) -> list[TicketRow]:
        return [row for row in self.rows if row.is_valid()][:MOST_SHOWN]


class TicketResource(Resource):  # type: ignore[misc]
    """Tickets in and out. It writes no model: `bring_in` does, as for every other way in."""

    @classmethod
    def get_display_name(cls) -> str:
        return "Tickets"

    def import_data(
        self,
        dataset: Sequence[Found],
        dry_run: bool = False,
        *,
        user: User,
        file_name: str = "",
        **_: Any,
    ) -> TicketResult:
        """Bring all tickets in, or none: when one is refused, and for a preview, all is undone."""
        with transaction.atomic():
            result = brought_in(dataset, f"user:{user.get_username()}")
            if dry_run or result.has_errors():
                transaction.set_rollback(True)
            else:
                log_import(user, file_name, result)
        return result


class TicketsIn(TicketResource):
    """The columns of an import."""

    def get_user_visible_fields(self) -> list[Field]:
        return [Field(column_name=name) for name in COLUMNS]


class TicketsOut(TicketResource):
    """The columns of an export."""

    def get_user_visible_fields(self) -> list[Field]:
        return [Field(column_name=name) for name in exporting.HEADER]


def brought_in(found: Sequence[Found], actor: str) -> TicketResult:
    """Bring in what can be, and say what became of each."""
    result = TicketResult()
    answers = bring_in(tickets=[one.ticket for one in found if one.ticket is not None], actor=actor)
    left = iter(answers)
    for one, error in zip(found, told(found, answers), strict=True):
        result.add(TicketRow(one, None if one.ticket is None else next(left), error))
    return result


def log_import(user: User, file_name: str, result: TicketResult) -> None:
    """Write down who brought which file."""
    LogEntry.objects.create(
        user_id=user.pk,
        content_type=ContentType.objects.get_for_model(Ticket),
        object_repr=file_name[:200],
        action_flag=ADDITION,
        change_message=in_words(result),
    )


def in_words(result: TicketResult) -> str:
    """Say what an import did."""
    counted = result.counted
    noun = "ticket" if counted["created"] == 1 else "tickets"
    again = f" {counted['repeated']:,} were there already." if counted["repeated"] else ""
    return f"Brought in {counted['created']:,} {noun}.{again}"


class TicketsInForm(ImportForm):  # type: ignore[misc]
    """Which file to bring in."""

    def clean_import_file(self) -> "UploadedFile[bytes]":
        """Refuse a file that is too large for a page."""
        given: UploadedFile[bytes] = self.cleaned_data["import_file"]
        if (given.size or 0) > MOST_BYTES:
            raise forms.ValidationError(
                f"The file is larger than {MOST_BYTES // 2**20} MiB: bring it in on the server "
                "with manage.py import_tickets."
            )
        return given


class ConfirmForm(ConfirmImportForm):  # type: ignore[misc]
    """What the preview hands on, checked again: anybody may post anything."""

    def clean_import_file_name(self) -> str:
        name = str(self.cleaned_data["import_file_name"])
        if not re.fullmatch("[0-9a-f]{32}", name):
            raise forms.ValidationError("This is no preview of ours.")
        return name

    def clean_format(self) -> str:
        given = str(self.cleaned_data["format"])
        if given not in map(str, range(len(TicketFilesMixin.WAYS_IN))):
            raise forms.ValidationError("This is no format of ours.")
        return given


class PreviewStorage(CacheStorage):  # type: ignore[misc]
    """Where a previewed file waits for its confirmation, for every web process to find."""

    CACHE_LIFETIME = 3600


class TicketFilesMixin(ImportExportMixin):  # type: ignore[misc]
    """Import with preview, and export of the filtered list, for the tickets' page.

    Import-export's way is all or nothing: while a row has an error, nothing is imported.
    """

    WAYS_IN: tuple[type[TicketFile], ...] = (CsvFile, XlsxFile, JsonLinesFile)
    WAYS_OUT: tuple[type[TicketFile], ...] = (CsvFile, XlsxFile)
    import_template_name = "admin/import_export/import_tickets.html"
    import_form_class = TicketsInForm
    confirm_form_class = ConfirmForm
    export_form_class = ExportForm
    tmp_storage_class = PreviewStorage
    skip_admin_log = True  # One entry for each file is written with its tickets.

    def has_import_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("settlement.place_ticket")

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("settlement.export_ticket")

    def get_import_formats(self) -> list[type[TicketFile]]:
        return list(self.WAYS_IN)

    def get_export_formats(self) -> list[type[TicketFile]]:
        return list(self.WAYS_OUT)

    def get_import_resource_classes(self, request: HttpRequest) -> list[type[TicketResource]]:
        return [TicketsIn]

    def get_export_resource_classes(self, request: HttpRequest) -> list[type[TicketResource]]:
        return [TicketsOut]

    def choose_import_resource_class(
        self, form: forms.Form, request: HttpRequest
    ) -> type[TicketResource]:
        return TicketsIn

    def get_import_context_data(self, **_: Any) -> dict[str, Any]:
        return {"most_rows": MOST_ROWS, "most_shown": MOST_SHOWN}

    def add_data_read_fail_error_to_form(self, form: forms.Form, e: Exception) -> None:
        """Say why a file can't be read; anything else is a bug."""
        if not isinstance(e, UnreadableFile):
            raise e
        form.add_error("import_file", str(e))

    def import_action(self, request: HttpRequest, **words: Any) -> HttpResponseBase:
        """Show what a file would do."""
        try:
            return super().import_action(request, **words)  # type: ignore[no-any-return]
        except OperationalError as error:
            return self._again(request, error)

    def process_import(self, request: HttpRequest, **words: Any) -> HttpResponseBase:
        """Do what the preview showed."""
        try:
            return super().process_import(request, **words)  # type: ignore[no-any-return]
        except (OperationalError, UnreadableFile) as error:
            return self._again(request, error)

    def _again(self, request: HttpRequest, error: Exception) -> HttpResponse:
        if isinstance(error, OperationalError) and not isinstance(
            error.__cause__, DeadlockDetected
        ):
            raise error
        messages.error(request, BUSY if isinstance(error, OperationalError) else str(error))
        return redirect("admin:settlement_ticket_import")

    def process_result(self, result: TicketResult, request: HttpRequest) -> HttpResponseBase:
        """Say what was done, or show what has changed since the preview and hinders it."""
        if not result.has_errors():
            return super().process_result(result, request)  # type: ignore[no-any-return]
        context = self.admin_site.each_context(request) | self.get_import_context_data()
        form = self.import_form_class(self.get_import_formats(), [TicketsIn])
        context |= {
            "title": "Import",
            "form": form,
            "opts": self.model._meta,
            "media": self.media + form.media,
            "fields_list": [("Tickets", list(COLUMNS))],
            "result": result,
            "import_error_display": self.import_error_display,
        }
        return TemplateResponse(request, [self.import_template_name], context)

    def add_success_message(self, result: TicketResult, request: HttpRequest) -> None:
        messages.success(request, in_words(result))

    def export_action(self, request: HttpRequest) -> HttpResponseBase:
        """Export the list as it is narrowed; an address that narrows it oddly shows the list."""
        try:
            return super().export_action(request)  # type: ignore[no-any-return]
        except IncorrectLookupParameters:
            messages.error(request, "This list can't be narrowed like that. Nothing was exported.")
            return redirect("admin:settlement_ticket_changelist")

    def get_export_data(
        self, file_format: TicketFile, request: HttpRequest, queryset: "QuerySet[Ticket]", **_: Any
    ) -> bytes:
        if not self.has_export_permission(request):
            raise PermissionDenied
        rows = exporting.rows_of(queryset)
        content: bytes = file_format.export_data([harmless(cell) for cell in row] for row in rows)
        return content

    def get_valid_export_item_pks(self, request: HttpRequest) -> list[int]:
        """Return none: the list is exported as it is narrowed, never by its rows' keys."""
        return []

    def get_export_filename(
        self, request: HttpRequest, queryset: "QuerySet[Ticket]", file_format: TicketFile
    ) -> str:
        return f"tickets-{now():%Y-%m-%d}.{file_format.get_extension()}"
