"""manage.py import_settlements: files that say how tickets ended, in every format."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from backoffice.files.found import UnreadableFile
from backoffice.files.opened import Format
from backoffice.files.settlements import BadRows, Settlements, read_settlements
from backoffice.models import User
from settlement.models import Batch
from settlement.vocabulary import ActKind
from tests.factories import FundedPlayer, UserFactory
from tests.settlement.acting import limit, no_limits
from tests.settlement.asked import accepted, bet, legs
from tests.settlement.settling import state

WHY = ["--reason", "PROVIDER_DOWN", "--note", "His file of today."]
HEADER = (
    "bet_id,result,payout,currency,leg,dead_heat,place_result,place_dead_heat,rule4,starting_price"
)
OPEN = ("OPEN", "NONE", 0, 0)
Save = Callable[..., Path]


@pytest.fixture
def sam(player: FundedPlayer) -> User:
    """A senior; T-1 and T-2 are singles of 10.00 EUR at 2.50, T-3 is a double of two such legs."""
    no_limits()
    accepted(
        bet(player, bet_id="T-1"),
        bet(player, bet_id="T-2"),
        bet(player, *legs(2), bet_id="T-3", kind="double"),
    )
    return UserFactory.create(username="sam", role="Senior")


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """A function that writes a file, and returns where."""

    def write(*lines: str, name: str = "results.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def run(path: Path | str, *words: str, user: str = "sam") -> tuple[int, str]:
    """Settle by a file as somebody; return the exit code, and what was printed or refused."""
    printed = io.StringIO()
    try:
        call_command("import_settlements", str(path), *WHY, "--as", user, *words, stdout=printed)
    except CommandError as error:
        return error.returncode, str(error)
    except SystemExit as end:
        return int(end.code or 0), printed.getvalue()
    return 0, printed.getvalue()


def read(*lines: str, form: Format = Format.CSV, act: ActKind = ActKind.SETTLE) -> Settlements:
    """Read a file's lines."""
    return read_settlements(io.BytesIO("\n".join(lines).encode() + b"\n"), form, act=act)


def errors(*lines: str, form: Format = Format.CSV) -> list[str]:
    """Return what is wrong with a file's rows."""
    with pytest.raises(BadRows) as refused:
        read(*lines, form=form)
    return list(refused.value.errors)


THREE = ("bet_id,result,payout,leg", "T-1,win,,", "T-2,,12.34,", "T-3,win,,1", "T-3,void,,2")


def test_without_yes_a_file_is_tried_and_nothing_is_done(sam: User, save: Save) -> None:
    code, told = run(save(*THREE))

    assert code == 0
    assert told.splitlines()[:6] == [
        "T-1  OPEN NONE 0.00 → SETTLED WIN 25.00 EUR, difference 25.00",
        "T-2  OPEN NONE 0.00 → SETTLED MIXED 12.34 EUR, difference 12.34",
        "T-3  OPEN NONE 0.00 → SETTLED MIXED 25.00 EUR, difference 25.00",
        "  leg 1: open → WIN",
        "  leg 2: open → VOID",
        "EUR: 3 tickets, 62.34 to players, 0.00 from players.",
    ]
    assert told.splitlines()[-1] == "Nothing was done. Add --yes to do it."
    assert (state("T-1"), Batch.objects.count()) == (OPEN, 0)


def test_with_yes_all_tickets_of_a_file_are_one_act(
    player: FundedPlayer, sam: User, save: Save
) -> None:
    code, told = run(save(*THREE), "--yes")

    batch = Batch.objects.get()
    assert (code, told.splitlines()[0]) == (
        0, f"Act {batch.pk} is done: 3 done, 0 left alone, 0 failed.",
    )  # fmt: skip
    assert (batch.maker, batch.note) == ("user:sam", "His file of today.")
    assert state("T-1") == ("SETTLED", "WIN", 2500, 1)
    assert state("T-2") == ("SETTLED", "MIXED", 1234, 1)
    assert state("T-3") == ("SETTLED", "MIXED", 2500, 1)
    assert player.balance == "132.34"


def test_every_format_says_the_same() -> None:
    book = openpyxl.Workbook()
    for line in THREE:
        book.active.append([cell or None for cell in line.split(",")])  # type: ignore[union-attr]
    sheet = io.BytesIO()
    book.save(sheet)
    as_json = (
        '{"bet_id": "T-1", "result": "win"}',
        '{"bet_id": "T-2", "payout": 12.34}',
        '{"bet_id": "T-3", "legs": [{"position": 1, "result": "win"}, '
        '{"position": 2, "result": "void"}]}',
    )

    from_csv = read(*THREE).tickets
    assert from_csv == read(*as_json, form=Format.JSONL).tickets
    assert from_csv == read_settlements(sheet, Format.XLSX).tickets
    assert from_csv == read(*(line.replace(",", ";") for line in THREE)).tickets
    assert from_csv == [
        {"bet_id": "T-1", "result": "win"},
        {"bet_id": "T-2", "payout": "12.34"},
        {"bet_id": "T-3", "legs": [
            {"position": 1, "result": "win"}, {"position": 2, "result": "void"},
        ]},
    ]  # fmt: skip


def test_all_that_is_said_of_a_leg_is_read() -> None:
    found = read(HEADER, "T-1,win,,EUR,1,1/2,place,1/3,10,4.50")

    assert found.tickets == [{
        "bet_id": "T-1", "currency": "EUR", "legs": [{
            "position": 1, "result": "win", "dead_heat": "1/2", "place_result": "place",
            "place_dead_heat": "1/3", "rule4": "10", "starting_price": "4.50",
        }],
    }]  # fmt: skip
    assert found.lines == {"T-1": 2}


def test_legs_may_lie_apart_and_a_row_may_stand_twice() -> None:
    found = read("bet_id,result,leg", "T-3,win,1", "T-1,win,", "T-3,void,2", "T-1,win,")

    assert [ticket["bet_id"] for ticket in found.tickets] == ["T-3", "T-1"]
    assert len(found.tickets[0]["legs"]) == 2
    assert found.lines == {"T-3": 2, "T-1": 3}


BAD = {
    "T-1,won,,,,": "line 2, result: “won” is none of win, lose, refund, half_win, half_lose, "
    "place_win, mixed.",
    "T-1,won,,,1,": "line 2, result: “won” is none of win, place, lose, void, half_win, half_lose.",
    "T-1,,many,,,": "line 2, payout: “many” is not a number.",
    "T-1,,-1.00,,,": "line 2, payout: “-1.00” is less than nothing.",
    "T-1,,1.00,,1,": "line 2, payout: a ticket has one, a leg has none.",
    "T-1,win,,,,1/2": "line 2, dead_heat: this is said of a leg, and the row names none.",
    "T-1,win,,,1,2": "line 2: A dead heat can't be 2.",
    "T-1,win,,,1,half": "line 2: A dead heat: “half” is not a number.",
    "T-1,win,,,one,": "line 2, leg: “one” is not a leg's number.",
    "T-1,,,,,": "line 2: T-1: say its result, its legs or its payout.",
    ",win,,,,": "line 2, bet_id: must not be empty.",
    "1.23E+19,win,,,,": "line 2, bet_id: “1.23E+19” is a number that a spreadsheet has rounded: "
    "write the id as text.",
    'T-1,"win,,,,': "line 2 has a quote without its other one, or text after a closing quote.",
    "T-1,win,,,,,,9": "line 2 has 8 cells, and the header names 6 columns.",
}


@pytest.mark.parametrize(("line", "sentence"), BAD.items())
def test_a_bad_row_is_told_with_its_line(line: str, sentence: str) -> None:
    assert errors("bet_id,result,payout,currency,leg,dead_heat", line) == [sentence]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["T-1,win,", "T-1,lose,"], "line 3: T-1 stands on line 2 already, and not the same."),
        (["T-1,win,", "T-1,win,1"], "line 3: T-1 stands on line 2 already, and not the same."),
        (["T-1,win,1", "T-1,void,1"], "line 2, leg: T-1 has a leg that is named twice."),
    ],
)
def test_rows_of_one_ticket_that_disagree_are_told(lines: list[str], sentence: str) -> None:
    assert errors("bet_id,result,leg", *lines) == [sentence]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{", "line 1 is not JSON: Input data was truncated."),
        ('{"result": "win"}', "line 1, bet_id: must not be empty, and is text."),
        ('{"bet_id": "T-1", "result": 5}', "line 1, result: Expected `str | null`, got `int`."),
        ('{"bet_id": "T-1", "outcome": "win"}',
         "line 1: The order: Object contains unknown field `outcome`."),
        ('{"bet_id": "a\\u0000b", "result": "win"}',
         "line 1: bet_id holds a character that can't be written down."),
    ],
)  # fmt: skip
def test_a_bad_line_of_json_is_told(line: str, sentence: str) -> None:
    assert errors(line, form=Format.JSONL) == [sentence]


def test_one_bad_row_refuses_the_whole_file(sam: User, save: Save) -> None:
    path = save("bet_id,result", "T-1,win", "T-2,won", *(f"T-{n},won" for n in range(10, 22)))

    code, told = run(path, "--yes")

    assert code == 1
    assert told.splitlines()[0].startswith("line 3, result: “won” is none of win, lose,")
    assert told.splitlines()[-2:] == ["And 3 more.", "Nothing was done."]
    assert (state("T-1"), Batch.objects.count()) == (OPEN, 0)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["bet_id,resutl", "T-1,win"], "There is no column “resutl”; did you mean “result”?"),
        (["result", "win"], "Column missing: “bet_id”."),
        (["bet_id,result"], "The file names no ticket."),
        (["bet_id,result,result", "T-1,win,win"], "The column “result” stands twice."),
    ],
)
def test_a_file_that_can_not_be_read_is_refused(
    sam: User, save: Save, lines: list[str], sentence: str
) -> None:
    assert run(save(*lines), "--yes") == (2, sentence)
    assert run("/nowhere.csv", "--yes") == (2, "/nowhere.csv: No such file or directory.")


def test_more_tickets_than_one_act_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backoffice.files.settlements.MOST_TICKETS", 2)

    with pytest.raises(UnreadableFile, match="more than 2 tickets: settle them in parts"):
        read("bet_id,result", "T-1,win", "T-2,win", "T-3,win")


def test_what_became_of_each_ticket_is_written_down(sam: User, save: Save, tmp_path: Path) -> None:
    results = tmp_path / "became.csv"
    path = save("bet_id,result,currency", "T-1,win,EUR", "=T-9,win,", "T-2,win,GBP")

    dry = run(path, "--results", str(results))
    tried = results.read_text(encoding="utf-8-sig")
    code, _ = run(path, "--results", str(results), "--yes")

    assert (dry[0], code) == (1, 1)
    assert "2,T-1,WAITING,,EUR,25.00" in tried.splitlines()
    rows = list(csv.reader(results.read_text(encoding="utf-8-sig").splitlines()))
    assert rows == [
        ["line", "bet_id", "state", "sentence", "currency", "difference"],
        ["2", "T-1", "DONE", "", "EUR", "25.00"],
        ["4", "T-2", "SKIPPED", "The ticket is in EUR, not in GBP.", "EUR", "0.00"],
        ["3", "'=T-9", "SKIPPED", "There is no such ticket.", "", ""],
    ]
    assert list(tmp_path.glob("*.part")) == []


def test_where_results_can_not_be_written_nothing_is_done(sam: User, save: Save) -> None:
    path = save(*THREE)

    assert run(path, "--yes", "--results", str(path)) == (2, "--results names the file itself.")
    assert run(path, "--yes", "--results", "/nowhere/x.csv") == (
        2, "/nowhere/x.csv.part: No such file or directory.",
    )  # fmt: skip
    assert (state("T-1"), path.read_text().splitlines()[0]) == (OPEN, THREE[0])


def test_settled_tickets_take_the_word_for_it(sam: User, save: Save) -> None:
    run(save("bet_id,result", "T-1,win"), "--yes")
    path = save("bet_id,result", "T-1,lose")

    assert run(path, "--yes") == (
        1, "T-1: It is settled as win with 25.00 EUR paid already: resettle it to change that.",
    )  # fmt: skip
    assert run(path, "--yes", "--resettle")[0] == 0

    assert state("T-1") == ("SETTLED", "LOSE", 0, 2)


def test_above_the_limit_a_file_waits_for_somebody_else(sam: User, save: Save) -> None:
    limit("Senior", None, 2)

    code, told = run(save(*THREE), "--yes", "--json")

    found = json.loads(told)
    assert (code, found["state"]) == (0, "WAITING")
    assert found["why_asked"] == "The act is on 3 tickets; alone you act on at most 2."
    assert [row["state"] for row in found["results"]] == ["WAITING"] * 3
    assert state("T-1") == OPEN


@pytest.mark.parametrize(
    ("user", "code", "sentence"),
    [
        ("olga", 1, "olga may not do this: the permission “settlement.act_in_bulk” is missing. "
         "Nothing was changed."),
        ("platform", 1, "platform may not do this: the permission “settlement.settle_ticket” is "
         "missing. Nothing was changed."),
        ("gone", 2, "There is no active user “gone”."),
    ],
)  # fmt: skip
def test_a_file_obeys_the_persons_permissions(
    sam: User, save: Save, user: str, code: int, sentence: str
) -> None:
    UserFactory.create(username="olga", role="Operator")
    UserFactory.create(username="platform", role="Platform", is_staff=False)
    UserFactory.create(username="gone", role="Senior", is_active=False)

    assert run(save("bet_id,result", "T-1,win", "T-2,win"), "--yes", user=user) == (code, sentence)
    assert (state("T-1"), Batch.objects.count()) == (OPEN, 0)


def test_a_large_file_is_finished_by_the_command_itself(
    player: FundedPlayer, sam: User, save: Save
) -> None:
    player.post("5000.00")
    accepted(*(bet(player, bet_id=f"L-{number}") for number in range(201)))

    code, told = run(save("bet_id,result", *(f"L-{number},win" for number in range(201))), "--yes")

    assert (code, Batch.objects.get().state) == (0, "DONE")
    assert told.splitlines()[0].endswith(" is done: 201 done, 0 left alone, 0 failed.")
    assert told.splitlines()[-1] == "and 151 more"
