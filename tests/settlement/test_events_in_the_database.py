"""The database moves a ticket when an event is written, and refuses what does not follow."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from psycopg import sql

from settlement.models import MarketFact, Review, SettlementEvent, Ticket, TicketFact
from tests import databases
from tests.factories import FundedPlayer
from tests.settlement.acting import act_said, done, no_limits, running_act
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


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("of no act", {"batch": None}),
        ("of an act that is not there", {"batch": 0}),
        ("in another's name", {"actor": "user:sam"}),
        ("for another reason", {"reason": "RULES"}),
        ("with another note", {"note": "She said so"}),
    ],
)
def test_what_is_said_by_hand_without_its_act_is_refused(
    player: FundedPlayer, what: str, changes: dict[str, Any]
) -> None:
    accepted(bet(player))
    batch = running_act()
    act_said(batch, "VOID").save()

    with pytest.raises(IntegrityError, match="needs an act that runs"), transaction.atomic():
        act_said(batch, "REOPEN", **changes).save()

    assert TicketFact.objects.get().kind == "VOID"


def test_nothing_is_said_by_hand_after_its_act(player: FundedPlayer) -> None:
    no_limits()
    accepted(bet(player, bet_id="T-1"))
    batch = done("void", "T-1")

    with pytest.raises(IntegrityError, match="needs an act that runs"), transaction.atomic():
        act_said(batch, "REOPEN").save()

    assert TicketFact.objects.get().kind == "VOID"


@pytest.mark.parametrize(
    "forged", ["id = 9223372036854775807", "created_at = '2001-01-01Z'", "xact = '7'"]
)
def test_a_fact_carries_what_the_database_gives_it(player: FundedPlayer, forged: str) -> None:
    accepted(bet(player))
    column, _, value = forged.partition(" = ")

    with (
        pytest.raises(DatabaseError, match="number, time and transaction"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO settlement_ticketfact (ticket_id, kind, source, ticks, key, content,"
            f" actor, reason, note, {column}) SELECT id, 'RESULT', 'ODDS88', 1, '', '{{}}', '', '',"
            f" '', {value} FROM settlement_ticket"
        )


def test_a_ticket_begins_with_nothing(player: FundedPlayer) -> None:
    accepted(bet(player))

    with (
        pytest.raises(DatabaseError, match="moves when an event is written"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"INSERT INTO settlement_ticket (bet_id, {COPIED}, payout, cashed_out_amount)"
            f" SELECT 'forged', {COPIED}, 5000, 5000 FROM settlement_ticket"
        )


COPIED = (
    "content_hash, provider, provider_bet_id, player_id, currency_id, rule_set_id, stake, "
    "cash_stake, kind, system, selection_count, legs, bankers, lines, each_way, free_bet_ref, "
    "placed_at, accepted_at"
)


def test_a_closed_review_stays_as_it_was_closed(player: FundedPlayer) -> None:
    accepted(bet(player))
    review = Review.objects.create(
        kind="EQUAL_TIME", subject="x", sentence="Look.", closed_at=datetime.now(UTC),
        end="DISMISSED", closed_by="user:ann", batch=1, note="Looked.",
    )  # fmt: skip

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(closed_by="user:bob")


@pytest.mark.parametrize("end", ["ACCEPTED", "DISMISSED"])
@pytest.mark.parametrize("words", [{"note": "Looked."}, {"batch": 1}, {}])
def test_a_review_that_somebody_decides_names_the_act_and_why(
    player: FundedPlayer, end: str, words: dict[str, Any]
) -> None:
    review = Review.objects.create(kind="EQUAL_TIME", subject="x", sentence="Look.")

    with pytest.raises(IntegrityError, match="review_is_decided_by_an_act"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(
            closed_at=datetime.now(UTC), end=end, closed_by="user:ann", **words
        )

    review.refresh_from_db()
    assert (review.end, review.closed_at) == ("", None)


def test_history_can_not_be_migrated_away(own_database: str) -> None:
    settled_single(FundedPlayer.create("100.00"))

    with pytest.raises(Exception, match="What was said and done would be lost"):
        call_command("migrate", "settlement", "0004", verbosity=0)
