"""What the application's role must not write past the services."""

from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from psycopg import sql

from settlement import services as settling
from settlement.acts import services
from settlement.models import Batch, Review, SettlementEvent, Ticket
from tests.factories import FundedPlayer
from tests.settlement.acting import OLGA, done, limit, no_limits, previewed
from tests.settlement.acts.test_held import hold_back
from tests.settlement.asked import accepted, bet
from tests.settlement.settling import state
from tests.settlement.test_events_in_the_database import EVENT

APPROVE = """
INSERT INTO settlement_approval (batch_id, step, maker, checker, digest, note)
SELECT id, %s, maker, %s, digest, 'Seen.' FROM settlement_batch WHERE id = %s
"""

SAY_VOID = """
INSERT INTO settlement_ticketfact
       (ticket_id, source, kind, ticks, key, content, actor, reason, note, batch)
SELECT id, 'OPERATOR', 'VOID', 0, sha256(%s::bytea), '{}', %s, 'PROVIDER_DOWN',
       'He does not answer.', %s
  FROM settlement_ticket WHERE bet_id = 'T-2'
"""

SAY_OF_MARKET = """
INSERT INTO settlement_marketfact
       (market_id, source, kind, certainty, ticks, key, content, actor, reason, note, batch)
SELECT id, 'OPERATOR', 'CANCEL', 1, 0, sha256('x'), '{}', %s, %s, %s, %s FROM settlement_market
"""

BEGIN_ACT = """
INSERT INTO settlement_batch
       (key, act, maker, reason, note, content, digest, total, why_asked, state)
VALUES (gen_random_uuid(), 'VOID', 'user:olga', 'OTHER', 'n', '{}', '', 1, %s, %s)
"""

ADD_LINE = """
INSERT INTO settlement_batchline
       (batch_id, position, ticket_id, bet_id, version, expected, difference, state, sentence)
SELECT %s, 2, id, bet_id, 0, 'SETTLED REFUND 1000 0 0', 1000, 'WAITING', ''
  FROM settlement_ticket WHERE bet_id = 'T-2'
"""


@pytest.fixture
def player(db: None) -> FundedPlayer:
    no_limits()
    return FundedPlayer.create("100.00")


@pytest.fixture
def waiting(player: FundedPlayer) -> Batch:
    """An act of olga's on T-1 that waits for somebody who agrees; T-2 stands beside it."""
    limit("Operator", "EUR", 0)
    accepted(bet(player, bet_id="T-1"), bet(player, bet_id="T-2"))
    return done("void", "T-1")


def run(statement: str | sql.Composed, *values: Any) -> None:
    """Run a statement as the application's role."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, list(values))


@pytest.mark.parametrize(
    ("moved", "sentence"),
    [
        ("RUNNING", "waits until somebody other than its maker has decided"),
        ("REFUSED", "waits until somebody other than its maker has decided"),
        ("RETURNED", "waits until somebody other than its maker has decided"),
        ("DONE", "is WAITING and can't become DONE"),
    ],
)
def test_no_act_moves_on_without_a_decision(waiting: Batch, moved: str, sentence: str) -> None:
    with pytest.raises(DatabaseError, match=sentence):
        run("UPDATE settlement_batch SET state = %s WHERE id = %s", moved, waiting.pk)

    waiting.refresh_from_db()
    assert waiting.state == "WAITING"


@pytest.mark.parametrize(
    "checker",
    ["user:olga", "", "user:Olga", "user:olga ", " user:olga", "olga", "user:OLGA"],
)
def test_no_maker_agrees_under_any_spelling_of_his_name(waiting: Batch, checker: str) -> None:
    with pytest.raises(DatabaseError, match="approval_is_given_by_somebody_else"):
        run(APPROVE, "ACCEPTED", checker, waiting.pk)


@pytest.mark.parametrize(
    ("step", "checker", "moved"),
    [
        ("ACCEPTED", "user:sam", "REFUSED"),
        ("REFUSED", "user:sam", "RUNNING"),
        ("WITHDRAWN", "", "RUNNING"),
        ("RETURNED", "user:sam", "RUNNING"),
        ("RETURNED", "user:sam", "REFUSED"),
        ("WITHDRAWN", "", "RETURNED"),
    ],
)
def test_no_act_ends_otherwise_than_was_decided(
    waiting: Batch, step: str, checker: str, moved: str
) -> None:
    run(APPROVE, step, checker, waiting.pk)

    with pytest.raises(DatabaseError, match="waits until somebody other than its maker"):
        run("UPDATE settlement_batch SET state = %s WHERE id = %s", moved, waiting.pk)


@pytest.mark.parametrize(
    "change",
    ["maker = 'user:sam'", "content = '{}'", "digest = ''", "why_asked = ''", "note = 'other'",
     "total = 9", "act = 'CANCEL'", "key = gen_random_uuid()", "created_at = now()"],
)  # fmt: skip
def test_what_was_asked_for_is_not_rewritten(waiting: Batch, change: str) -> None:
    with pytest.raises(DatabaseError, match="permission denied for table settlement_batch"):
        run(f"UPDATE settlement_batch SET {change}")


@pytest.mark.parametrize(
    "change",
    ["expected = 'SETTLED WIN 1 0 0'", "version = 9", "bet_id = 'T-2'", "position = 2",
     "ticket_id = (SELECT id FROM settlement_ticket WHERE bet_id = 'T-2')"],
)  # fmt: skip
def test_no_line_is_rewritten(waiting: Batch, change: str) -> None:
    with pytest.raises(DatabaseError, match="permission denied for table settlement_batchline"):
        run(f"UPDATE settlement_batchline SET {change}")


def test_no_line_of_an_act_that_waits_is_done(waiting: Batch) -> None:
    with pytest.raises(DatabaseError, match="done while it runs: UPDATE is refused"):
        run("UPDATE settlement_batchline SET state = 'DONE', difference = 5")


@pytest.mark.parametrize("table", ["batch", "batchline", "approval", "actlimit", "ticketfact"])
@pytest.mark.parametrize("what", ["DELETE FROM settlement_{}", "TRUNCATE settlement_{} CASCADE"])
def test_no_history_is_removed(waiting: Batch, table: str, what: str) -> None:
    with pytest.raises(DatabaseError, match=f"permission denied for table settlement_{table}"):
        run(what.format(table))


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE settlement_approval SET checker = 'user:sam', step = 'ACCEPTED'",
         "permission denied for table settlement_approval"),
        ("UPDATE settlement_actlimit SET most = 10",
         "permission denied for table settlement_actlimit"),
        ("ALTER TABLE settlement_batch DISABLE TRIGGER USER",
         "must be owner of table settlement_batch"),
        ("SET session_replication_role = replica",
         'permission denied to set parameter "session_replication_role"'),
    ],
)  # fmt: skip
def test_no_approval_limit_or_trigger_is_touched(
    waiting: Batch, statement: str, sentence: str
) -> None:
    with pytest.raises(DatabaseError, match=sentence):
        run(statement)


@pytest.mark.parametrize("maker", ["user:sam", "user:olga"])
def test_nothing_is_said_by_hand_with_an_act_that_waits_or_is_not_there(
    waiting: Batch, maker: str
) -> None:
    for number in (None, 10**9, waiting.pk):
        with pytest.raises(DatabaseError, match="needs an act that runs, of the same person"):
            run(SAY_VOID, uuid4().bytes, maker, number)

    settling.settle(ticket_ids=Ticket.objects.values_list("pk", flat=True))
    assert state("T-2") == ("OPEN", "NONE", 0, 0)
    assert not SettlementEvent.objects.exists()


def test_nothing_more_is_said_with_an_act_that_is_over(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"), bet(player, bet_id="T-2"))
    over = done("void", "T-1")
    assert over.state == "DONE"

    with pytest.raises(DatabaseError, match="needs an act that runs, of the same person"):
        run(SAY_VOID, uuid4().bytes, "user:olga", over.pk)


def test_no_act_on_a_ticket_speaks_of_a_market(player: FundedPlayer) -> None:
    accepted(bet(player, bet_id="T-1"))
    with patch("settlement.acts.services.AT_ONCE", 0):
        shown = previewed("void", "T-1")
        batch = services.act(order=shown.order, actor=OLGA, token=shown.token)
    assert batch.state == "RUNNING"

    with pytest.raises(DatabaseError, match="needs an act that runs, of the same person"):
        run(SAY_OF_MARKET, batch.maker, batch.reason, batch.note, batch.pk)


def test_no_review_of_what_is_held_closes_without_an_act(player: FundedPlayer) -> None:
    hold_back(player)

    with pytest.raises(DatabaseError, match="review_is_decided_by_an_act"):
        run(
            "UPDATE settlement_review SET closed_at = now(), \"end\" = 'ACCEPTED', "
            "closed_by = 'user:sam'"
        )

    assert Review.objects.get().closed_at is None


@pytest.mark.parametrize(
    "change", ["closed_by = 'user:sam'", "closed_at = NULL, \"end\" = '', closed_by = ''"]
)
def test_no_review_that_is_closed_is_opened_or_signed_by_another(
    player: FundedPlayer, change: str
) -> None:
    hold_back(player)
    done("accept", reviews=[Review.objects.get().pk])

    with pytest.raises(DatabaseError, match="settlement_review is append-only: UPDATE is refused"):
        run(f"UPDATE settlement_review SET {change}")

    assert Review.objects.get().closed_by == "user:olga"


@pytest.mark.parametrize(
    ("why_asked", "begun"), [("It is much.", "RUNNING"), ("", "DONE"), ("", "WAITING")]
)
def test_no_act_begins_done_or_past_whoever_is_asked(
    player: FundedPlayer, why_asked: str, begun: str
) -> None:
    with pytest.raises(DatabaseError, match="An act begins waiting for somebody who agrees"):
        run(BEGIN_ACT, why_asked, begun)


def test_no_line_is_added_to_an_act_in_another_transaction(own_database: str) -> None:
    no_limits()
    limit("Operator", "EUR", 0)
    rich = FundedPlayer.create("100.00")
    accepted(bet(rich, bet_id="T-1"), bet(rich, bet_id="T-2"))
    batch = done("void", "T-1")

    with pytest.raises(DatabaseError, match="done while it runs: INSERT is refused"):
        run(ADD_LINE, batch.pk)

    assert batch.lines.count() == 1


@pytest.mark.parametrize(
    ("who", "is_there"),
    [
        ("user:sam", True),
        ("feed:sportradar", True),
        ("user:olga", False),
        ("user:sam", False),
        ("feed:sportradar", False),
    ],
)
def test_no_event_names_an_act_of_somebody_else(
    player: FundedPlayer, who: str, is_there: bool
) -> None:
    accepted(bet(player, bet_id="T-1"), bet(player, bet_id="T-2"))
    over = done("void", "T-1")
    ticket = Ticket.objects.get(bet_id="T-2").pk
    number = over.pk if is_there else 10**9
    row: dict[str, Any] = EVENT | {"ticket_id": ticket, "actor": who, "batch": number}

    with pytest.raises(DatabaseError, match="it names an act of somebody else"):
        run(
            sql.SQL("INSERT INTO settlement_settlementevent ({}) VALUES ({})").format(
                sql.SQL(",").join(map(sql.Identifier, row)),
                sql.SQL(",").join([sql.Placeholder()] * len(row)),
            ),
            *row.values(),
        )

    assert state("T-2") == ("OPEN", "NONE", 0, 0)
