"""manage.py ticket: what is known about a bet, for people and for programs."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from settlement.models import Selection, Ticket
from tests.factories import FundedPlayer
from tests.settlement.asked import accepted, bet, builder, selection
from wallet.models import Transfer


def run(*words: str) -> tuple[int, str, str]:
    """Run the command; return its exit code, what it printed, and what it complained about."""
    said, complaint = io.StringIO(), io.StringIO()
    try:
        call_command("ticket", *words, stdout=said, stderr=complaint)
    except SystemExit as end:
        return int(end.code or 0), said.getvalue(), complaint.getvalue()
    return 0, said.getvalue(), complaint.getvalue()


def objects(*words: str) -> list[dict[str, Any]]:
    """Return what the command tells programs."""
    code, said, _ = run(*words, "--json")
    assert code == 0
    return [json.loads(line) for line in said.splitlines()]


@pytest.fixture
def ticket(db: None) -> Ticket:
    """A single of 10.00 at 2.50, of a player who had 100.00."""
    player = FundedPlayer.create("100.00", external_id="P")
    names = {"event_name": "Hull v York", "market_name": "Result", "outcome_name": "Hull"}
    accepted(bet(player, selection(**names), bet_id="T-1"))
    return Ticket.objects.get()


def test_a_ticket_is_told_to_people(ticket: Ticket) -> None:
    code, said, complaint = run("T-1")

    taken = Transfer.objects.get(kind="STAKE").created_at.isoformat()
    assert (code, complaint) == (0, "")
    assert said.splitlines()[:5] == [
        "T-1  OPEN NONE",
        "  player P, balance 90.00 EUR",
        "  stake 10.00 EUR (cash 10.00), payout 0.00 EUR",
        f"  single, manual, placed 2026-11-20T10:00:00+00:00, rule set {ticket.rule_set_id}",
        f"  STAKE -10.00 EUR → 90.00, test, BET_PLACED, {taken}",
    ]
    assert "Hull v York · Result · Hull" in said


def test_the_explanation_follows_what_is_known(ticket: Ticket) -> None:
    Selection.objects.update(win_factor="1", void_factor="0", result="WIN")

    assert "25.00" in run("T-1")[1]


def test_a_ticket_is_told_to_programs(ticket: Ticket) -> None:
    (found,) = objects("T-1")

    transfer = Transfer.objects.get(kind="STAKE")
    (one,) = found.pop("selections")
    assert found == {
        "bet_id": "T-1", "provider": "manual", "provider_bet_id": None, "player": "P",
        "currency": "EUR", "stake": "10.00", "cash_stake": "10.00", "kind": "single", "lines": 1,
        "each_way": False, "free_bet_ref": None, "placed_at": "2026-11-20T10:00:00+00:00",
        "accepted_at": "2026-11-20T10:00:00+00:00", "rule_set": ticket.rule_set_id,
        "status": "OPEN", "result": "NONE", "payout": "0.00", "balance": "90.00",
        "events": [], "reviews": [],
        "transfers": [{
            "key": f"ticket:{ticket.pk}:0", "kind": "STAKE", "change": "-10.00",
            "balance_after": "90.00", "actor": "test", "reason": "BET_PLACED",
            "created_at": transfer.created_at.isoformat(),
        }],
    }  # fmt: skip
    assert one == {
        "position": 1, "event": "E-1", "event_name": "Hull v York", "market": "1",
        "market_name": "Result", "specifiers": "", "outcome": "X", "outcome_name": "Hull",
        "line": None, "provider": "manual", "price": "2.50", "banker": False, "group": None,
        "place_fraction": None, "place_price": None, "result": None, "win_factor": None,
        "void_factor": None, "place_win_factor": None, "place_void_factor": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("currency", "stake", "cash", "balance"),
    [
        ("JPY", "333", "333", "667"),
        ("BTC", "0.00000001", "0.00000001", "999.99999999"),
        ("KWD", "0.125", "0.125", "999.875"),
    ],
)
def test_amounts_are_decimal_text_in_every_precision(
    db: None, currency: str, stake: str, cash: str, balance: str
) -> None:
    player = FundedPlayer.create("1000", currency)
    accepted(bet(player, stake=stake, bet_id="T-1"))

    (found,) = objects("T-1")

    assert (found["stake"], found["cash_stake"], found["balance"]) == (stake, cash, balance)


def test_a_free_bet_of_somebody_without_an_account_is_told(db: None) -> None:
    player = FundedPlayer.create()
    accepted(bet(player, bet_id="T-1", currency="USD", free_bet_ref="F-1", provider_bet_id="R"))

    (found,) = objects("T-1")

    assert (found["balance"], found["cash_stake"], found["transfers"]) == ("0.00", "0.00", [])
    assert (found["free_bet_ref"], found["provider_bet_id"]) == ("F-1", "R")
    assert run("T-1")[0] == 0


def test_what_no_rule_computes_is_said(player: FundedPlayer) -> None:
    accepted(bet(player, *builder("X", "Y"), selection(2), kind="exotic", bet_id="T-1"))

    code, said, _ = run("T-1")

    assert code == 0
    assert "settled by the provider's payout or by amount, not computed" in said


def test_several_tickets_are_told_in_the_order_they_were_asked_for(player: FundedPlayer) -> None:
    accepted(*(bet(player, bet_id=f"T-{number}") for number in range(3)))

    assert [one["bet_id"] for one in objects("T-2", "T-0", "T-2")] == ["T-2", "T-0", "T-2"]


@pytest.mark.parametrize("words", [[], ["--json"]])
@pytest.mark.parametrize(
    ("what", "bet_id"),
    [
        ("an unknown one", "T-0"),
        ("the same in small letters", "t-1"),
        ("a part of one", "T"),
        ("a pattern", "T-%"),
        ("a letter that no text holds", "T\0"),
        ("bytes that are no text", "T\udcff"),
    ],
)
def test_an_unknown_ticket_is_named_and_the_others_are_told(
    ticket: Ticket, what: str, bet_id: str, words: list[str]
) -> None:
    code, said, complaint = run(bet_id, "T-1", *words)

    assert code == 1
    assert complaint.startswith("There is no ticket “")
    assert "T-1" in said


def test_a_ticket_must_be_named(db: None) -> None:
    with pytest.raises(CommandError, match="BET_ID"):
        call_command("ticket")
