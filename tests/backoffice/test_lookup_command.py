"""manage.py lookup: what Odds88 says beside what we have, and settled by it when that is wanted."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from backoffice.intake import bring_in
from feeds.models import LookupCall
from feeds.odds88.sandbox.bodies import Ending, Result
from feeds.odds88.sandbox.server import Sandbox
from settlement.models import Ticket
from tests.factories import FundedPlayer
from tests.feeds.asking import both_know
from tests.feeds.conftest import sandbox
from tests.settlement.asked import bet

__all__ = ["sandbox"]


def run(*words: str) -> tuple[int, str, str]:
    """Run the command; return its exit code, what it printed, and what it complained of."""
    said, complained = io.StringIO(), io.StringIO()
    try:
        call_command("lookup", *words, stdout=said, stderr=complained)
    except SystemExit as end:
        return int(end.code or 0), said.getvalue(), complained.getvalue()
    except CommandError as error:
        return error.returncode, said.getvalue(), str(error)
    return 0, said.getvalue(), complained.getvalue()


def test_both_sides_are_shown_and_what_differs_is_marked(
    sandbox: Sandbox, player: FundedPlayer
) -> None:
    both_know(sandbox, player)
    sandbox.settle_unheard("R-1", Ending(Result.WIN))

    code, said, _ = run("R-1")

    assert code == 0
    assert said.splitlines() == [
        "R-1  at Odds88",
        "  At Odds88 the bet is accepted.",
        "                       ours       Odds88's",
        "≠ status               OPEN       SETTLED",
        "≠ result               –          WIN",
        "≠ payout               –          25.00 EUR",
        "  stake                10.00 EUR  10.00 EUR",
        "≠ leg 1: 11 · 21 · 31  –          WIN",
    ]
    assert Ticket.objects.get().status == "OPEN"
    assert set(LookupCall.objects.values_list("actor", flat=True)) == {"system:lookup"}


def test_programs_read_it_as_json(sandbox: Sandbox, player: FundedPlayer) -> None:
    both_know(sandbox, player)

    code, said, _ = run("R-1", "--json")

    found = json.loads(said)
    assert code == 0
    assert found["bet_id"] == "R-1"
    assert found["status"] == "accepted"
    assert found["trouble"] is None
    assert found["fields"][0] == {
        "field": "status", "ours": "OPEN", "theirs": "OPEN", "differs": False
    }  # fmt: skip
    assert len(found["lookups"]) == 2


def test_an_open_ticket_is_settled_by_somebody_who_may(
    sandbox: Sandbox, player: FundedPlayer, user: Any
) -> None:
    both_know(sandbox, player)
    sandbox.settle_unheard("R-1", Ending(Result.WIN))
    olga = user("Operator")

    code, said, _ = run("R-1", "--settle", "--as", olga.username)

    assert code == 0
    assert said.splitlines()[-1] == "  R-1 was settled as Odds88 says."
    assert player.balance == "115.00"
    assert set(LookupCall.objects.values_list("actor", flat=True)) == {f"user:{olga.username}"}


@pytest.mark.parametrize("role", ["Support", "Ops", "Auditor", "Admin"])
def test_nobody_else_settles(sandbox: Sandbox, player: FundedPlayer, user: Any, role: str) -> None:
    both_know(sandbox, player)
    sandbox.settle_unheard("R-1", Ending(Result.WIN))

    code, _, complaint = run("R-1", "--settle", "--as", user(role).username)

    assert code == 1
    assert "“settlement.settle_ticket” is missing. Nothing was changed." in complaint
    assert Ticket.objects.get().status == "OPEN"
    assert not LookupCall.objects.exists()


def test_who_settles_is_needed(sandbox: Sandbox, player: FundedPlayer) -> None:
    both_know(sandbox, player)

    assert run("R-1", "--settle")[0] == 2
    assert run("R-1", "--settle", "--as", "nobody")[0] == 2


def test_a_ticket_that_stays_open_is_no_success(
    sandbox: Sandbox, player: FundedPlayer, user: Any
) -> None:
    both_know(sandbox, player)

    code, said, _ = run("R-1", "--settle", "--as", user("Operator").username)

    assert code == 1
    assert said.splitlines()[-1].startswith("  Odds88 knows no settlement of this bet (400: ")


def test_it_is_said_why_nobody_can_be_asked(sandbox: Sandbox, player: FundedPlayer) -> None:
    both_know(sandbox, player)

    with override_settings(ODDS88_API_URL="http://127.0.0.1:1"):
        code, said, complaint = run("R-1")

    assert code == 1
    assert said == "R-1  at Odds88\n"
    assert "Odds88 can't be reached: it refuses the connection (127.0.0.1:1)." in complaint


def test_a_ticket_of_somebody_else_is_refused(sandbox: Sandbox, player: FundedPlayer) -> None:
    bring_in(tickets=[bet(player, bet_id="T-1")], actor="test")

    assert run("T-1")[::2] == (
        1,
        "T-1 is no bet of Odds88's: its results come from manual.",
    )
    assert run("T-2")[::2] == (1, "There is no ticket “T-2”.")
    assert run("\ud800")[0] == 1
