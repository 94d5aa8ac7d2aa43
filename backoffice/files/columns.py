"""The columns of CSV and XLSX: a ticket's fields and a selection's, under one header."""

from collections import Counter
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from msgspec.structs import FieldInfo, fields

from backoffice.files.found import UnreadableFile, selection_column
from settlement.asked import AskedSelection, AskedTicket

TICKET: dict[str, FieldInfo] = {
    field.name: field for field in fields(AskedTicket) if field.name != "selections"
}
SELECTION: dict[str, FieldInfo] = {
    selection_column(field.name): field for field in fields(AskedSelection)
}
COLUMNS = TICKET | SELECTION
REQUIRED = [name for name, field in COLUMNS.items() if field.required]


class Columns(NamedTuple):
    """The columns that a kind of file may have, and those that it must."""

    known: Collection[str]
    required: Collection[str]


OF_TICKETS = Columns(COLUMNS, REQUIRED)
# An empty price is a starting price; LSports names an outcome that has no id.
MAY_BE_EMPTY = {"price", "outcome"}
YES_OR_NO = {name for name, field in COLUMNS.items() if field.type is bool}
TIMES = {"placed_at", "accepted_at", "start_at"}
IDS = {
    "bet_id", "provider_bet_id", "player", "free_bet_ref", "event", "market", "outcome",
    "place_market", "place_outcome", "group", "line",
}  # fmt: skip
# What we write beside a refused row; `line` alone is the selection's line.
OURS = ("error_line", "error")
MOST_TOLD = 5


def columns_of(header: Sequence[str], columns: Columns = OF_TICKETS) -> list[str]:
    """Return the columns that a header names, or refuse it with all that is wrong."""
    names = [name.strip().lower() for name in header]
    while names and not names[-1]:
        names.pop()
    wrong = [
        *nameless(names),
        *unknown(names, columns),
        *twice(names),
        *missing(names, columns),
    ]
    if wrong:
        raise UnreadableFile(" ".join(wrong))
    return names


def nameless(names: Sequence[str]) -> list[str]:
    """Say which columns have no name."""
    return [f"Column {n} has no name." for n, name in enumerate(names, start=1) if not name]


def unknown(names: Sequence[str], columns: Columns) -> list[str]:
    """Say which columns there are not, and what may be meant."""
    said = []
    for name in names:
        if name and name not in columns.known and name not in OURS:
            close = get_close_matches(name, columns.known, n=1)
            hint = f"; did you mean “{close[0]}”?" if close else "."
            said.append(f"There is no column “{name[:50]}”{hint}")
    if len(said) > MOST_TOLD:
        said[MOST_TOLD:] = [f"There are {len(said) - MOST_TOLD} more that are not known."]
    return said


def twice(names: Sequence[str]) -> list[str]:
    """Say which columns stand more than once."""
    counted = Counter(filter(None, names))
    return [f"The column “{name[:50]}” stands twice." for name, n in counted.items() if n > 1]


def missing(names: Sequence[str], columns: Columns) -> list[str]:
    """Say which columns have to be there and are not."""
    left_out = [f"“{name}”" for name in columns.required if name not in names]
    if not left_out:
        return []
    noun = "Column" if len(left_out) == 1 else "Columns"
    return [f"{noun} missing: {', '.join(left_out)}."]
