"""The database moves a ticket when an event is written, and refuses what does not follow."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from psycopg import sql

from settlement.models import MarketFact, SettlementEvent, Ticket, TicketFact
from tests import databases
from tests.factories import FundedPlayer
from tests.settlement.asked import accepted, bet
from tests.settlement.settling import settled_single, state

EVENT: dict[str, Any] = {
    "sequence": 1, "kind": "SETTLE", "source": "ODDS88", "actor": "feed:odds88",
    "reason": "PROVIDER_RESULT", "before_status": "OPEN", "before_result": "NONE",
    "before_payout": 0, "after_status": "SETTLED", "after_result": "LOSE", "after_payout": 0,
    "cashed_out_stake": 0, "cashed_out_amount": 0, "settled_ticks": 1, "difference": 0,
    "transfer": None, "ticket_facts": [], "market_facts": [], "legs": "[]", "note": "",
}  # fmt: skip


def write_event(**changes: Any) -> None:
    """Write an event past the services, as the application's role."""
    row = EVENT | {"ticket_id": Ticket.objects.get().pk} | changes
    statement = sql.SQL("INSERT INTO settlement_settlementevent ({}) VALUES ({})").format(
        sql.SQL(",").join(map(sql.Identifier, row)),
        sql.SQL(",").join([sql.Placeholder()] * len(row)),
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, list(row.values()))


def test_an_event_moves_its_ticket(player: FundedPlayer) -> None:
    accepted(bet(player))

    write_event()

    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.result, ticket.version, ticket.settled_ticks) == (
        "SETTLED", "LOSE", 1, 1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("what", "changes", "complaint"),
    [
        ("for no ticket", {"ticket_id": 0}, "there is no such ticket"),
        ("that leaves one out", {"sequence": 2}, "does not start where the ticket stands"),
        ("that starts elsewhere", {"before_status": "REJECTED"}, "does not start where"),
        ("from another payout", {"before_payout": 5, "after_payout": 5}, "does not start where"),
        ("that pays without a transfer",
         {"after_payout": 5, "difference": 5}, "event_names_its_transfer"),
        ("whose transfer is none", {"transfer": 1}, "event_names_its_transfer"),
        ("with a transfer of another kind",
         {"after_payout": 5, "difference": 5, "transfer": 1}, "its transfer is not the difference"),
        ("with a wrong difference", {"after_payout": 5}, "difference_is_that_of_its_payouts"),
        ("by nobody", {"actor": ""}, "event_says_who_and_why"),
        ("without a reason", {"reason": ""}, "event_says_who_and_why"),
        ("of another transaction", {"xact": "7"}, "the time and the number of the transaction"),
        ("of another time", {"created_at": "2020-01-01Z"}, "the time and the number of the trans"),
        ("to an unknown status", {"after_status": "WON"}, "ticket_status_is_known|has_a_result"),
        ("to an unknown result", {"after_result": "MAYBE"}, "ticket_result_is_known"),
        ("that settles without a result", {"after_result": "NONE"}, "has_a_result_when_settled"),
        ("that cancels with a result", {"after_status": "CANCELLED"}, "has_a_result_when_settled"),
        ("that cashes out more than was bet", {"cashed_out_stake": 1001}, "are_not_negative"),
        ("that cashes out below zero", {"cashed_out_amount": -1}, "are_not_negative"),
    ],
)  # fmt: skip
def test_an_event_that_does_not_follow_is_refused(
    player: FundedPlayer, what: str, changes: dict[str, Any], complaint: str
) -> None:
    accepted(bet(player))

    with pytest.raises(DatabaseError, match=complaint):
        write_event(**changes)

    assert state() == ("OPEN", "NONE", 0, 0)
    assert not SettlementEvent.objects.exists()


@pytest.mark.parametrize("column", ["status = 'SETTLED', result = 'WIN'", "payout = 1",
                                    "version = 1", "cashed_out_stake = 1"])  # fmt: skip
def test_a_ticket_moves_by_its_events_alone_whoever_tries(own_database: str, column: str) -> None:
    accepted(bet(FundedPlayer.create("100.00")))

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(f"UPDATE settlement_ticket SET {column}")
    with pytest.raises(Exception, match="it moves when an event is written"):
        databases.as_owner(f"UPDATE settlement_ticket SET {column}")

    assert state() == ("OPEN", "NONE", 0, 0)


@pytest.mark.parametrize("model", [SettlementEvent, TicketFact, MarketFact])
@pytest.mark.parametrize("statement", ["UPDATE {} SET note = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_what_was_said_and_done_is_never_edited(
    own_database: str, model: type, statement: str
) -> None:
    settled_single(FundedPlayer.create("100.00"))
    table = model._meta.db_table  # type: ignore[attr-defined]
    before = list(model.objects.values())  # type: ignore[attr-defined]

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement.format(table))
    with pytest.raises(Exception, match="is append-only"):
        databases.as_owner(statement.format(table))

    assert list(model.objects.values()) == before  # type: ignore[attr-defined]


def test_a_fact_without_who_said_it_is_refused(player: FundedPlayer) -> None:
    accepted(bet(player))

    with pytest.raises(IntegrityError, match="ticket_act_says_who_and_why"), transaction.atomic():
        TicketFact.objects.create(
            ticket=Ticket.objects.get(), kind="VOID", source="OPERATOR", ticks=0, key=b"1",
            content="{}",
        )  # fmt: skip
