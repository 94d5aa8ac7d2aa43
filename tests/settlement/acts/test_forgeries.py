"""What the application's role must not write past the services."""

import uuid
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from settlement import services as settling
from settlement.models import Batch, SettlementEvent, Ticket
from settlement.vocabulary import BatchState
from tests.factories import FundedPlayer
from tests.settlement.acting import OLGA, done, limit, no_limits
from tests.settlement.asked import accepted, bet
from tests.settlement.settling import state


@pytest.fixture
def player(db: None) -> FundedPlayer:
    no_limits()
    return FundedPlayer.create("100.00")


def run(statement: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, list(values))


def is_refused(statement: str, *values: object) -> bool:
    try:
        run(statement, *values)
    except DatabaseError as error:
        print(str(error).splitlines()[0])
        return True
    return False


@pytest.fixture
def waiting(player: FundedPlayer) -> Batch:
    limit("Operator", "EUR", 0)
    accepted(bet(player, bet_id="T-1"), bet(player, bet_id="T-2"))
    return done("void", "T-1")


APPROVE = """INSERT INTO settlement_approval (batch_id, step, maker, checker, digest, note)
             SELECT id, %s, maker, %s, digest, 'x' FROM settlement_batch WHERE id = %s"""


@pytest.mark.parametrize("state_", ["RUNNING", "REFUSED", "RETURNED", "DONE"])
def test_an_act_moves_on_without_a_decision(waiting: Batch, state_: str) -> None:
    assert is_refused("UPDATE settlement_batch SET state = %s WHERE id = %s", state_, waiting.pk)


@pytest.mark.parametrize("checker", ["user:olga", ""])
def test_its_maker_agrees(waiting: Batch, checker: str) -> None:
    assert is_refused(APPROVE, "ACCEPTED", checker, waiting.pk)


@pytest.mark.parametrize("checker", ["user:Olga", "user:olga ", " user:olga", "olga", "user:OLGA"])
def test_somebody_written_like_its_maker_agrees(waiting: Batch, checker: str) -> None:
    assert is_refused(APPROVE, "ACCEPTED", checker, waiting.pk)


@pytest.mark.parametrize(("step", "state_"), [
    ("ACCEPTED", "REFUSED"), ("REFUSED", "RUNNING"), ("WITHDRAWN", "RUNNING"),
    ("RETURNED", "RUNNING"), ("RETURNED", "REFUSED"), ("WITHDRAWN", "RETURNED")])  # fmt: skip
def test_an_act_ends_otherwise_than_was_decided(waiting: Batch, step: str, state_: str) -> None:
    run(APPROVE, step, "" if step == "WITHDRAWN" else "user:sam", waiting.pk)
    assert is_refused("UPDATE settlement_batch SET state = %s WHERE id = %s", state_, waiting.pk)


@pytest.mark.parametrize("change", [
    "maker = 'user:sam'", "content = '{}'", "digest = ''", "why_asked = ''", "note = 'other'",
    "total = 9", "act = 'CANCEL'", "key = gen_random_uuid()", "created_at = now()"])  # fmt: skip
def test_what_was_asked_for_is_rewritten(waiting: Batch, change: str) -> None:
    assert is_refused(f"UPDATE settlement_batch SET {change} WHERE id = {waiting.pk}")


@pytest.mark.parametrize("change", [
    "expected = 'SETTLED WIN 1 0 0'", "version = 9", "bet_id = 'T-2'", "position = 2",
    "ticket_id = (SELECT id FROM settlement_ticket WHERE bet_id = 'T-2')"])  # fmt: skip
def test_a_line_is_rewritten(waiting: Batch, change: str) -> None:
    assert is_refused(f"UPDATE settlement_batchline SET {change} WHERE batch_id = {waiting.pk}")


def test_a_line_of_a_waiting_act_is_said_to_be_done(waiting: Batch) -> None:
    assert is_refused(
        "UPDATE settlement_batchline SET state = 'DONE', difference = 5 WHERE batch_id = %s",
        waiting.pk,
    )


@pytest.mark.parametrize("table", ["batch", "batchline", "approval", "actlimit", "ticketfact"])
@pytest.mark.parametrize("what", ["DELETE FROM settlement_{}", "TRUNCATE settlement_{} CASCADE"])
def test_history_is_removed(waiting: Batch, table: str, what: str) -> None:
    assert is_refused(what.format(table))


def test_an_approval_is_rewritten(waiting: Batch) -> None:
    assert is_refused("UPDATE settlement_approval SET checker = 'user:sam', step = 'ACCEPTED'")


def test_a_limit_is_rewritten(player: FundedPlayer) -> None:
    assert is_refused("UPDATE settlement_actlimit SET most = 10")


def test_triggers_are_switched_off(player: FundedPlayer) -> None:
    assert is_refused("ALTER TABLE settlement_batch DISABLE TRIGGER USER")
    assert is_refused("SET session_replication_role = replica")


FACT = """INSERT INTO settlement_ticketfact
                 (ticket_id, source, kind, ticks, key, content, actor, reason, note, batch)
          SELECT id, 'OPERATOR', 'VOID', 0, sha256(%s::bytea), '{}', %s, 'OTHER', 'x', %s
            FROM settlement_ticket WHERE bet_id = 'T-2'"""


def test_an_act_is_said_without_a_batch(waiting: Batch) -> None:
    refused = is_refused(FACT, uuid.uuid4().bytes, "user:sam", None)
    settling.settle(ticket_ids=Ticket.objects.values_list("pk", flat=True))
    print(state("T-2"), SettlementEvent.objects.values("actor", "batch"))
    assert refused


def test_an_act_is_said_with_a_batch_that_is_not_there(waiting: Batch) -> None:
    assert is_refused(FACT, uuid.uuid4().bytes, "user:sam", 10**9)


def test_an_act_is_said_with_the_batch_of_another(waiting: Batch) -> None:
    assert is_refused(FACT, uuid.uuid4().bytes, "user:sam", waiting.pk)


def test_an_act_that_waits_is_said_already(waiting: Batch) -> None:
    assert is_refused(FACT, uuid.uuid4().bytes, "user:olga", waiting.pk)


def test_an_act_that_is_over_says_more(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"), bet(player, bet_id="T-2"))
    over = done("void", "T-1")
    assert over.state == BatchState.DONE
    assert is_refused(FACT, uuid.uuid4().bytes, "user:olga", over.pk)


def test_a_review_of_a_held_state_is_closed_without_an_act(player: FundedPlayer) -> None:
    from tests.settlement.acts.test_wrong_money import hold_back

    hold_back(player)
    assert is_refused(
        """UPDATE settlement_review SET closed_at = now(), "end" = 'ACCEPTED', closed_by = 'user:sam'"""
    )


def test_a_closed_review_is_opened_or_signed_by_another(player: FundedPlayer) -> None:
    from tests.settlement.acts.test_wrong_money import hold_back
    from settlement.models import Review

    hold_back(player)
    done("accept", reviews=[Review.objects.get().pk])
    assert is_refused("UPDATE settlement_review SET closed_by = 'user:sam'")
    assert is_refused("UPDATE settlement_review SET closed_at = NULL, \"end\" = '', closed_by = ''")


def test_an_act_begins_done_or_running_though_somebody_was_asked(player: FundedPlayer) -> None:
    insert = """INSERT INTO settlement_batch (key, act, maker, reason, note, content, digest, total,
                       why_asked, state) VALUES (gen_random_uuid(), 'VOID', 'user:x', 'OTHER', 'n',
                       '{}', '', 1, %s, %s)"""
    assert is_refused(insert, "much", "RUNNING")
    assert is_refused(insert, "", "DONE")
    assert is_refused(insert, "", "WAITING")


def test_a_line_is_added_to_an_act_later(own_database: str) -> None:
    no_limits()
    limit("Operator", "EUR", 0)
    rich = FundedPlayer.create("100.00")
    accepted(bet(rich, bet_id="T-1"), bet(rich, bet_id="T-2"))
    batch = done("void", "T-1")

    assert is_refused(
        """INSERT INTO settlement_batchline (batch_id, position, ticket_id, bet_id, version, expected,
                                            difference, state, sentence)
           SELECT %s, 2, id, bet_id, 0, 'SETTLED REFUND 1000 0 0', 1000, 'WAITING', ''
             FROM settlement_ticket WHERE bet_id = 'T-2'""",
        batch.pk,
    )


@pytest.mark.parametrize("who", ["user:sam", "user:olga", "feed:sportradar"])
@pytest.mark.parametrize("number", [10**9, 1])
def test_an_event_names_a_batch_that_did_not_make_it(
    player: FundedPlayer, who: str, number: int
) -> None:
    accepted(bet(player, bet_id="T-1"), bet(player, bet_id="T-2"))
    over = done("void", "T-1")
    if number == 1:
        number = over.pk
    from tests.settlement.test_events_in_the_database import EVENT

    row = EVENT | {"ticket_id": Ticket.objects.get(bet_id="T-2").pk, "actor": who, "batch": number}
    columns = ", ".join(row)
    assert is_refused(
        f"INSERT INTO settlement_settlementevent ({columns}) VALUES ({', '.join(['%s'] * len(row))})",
        *row.values(),
    )


def test_a_market_is_spoken_of_beside_an_act_on_a_ticket(player: FundedPlayer) -> None:
    from settlement.acts import services as acts
    from unittest.mock import patch
    from tests.settlement.acting import previewed

    accepted(bet(player, bet_id="T-1"), bet(player, bet_id="T-2"))
    with patch("settlement.acts.services.AT_ONCE", 0):
        shown = previewed("void", "T-1")
        batch = acts.act(order=shown.order, actor=OLGA, token=shown.token)
    assert batch.state == "RUNNING"
    assert is_refused(
        """INSERT INTO settlement_marketfact (market_id, source, kind, certainty, ticks, key, content, actor,
                                              reason, note, batch)
           SELECT id, 'OPERATOR', 'CANCEL', 1, 0, sha256('x'), '{}', %s, %s, %s, %s FROM settlement_market""",
        batch.maker,
        batch.reason,
        batch.note,
        batch.pk,
    )
