"""Tickets from files at the desk: seen first, then taken in whole or not at all."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from psycopg.errors import DeadlockDetected

from backoffice.admin import ticket_import
from backoffice.files import exporting, formats
from backoffice.files.columns import TICKET
from backoffice.intake import Answer, bring_in
from settlement.models import Ticket
from tests.backoffice.past import signed_in
from tests.backoffice.test_ticket_files import (
    HEADER,
    WAYS,
    bomb,
    cells,
    double,
    row,
    ticket,
    xlsx_file,
)
from tests.factories import FundedPlayer
from wallet.models import Transfer

Desk = Callable[[str], Client]

IMPORT = "/admin/settlement/ticket/import/"
CONFIRM = "/admin/settlement/ticket/process_import/"
EXPORT = "/admin/settlement/ticket/export/"
FORMATS = {"csv": "0", "xlsx": "1", "jsonl": "2"}


@pytest.fixture
def funded(db: None) -> FundedPlayer:
    """P-1 with 10.00 EUR."""
    return FundedPlayer.create("10.00", external_id="P-1")


def choose(client: Client, name: str, content: bytes) -> Any:
    """Choose a file, and see what it would do."""
    upload = SimpleUploadedFile(name, content)
    form = FORMATS[name.rpartition(".")[2]]
    return client.post(IMPORT, {"import_file": upload, "format": form, "resource": "0"})


def table(*lines: str) -> bytes:
    """Return a CSV file."""
    return "\n".join([",".join(HEADER), *lines]).encode()


def confirmation(response: Any) -> dict[str, str]:
    """Return what the preview's form would send."""
    page = response.content.decode()
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    names = {"import_file_name", "original_file_name", "format", "resource"}
    return {name: value for name, value in found if name in names}


def confirm(client: Client, response: Any, **changes: str) -> Any:
    """Press “Confirm import”."""
    return client.post(CONFIRM, confirmation(response) | changes, follow=True)


def messages(response: Any) -> list[str]:
    """Return what a page says at its top."""
    return [str(message) for message in response.context["messages"]]


def standing() -> tuple[int, int]:
    """Return how many tickets and stakes there are."""
    return Ticket.objects.count(), Transfer.objects.filter(kind="STAKE").count()


def test_a_file_is_seen_first_and_taken_in_when_that_is_confirmed(
    funded: FundedPlayer, desk: Desk
) -> None:
    client = desk("Senior")
    seen = choose(client, "day.csv", table(row("T-1"), *double("T-2")))
    before = standing()
    done = confirm(client, seen)

    page = seen.content.decode()
    assert "2 new, 0 there already. Nothing is written before you confirm." in page
    assert all(word in page for word in ("T-1", "T-2", "double"))
    assert before == (0, 0)
    assert messages(done) == ["Brought in 2 tickets."]
    assert done.redirect_chain == [("/admin/settlement/ticket/", 302)]
    assert (standing(), funded.balance) == ((2, 2), "8.00")
    actors = Transfer.objects.filter(kind="STAKE").values_list("actor", flat=True)
    assert set(actors) == {f"user:{LogEntry.objects.get().user.get_username()}"}


def test_who_brought_which_file_is_written_down(funded: FundedPlayer, desk: Desk) -> None:
    client = desk("Senior")

    confirm(client, choose(client, "day.csv", table(row("T-1"))))

    entry = LogEntry.objects.get()
    assert (entry.object_repr, entry.change_message) == ("day.csv", "Brought in 1 ticket.")


@pytest.mark.parametrize("write", WAYS.values(), ids=WAYS)
def test_every_format_is_taken(
    funded: FundedPlayer, desk: Desk, tmp_path: Path, write: Callable[[Path], Path]
) -> None:
    path, client = write(tmp_path), desk("Senior")

    confirm(client, choose(client, path.name, path.read_bytes()))
    again = choose(client, path.name, path.read_bytes())
    done = confirm(client, again)

    assert "0 new, 4 there already." in again.content.decode()
    assert messages(done) == ["Brought in 0 tickets. 4 were there already."]
    assert (standing(), funded.balance) == ((4, 2), "8.00")


def test_one_bad_row_and_nothing_is_taken_in(funded: FundedPlayer, desk: Desk) -> None:
    lines = [row("T-1"), row("<b>T-2</b>", player="<i>nobody</i>"), *double("T-3", banker="x")]

    seen = choose(desk("Senior"), "day.csv", table(*lines))

    page = seen.content.decode()
    assert "Nothing was brought in." in page
    assert "2 of 3 tickets can" in page
    assert re.search(r"Line number 3</span>: player: there is no player “&lt;i&gt;nobody", page)
    assert "Line number 4</span>: line 5, banker: “x” is none of true" in page
    assert confirmation(seen).keys() == {"resource"}
    assert (standing(), funded.balance) == ((0, 0), "10.00")


def test_all_stakes_of_a_file_come_from_the_same_balance(funded: FundedPlayer, desk: Desk) -> None:
    lines = [row(f"T-{n}", stake="4.00") for n in range(3)]

    seen = choose(desk("Senior"), "day.csv", table(*lines))

    assert "stake: P-1 holds 2.00 EUR: too little for 4.00 EUR." in seen.content.decode()
    assert standing() == (0, 0)


def test_what_has_changed_since_the_preview_hinders_it(funded: FundedPlayer, desk: Desk) -> None:
    client = desk("Senior")
    seen = choose(client, "day.csv", table(row("T-1"), row("T-2")))
    funded.post("-8.50")

    done = confirm(client, seen)

    assert "stake: P-1 holds 0.50 EUR: too little for 1.00 EUR." in done.content.decode()
    assert "Nothing was brought in." in done.content.decode()
    assert (standing(), funded.balance) == ((0, 0), "1.50")
    assert not LogEntry.objects.exists()


def test_a_preview_is_confirmed_once(funded: FundedPlayer, desk: Desk) -> None:
    client = desk("Senior")
    seen = choose(client, "day.csv", table(row("T-1")))

    confirm(client, seen)
    again = confirm(client, seen)

    assert messages(again) == [
        "This preview is gone: it was confirmed already, or it is older than an hour. Choose the "
        "file again."
    ]
    assert (standing(), funded.balance) == ((1, 1), "9.00")


def test_a_preview_is_kept_where_every_process_finds_it(funded: FundedPlayer, desk: Desk) -> None:
    client = desk("Senior")
    seen = choose(client, "day.csv", table(row("T-1")))
    cache.clear()

    assert "This preview is gone" in messages(confirm(client, seen))[0]
    assert standing() == (0, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"import_file_name": "../../etc/passwd"},
        {"import_file_name": "passwd"},
        {"format": "3"},
        {"format": "-1"},
        {"format": "x"},
        {"import_file_name": ""},
    ],
)
def test_a_confirmation_that_the_preview_did_not_make_does_nothing(
    funded: FundedPlayer, desk: Desk, changes: dict[str, str]
) -> None:
    client = desk("Senior")
    seen = choose(client, "day.csv", table(row("T-1")))

    response = confirm(client, seen, **changes)

    assert response.status_code == 200
    assert standing() == (0, 0)


def test_a_resource_that_there_is_not_means_ours(funded: FundedPlayer, desk: Desk) -> None:
    client = desk("Senior")

    confirm(client, choose(client, "day.csv", table(row("T-1"))), resource="7")

    assert standing() == (1, 1)


@pytest.mark.parametrize("role", ["Support", "Operator", "Ops", "Auditor", "Admin"])
def test_nobody_else_brings_tickets_in(funded: FundedPlayer, desk: Desk, role: str) -> None:
    seen = choose(desk("Senior"), "day.csv", table(row("T-1")))
    client = desk(role)

    responses = [
        client.get(IMPORT), choose(client, "day.csv", table(row("T-1"))),
        client.post(CONFIRM, confirmation(seen)),
    ]  # fmt: skip

    assert [response.status_code for response in responses] == [403] * 3
    assert (standing(), funded.balance) == ((0, 0), "10.00")


def test_who_was_blocked_by_another_is_asked_to_try_again(
    funded: FundedPlayer, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = desk("Senior")
    seen = choose(client, "day.csv", table(row("T-1")))

    def give_way(**_: Any) -> list[Answer]:
        raise OperationalError("deadlock detected") from DeadlockDetected()

    monkeypatch.setattr(ticket_import, "bring_in", give_way)
    previewed = client.get(choose(client, "day.csv", table(row("T-2"))).url)
    confirmed = confirm(client, seen)

    assert (
        messages(previewed)
        == messages(confirmed)
        == [
            "Somebody else was working on the same players or markets. Nothing was changed: choose "
            "the file again."
        ]
    )
    assert standing() == (0, 0)


def test_confirming_is_never_a_mere_link(funded: FundedPlayer, desk: Desk) -> None:
    assert desk("Senior").get(CONFIRM).status_code == 405


@pytest.mark.parametrize(
    ("what", "name", "content", "sentence"),
    [
        ("a misspelt column", "t.csv", table().replace(b"price", b"pric"), "did you mean “price”?"),
        ("nothing", "t.csv", b" ", "The file is empty: its first line has to name the columns."),
        ("a header alone", "t.csv", table(), "No valid data to import."),
        ("no zip", "t.xlsx", b"PK", "The file is not XLSX, or it is protected by a password."),
        ("an array", "t.jsonl", b"[]", "The file is one JSON array"),
    ],
)
def test_a_file_that_makes_no_sense_is_told_beside_its_field(
    db: None, desk: Desk, what: str, name: str, content: bytes, sentence: str
) -> None:
    response = choose(desk("Senior"), name, content)

    assert sentence in " ".join(response.context["form"].errors["import_file"])
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("limit", "most", "name", "content", "sentence"),
    [
        ("MOST_ROWS", 2, "t.csv", table(*[row(f"T-{n}") for n in range(3)]), "more than 2 rows"),
        ("MOST_UNPACKED", 1_000_000, "t.xlsx", bomb(), "The file unpacks to 5,000,000 bytes"),
    ],
)
def test_a_file_that_is_too_large_for_a_page_is_refused(
    db: None,
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    most: int,
    name: str,
    content: bytes,
    sentence: str,
) -> None:
    monkeypatch.setattr(formats, limit, most)

    response = choose(desk("Senior"), name, content)

    assert sentence in " ".join(response.context["form"].errors["import_file"])


def test_a_file_of_many_bytes_is_not_even_read(
    db: None, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticket_import, "MOST_BYTES", 3)

    response = choose(desk("Senior"), "t.csv", table(row("T-1")))

    assert "bring it in on the server" in " ".join(response.context["form"].errors["import_file"])


def test_a_long_preview_shows_its_beginning_and_counts_all(
    funded: FundedPlayer, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticket_import, "MOST_SHOWN", 2)

    page = choose(
        desk("Senior"), "t.csv", table(*[row(f"T-{n}") for n in range(5)])
    ).content.decode()

    assert "5 new, 0 there already." in page
    assert "The first 2 are shown." in page
    assert ("T-1" in page, "T-2" in page) == (True, False)


@pytest.fixture
def listed(own_database: str) -> Callable[[str], Client]:
    """Three tickets, one of them in Bitcoin, and a function that signs somebody in."""
    FundedPlayer.create("100.00", external_id="P-1")
    FundedPlayer.create("1.00000000", "BTC", external_id="=P-2")
    tickets = [
        ticket("T-1", stake="12.50", provider_bet_id="R-1"),
        ticket("000123456789012345678901234567890", kind="accumulator", free_bet_ref="@free",
               selections=[selection("e-1"), selection("e-2")]),
        ticket("=1+1", player="=P-2", currency="BTC", stake="0.00000001",
               placed_at="2026-11-21T12:00:00.123456+02:00"),
    ]  # fmt: skip
    for one in tickets:
        (answer,) = bring_in(tickets=[one], actor="test")
        assert answer.status == "created", answer
    return signed_in


def selection(event: str) -> dict[str, str]:
    """Return a selection on an event."""
    return {"event": event, "market": "1", "outcome": "1", "price": "2"}


def exported(client: Client, form: str, query: str = "") -> Any:
    """Export the list as it is narrowed."""
    return client.post(f"{EXPORT}?{query}", {"format": FORMATS[form], "resource": "0"})


def test_a_csv_of_the_list_says_exactly_what_was_bet(listed: Desk) -> None:
    response = exported(listed("Senior"), "csv")

    assert response.content.decode("utf-8-sig").replace("\r\n", "\n") == (
        "bet_id,provider,provider_bet_id,player,currency,stake,kind,each_way,free_bet_ref,"
        "placed_at,accepted_at,status,result,payout,version,rule_set\n"
        "'=1+1,sportradar,,'=P-2,BTC,0.00000001,single,false,,2026-11-21T10:00:00.123456Z,"
        "2026-11-21T10:00:00.123456Z,OPEN,NONE,0.00000000,0,1\n"
        "000123456789012345678901234567890,sportradar,,P-1,EUR,1.00,accumulator,false,'@free,"
        "2026-11-21T10:00:00Z,2026-11-21T10:00:00Z,OPEN,NONE,0.00,0,1\n"
        "T-1,sportradar,R-1,P-1,EUR,12.50,single,false,,2026-11-21T10:00:00Z,"
        "2026-11-21T10:00:00Z,OPEN,NONE,0.00,0,1\n"
    )
    assert re.fullmatch(
        r'attachment; filename="tickets-\d{4}-\d\d-\d\d.csv"', response["Content-Disposition"]
    )


def test_an_xlsx_of_the_list_holds_ids_as_text_and_amounts_as_numbers(listed: Desk) -> None:
    response = exported(listed("Auditor"), "xlsx")

    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
    first, second, third = [[c.value for c in r] for r in sheet.iter_rows(min_row=2)]
    assert (first[0], first[3], first[5]) == ("'=1+1", "'=P-2", 1e-08)
    assert (second[0], second[8]) == ("000123456789012345678901234567890", "'@free")
    assert (third[0], third[5], third[13]) == ("T-1", 12.5, 0)
    assert {cell.data_type for r in sheet.iter_rows() for cell in r} == {"s", "n"}


def test_what_is_exported_is_written_as_it_was_imported(listed: Desk) -> None:
    response = exported(listed("Senior"), "csv", "q=T-1")

    (found,) = csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")))
    head = {name: found[name] for name in TICKET if found.get(name)}
    whole = head | {"each_way": False, "selections": ticket("T-1")["selections"]}
    (answer,) = bring_in(tickets=[json.loads(json.dumps(whole))], actor="test")
    assert answer == Answer("T-1", "repeated")


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("q=T-1", ["T-1"]),
        ("currency=BTC", ["'=1+1"]),
        ("kind__exact=ACCUMULATOR", ["000123456789012345678901234567890"]),
        ("status__exact=SETTLED", []),
    ],
)
def test_the_list_is_exported_as_it_is_narrowed(listed: Desk, query: str, ids: list[str]) -> None:
    response = exported(listed("Senior"), "csv", query)

    rows = csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")))
    assert [found["bet_id"] for found in rows] == ids


def test_an_odd_address_exports_nothing(listed: Desk) -> None:
    client = listed("Senior")

    response = client.post(f"{EXPORT}?stake__gt=1", {"format": "0", "resource": "0"}, follow=True)

    assert messages(response) == ["This list can't be narrowed like that. Nothing was exported."]


def test_a_list_that_is_too_long_is_not_cut_off_in_silence(
    listed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST_EXPORTED", 2)

    response = exported(listed("Senior"), "csv")

    assert messages(response) == [
        "These are more than 2 tickets. Narrow the list, then export again."
    ]
    assert not response.has_header("Content-Disposition")


@pytest.mark.parametrize(
    ("role", "status"),
    [("Senior", 200), ("Auditor", 200), ("Support", 403), ("Operator", 403), ("Ops", 403),
     ("Admin", 403)],
)  # fmt: skip
def test_only_seniors_and_auditors_take_tickets_away(
    db: None, desk: Desk, role: str, status: int
) -> None:
    response = exported(desk(role), "csv")

    assert response.status_code == status
    assert response.has_header("Content-Disposition") == (status == 200)


def test_rows_chosen_by_their_keys_are_not_exported(listed: Desk) -> None:
    key = str(Ticket.objects.latest("pk").pk)

    response = listed("Senior").post(EXPORT, {"format": "0", "resource": "0", "export_items": key})

    assert not response.has_header("Content-Disposition")


@pytest.mark.parametrize(
    ("role", "ways"), [("Senior", (True, True)), ("Auditor", (False, True)),
                       ("Support", (False, False))],
)  # fmt: skip
def test_the_list_offers_what_one_may_do(
    db: None, desk: Desk, role: str, ways: tuple[bool, bool]
) -> None:
    page = desk(role).get("/admin/settlement/ticket/").content.decode()

    assert (IMPORT in page, EXPORT in page) == ways


def test_the_pages_name_their_columns(db: None, desk: Desk) -> None:
    client = desk("Senior")

    assert "bet_id, provider, player, currency" in client.get(IMPORT).content.decode()
    assert "bet_id, provider, provider_bet_id" in client.get(EXPORT).content.decode()


def test_a_workbook_of_excel_is_taken(funded: FundedPlayer, desk: Desk, tmp_path: Path) -> None:
    path = xlsx_file(tmp_path / "t.xlsx", [cells("T-1")])

    assert "1 new" in choose(desk("Senior"), "t.xlsx", path.read_bytes()).content.decode()
