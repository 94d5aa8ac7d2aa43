"""What became of an act's tickets, as a file."""

import csv
import io
from collections.abc import Iterator

from django.http import StreamingHttpResponse

from backoffice import by_hand
from backoffice.admin.statements import harmless
from settlement.models import Batch, BatchLine
from wallet.money import text

COLUMNS = ("position", "bet_id", "state", "sentence", "difference", "currency", "status", "result",
           "payout")  # fmt: skip
AT_ONCE = 1000


def results_file(batch: Batch) -> StreamingHttpResponse:
    """Return a line for each ticket of an act, in its order."""
    response = StreamingHttpResponse(csv_of(batch), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="act-{batch.pk}.csv"'
    return response


def csv_of(batch: Batch) -> Iterator[str]:
    """Yield the file piece by piece."""
    # Without a mark a spreadsheet takes UTF-8 for something else.
    yield "\ufeff" + row_text(COLUMNS)
    after = 0
    while lines := by_hand.lines_of(batch, after=after, most=AT_ONCE):
        yield "".join(row_text(cells_of(line)) for line in lines)
        after = lines[-1].position


def row_text(cells: tuple[object, ...]) -> str:
    """Return a row that no spreadsheet takes for formulas."""
    stream = io.StringIO(newline="")
    csv.writer(stream).writerow([harmless(cell) for cell in cells])
    return stream.getvalue()


def cells_of(line: BatchLine) -> tuple[object, ...]:
    """Return a ticket's row; amounts are exact text."""
    ticket = line.ticket
    if ticket is None:
        return (line.position, line.bet_id, line.state, line.sentence, "", "", "", "", "")
    precision = ticket.currency.precision
    return (
        line.position,
        line.bet_id,
        line.state,
        line.sentence,
        text(line.difference, precision),
        ticket.currency_id,
        ticket.status,
        ticket.result,
        text(ticket.payout, precision),
    )
