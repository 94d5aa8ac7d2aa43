"""Statements as files: exact, complete, and harmless to a spreadsheet."""

import csv
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.test import Client

from tests.backoffice.past import date_back, signed_in
from tests.factories import FundedPlayer
from wallet import services
from wallet.vocabulary import TransferKind

Desk = Callable[[str], Client]

COLUMNS = [
    "number", "time (UTC)", "kind", "change", "balance after", "currency", "reference", "reason",
    "note", "actor", "key",
]  # fmt: skip


def address(player: FundedPlayer, form: str, query: str = "") -> str:
    """Return where a player's statement is had as a file."""
    return f"/admin/wallet/player/{player.player.pk}/statement.{form}?{query}"


def csv_rows(client: Client, player: FundedPlayer, query: str = "") -> list[list[str]]:
    """Return the rows of the CSV file below its head."""
    response = client.get(address(player, "csv", query))
    assert response.status_code == 200
    return list(csv.reader(io.StringIO(response.content.decode(), newline="")))[1:]


def xlsx_rows(client: Client, player: FundedPlayer) -> list[list[Any]]:
    """Return the rows of the XLSX file below its head."""
    response = client.get(address(player, "xlsx"))
    assert response.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
    return [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)]


@pytest.fixture
def march(own_database: str) -> FundedPlayer:
    """A player who paid 1,234.50 in and took 34.51 out, last March."""
    player = FundedPlayer.create()
    words = {"note": "Zahlung, für „Ümit“", "reason": "CUSTOMER_PAYMENT", "reference_kind": "BANK"}
    moves = [(TransferKind.DEPOSIT, "1234.50"), (TransferKind.WITHDRAWAL, "-34.51")]
    for number, (kind, change) in enumerate(moves, 1):
        posting = player.posting(
            change, key=f"k-{number}", kind=kind, reference_id=f"{number}", **words
        )
        services.post_transfers(postings=[posting], actor="user:ann")
    date_back({f"k-{day}": f"2026-03-0{day} 09:30" for day in (1, 2)})
    return player


def test_a_csv_file_says_exactly_what_happened_the_oldest_first(march: FundedPlayer) -> None:
    response = signed_in("Senior").get(address(march, "csv"))

    assert response.content.decode("utf-8-sig") == (
        "number,time (UTC),kind,change,balance after,currency,reference,reason,note,actor,key\r\n"
        "1,2026-03-01T09:30:00.000+00:00,DEPOSIT,1234.50,1234.50,EUR,BANK 1,CUSTOMER_PAYMENT,"
        '"Zahlung, für „Ümit“",user:ann,k-1\r\n'
        "2,2026-03-02T09:30:00.000+00:00,WITHDRAWAL,-34.51,1199.99,EUR,BANK 2,CUSTOMER_PAYMENT,"
        '"Zahlung, für „Ümit“",user:ann,k-2\r\n'
    )
    assert response["Content-Disposition"] == (
        f'attachment; filename="statement-{march.player.pk}-EUR.csv"'
    )


def test_an_xlsx_file_holds_numbers_that_can_be_summed(march: FundedPlayer) -> None:
    rows = xlsx_rows(signed_in("Senior"), march)

    assert [row[:6] for row in rows] == [
        [1, "2026-03-01T09:30:00.000+00:00", "DEPOSIT", 1234.5, 1234.5, "EUR"],
        [2, "2026-03-02T09:30:00.000+00:00", "WITHDRAWAL", -34.51, 1199.99, "EUR"],
    ]
    assert rows[0][6:] == ["BANK 1", "CUSTOMER_PAYMENT", "Zahlung, für „Ümit“", "user:ann", "k-1"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize(
    ("role", "status"),
    [("Senior", 200), ("Auditor", 200), ("Support", 403), ("Operator", 403), ("Ops", 403),
     ("Admin", 403)],
)  # fmt: skip
def test_only_seniors_and_auditors_take_statements_away(
    player: FundedPlayer, desk: Desk, role: str, status: int, form: str
) -> None:
    response = desk(role).get(address(player, form))

    assert response.status_code == status
    assert response.has_header("Content-Disposition") == (status == 200)


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("kind=WITHDRAWAL", ["2"]),
        ("since=2026-03-02", ["2"]),
        ("until=2026-03-01", ["1"]),
        ("kind=STAKE", []),
        ("before=2", ["1", "2"]),
    ],
)
def test_a_file_holds_the_chosen_transfers_on_all_pages(
    march: FundedPlayer, query: str, numbers: list[str]
) -> None:
    assert [row[0] for row in csv_rows(signed_in("Auditor"), march, query)] == numbers


def test_a_file_is_longer_than_a_page(player: FundedPlayer, desk: Desk) -> None:
    for _ in range(59):
        player.post("1.00")

    assert len(csv_rows(desk("Auditor"), player)) == 60


@pytest.mark.parametrize(
    ("form", "query"), [("pdf", ""), ("csv", "kind=GIFT"), ("csv", "currency=USD")]
)
def test_what_cannot_be_had_is_not_found(
    player: FundedPlayer, desk: Desk, form: str, query: str
) -> None:
    assert desk("Senior").get(address(player, form, query)).status_code == 404


@pytest.mark.parametrize("currency", ["BTC", "JPY", "USDT"])
def test_amounts_keep_the_places_of_their_currency(db: None, desk: Desk, currency: str) -> None:
    smallest = {"BTC": "0.00000001", "JPY": "1", "USDT": "0.000001"}[currency]
    player = FundedPlayer.create(smallest, currency=currency)

    (row,) = csv_rows(desk("Senior"), player)
    (cells,) = xlsx_rows(desk("Senior"), player)

    assert row[3:6] == [smallest, smallest, currency]
    assert cells[3] == float(smallest)


@pytest.mark.parametrize(
    ("what", "text", "written"),
    [
        ("a formula", '=HYPERLINK("http://x","y")', '\'=HYPERLINK("http://x","y")'),
        ("a plus", "+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ("a minus", "-1+1", "'-1+1"),
        ("an at", "@SUM(A1)", "'@SUM(A1)"),
        ("a tab", "\t=1+1", "'\t=1+1"),
        ("a return", "\r=1+1", "\N{REPLACEMENT CHARACTER}=1+1"),
        ("a bell", "ring\x07 ring", "ring\N{REPLACEMENT CHARACTER} ring"),
        ("a line of its own", "two\nlines", "two\nlines"),
        ("a mere number", "-5.00", "-5.00"),
        ("an apostrophe", "'quoted'", "'quoted'"),
        ("no character at all", "odd \uffff one", "odd \N{REPLACEMENT CHARACTER} one"),
    ],
)
def test_no_text_does_anything_in_a_spreadsheet(
    player: FundedPlayer, desk: Desk, what: str, text: str, written: str
) -> None:
    player.post("1.00", note=text, reference_id=text)
    client = desk("Senior")

    for row in (csv_rows(client, player)[1], xlsx_rows(client, player)[1]):
        assert row[8] == written
        assert not str(row[6]).startswith(("=", "+", "@", "\t"))


def test_a_players_id_does_nothing_either(db: None, desk: Desk) -> None:
    player = FundedPlayer.create(external_id="=1+1", name="@SUM(A1)")
    player.post("1.00", key="=1+1", reference_kind="=1", reference_id="+1")
    client = desk("Senior")

    for rows in (csv_rows(client, player), xlsx_rows(client, player)):
        assert not [c for row in rows for c in row if str(c).startswith(("=", "+", "@", "\t"))]
    header = client.get(address(player, "csv"))["Content-Disposition"]
    assert header == f'attachment; filename="statement-{player.player.pk}-EUR.csv"'


def test_the_columns_are_the_same_in_both(player: FundedPlayer, desk: Desk) -> None:
    client = desk("Senior")
    sheet = openpyxl.load_workbook(
        io.BytesIO(client.get(address(player, "xlsx")).content)
    ).worksheets[0]

    assert [cell.value for cell in sheet[1]] == COLUMNS
