"""Short words for tests that seal: books with something in every table, and hands that tamper."""

import time

from settlement import arrays
from settlement.audit import sealing, verifying
from settlement.audit.findings import Fault
from settlement.audit.forms import NEWEST
from settlement.models import AuditSeal, Ticket, TicketFact
from tests import databases
from tests.factories import FundedPlayer
from tests.settlement.acting import done, limit
from tests.settlement.settling import settled_single

TRIGGERS_OFF = [
    f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in (*NEWEST, "settlement_auditseal")
]


def some_books() -> FundedPlayer:
    """Write something into every table that is sealed."""
    player = FundedPlayer.create("100.00")
    ticket = settled_single(player)
    limit("Operator", "EUR", 0)
    done("resettle", ticket.bet_id, each={"result": "refund"})
    TicketFact.objects.create(
        ticket=Ticket.objects.get(), kind="RESULT", source="ODDS88", ticks=1, key=b"key",
        content="{}",
    )  # fmt: skip
    return player


def seal_everything() -> None:
    """Seal all rows: writers in the server's other databases hold them up for a while."""
    deadline = time.monotonic() + 120
    ((last,),) = arrays.fetch("SELECT pg_current_xact_id()::text", [])
    while arrays.fetch("SELECT WHERE pg_snapshot_xmin(pg_current_snapshot()) <= %s::xid8", [last]):
        assert time.monotonic() < deadline, "somebody else writes for two minutes"
        time.sleep(0.02)
    sealing.seal_all()
    assert verifying.rows_that_wait() == 0


def sealed_books() -> FundedPlayer:
    """Write something into every table, and seal it."""
    player = some_books()
    seal_everything()
    return player


def tamper(*statements: str) -> None:
    """Do something as the owner, with all triggers off."""
    databases.as_owner(*TRIGGERS_OFF, *statements)


def found() -> tuple[Fault, str, int | None] | None:
    """Return what the whole look at the chain finds first: what, the table, the row."""
    finding = verifying.verify().finding
    return (finding.fault, finding.table, finding.id) if finding else None


def seals(table: str) -> list[int]:
    """Return how many rows each seal of a table has, but for the one that opens it."""
    counts = AuditSeal.objects.filter(table=table, row_count__gt=0).order_by("number")
    return list(counts.values_list("row_count", flat=True))


def sealed_ids(table: str) -> list[int]:
    """Return the rows of a table that are sealed, in the order of their seals."""
    lists = AuditSeal.objects.filter(table=table).order_by("number").values_list("ids", flat=True)
    return [number for ids in lists for number in ids]
