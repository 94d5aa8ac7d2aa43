"""Acts above somebody's limit, at the desk: another person agrees, or does not."""

from collections.abc import Callable

import pytest
from django.test import Client

from settlement.models import Batch
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
from tests.settlement.acting import limit
from tests.settlement.settling import LOST, said, state, tell

Desk = Callable[[str], Client]
APPROVALS = "/admin/settlement/approval/"
REVIEWS = "/admin/settlement/review/"
LIMITS = "/admin/settlement/actlimit/"


@pytest.fixture
def operator(desk: Desk) -> Client:
    """An operator's browser."""
    return desk("Operator")


@pytest.fixture
def waiting(single: FundedPlayer, operator: Client) -> Batch:
    """An act of an operator's that is above his limit."""
    limit("Operator", "EUR", 1000)
    address = act_page("T-1", "settle")
    shown, sent = asked(operator, address, result="WIN")
    assert "You need another person: The act moves 25.00 EUR; alone you move at most" in shown
    assert "Ask for approval" in shown
    assert "Do it" not in shown
    assert "waits for another person" in confirmed(operator, address, sent)
    assert state() == ("OPEN", "NONE", 0, 0)
    return last()


def decide(client: Client, batch: Batch, decision: str, note: str = "Seen.") -> str:
    """Decide about an act; return what the page says that follows."""
    address = f"{APPROVALS}{batch.pk}/decide/"
    return confirmed(client, address, {"decision": decision, "note": note})


def test_a_senior_agrees_and_it_is_done(waiting: Batch, desk: Desk) -> None:
    senior = desk("Senior")

    assert f"{waiting.pk} Settle" in read(senior, APPROVALS)
    page = read(senior, f"{APPROVALS}{waiting.pk}/decide/")
    assert "T-1 Open 0.00 EUR Settled: win 25.00 EUR" in page
    after = decide(senior, waiting, "accept")

    assert "is done: 1 changed." in after
    assert "agreed" in after
    assert state() == ("SETTLED", "WIN", 2500, 1)
    assert sound()


def test_a_senior_refuses_and_nothing_is_done(waiting: Batch, desk: Desk) -> None:
    after = decide(desk("Senior"), waiting, "refuse", "Not without the slip.")

    assert "Not without the slip." in after
    assert state() == ("OPEN", "NONE", 0, 0)
    waiting.refresh_from_db()
    assert waiting.state == "REFUSED"


def test_nobody_decides_without_a_word(waiting: Batch, desk: Desk) -> None:
    assert "This field is required." in decide(desk("Senior"), waiting, "accept", "")
    assert state() == ("OPEN", "NONE", 0, 0)


def test_its_maker_may_withdraw_it_and_not_agree(
    waiting: Batch, operator: Client, desk: Desk
) -> None:
    page = read(operator, f"{APPROVALS}{waiting.pk}/decide/")
    assert "Withdraw it" in page
    assert "Agree" not in page
    sent = {"decision": "accept", "note": "Mine."}
    address = f"{APPROVALS}{waiting.pk}/decide/"
    assert operator.post(address, sent).status_code == 403

    decide(operator, waiting, "withdraw")

    waiting.refresh_from_db()
    assert waiting.state == "REFUSED"
    assert state() == ("OPEN", "NONE", 0, 0)


def test_a_senior_does_not_agree_to_his_own(single: FundedPlayer, desk: Desk) -> None:
    limit("Senior", "EUR", 1000)
    senior = desk("Senior")
    done(senior, act_page("T-1", "settle"), result="WIN")

    told = decide(senior, last(), "accept")

    assert "You asked for this act yourself: somebody else has to decide about it." in told
    assert state() == ("OPEN", "NONE", 0, 0)


@pytest.mark.parametrize("role", ["Support", "Ops", "Auditor", "Operator"])
def test_others_look_and_do_not_decide(waiting: Batch, desk: Desk, role: str) -> None:
    client = desk(role)

    assert "Agree" not in read(client, f"{APPROVALS}{waiting.pk}/decide/")
    for decision in ("accept", "refuse", "withdraw", "undo"):
        sent = {"decision": decision, "note": "No."}
        answer = client.post(f"{APPROVALS}{waiting.pk}/decide/", sent)
        assert answer.status_code == 403
    waiting.refresh_from_db()
    assert waiting.state == "WAITING"


def test_what_has_changed_goes_back_to_its_maker_who_looks_again(
    waiting: Batch, operator: Client, desk: Desk
) -> None:
    limit("Operator", "EUR", 10**6)
    tell(said(outcomes={"X": LOST}))
    senior = desk("Senior")
    assert "has changed since it was asked for" in read(
        senior, f"{APPROVALS}{waiting.pk}/decide/"
    ) or "can't be shown" in read(senior, f"{APPROVALS}{waiting.pk}/decide/")

    assert "went back to its maker" in decide(senior, waiting, "accept")

    assert state() == ("SETTLED", "LOSE", 0, 1)
    assert "Look again…" in read(operator, APPROVALS)
    again = f"{ACTS}{waiting.pk}/again/"
    assert senior.get(again).status_code == 403
    shown, _ = asked(operator, again)
    assert "T-1: It is settled as lose with 0.00 EUR paid already" in shown
