"""How tickets ended, from a file: a ticket a row, or a leg a row; JSON lines hold a ticket a line.

Nothing of a file is taken while one of its rows can't be meant: each is told with its line.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, BinaryIO

import msgspec

from backoffice.acting import exact, refuse_unknown
from backoffice.files import bets, json_lines
from backoffice.files.columns import Columns
from backoffice.files.found import Row, UnreadableFile
from backoffice.files.opened import Format, table_of
from backoffice.files.xlsx_table import MOST_UNPACKED
from settlement.acts.sayings import NotForTicket, number
from settlement.orders import (
    MOST_TICKETS,
    BadOrder,
    LegAsked,
    TicketAsked,
    check_words,
    in_sentence,
    uppercased,
)
from settlement.vocabulary import ActKind
from wallet.money import MoneyError, exact_number

OF_A_TICKET = ("bet_id", "result", "payout", "currency")
OF_A_LEG = ("dead_heat", "place_result", "place_dead_heat", "rule4", "starting_price")
OF_SETTLEMENTS = Columns((*OF_A_TICKET, "leg", *OF_A_LEG), ["bet_id"])
MOST_TOLD = 10

Words = dict[str, Any]


class BadRows(UnreadableFile):
    """Rows that can't be meant. `errors` has a sentence for each, with its line."""

    def __init__(self, errors: Sequence[str]) -> None:
        self.errors = errors
        more = len(errors) - MOST_TOLD
        told = [*errors[:MOST_TOLD], *([f"And {more:,} more."] if more > 0 else [])]
        super().__init__("\n".join(told))


class BadRow(Exception):
    """A row that can't be meant."""


@dataclass(slots=True)
class Settlements:
    """The tickets of a file, in an order's words, and the line on which each first stands."""

    tickets: list[Words] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)


def read_settlements(
    file: BinaryIO,
    form: Format,
    *,
    act: ActKind = ActKind.SETTLE,
    most_unpacked: int = MOST_UNPACKED,
) -> Settlements:
    """Return what a file says about tickets, for `act`; refuse it with all that is wrong."""
    with table_of(file, form, OF_SETTLEMENTS, most_unpacked) as table:
        said = lines_said(file) if table is None else rows_said(table.rows(), table.columns)
        found = gathered(said)
    errors = [*found.errors, *(errors_in(found, act))]
    if errors:
        errors.sort(key=lambda one: one[0])
        raise BadRows([placed(line, error) for line, error in errors])
    if not found.lines:
        raise UnreadableFile("The file names no ticket.")
    return Settlements(list(found.words.values()), found.lines)


@dataclass(slots=True)
class Gathered:
    """The tickets of a file by their id, with what is wrong."""

    words: dict[str, Words] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    errors: list[tuple[int, str]] = field(default_factory=list)

    def add(self, line: int, words: Words) -> None:
        """Add a ticket, or one more leg of one."""
        bet_id = str(words["bet_id"])
        before = self.words.setdefault(bet_id, words)
        if before is words:
            self.lines[bet_id] = line
            if len(self.lines) > MOST_TICKETS:
                raise UnreadableFile(
                    f"The file names more than {MOST_TICKETS:,} tickets: settle them in parts."
                )
        elif before.get("legs") and words.get("legs") and rest_of(before) == rest_of(words):
            before["legs"] += words["legs"]
        elif before != words:
            first = self.lines[bet_id]
            raise BadRow(f"{bet_id} stands on line {first} already, and not the same.")


def gathered(said: Iterable[tuple[int, Words | str]]) -> Gathered:
    """Return the tickets that a file speaks of; a text in the place of one says what is wrong."""
    found = Gathered()
    for line, words in said:
        if isinstance(words, str):
            found.errors.append((line, words))
            continue
        try:
            found.add(line, words)
        except BadRow as error:
            found.errors.append((line, str(error)))
    return found


def rest_of(words: Words) -> Words:
    """Return what is said of a ticket besides its legs."""
    return {name: value for name, value in words.items() if name != "legs"}


def rows_said(rows: Iterable[Row], columns: Sequence[str]) -> Iterator[tuple[int, Words | str]]:
    """Yield the line and the words of each row, or what is wrong with it."""
    for row in rows:
        record = bets.record_of(row, columns)
        if error := row.error or bets.id_error(row, record):
            yield row.line, error
            continue
        try:
            yield row.line, words_of({name: cell for name, cell in record.items() if cell})
        except BadRow as refusal:
            yield row.line, str(refusal)


def words_of(said: Mapping[str, str]) -> Words:
    """Return a row's filled cells as a ticket, or as one leg of it."""
    if "leg" not in said:
        for name in OF_A_LEG:
            if name in said:
                raise BadRow(f"{name}: this is said of a leg, and the row names none.")
        return dict(said)
    if not (said["leg"].isascii() and said["leg"].isdecimal()):
        raise BadRow(f"leg: “{said['leg'][:50]}” is not a leg's number.")
    if "payout" in said:
        raise BadRow("payout: a ticket has one, a leg has none.")
    ticket = {name: said[name] for name in ("bet_id", "currency") if name in said}
    leg = {name: said[name] for name in ("result", *OF_A_LEG) if name in said}
    return {**ticket, "legs": [{"position": int(said["leg"]), **leg}]}


def lines_said(file: BinaryIO) -> Iterator[tuple[int, Words | str]]:
    """Yield the line and the words of each line of JSON, or what is wrong with it."""
    for found in json_lines.tickets_in(file):
        line = found.rows[0].line
        if found.ticket is None:
            yield line, found.error
        elif not isinstance(found.ticket.get("bet_id"), str):
            yield line, "bet_id: must not be empty, and is text."
        else:
            yield line, dict(exact(found.ticket))


def errors_in(found: Gathered, act: ActKind) -> Iterator[tuple[int, str]]:
    """Yield what is wrong with the tickets that were found."""
    for bet_id, words in found.words.items():
        try:
            check(words, act)
        except (BadOrder, BadRow, NotForTicket) as error:
            yield found.lines[bet_id], str(error)
        except msgspec.ValidationError as error:
            yield found.lines[bet_id], in_sentence(error)[0]


def check(words: Words, act: ActKind) -> None:
    """Refuse words that no ticket can be settled by, whatever the books say."""
    refuse_unknown(words)
    asked = msgspec.convert(uppercased(words), TicketAsked)
    if not 1 <= len(asked.bet_id) <= bets.LONGEST_ID:
        raise BadRow(f"bet_id: has 1 to {bets.LONGEST_ID} characters.")
    check_words(act, asked)
    if asked.payout is not None:
        refuse_amount(asked.payout)
    if len({leg.position for leg in asked.legs}) < len(asked.legs):
        raise BadRow(f"leg: {asked.bet_id} has a leg that is named twice.")
    for leg in asked.legs:
        check_leg(leg)


def refuse_amount(payout: str) -> None:
    """Refuse a payout that is no amount in any currency."""
    try:
        amount = exact_number(payout)
    except MoneyError as error:
        raise BadRow(f"payout: {error}") from None
    if amount < Decimal(0):
        raise BadRow(f"payout: “{payout}” is less than nothing.")


def check_leg(leg: LegAsked) -> None:
    """Refuse a leg's numbers that are none, or out of bounds."""
    for tied in (leg.dead_heat, leg.place_dead_heat):
        number(tied, "A dead heat", most=1)
    number(leg.rule4, "Rule 4", most=100)
    number(leg.starting_price, "A starting price", least=1)


def placed(line: int, error: str) -> str:
    """Return an error with its line; one that begins with a column stands behind a comma."""
    named = error.partition(":")[0] in OF_SETTLEMENTS.known
    joins = "," if named else "" if error.startswith(VERBS) else ":"
    return f"line {line}{joins} {error}"


# How an error begins that has the line as its subject.
VERBS = ("is ", "has ", "holds ")
