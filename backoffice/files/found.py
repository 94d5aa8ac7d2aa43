"""What a file is made of: rows, and the tickets that stand in them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from backoffice.intake import Answer

IN_A_SELECTION = re.compile(r"selections\[(\d+)\](?:\.(\w+))?")


class UnreadableFile(Exception):
    """A file that nothing can be taken from. The text says why."""


class Row(NamedTuple):
    """A row as it stands, or a line of JSON as its only cell; `error` says why it can't be meant.

    In a broken row only the `sure` first cells stand where they belong.
    """

    line: int
    cells: Sequence[str]
    error: str = ""
    sure: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket where it stands in a file, or why what stands there is none."""

    rows: Sequence[Row]
    bet_id: str = ""
    ticket: Mapping[str, Any] | None = None
    error: str = ""

    def sentence(self, answer: Answer) -> str:
        """Return a refusal in words that lead to the place in the file."""
        return answer.sentence


class FoundInRows(Found):
    """A ticket with a selection a row."""

    __slots__ = ()

    def sentence(self, answer: Answer) -> str:
        """Name the line and the column instead of the selection's number."""
        place = IN_A_SELECTION.fullmatch(answer.field)
        if place is None:
            return answer.sentence
        line = f"line {self.rows[int(place[1]) - 1].line}"
        if place[2] is None:
            return f"{line}: {answer.error}"
        return f"{line}, {selection_column(place[2])}: {answer.error}"


def selection_column(field: str) -> str:
    """Return the column of a selection's field; the ticket has a `provider` too."""
    return "selection_provider" if field == "provider" else field
