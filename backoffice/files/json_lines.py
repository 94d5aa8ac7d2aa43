"""JSON lines: a ticket a line, its numbers exact. A line of our own refusals is taken as well."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO

import msgspec

from backoffice.files.found import Found, Row, UnreadableFile
from backoffice.files.lines import Line, lines_of

REFUSED = {"line", "bet_id", "error", "ticket"}
decoder = msgspec.json.Decoder(float_hook=Decimal)


def tickets_in(file: BinaryIO) -> Iterator[Found]:
    """Yield what each line holds."""
    for place, line in enumerate(lines_of(file)):
        if not place and line.text.lstrip().startswith("["):
            raise UnreadableFile("The file is one JSON array: write an object a line instead.")
        yield found_in(line)


def found_in(line: Line) -> Found:
    """Return the ticket in a line, or why there is none."""
    rows = [Row(line.number, [line.text])]
    if line.error:
        return Found(rows, error=line.error)
    try:
        value = decoder.decode(line.text)
    except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
        return Found(rows, error=f"is not JSON: {error}.")
    if isinstance(value, dict) and value.keys() == REFUSED:
        value = value["ticket"]
    if not isinstance(value, dict):
        return Found(rows, error="is not a JSON object.")
    return Found(rows, bet_id_of(value), value)


def bet_id_of(ticket: dict[str, Any]) -> str:
    """Return the id that a ticket gives itself."""
    return str(ticket.get("bet_id", ""))[:100]


def line_count(file: BinaryIO) -> int:
    """Return about how many lines there are."""
    count = 0
    while some := file.read(2**20):
        count += some.count(b"\n")
    file.seek(0)
    return count
