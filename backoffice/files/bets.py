"""Rows into tickets: the rows of a bet follow each other, a selection a row."""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Any

from backoffice.files.columns import (
    COLUMNS,
    IDS,
    MAY_BE_EMPTY,
    OURS,
    SELECTION,
    TICKET,
    YES_OR_NO,
)
from backoffice.files.found import FoundInRows, Row
from settlement.asked import TicketRefusal
from settlement.drafts import MOST_SELECTIONS, text

Record = dict[str, str]

LONGEST_ID = 100

ROUNDED = re.compile(r"-?\d([.,]\d+)?E\+\d{2,}")
WORDS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
SCATTERED = (
    "this bet_id stands in several places of the file with different rows: put the rows of one bet "
    "together, or give each bet an id of its own."
)
TOO_LONG = f"more than {MOST_SELECTIONS} rows in succession have this bet_id."


class CellRefusal(Exception):
    """A cell that can't be meant."""


@dataclass(slots=True)
class Bet:
    """Rows in succession with the same bet_id; a row that names none stands alone."""

    bet_id: str
    rows: list[Row]
    records: list[Record]
    error: str = field(default="")

    @property
    def lines(self) -> str:
        """Where it stands."""
        first, last = self.rows[0].line, self.rows[-1].line
        return f"line {first}" if first == last else f"lines {first} to {last}"


def tickets_in(bets: Iterable[Bet], scattered: Container[str]) -> Iterator[FoundInRows]:
    """Yield the ticket of each bet, or why there is none. One bad row refuses its whole bet."""
    for bet in bets:
        error = bet.error or (SCATTERED if bet.bet_id in scattered else "")
        try:
            ticket = None if error else ticket_of(bet)
        except CellRefusal as refusal:
            ticket, error = None, str(refusal)
        yield FoundInRows(bet.rows, bet.bet_id, ticket, error)


def bets_in(rows: Iterable[Row], columns: Sequence[str]) -> Iterator[Bet]:
    """Join the rows of each bet, and refuse the bets that may lack one of theirs."""
    before: Bet | None = None
    for bet in joined(rows, columns):
        if before is not None:
            doubt(before, bet)
            yield before
        before = bet
    if before is not None:
        yield before


def joined(rows: Iterable[Row], columns: Sequence[str]) -> Iterator[Bet]:
    """Yield the rows that follow each other with one bet_id, at most so many at once."""
    recorded = ((row, record_of(row, columns)) for row in rows)
    for bet_id, group in groupby(recorded, key=lambda one: bet_id_of(*one)):
        most = MOST_SELECTIONS + 1 if bet_id else 1
        goes_on = False
        while some := list(islice(group, most)):
            bet = Bet(bet_id, [row for row, _ in some], [record for _, record in some])
            goes_on = bool(bet_id) and (goes_on or len(some) == most)
            bet.error = TOO_LONG if goes_on else first_error(bet)
            yield bet


def record_of(row: Row, columns: Sequence[str]) -> Record:
    """Return a row's cells by column, as far as they can be trusted; blanks around don't count."""
    named = zip(columns, row.cells[: row.sure], strict=False)
    return {column: cell.strip() for column, cell in named if column not in OURS}


def bet_id_of(row: Row, record: Record) -> str:
    """Return the bet_id of a row; none when it is spoilt, for it may have been another bet's."""
    return "" if id_error(row, record) else record["bet_id"]


def id_error(row: Row, record: Record) -> str:
    """Return why a row's bet_id can't be meant."""
    if row.error.startswith("bet_id:"):
        return row.error
    try:
        value_of("bet_id", text("bet_id", record.get("bet_id", ""), LONGEST_ID))
    except (CellRefusal, TicketRefusal) as refusal:
        return str(refusal)
    return ""


def first_error(bet: Bet) -> str:
    """Return what is wrong with the first of the rows that could not be read."""
    for row, record in zip(bet.rows, bet.records, strict=True):
        if error := row.error or id_error(row, record):
            return placed(row.line, error)
    return ""


def placed(line: int, error: str) -> str:
    """Return an error with its line; one that begins with a column stands behind a comma."""
    named = error.partition(":")[0] in COLUMNS
    return f"line {line}, {error}" if named else f"line {line} {error}"


def doubt(before: Bet, bet: Bet) -> None:
    """Refuse a bet beside a row that names none, when the row may be a part of it."""
    for stray, other in ((before, bet), (bet, before)):
        if not stray.bet_id and other.bet_id and not other.error and may_belong(stray, other):
            other.error = f"{stray.lines} names no bet, and may be a part of this one."


def may_belong(stray: Bet, bet: Bet) -> bool:
    """Whether a row that names no bet may be one more selection of a bet beside it."""
    told, known = stray.records[0], bet.records[0]
    agree = all(told[n] == known.get(n) for n in TICKET if n != "bet_id" and told.get(n))
    return known.get("kind") != "single" and agree


def ticket_of(bet: Bet) -> dict[str, Any]:
    """Return the ticket in a client's words."""
    ticket = values_of(bet.records[0], TICKET)
    for row, record in zip(bet.rows[1:], bet.records[1:], strict=True):
        refuse_disagreement(row.line, record, bet.records[0])
    ticket["selections"] = [
        selection_of(row.line, record) for row, record in zip(bet.rows, bet.records, strict=True)
    ]
    return ticket


def refuse_disagreement(line: int, record: Record, first: Record) -> None:
    """Refuse a row that says something else of its ticket than the bet's first row."""
    for name in TICKET:
        here, there = record.get(name, ""), first.get(name, "")
        if here and value_of(name, here) != value_of(name, there):
            raise CellRefusal(
                f"line {line}, {name}: “{here[:50]}” here, “{there[:50]}” in the bet's first row."
            )


def selection_of(line: int, record: Record) -> dict[str, Any]:
    """Return a selection in a client's words."""
    try:
        found = values_of(record, SELECTION)
    except CellRefusal as refusal:
        raise CellRefusal(f"line {line}, {refusal}") from None
    if "selection_provider" in found:
        found["provider"] = found.pop("selection_provider")
    return found


def values_of(record: Record, columns: Iterable[str]) -> dict[str, Any]:
    """Return the cells that are filled; what is left out has its default."""
    found: dict[str, Any] = {}
    for name in columns:
        if cell := record.get(name, ""):
            found[name] = value_of(name, cell)
        elif name in MAY_BE_EMPTY:
            found[name] = None if name == "price" else ""
        elif COLUMNS[name].required:
            raise CellRefusal(f"{name}: must not be empty.")
    return found


def value_of(name: str, cell: str) -> str | bool:
    """Return what a cell says."""
    if name in YES_OR_NO:
        if (word := cell.lower()) in WORDS:
            return WORDS[word]
        raise CellRefusal(f"{name}: “{cell[:50]}” is none of true, false, yes, no, 1, 0.")
    if name in IDS and ROUNDED.fullmatch(cell):
        raise CellRefusal(
            f"{name}: “{cell}” is a number that a spreadsheet has rounded: write the id as text."
        )
    return cell
