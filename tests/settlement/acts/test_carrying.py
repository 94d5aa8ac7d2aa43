"""Large acts are carried out chunk by chunk, by several, by some who die, with some that fail."""

from collections.abc import Iterable, Sequence
from functools import partial
from unittest.mock import patch

import psycopg
import pytest
from django.db import connection
from django.db.models import Count

from settlement.acts import carrying, services
from settlement.acts.carrying import Running
from settlement.book import Book
from settlement.models import Batch, BatchLine, SettlementEvent, Ticket, TicketFact
from settlement.plans import Plan
from settlement.services import carried_out, drain
from settlement.tasks import finish_acts
from tests import databases
from tests.factories import FundedPlayer
from tests.feeds.test_interleavings import assert_sound
from tests.settlement.acting import OLGA, confirmed, no_limits, previewed
from tests.settlement.asked import accepted, bet
from tests.settlement.settling import LOST, said, state, tell
from tests.wallet.test_races import somebody_waits, together, wait_until

WON_BY_HAND = {
    "provider": "manual", "event": "E-1", "market": "1", "outcomes": {"X": {"result": "win"}},
}  # fmt: skip


@pytest.fixture
def books(own_database: str) -> FundedPlayer:
    """Somebody with 100,000.00 EUR in a database of his own; olga acts alone."""
    no_limits()
    return FundedPlayer.create("100000.00")


def large(player: FundedPlayer, count: int) -> Batch:
    """Bring in so many tickets, and let olga begin to settle them."""
    ids = [f"T-{number}" for number in range(count)]
    accepted(*[bet(player, bet_id=one) for one in ids])
    shown = previewed("settle", *ids, each={"result": "win"})
    batch = services.act(order=shown.order, actor=OLGA, token=shown.token)
    assert batch.state == "RUNNING"
    return batch


def carried_out_but(bad: Iterable[str], book: Book, plans: Sequence[Plan]) -> None:
    """Carry plans out, unless one of some tickets is among them: that breaks all."""
    if {plan.ticket.bet_id for plan in plans} & set(bad):
        raise KeyError("broken")
    carried_out(book, plans)


def test_a_large_act_with_lines_that_fail_is_finished_by_four_at_once(books: FundedPlayer) -> None:
    large(books, 250)
    bad = {f"T-{number}" for number in range(0, 250, 40)}

    with (
        patch("settlement.acts.carrying.carried_out", partial(carried_out_but, bad)),
        patch("settlement.acts.carrying.FIRST_CHUNK", 8),
    ):
        assert together(*[finish_acts] * 4) == [None] * 4
        finish_acts()

    failed = BatchLine.objects.filter(state="FAILED").values_list("bet_id", flat=True)
    assert set(failed) == {"T-0", "T-40", "T-80", "T-120", "T-160", "T-200", "T-240"}
    assert Batch.objects.get().state == "DONE"
    assert SettlementEvent.objects.count() == TicketFact.objects.count() == 243
    assert_sound()


def test_a_large_act_that_dies_between_chunks_is_finished_by_another(books: FundedPlayer) -> None:
    large(books, 250)

    good, chunks = carrying.carry_on, iter([100, 100])

    def dies_at_the_third(act: Running, most: int) -> int:
        done = good(act, next(chunks, 50))
        if BatchLine.objects.filter(state="WAITING").exists():
            return done
        raise SystemExit

    with patch("settlement.acts.carrying.carry_on", dies_at_the_third), pytest.raises(SystemExit):
        finish_acts()
    assert SettlementEvent.objects.count() == 200
    tell(said(outcomes={"X": LOST}))
    finish_acts()

    assert Batch.objects.get().state == "DONE"
    ends = Ticket.objects.order_by("result").values_list("result").annotate(Count("pk"))
    assert list(ends) == [("LOSE", 50), ("WIN", 200)]
    assert_sound()


def test_a_large_act_undone_by_three_at_once_is_undone_once(books: FundedPlayer) -> None:
    batch = services.finish(batch=large(books, 250))
    shown = previewed("undo", undoes=batch.pk)

    results = together(*[partial(confirmed, shown)] * 3)
    finish_acts()

    assert len({one.pk for one in results if isinstance(one, Batch)}) == 1
    assert set(Batch.objects.values_list("state", flat=True)) == {"DONE"}
    assert set(Ticket.objects.values_list("status", "payout")) == {("OPEN", 0)}
    assert TicketFact.objects.filter(kind="RETRACTION").count() == 250
    assert_sound()


def test_only_the_line_that_fails_is_marked_and_nobody_else_is_at_the_others(
    books: FundedPlayer,
) -> None:
    with patch("settlement.acts.services.AT_ONCE", 0):
        batch = large(books, 3)
    good, free = carrying.why_failed, []

    def while_another_worker_looks(error: Exception) -> str:
        with psycopg.connect(databases.owner_url(connection.settings_dict["NAME"])) as other:
            free.extend(
                other.execute(
                    "SELECT bet_id FROM settlement_batchline FOR UPDATE SKIP LOCKED"
                ).fetchall()
            )
        return good(error)

    with (
        patch("settlement.acts.carrying.carried_out", partial(carried_out_but, ["T-0"])),
        patch("settlement.acts.carrying.why_failed", while_another_worker_looks),
    ):
        services.finish(batch=batch)

    assert free == []
    assert dict(BatchLine.objects.values_list("bet_id", "state")) == {
        "T-0": "FAILED", "T-1": "DONE", "T-2": "DONE",
    }  # fmt: skip
    assert_sound()


@pytest.mark.parametrize("end", ["ROLLBACK", "COMMIT"])
def test_an_act_on_a_market_waits_for_whoever_looks_for_its_tickets(
    books: FundedPlayer, end: str
) -> None:
    accepted(bet(books, bet_id="T-1"))
    drain()
    shown = previewed("market_settle", market=WON_BY_HAND)
    batch = services.act(order=shown.order, actor=OLGA, token=shown.token)

    finish_beside(batch, LOOKS, end)

    line = BatchLine.objects.get()
    assert (batch.state, line.state, line.difference) == ("DONE", "DONE", 2500)
    assert state() == ("SETTLED", "WIN", 2500, 1)
    assert_sound()


def test_an_act_waits_for_whoever_is_at_its_tickets_and_does_what_he_leaves(
    books: FundedPlayer,
) -> None:
    with patch("settlement.acts.services.AT_ONCE", 0):
        batch = large(books, 3)

    finish_beside(batch, "SELECT 1 FROM settlement_batchline WHERE position = 2 FOR UPDATE")

    assert batch.state == "DONE"
    assert set(Ticket.objects.values_list("bet_id", "status", "payout")) == {
        ("T-0", "SETTLED", 2500), ("T-1", "SETTLED", 2500), ("T-2", "SETTLED", 2500),
    }  # fmt: skip
    assert_sound()


def finish_beside(batch: Batch, takes: str, end: str = "ROLLBACK") -> None:
    """Finish an act while a worker is at some of it, who ends once somebody waits for him."""
    with psycopg.connect(databases.owner_url(connection.settings_dict["NAME"])) as worker:
        worker.execute(takes)

        def ends() -> None:
            wait_until(somebody_waits)
            worker.execute(end)

        assert together(partial(services.finish, batch=batch), ends) == [batch, None]


LOOKS = """
WITH taken AS (DELETE FROM settlement_duemarket)
INSERT INTO settlement_dueticket (ticket_id) SELECT id FROM settlement_ticket
"""
