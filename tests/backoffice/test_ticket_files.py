"""Tickets from files: every format says the same, each bad row is told, nothing is doubled."""

import csv
import io
import json
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from backoffice.files import bringing
from backoffice.files.found import UnreadableFile
from backoffice.files.opened import Format, opened, source_of
from backoffice.intake import Answer, bring_in
from settlement.drafts import draft_of
from settlement.models import Selection, Ticket
from tests import databases
from tests.factories import FundedPlayer, UserFactory
from wallet import selectors
from wallet.models import Transfer

Import = Callable[..., tuple[int, str, str]]
Lines = Callable[[str], Sequence[str]]

HEADER = [
    "bet_id", "provider", "player", "currency", "stake", "kind", "placed_at", "each_way",
    "event", "market", "specifiers", "outcome", "price", "banker", "place_fraction",
]  # fmt: skip
GOOD = {
    "provider": "sportradar",
    "player": "P-1",
    "currency": "EUR",
    "stake": "1.00",
    "kind": "single",
    "placed_at": "2026-11-21T10:00:00Z",
    "event": "sr:match:1",
    "market": "204",
    "specifiers": "xup=1",
    "outcome": "12",
    "price": "2.50",
}


def cells(bet_id: str, /, **changes: str) -> list[str]:
    """Return a good row's cells, but for `changes`."""
    said = GOOD | {"bet_id": bet_id} | changes
    return [said.get(name, "") for name in HEADER]


def row(bet_id: str, /, **changes: str) -> str:
    """Return a good row, but for `changes`, as a line of CSV."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="").writerow(cells(bet_id, **changes))
    return stream.getvalue()


def double(bet_id: str, **second: str) -> list[str]:
    """Return a double's rows; the second row says something of its own."""
    return [row(bet_id, kind="double"), row(bet_id, kind="double", event="sr:match:2", **second)]


def one(**changes: str) -> Lines:
    """Return what makes a row that differs from a good one in `changes`."""
    return lambda bet_id: [row(bet_id, **changes)]


# What is wrong, the rows, and the sentence; {a} and {b} are the bet's first and second line.
BROKEN: dict[str, tuple[Lines, str]] = {
    "nobody": (one(player="nobody"), "player: there is no player “nobody”."),
    "no player": (one(player=" "), "player: must not be empty."),
    "a currency nobody knows": (one(currency="XQQ"), "currency: there is no “XQQ” here."),
    "a tenth of a cent": (
        one(stake="1.001"), "stake: “1.001” has more decimal places than EUR holds (2)."
    ),
    "a stake of nothing": (one(stake="0"), "stake: must be above zero."),
    "a stake in words": (one(stake="ten"), "stake: “ten” is not a number."),
    "too little money": (
        one(player="P-poor", stake="5.00"),
        "stake: P-poor holds 0.00 EUR: too little for 5.00 EUR.",
    ),
    "a blocked player": (
        one(player="P-blocked"), "stake: P-blocked is blocked: no stake is possible."
    ),
    "a misspelt provider": (
        one(provider="sportsradar"),
        "provider: “sportsradar” is none of odds88, sportradar, lsports, manual.",
    ),
    "a misspelt kind": (
        one(kind="singel"),
        "kind: “singel” is not a kind of bet; a system is written system:2,3/4.",
    ),
    "half a double": (one(kind="double"), "kind: A double has 2 legs, not 1."),
    "a time anywhere": (
        one(placed_at="2026-11-21T10:00:00"),
        "placed_at: “2026-11-21T10:00:00” has no time zone; write Z for UTC.",
    ),
    "a decimal comma": (
        one(price="2,50"),
        "line {a}, price: “2,50” is not a number like 2.50 or a ratio like 5/3.",
    ),
    "neither yes nor no": (
        one(each_way="maybe"), "each_way: “maybe” is none of true, false, yes, no, 1, 0."
    ),
    "neither, in the second row": (
        lambda bet_id: double(bet_id, banker="x"),
        "line {b}, banker: “x” is none of true, false, yes, no, 1, 0.",
    ),
    "two stakes": (
        lambda bet_id: double(bet_id, stake="9.00"),
        "line {b}, stake: “9.00” here, “1.00” in the bet's first row.",
    ),
    "no event": (one(event=""), "line {a}, event: must not be empty."),
    "a cell too many": (
        lambda bet_id: [row(bet_id) + ",more"],
        "line {a} has 16 cells, and the header names 15 columns.",
    ),
    "an open quote": (
        lambda bet_id: [row(bet_id).replace("204", '"204')],
        "line {a} has a quote without its other one, or text after a closing quote.",
    ),
    "letters of another code": (
        one(event="M\udcfcnchen"), "line {a} is not UTF-8: byte "
    ),
    "a rounded id": (
        one(bet_id="1.23457E+19"),
        "line {a}, bet_id: “1.23457E+19” is a number that a spreadsheet has rounded: write the id "
        "as text.",
    ),
    "no id": (one(bet_id=""), "line {a}, bet_id: must not be empty."),
    "half a specifier": (
        one(specifiers="hcp"),
        "line {a}, specifiers: “hcp” is not written name=value|name=value.",
    ),
    "one outcome twice": (
        lambda bet_id: [row(bet_id, kind="double")] * 2,
        "line {a}: the same outcome stands twice: 12",
    ),
    "a zero byte": (
        one(event="a\0b"), "line {a}, event: holds a character that can't be printed."
    ),
    "a huge cell": (
        one(market="9" * 140_000), "line {a} has a cell with more than 131,072 characters."
    ),
    "a long id": (one(player="p" * 101), "player: is longer than 100 characters."),
    "each-way without terms": (
        one(each_way="yes"),
        "each_way: no selection has place terms (place_fraction or place_price).",
    ),
}  # fmt: skip


def text_file(path: Path, lines: Sequence[str], header: Sequence[str] = HEADER) -> Path:
    """Write a header and lines; escaped bytes are written as the bytes they stand for."""
    text = "\n".join([",".join(header), *lines]) + "\n"
    path.write_bytes(text.encode(errors="surrogateescape"))
    return path


def xlsx_file(path: Path, rows: Sequence[Sequence[Any]], header: Sequence[str] = HEADER) -> Path:
    """Write a workbook with one sheet."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for values in (header, *rows):
        sheet.append(list(values))
    book.save(path)
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a file of refusals, which keeps huge cells too."""
    text = path.read_bytes().decode("utf-8-sig", errors="surrogateescape")
    usual = csv.field_size_limit(2**20)
    try:
        return list(csv.DictReader(io.StringIO(text, newline="")))
    finally:
        csv.field_size_limit(usual)


@pytest.fixture
def players(db: None) -> FundedPlayer:
    """P-1 with 1,000.00 EUR, somebody with nothing, and somebody who is blocked."""
    FundedPlayer.create(external_id="P-poor")
    FundedPlayer.create(external_id="P-blocked", status="BLOCKED")
    return FundedPlayer.create("1000.00", external_id="P-1")


@pytest.fixture
def imported() -> Import:
    """A function that imports a file; returns exit code, what was printed and the complaints."""

    def run(path: Path | str, *words: str) -> tuple[int, str, str]:
        said, complained = io.StringIO(), io.StringIO()
        try:
            call_command("import_tickets", str(path), *words, stdout=said, stderr=complained)
        except SystemExit as end:
            return int(end.code or 0), said.getvalue(), complained.getvalue()
        except CommandError as error:
            return error.returncode, said.getvalue(), str(error)
        return 0, said.getvalue(), complained.getvalue()

    return run


def counted() -> tuple[int, int, int]:
    """Return how many tickets, selections and stakes there are."""
    stakes = Transfer.objects.filter(kind="STAKE")
    return Ticket.objects.count(), Selection.objects.count(), stakes.count()


def told(said: str) -> dict[str, Any]:
    """Return what was told to a program, without what varies."""
    found: dict[str, Any] = json.loads(said)
    return {name: found[name] for name in ("rows", "tickets", "created", "repeated", "refused")}


@pytest.mark.parametrize(("lines", "sentence"), BROKEN.values(), ids=BROKEN)
def test_a_broken_row_refuses_its_bet_and_no_other(
    players: FundedPlayer, imported: Import, tmp_path: Path, lines: Lines, sentence: str
) -> None:
    broken = lines("T-2")
    path = text_file(tmp_path / "t.csv", [row("T-1"), *broken, row("T-3")])

    code, said, complained = imported(path)

    refused = rows_of(tmp_path / "t.errors.csv")
    assert code == 1
    assert [r["error_line"] for r in refused] == [str(3 + n) for n in range(len(broken))]
    assert len({r["error"] for r in refused}) == 1
    assert refused[0]["error"].startswith(sentence.format(a=3, b=4))
    assert sentence.format(a=3, b=4) in complained
    assert "2 created, 0 were there, 1 refused" in said
    assert (counted(), players.balance) == ((2, 2, 2), "998.00")


def test_three_hundred_rows_with_every_kind_of_fault(
    players: FundedPlayer, imported: Import, tmp_path: Path
) -> None:
    lines: list[str] = []
    expected = {}
    for number, (make, sentence) in enumerate(BROKEN.values()):
        lines += [row(f"G-{number}-{n}") for n in range(8)]
        first = len(lines) + 2
        expected[first] = sentence.format(a=first, b=first + 1)
        lines += make(f"B-{number}")
    lines += [row(f"G-last-{n}") for n in range(300 - len(lines))]
    created = sum(line.startswith("G-") for line in lines)

    code, said, _ = imported(text_file(tmp_path / "t.csv", lines), "--json")

    errors = {int(r["error_line"]): r["error"] for r in rows_of(tmp_path / "t.errors.csv")}
    assert (code, len(errors)) == (1, 300 - created)
    assert [errors[line][: len(said)] for line, said in expected.items()] == [*expected.values()]
    assert told(said) == {
        "rows": 300, "tickets": created + len(BROKEN), "created": created, "repeated": 0,
        "refused": len(BROKEN),
    }  # fmt: skip
    assert Ticket.objects.filter(bet_id__startswith="G-").count() == created
    assert (counted()[0], players.balance) == (created, f"{1000 - created}.00")


def test_refused_rows_are_mended_in_their_own_file_and_brought_in(
    players: FundedPlayer, imported: Import, tmp_path: Path
) -> None:
    lines = [row("T-1"), *double("T-2", stake="9.00"), row("T-3", specifiers="a=“ü”;\udcfc")]
    imported(text_file(tmp_path / "t.csv", lines))
    refused = tmp_path / "t.errors.csv"
    assert len(rows_of(refused)) == 3

    mended = refused.read_bytes().replace(b",9.00,", b",1.00,").replace(b";\xfc", b"")
    refused.write_bytes(mended)
    code, said, complained = imported(refused)

    assert (code, complained) == (0, "")
    assert "3 rows, 2 tickets: 2 created, 0 were there, 0 refused" in said
    assert (counted(), players.balance) == ((3, 4, 3), "997.00")
    assert not (tmp_path / "t.errors.errors.csv").exists()


def test_nothing_is_left_beside_a_file_without_faults(
    players: FundedPlayer, imported: Import, tmp_path: Path
) -> None:
    path = text_file(tmp_path / "t.csv", [row("T-1", player="nobody")])
    imported(path)
    text_file(path, [row("T-1")])

    assert imported(path)[0] == 0

    assert [found.name for found in tmp_path.iterdir()] == ["t.csv"]


NOVEMBER = datetime(2026, 11, 21)  # noqa: DTZ001 - as spreadsheets have it
AS_ABOVE = dict.fromkeys(["provider", "player", "currency", "stake", "kind", "placed_at"], "")
SAME = [
    {
        "bet_id": "123456789012345678901234567890",
        "free_bet_ref": "F-1",
        "placed_at": "2026-11-21T12:00:00+02:00",
    },
    {
        "bet_id": "007",
        "provider": "lsports",
        "stake_taken": "no",
        "specifiers": "",
        "outcome": "",
        "outcome_name": "Over",
        "line": "2.5",
    },
    {
        "bet_id": "T-Ü",
        "each_way": "1",
        "place_fraction": "1/5",
        "price": "",
        "start_at": "2026-11-22T10:00:00Z",
    },
    {
        "bet_id": "T-4",
        "kind": "accumulator",
        "group": "b",
        "price": "7.5",
        "selection_provider": "odds88",
    },
    AS_ABOVE | {"bet_id": "T-4", "event": "e-2", "group": "b", "price": "7.50"},
    {"bet_id": "T-4", "kind": "accumulator", "event": "e-3", "outcome": "a, b; “c”"},
]
WIDE = [*HEADER, "free_bet_ref", "stake_taken", "outcome_name", "line", "start_at", "group",
        "selection_provider"]  # fmt: skip
YES_NO = {"1": True, "no": False}
OF_A_SELECTION = {
    "event", "market", "specifiers", "outcome", "price", "banker", "place_fraction",
    "outcome_name", "line", "start_at", "group", "selection_provider",
}  # fmt: skip


def same_as_csv(delimiter: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        stream = io.StringIO()
        writer = csv.DictWriter(stream, WIDE, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(GOOD | said for said in SAME)
        path = folder / "same.csv"
        path.write_text(("\ufeff" if delimiter == ";" else "") + stream.getvalue(), newline="")
        return path

    return write


def same_as_xlsx(folder: Path) -> Path:
    typed: dict[str, Any] = {"1.00": 1, "2.50": 2.5, "7.5": 7.5, "7.50": 7.5, "no": False, "12": 12}
    rows = [[typed.get(v, v) or None for v in ((GOOD | s).get(n, "") for n in WIDE)] for s in SAME]
    for values in rows:
        if values[0] == "007":
            values[WIDE.index("stake_taken")] = False
    return xlsx_file(folder / "same.xlsx", rows, WIDE)


def same_as_json(folder: Path) -> Path:
    tickets: dict[str, dict[str, Any]] = {}
    for said in (GOOD | one for one in SAME):
        filled = {n: YES_NO.get(v, v) if n in ("each_way", "stake_taken") else v
                  for n, v in said.items() if v or n == "outcome"}  # fmt: skip
        selection = {n: v for n, v in filled.items() if n in OF_A_SELECTION} | {
            "price": said["price"] or None
        }
        if "selection_provider" in selection:
            selection["provider"] = selection.pop("selection_provider")
        head: dict[str, Any] = {n: v for n, v in filled.items() if n not in OF_A_SELECTION}
        head["selections"] = []
        tickets.setdefault(said["bet_id"], head)["selections"].append(selection)
    path = folder / "same.jsonl"
    lines = [json.dumps(ticket) for ticket in tickets.values()]
    path.write_text("\n".join(lines).replace('"7.50"', "7.50"))
    return path


WAYS = {
    "comma": same_as_csv(","), "semicolon and mark": same_as_csv(";"), "xlsx": same_as_xlsx,
    "json lines": same_as_json,
}  # fmt: skip


def hashes(path: Path) -> dict[str, bytes]:
    """Return what the tickets of a file come to."""
    units = selectors.units()
    with opened(str(path)) as source:
        source.look_through()
        found = [f.ticket for f in source.tickets() if f.ticket is not None]
    return {t["bet_id"]: draft_of(t, units).content_hash for t in found}


def test_every_format_means_the_same_tickets(db: None, tmp_path: Path) -> None:
    meant = [hashes(write(tmp_path)) for write in WAYS.values()]

    assert list(meant[0]) == ["123456789012345678901234567890", "007", "T-Ü", "T-4"]
    assert all(one == meant[0] for one in meant)


@pytest.mark.parametrize("again", WAYS.values(), ids=WAYS)
def test_a_file_again_in_whatever_format_doubles_nothing(
    players: FundedPlayer, imported: Import, tmp_path: Path, again: Callable[[Path], Path]
) -> None:
    assert imported(same_as_json(tmp_path))[0] == 0
    before = (counted(), players.balance)

    code, said, complained = imported(again(tmp_path), "--json")

    assert (code, complained) == (0, "")
    assert (told(said)["created"], told(said)["repeated"]) == (0, 4)
    assert (counted(), players.balance) == before == ((4, 6, 2), "998.00")
    actor = Transfer.objects.filter(kind="STAKE").values_list("actor", flat=True).distinct()
    assert list(actor) == ["import:tickets"]


@pytest.mark.parametrize(
    ("what", "column", "value", "sentence"),
    [
        ("a long number", "bet_id", 1234567890123456, "bet_id: is stored as a number, and the"),
        ("a rounded number", "bet_id", 1.23456789012345e19, "bet_id: is stored as a number, and"),
        ("too many digits", "price", 0.1234567890123456, "price: is stored as a number, and the"),
        ("a formula", "stake", "=1+1", "stake: is a formula: put its value in its place."),
        ("a date", "placed_at", NOVEMBER, "placed_at: is a spreadsheet's date, wh"),
        ("a score made a date", "outcome", NOVEMBER, "outcome: was made a date by th"),
        ("a logical value", "player", True, "player: is a logical value: format the column as te"),
        ("an error", "event", "#N/A", "event: holds the spreadsheet's error #N/A."),
        ("two lines", "event", "a\nb", "event: holds a character that can't be printed."),
    ],
)  # fmt: skip
def test_a_spreadsheets_cell_that_is_not_what_was_typed_is_refused(
    players: FundedPlayer,
    imported: Import,
    tmp_path: Path,
    what: str,
    column: str,
    value: object,
    sentence: str,
) -> None:
    bad: list[Any] = cells("T-2")
    bad[HEADER.index(column)] = value
    path = xlsx_file(tmp_path / "t.xlsx", [cells("T-1"), bad, cells("T-3")])

    code, _, complained = imported(path)

    (refused,) = rows_of(tmp_path / "t.errors.csv")
    assert code == 1
    assert refused["error"].startswith(f"line 3, {sentence}")
    assert refused["error"] in complained
    assert counted() == (2, 2, 2)


def test_numbers_of_a_spreadsheet_are_taken_by_their_shortest_decimal(
    players: FundedPlayer, imported: Import, tmp_path: Path
) -> None:
    typed: list[Any] = cells("1")
    typed[0], typed[4], typed[-3] = 123456789012345, 1.1, 2.45
    imported(xlsx_file(tmp_path / "t.xlsx", [typed, [None] * 15, cells("T-2")]))

    ticket = Ticket.objects.get(bet_id="123456789012345")
    assert ticket.stake == 110
    assert ticket.selections.get().price == "2.45"
    assert counted()[0] == 2


def test_blanks_around_cells_do_not_count(
    players: FundedPlayer, imported: Import, tmp_path: Path
) -> None:
    line = row("T-1").replace(",sr:match:1,", ', "sr:match:1" , ').replace("T-1,", " T-1\xa0,")
    header = [f" {name.upper()} " for name in HEADER]

    complained = imported(text_file(tmp_path / "t.csv", [line.replace('" ,', '",')], header))[2]

    assert complained == ""
    assert Selection.objects.get().outcome.market.event.ref == "sr:match:1"
    assert Ticket.objects.get().bet_id == "T-1"


def test_rows_of_a_bet_that_lie_apart_refuse_all_of_it(
    players: FundedPlayer, imported: Import, tmp_path: Path
) -> None:
    legs = [row("A", kind="accumulator", event=f"e-{n}") for n in range(3)]
    path = text_file(tmp_path / "t.csv", [*legs[:2], row("T-1"), legs[2], row("T-2"), row("T-1")])

    code, said, _ = imported(path, "--json")

    assert code == 1
    assert told(said) == {"rows": 6, "tickets": 5, "created": 2, "repeated": 1, "refused": 2}
    refused = rows_of(tmp_path / "t.errors.csv")
    assert [r["error_line"] for r in refused] == ["2", "3", "5"]
    assert {r["error"] for r in refused} == {
        "this bet_id stands in several places of the file with different rows: put the rows of one "
        "bet together, or give each bet an id of its own."
    }
    assert counted() == (2, 2, 2)


@pytest.mark.parametrize(
    ("what", "stray", "sentence"),
    [
        ("it says nothing else of its bet", row("", kind="", stake="", event="e-9"), "line 4"),
        ("it could be a leg", row("", kind="accumulator", event="e-9"), "line 4"),
        ("it can't be read", '"A"x,sportradar', "line 4"),
        ("its id was rounded", row("1.2E+19", kind="accumulator", event="e-9"), "line 4"),
        ("its id is spoilt", row("A\0", kind="accumulator", event="e-9"), "line 4"),
        ("its id is not UTF-8", row("A\udcfc", kind="accumulator", event="e-9"), "line 4"),
        ("it is a bet of its own", row("", kind="single"), ""),
        ("it is another player's", row("", kind="accumulator", player="P-2"), ""),
    ],
)
def test_a_row_without_an_id_spoils_the_bet_that_it_may_belong_to(
    players: FundedPlayer, imported: Import, tmp_path: Path, what: str, stray: str, sentence: str
) -> None:
    legs = [row("A", kind="accumulator", event=f"e-{n}") for n in range(2)]
    imported(text_file(tmp_path / "t.csv", [*legs, stray, row("T-1")]))

    errors = {r["error_line"]: r["error"] for r in rows_of(tmp_path / "t.errors.csv")}
    assert ("2" in errors) == bool(sentence)
    if sentence:
        assert errors["2"] == "line 4 names no bet, and may be a part of this one."
    assert Ticket.objects.count() == (1 if sentence else 2)


def test_a_hundred_and_one_rows_of_one_bet_are_refused_in_flat_memory(
    players: FundedPlayer, imported: Import, tmp_path: Path
) -> None:
    lines = [row("A", kind="accumulator", event=f"e-{n}") for n in range(250)]

    code, said, _ = imported(text_file(tmp_path / "t.csv", lines), "--json")

    assert (code, told(said)["refused"], Ticket.objects.count()) == (1, 3, 0)
    refused = rows_of(tmp_path / "t.errors.csv")
    assert len(refused) == 250
    assert {r["error"] for r in refused} == {"more than 100 rows in succession have this bet_id."}


ALL = ",".join(HEADER)


def bomb() -> bytes:
    """Return a small file that unpacks to very much."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 5_000_000)
    return stream.getvalue()


def zipped(content: bytes = b"") -> bytes:
    """Return a zip that is no workbook."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("what", "name", "content", "sentence"),
    [
        ("nothing", "t.csv", b"", "The file is empty: its first line has to name the columns."),
        ("blank lines", "t.csv", b"\n \r\n", "The file is empty: its first line has to name"),
        ("no stake", "t.csv", ALL.replace("stake,", "").encode(), "Column missing: “stake”."),
        ("no header", "t.csv", row("T-1").encode(), "There is no column “t-1”."),
        ("many names", "t.csv", f"{ALL},a1,a2,a3,a4,a5,a6,a7".encode(),
         "There is no column “a5”. There are 2 more that are not known."),
        ("misspelt", "t.csv", ALL.replace("price", "pric").encode(),
         "There is no column “pric”; did you mean “price”? Column missing: “price”."),
        ("twice", "t.csv", f"{ALL},price".encode(), "The column “price” stands twice."),
        ("nameless", "t.csv", ALL.replace("market", "").encode(), "Column 10 has no name."),
        ("UTF-16", "t.csv", ALL.encode("utf-16"), "The file is UTF-16: save it as UTF-8."),
        ("an open quote", "t.csv", b'"bet_id,stake\n', "Line 1 has a quote without its other"),
        ("old line ends", "t.csv", f"{ALL}\r{row('T-1')}".encode(), "Line 1 holds a line break"),
        ("Latin letters", "t.csv", b"bet_id,\xfc\n", "Line 1 is not UTF-8: byte 8 is 0xFC."),
        ("an endless line", "t.csv", b"x" * 2_000_000, "Line 1 is longer than 1,048,576 bytes."),
        ("a huge name", "t.csv", b"x" * 200_000, "Line 1 has a cell with more than 131,072"),
        ("a zero byte", "t.csv", b"bet\0id\n", "There is no column “bet\0id”; did you mean"),
        ("no zip", "t.xlsx", b"bet_id;stake", "The file is not XLSX, or it is protected by a"),
        ("cut off", "t.xlsx", b"PK\x03\x04cut off", "The file is not XLSX, or it is protected"),
        ("no workbook", "t.xlsx", zipped(), "The file can't be read as XLSX: "),
        ("no XML", "t.xlsx", zipped(b"<a"), "The file can't be read as XLSX: "),
        ("an array", "t.jsonl", b'[\n{"bet_id": 1}]', "The file is one JSON array: write an"),
        ("anything", "t.dat", b"a,b", "does not say what it is: add --format jsonl, csv or xlsx."),
    ],
)  # fmt: skip
def test_a_file_that_makes_no_sense_is_refused_whole(
    db: None,
    imported: Import,
    tmp_path: Path,
    what: str,
    name: str,
    content: bytes,
    sentence: str,
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    code, said, complained = imported(path)

    assert (code, said) == (2, "")
    assert sentence in complained
    assert [found.name for found in tmp_path.iterdir()] == [name]


def test_a_small_file_that_unpacks_to_very_much_is_not_unpacked() -> None:
    sentence = r"unpacks to 5,000,000 bytes; at most 1,000,000 are read. Save it as CSV, or in"

    with (
        pytest.raises(UnreadableFile, match=sentence),
        source_of(io.BytesIO(bomb()), Format.XLSX, 1_000_000),
    ):
        pass


def test_an_empty_sheet_is_refused(db: None, imported: Import, tmp_path: Path) -> None:
    path = xlsx_file(tmp_path / "t.xlsx", [], [])

    code, _, complained = imported(path)

    assert code == 2
    assert complained == "The first sheet is empty: its first row has to name the columns."


@pytest.mark.parametrize(("name", "content"), [("t.csv", f"{ALL}\n"), ("t.jsonl", "")])
def test_a_file_without_tickets_is_no_work(
    db: None, imported: Import, tmp_path: Path, name: str, content: str
) -> None:
    path = tmp_path / name
    path.write_text(content)

    code, said, _ = imported(path)

    assert (code, said.split(":")[0]) == (0, "0 rows, 0 tickets")


def test_a_file_that_was_cut_off_says_so(
    players: FundedPlayer, imported: Import, tmp_path: Path
) -> None:
    path = text_file(tmp_path / "t.csv", [row("T-1"), row("T-2")])
    path.write_bytes(path.read_bytes()[:-20])

    code, _, complained = imported(path)

    assert code == 1
    assert complained == "line 3 is cut off: the file ends in the middle of it.\n"
    assert counted() == (1, 1, 1)


@pytest.mark.parametrize(
    ("what", "line", "sentence"),
    [
        ("half a line", '{"bet_id": "T-2",', "is not JSON: Input data was truncated."),
        ("a list", "[1]", "is not a JSON object."),
        ("deep", "[" * 20_000, "is not JSON: maximum recursion depth exceeded"),
        ("an endless number", '{"stake": 1e9999999999999999999}', "is not JSON: "),
        ("a long line", '{"a": "' + "x" * 2_000_000 + '"}', "is longer than 1,048,576 bytes."),
        ("letters of another code", '{"bet_id": "\udcfc"}', "is not UTF-8: byte 13 is 0xFC."),
        (
            "a field nobody knows",
            '{"bet_id": "T-2", "bonus": 1}',
            "bonus: is not a field of a ticket.",
        ),
        (
            "a number that is no id",
            '{"bet_id": 1.5}',
            "bet_id: must be a whole number or text, not a number.",
        ),
    ],
)
def test_a_bad_line_of_json_is_told_by_its_number(
    players: FundedPlayer, imported: Import, tmp_path: Path, what: str, line: str, sentence: str
) -> None:
    good = json.dumps(ticket("T-1"))
    path = tmp_path / "t.jsonl"
    path.write_bytes(f"{good}\n\n{line}\n".encode(errors="surrogateescape"))

    code, _, complained = imported(path)

    (refused,) = map(json.loads, (tmp_path / "t.errors.jsonl").read_text().splitlines())
    assert code == 1
    assert complained.startswith("line 3: ")
    assert sentence in complained
    assert sentence in refused["error"]
    assert (refused["line"], counted()) == (3, (1, 1, 1))


def ticket(bet_id: str, **changes: Any) -> dict[str, Any]:
    """Return a good ticket, but for `changes`."""
    head = {n: v for n, v in GOOD.items() if n not in OF_A_SELECTION}
    selection = {n: v for n, v in GOOD.items() if n in OF_A_SELECTION}
    return head | {"bet_id": bet_id, "selections": [selection]} | changes


def test_refused_lines_keep_their_ticket_as_it_was_and_are_taken_again(
    players: FundedPlayer, imported: Import, tmp_path: Path
) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(json.dumps(ticket("T-1", player="P-9")).replace('"1.00"', "1.000"))
    imported(path)
    refused = tmp_path / "t.errors.jsonl"
    assert '"stake": 1.000,' in refused.read_text()
    assert json.loads(refused.read_text())["error"] == "player: there is no player “P-9”."
    imported(refused)
    assert json.loads((tmp_path / "t.errors.errors.jsonl").read_text())["ticket"]["stake"] == 1

    FundedPlayer.create("5.00", external_id="P-9")
    code, said, _ = imported(refused)

    assert code == 0
    assert "1 tickets: 1 created" in said
    assert Ticket.objects.get().stake == 100


def test_one_bet_with_two_contents_is_taken_once(
    players: FundedPlayer, imported: Import, tmp_path: Path
) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join(json.dumps(ticket("T-1", stake=s)) for s in ("1.00", "2.00")))

    complaints = [imported(path)[2] for _ in range(2)]

    assert complaints == [
        "line 2: stake: the same bet_id stands twice, with another content.\n",
        "line 2: stake: the bet is there already with another content.\n",
    ]
    assert (counted(), players.balance) == ((1, 1, 1), "999.00")


def test_a_dry_run_says_the_same_and_writes_nothing(
    players: FundedPlayer, imported: Import, tmp_path: Path
) -> None:
    path = text_file(tmp_path / "t.csv", [row("T-1", stake="600"), row("T-2", stake="600")])

    code, said, complained = imported(path, "--dry-run")

    assert code == 1
    assert complained == "line 3: stake: P-1 holds 400.00 EUR: too little for 600.00 EUR.\n"
    assert said.startswith("Nothing was written. 2 rows, 2 tickets: 1 created, 0 were there, 1 ")
    assert "Balances were checked thousand by thousand" in said
    assert (counted(), players.balance) == ((0, 0, 0), "1000.00")
    assert len(rows_of(tmp_path / "t.errors.csv")) == 1


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """A function that puts something on standard input, which can't be read twice."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    def put(content: bytes) -> None:
        buffer = io.BufferedReader(Pipe(content))
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=buffer))

    return put


def test_standard_input_is_told_by_how_it_begins(
    players: FundedPlayer, imported: Import, stdin: Callable[[bytes], None]
) -> None:
    stdin(f"{ALL}\n{row('T-1')}\n{row('T-2', player='nobody')}\n".encode())
    from_csv = imported("-", "--json")
    stdin(json.dumps(ticket("T-1")).encode())
    from_json = imported("-", "--json")

    assert from_csv[0] == 1
    assert from_csv[2] == "line 3: player: there is no player “nobody”.\n"
    assert told(from_csv[1])["created"] == 1
    assert json.loads(from_json[1])["format"] == "jsonl"
    assert told(from_json[1])["repeated"] == 1


def test_a_workbook_does_not_come_through_a_pipe(
    db: None, imported: Import, stdin: Callable[[bytes], None]
) -> None:
    stdin(zipped())

    assert imported("-") == (2, "", "XLSX can't come through a pipe: name the file.")


def test_a_format_that_is_named_goes_before_the_files_name(
    players: FundedPlayer, imported: Import, tmp_path: Path
) -> None:
    path = text_file(tmp_path / "t.txt", [row("T-1")])

    assert imported(path, "--format", "csv")[0] == 0


def test_refused_rows_go_where_they_are_sent(
    players: FundedPlayer, imported: Import, tmp_path: Path
) -> None:
    path = text_file(tmp_path / "t.csv", [row("T-1", player="nobody")])

    code, said, _ = imported(path, "--errors", str(tmp_path / "bad"))

    assert code == 1
    assert said.endswith(f"The refused rows, with their errors: {tmp_path / 'bad'}\n")
    assert rows_of(tmp_path / "bad")[0]["bet_id"] == "T-1"
    assert not (tmp_path / "t.errors.csv").exists()


@pytest.mark.parametrize(
    ("errors", "sentence"),
    [("t.csv", "--errors names the file itself."), ("gone/bad", "No such file or directory.")],
)
def test_refused_rows_never_go_where_they_would_be_lost(
    players: FundedPlayer, imported: Import, tmp_path: Path, errors: str, sentence: str
) -> None:
    path = text_file(tmp_path / "t.csv", [row("T-1")])
    before = path.read_bytes()

    code, _, complained = imported(path, "--errors", str(tmp_path / errors))

    assert code == 2
    assert sentence in complained
    assert (path.read_bytes(), counted()) == (before, (0, 0, 0))


def test_a_file_that_is_not_there_is_told_apart(db: None, imported: Import, tmp_path: Path) -> None:
    code, _, complained = imported(tmp_path / "gone.csv")

    assert code == 2
    assert complained == (
        f"{tmp_path / 'gone.csv'}: No such file or directory. Nothing was taken in."
    )


def test_somebody_brings_tickets_in_under_his_own_name(
    players: FundedPlayer, imported: Import, tmp_path: Path
) -> None:
    UserFactory.create(username="sue", role="Senior")
    path = text_file(tmp_path / "t.csv", [row("T-1")])

    assert imported(path, "--as", "sue")[0] == 0

    assert Transfer.objects.get(kind="STAKE").actor == "user:sue"


@pytest.mark.parametrize(
    ("name", "words", "sentence"),
    [
        ("sue", {"role": "Support"}, "sue may not bring tickets in (settlement.place_ticket)."),
        ("sue", {"role": "Senior", "is_active": False}, "There is no active user “sue”."),
        ("bob", {"role": "Senior"}, "There is no active user “bob”."),
    ],
)
def test_nobody_else_brings_tickets_in(
    players: FundedPlayer,
    imported: Import,
    tmp_path: Path,
    name: str,
    words: dict[str, Any],
    sentence: str,
) -> None:
    UserFactory.create(username="sue", **words)
    path = text_file(tmp_path / "t.csv", [row("T-1")])

    assert imported(path, "--as", name) == (2, "", sentence)
    assert (counted(), players.balance) == ((0, 0, 0), "1000.00")


@pytest.mark.parametrize(
    ("what", "ends_by", "code", "sentence"),
    [
        ("somebody presses Ctrl-C", KeyboardInterrupt(), 130, "Interrupted. "),
        ("the server goes away", OperationalError("gone."), 1, "The database gave up: gone. "),
        ("the disk is full", OSError(28, "No space left"), 2, "t.csv: No space left. "),
    ],
)
def test_an_import_that_ends_early_says_how_far_it_came(
    players: FundedPlayer,
    imported: Import,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    ends_by: BaseException,
    code: int,
    sentence: str,
) -> None:
    calls = iter(range(2))

    def take(**words: Any) -> list[Answer]:
        if next(calls):
            raise ends_by
        return bring_in(**words)

    monkeypatch.setattr(bringing, "bring_in", take)
    lines = [row("T-1", player="nobody"), *(row(f"T-{n}", stake="0.10") for n in range(2, 1501))]

    ended, said, complained = imported(text_file(tmp_path / "t.csv", lines))

    assert (ended, said) == (code, "")
    assert complained.rstrip().endswith(
        f"{sentence}All up to line 1,001 is done: 999 tickets created, 0 were there, 1 refused. "
        "Run the same again to go on: nothing is doubled."
    )
    assert [r["bet_id"] for r in rows_of(tmp_path / "t.errors.csv")] == ["T-1"]
    assert counted() == (999, 999, 999)


MANY = 6_000


def start(path: Path, database: str) -> "subprocess.Popen[bytes]":
    """Import a file in a process of its own, which hears Ctrl-C even where we don't."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "import_tickets", str(path), "--json"],
        env=databases.environment(database),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_what_was_cut_off_is_taken_up_and_nothing_is_doubled(
    own_database: str, tmp_path: Path, how: signal.Signals
) -> None:
    player = FundedPlayer.create("2000.00", external_id="P-1")
    lines = [row(f"T-{n}", stake="0.10") for n in range(MANY)]
    path = text_file(tmp_path / "t.csv", lines)
    first = start(path, own_database)
    deadline = time.monotonic() + 30
    while Ticket.objects.count() < 1000:
        assert first.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.005)
    first.send_signal(how)
    first.communicate()

    done = Ticket.objects.count()
    assert first.returncode == (130 if how is signal.SIGINT else -signal.SIGKILL)
    assert done % 1000 == 0
    assert (done < MANY, counted()) == (True, (done, done, done))
    second = start(path, own_database)
    said = json.loads(second.communicate()[0])

    assert second.returncode == 0
    assert (said["created"], said["repeated"]) == (MANY - done, done)
    assert (counted(), player.balance) == ((MANY, MANY, MANY), "1400.00")
