"""Acts on many tickets at the desk: named, shown, done, watched, reversed as one."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from settlement.acts import services
from settlement.models import Batch, Ticket
from tests.backoffice.desk_acts import (
    ACTS,
    act_page,
    asked,
    confirmed,
    done,
    last,
    read,
    sound,
)
from tests.factories import FundedPlayer
from tests.settlement.acting import no_limits
from tests.settlement.asked import accepted, bet
from tests.settlement.settling import state

Desk = Callable[[str], Client]
APPROVALS = "/admin/settlement/approval/"
REVIEWS = "/admin/settlement/review/"
LIMITS = "/admin/settlement/actlimit/"


@pytest.fixture
def three(player: FundedPlayer) -> FundedPlayer:
    """Somebody with three singles."""
    no_limits()
    accepted(*[bet(player, bet_id=f"T-{number}") for number in (1, 2, 3)])
    return player


def test_pasted_ids_are_acted_on_together_and_reversed_together(
    three: FundedPlayer, desk: Desk
) -> None:
    client = desk("Senior")
    words = {"kind": "SETTLE", "result": "WIN", "pasted": "T-1, T-2\nT-3 T-9"}

    shown, sent = asked(client, f"{ACTS}new/", **words)

    assert "3 tickets: win" in shown or "4 tickets: win" in shown
    assert "T-9 – There is no such ticket." in shown
    assert "EUR 3 75.00 EUR 0.00 EUR +75.00 EUR" in shown
    assert sent["pasted"] == ""
    page = confirmed(client, f"{ACTS}new/", sent)
    assert "3 changed, 1 left alone, 0 failed" in page
    assert three.balance == "145.00"
    assert "Settle 4 +75.00 EUR" in read(client, ACTS)
    reversal = done(client, f"{ACTS}{last().pk}/reverse/")
    assert "3 changed, 0 left alone, 0 failed" in reversal
    assert three.balance == "70.00"
    assert {one.status for one in Ticket.objects.all()} == {"OPEN"}
    assert sound()


def test_an_event_chooses_its_open_tickets(three: FundedPlayer, desk: Desk) -> None:
    words = {"kind": "VOID", "event": "E-1", "status": "OPEN"}

    done(desk("Senior"), f"{ACTS}new/", **words)

    assert three.balance == "100.00"
    assert last().total == 3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({}, "Say which tickets: paste their ids, name a file, or choose"),
        (
            {"pasted": "T-1", "event": "E-1"},
            "Paste ids, name a file, or choose by event and time: only one.",
        ),
        ({"pasted": "T-1", "result": ""}, "Say how the tickets ended."),
        ({"pasted": "T-9"}, "T-9: There is no such ticket."),
        ({"event": "E-77"}, "No ticket is chosen by that."),
        ({"market": "1"}, "Name an event, or when the tickets were placed: from and to."),
        ({"kept": "../etc"}, "The tickets are kept for an hour only, and it is over"),
        ({"kept": "0" * 32}, "The tickets are kept for an hour only, and it is over"),
    ],
)
def test_what_can_not_be_meant_is_refused(
    three: FundedPlayer, desk: Desk, words: dict[str, str], told: str
) -> None:
    given = {"kind": "SETTLE", "result": "WIN", "status": "OPEN"}

    shown, _ = asked(desk("Senior"), f"{ACTS}new/", **given | words)

    assert told in shown
    assert not Batch.objects.exists()


def test_nobody_goes_on_with_what_somebody_else_named(three: FundedPlayer, desk: Desk) -> None:
    words = {"kind": "SETTLE", "result": "WIN", "pasted": "T-1"}
    _, sent = asked(desk("Senior"), f"{ACTS}new/", **words)

    shown, _ = asked(desk("Senior"), f"{ACTS}new/", **sent)

    assert "The tickets are kept for an hour only" in shown


def test_a_file_says_how_each_ended(three: FundedPlayer, desk: Desk) -> None:
    client = desk("Senior")
    rows = b"bet_id,result,payout,leg\nT-1,win,,\nT-2,,12.34,\nT-3,void,,1\n"
    file = SimpleUploadedFile("day.csv", rows)

    shown, sent = asked(client, f"{ACTS}new/", kind="SETTLE", file=file)

    assert "T-1: win T-2: pays 12.34 in all T-3: leg 1 void" in shown
    confirmed(client, f"{ACTS}new/", sent)
    assert [state(f"T-{number}")[1:3] for number in (1, 2, 3)] == [
        ("WIN", 2500), ("MIXED", 1234), ("REFUND", 1000),
    ]  # fmt: skip
    assert sound()


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (b"bet_id,result\nT-1,won\n", "line 2"),
        (b"bet_id,result\n", "The file names no ticket."),
        (b"\xff\xfeb\0", "The file is UTF-16: save it as UTF-8."),
        (b"PK\x03\x04broken", "Nothing is taken from the file."),
    ],
)
def test_a_file_that_can_not_be_meant_is_refused_whole(
    three: FundedPlayer, desk: Desk, rows: bytes, told: str
) -> None:
    name = "day.xlsx" if rows.startswith(b"PK") else "day.csv"
    file = SimpleUploadedFile(name, rows)

    shown, sent = asked(desk("Senior"), f"{ACTS}new/", kind="SETTLE", file=file)

    assert told in shown
    assert "token" not in sent
    assert not Batch.objects.exists()


@pytest.mark.parametrize("role", ["Support", "Operator", "Ops", "Auditor", "Admin"])
def test_others_do_not_act_on_many(three: FundedPlayer, desk: Desk, role: str) -> None:
    client = desk(role)

    for address in (f"{ACTS}new/", f"{ACTS}markets/"):
        assert client.get(address).status_code == 403


def test_a_large_act_runs_on_and_its_page_says_how_far_it_is(
    three: FundedPlayer, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "AT_ONCE", 1)
    client = desk("Senior")

    page = done(client, f"{ACTS}new/", kind="SETTLE", result="WIN", pasted="T-1 T-2 T-3")

    assert "0 % · 3 of 3 to do" in page
    assert 'http-equiv="refresh"' in client.get(f"{ACTS}{last().pk}/change/").content.decode()
    services.finish(batch=last())
    page = read(client, f"{ACTS}{last().pk}/change/?state=DONE")
    assert "3 changed" in page
    assert "T-3 ✓ Done +25.00 EUR" in page


def test_results_are_saved_without_formulas(player: FundedPlayer, desk: Desk) -> None:
    no_limits()
    accepted(bet(player, bet_id="=1+1"), bet(player, bet_id="T-2"))
    client = desk("Senior")
    done(client, f"{ACTS}new/", kind="SETTLE", result="WIN", pasted="=1+1\nT-2\n@SUM(1)")

    answer = client.get(f"{ACTS}{last().pk}/results.csv")

    rows = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert rows[1:] == [
        "1,'=1+1,DONE,,25.00,EUR,SETTLED,WIN,25.00",
        "2,T-2,DONE,,25.00,EUR,SETTLED,WIN,25.00",
        "3,'@SUM(1),SKIPPED,There is no such ticket.,,,,,",
    ]


def test_every_reader_sees_acts_and_admins_do_not(three: FundedPlayer, desk: Desk) -> None:
    done(desk("Senior"), act_page("T-1", "settle"), result="WIN")

    for role in ("Support", "Operator", "Ops", "Auditor"):
        assert "Settle 1 +25.00 EUR" in read(desk(role), ACTS)
        assert "1 changed" in read(desk(role), f"{ACTS}{last().pk}/change/")
        assert desk(role).get(f"{ACTS}{last().pk}/results.csv").status_code == 200
    for address in (ACTS, f"{ACTS}{last().pk}/change/", f"{ACTS}{last().pk}/results.csv"):
        assert desk("Admin").get(address).status_code == 403
