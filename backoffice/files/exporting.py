"""Tickets as rows for a spreadsheet: a ticket a row, amounts exact."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from openpyxl import Workbook

from backoffice.files.cells import MOST_DIGITS
from settlement.models import Ticket
from wallet import selectors
from wallet.money import Unit, text

MOST_EXPORTED = 100_000
AT_ONCE = 2000
HEADER = (
    "bet_id", "provider", "provider_bet_id", "player", "currency", "stake", "kind", "each_way",
    "free_bet_ref", "placed_at", "accepted_at", "status", "result", "payout", "version", "rule_set",
)  # fmt: skip

Rows = Iterable[list[Any]]


class TooManyTickets(ValueError):
    """More tickets than a file should hold."""


def rows_of(tickets: "QuerySet[Ticket]") -> Iterator[list[Any]]:
    """Yield the tickets' rows; amounts are Decimals with their currency's places."""
    if tickets[MOST_EXPORTED:].exists():
        raise TooManyTickets(
            f"These are more than {MOST_EXPORTED:,} tickets. Narrow the list, then export again."
        )
    units = selectors.units()
    for ticket in tickets.select_related("player").iterator(AT_ONCE):
        yield row_of(ticket, units[ticket.currency_id])


def row_of(ticket: Ticket, unit: Unit) -> list[Any]:
    """Return a ticket's row, in the words that an import takes."""
    stake, payout = (Decimal(text(n, unit.precision)) for n in (ticket.stake, ticket.payout))
    return [
        ticket.bet_id,
        ticket.provider.lower(),
        ticket.provider_bet_id,
        ticket.player.external_id,
        unit.code,
        stake,
        ticket.kind_word,
        str(ticket.each_way).lower(),
        ticket.free_bet_ref,
        utc(ticket.placed_at),
        utc(ticket.accepted_at),
        ticket.status,
        ticket.result,
        payout,
        ticket.version,
        ticket.rule_set_id,
    ]


def utc(at: datetime) -> str:
    """Return a point in time as text, in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def as_csv(rows: Rows) -> bytes:
    """Return the rows as CSV."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(HEADER)
    writer.writerows(
        [f"{cell:f}" if isinstance(cell, Decimal) else cell for cell in row] for row in rows
    )
    # Without a mark a spreadsheet takes UTF-8 for something else.
    return ("\ufeff" + stream.getvalue()).encode()


def as_xlsx(rows: Rows) -> bytes:
    """Return the rows as XLSX: amounts are numbers, all ids are text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Tickets")
    sheet.append(HEADER)
    for row in rows:
        sheet.append([countable(cell) for cell in row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def countable(cell: Any) -> Any:
    """Return an amount as text when a spreadsheet would round it, and nothing for no text."""
    if isinstance(cell, Decimal) and len(cell.as_tuple().digits) > MOST_DIGITS:
        return f"{cell:f}"
    return None if cell == "" else cell
