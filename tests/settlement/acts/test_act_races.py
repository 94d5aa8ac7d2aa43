"""Acts by hand at once, against each other and against the feed; and killed in between."""

import json
from functools import partial
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
from django.db import connection
from structlog.testing import capture_logs

from backoffice import truths
from feeds import inbox
from settlement import services as settling
from settlement.acts import carrying, services
from settlement.models import (
    Approval,
    Batch,
    BatchLine,
    Review,
    SettlementEvent,
    Ticket,
    TicketFact,
)
from settlement.acts.tokens import StalePreview
from settlement.tasks import finish_acts
from tests import databases
from tests.factories import FundedPlayer
from tests.feeds.words import odds88
from tests.settlement.acting import OLGA, SAM, confirmed, done, limit, no_limits, previewed, words
from tests.settlement.asked import accepted, bet, legs
from tests.settlement.settling import LOST, VOID, WON, receive_and_process, said, state, tell
from tests.wallet.test_races import together

MONTH = 31 * 24 * 3600 * 10_000_000


@pytest.fixture
def books(own_database: str) -> FundedPlayer:
    no_limits()
    return FundedPlayer.create("100000.00")


def unsound() -> list[object]:
    return [(one.truth, one.rows) for one in truths.check() if one.rows]


def bugs(results: list[object]) -> list[object]:
    from settlement.orders import ActRefused

    return [
        one for one in results if isinstance(one, Exception) and not isinstance(one, ActRefused)
    ]


@pytest.mark.parametrize("seed", range(5))
def test_one_token_confirmed_by_eight_is_done_once(books: FundedPlayer, seed: int) -> None:
    accepted(bet(books, bet_id="T-1"))
    shown = previewed("settle", "T-1", each={"result": "win"})

    results = together(
        *[partial(services.act, order=shown.order, actor=OLGA, token=shown.token)] * 8
    )

    assert {getattr(one, "pk", one) for one in results} == {Batch.objects.get().pk}
    assert state() == ("SETTLED", "WIN", 2500, 1)
    assert unsound() == []


@pytest.mark.parametrize("seed", range(5))
def test_eight_acts_on_one_ticket_one_wins(books: FundedPlayer, seed: int) -> None:
    accepted(bet(books, bet_id="T-1"))
    shown = [previewed("settle", "T-1", each={"payout": f"{n}.00"}) for n in range(1, 9)]

    results = together(
        *[partial(services.act, order=one.order, actor=OLGA, token=one.token) for one in shown]
    )

    assert bugs(results) == []
    assert sum(isinstance(one, Batch) for one in results) == 1
    assert SettlementEvent.objects.count() == 1
    assert unsound() == []


@pytest.mark.parametrize("seed", range(8))
def test_acts_and_the_feed_at_once_end_soundly(books: FundedPlayer, seed: int) -> None:
    accepted(*[bet(books, bet_id=f"T-{n}") for n in range(30)])
    ids = [f"T-{n}" for n in range(30)]
    one = previewed("settle", *ids, each={"result": "win"})
    two = previewed("void", *reversed(ids))
    three = previewed("market_void", market={"provider": "manual", "event": "E-1", "market": "1"})

    results = together(
        *[partial(confirmed, shown) for shown in (one, two, three)],
        lambda: tell(said(outcomes={"X": LOST})),
        lambda: tell(said(ticks=2000, outcomes={"X": WON})),
        settling.drain,
    )

    assert bugs(results) == []
    settling.drain()
    assert not Batch.objects.exclude(state="DONE").exists()
    assert unsound() == []


@pytest.mark.parametrize("seed", range(5))
def test_two_who_agree_at_once(books: FundedPlayer, seed: int) -> None:
    limit("Operator", "EUR", 0)
    accepted(bet(books, bet_id="T-1"))
    batch = done("settle", "T-1", each={"result": "win"})
    eve = SAM.__class__("user:eve", SAM.roles, SAM.permissions)

    results = together(
        partial(services.accept, batch_id=batch.pk, actor=SAM, note="x"),
        partial(services.accept, batch_id=batch.pk, actor=eve, note="x"),
        partial(services.refuse, batch_id=batch.pk, actor=eve, note="x"),
        partial(services.withdraw, batch_id=batch.pk, actor=OLGA, note="x"),
    )

    assert bugs(results) == []
    assert sum(isinstance(one, Batch) for one in results) == 1
    assert Approval.objects.exclude(step="ASKED").count() == 1
    assert unsound() == []


def held(books: FundedPlayer, count: int = 1) -> list[int]:
    accepted(*[bet(books, bet_id=f"T-{n}") for n in range(count)])
    tell(said(outcomes={"X": WON}))
    tell(said(ticks=MONTH + 2000, outcomes={"X": LOST}))
    return list(Review.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("seed", range(8))
def test_a_review_accepted_while_the_feed_closes_it(books: FundedPlayer, seed: int) -> None:
    numbers = held(books, 20)
    shown = previewed("accept", reviews=numbers)
    other = previewed("accept", reviews=numbers, actor=SAM)

    with capture_logs() as logs:
        results = together(
            partial(confirmed, shown),
            partial(confirmed, other, SAM),
            lambda: tell(said(ticks=MONTH + 3000, outcomes={"X": WON})),
        )

    print([log for log in logs if "retried" in log["event"]])
    assert bugs(results) == []
    settling.drain()
    assert unsound() == []


def large(books: FundedPlayer, count: int = 450) -> tuple[list[str], Any]:
    ids = [f"T-{n}" for n in range(count)]
    accepted(*[bet(books, bet_id=one) for one in ids])
    shown = previewed("settle", *ids, each={"result": "win"})
    return ids, services.act(order=shown.order, actor=OLGA, token=shown.token)


def test_a_large_act_finished_by_four_is_done_once(books: FundedPlayer) -> None:
    with (
        patch("settlement.acts.carrying.FIRST_CHUNK", 20),
        patch("settlement.services.MOST_CHUNK", 20),
    ):
        _, batch = large(books)
        assert batch.state == "RUNNING"
        results = together(*[finish_acts] * 4)

    assert bugs(results) == []
    finish_acts()
    assert Batch.objects.get().state == "DONE"
    assert SettlementEvent.objects.count() == 450
    assert TicketFact.objects.count() == 450
    assert unsound() == []


def test_a_large_act_with_lines_that_fail_finished_by_four(books: FundedPlayer) -> None:
    ids, batch = large(books, 250)
    bad = set(ids[::40])
    good = carrying.carried_out

    def sometimes(book: Any, plans: Any) -> Any:
        if any(plan.ticket.bet_id in bad for plan in plans):
            raise KeyError("broken")
        return good(book, plans)

    with (
        patch("settlement.acts.carrying.carried_out", sometimes),
        patch("settlement.acts.carrying.FIRST_CHUNK", 8),
    ):
        results = together(*[finish_acts] * 6)
        print(results)
        finish_acts()

    assert bugs(results) == []
    failed = set(BatchLine.objects.filter(state="FAILED").values_list("bet_id", flat=True))
    assert failed == bad
    assert unsound() == []


def test_a_large_act_that_dies_between_chunks_is_finished(books: FundedPlayer) -> None:
    ids, batch = large(books)
    good, calls = carrying.carry_on, []

    def dies(act: Any, most: int) -> int:
        calls.append(1)
        if len(calls) == 3:
            good(act, 100)
            raise SystemExit
        return good(act, 100)

    with patch("settlement.acts.carrying.carry_on", dies), pytest.raises(SystemExit):
        finish_acts()
    assert SettlementEvent.objects.count() == 200
    tell(said(outcomes={"X": LOST}))
    finish_acts()

    print(list(BatchLine.objects.values_list("state").order_by().distinct()))
    assert Batch.objects.get().state == "DONE"
    assert unsound() == []


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kind", ["ticket", "market", "leg", "large"])
def test_an_act_undone_by_three_is_undone_once(books: FundedPlayer, kind: str, seed: int) -> None:
    if kind == "large" and seed:
        pytest.skip()
    if kind == "market":
        accepted(bet(books, bet_id="T-1"))
        batch = done(
            "market_settle",
            market={
                "provider": "manual",
                "event": "E-1",
                "market": "1",
                "outcomes": {"X": {"result": "win"}},
            },
        )
    elif kind == "leg":
        accepted(bet(books, *legs(2), bet_id="T-1", kind="double"))
        batch = done("settle", "T-1", each={"legs": [{"position": 1, "result": "win"}]})
    elif kind == "large":
        batch = services.finish(batch=large(books)[1])
    else:
        accepted(bet(books, bet_id="T-1"))
        batch = done("settle", "T-1", each={"result": "win"})
    shown = [previewed("undo", undoes=batch.pk, actor=who) for who in (OLGA, SAM, OLGA)]

    results = together(
        *[partial(confirmed, one, who) for one, who in zip(shown, (OLGA, SAM, OLGA))]
    )

    print(kind, results)
    assert bugs(results) == []
    settling.drain()
    assert set(Ticket.objects.values_list("status", "payout")) == {("OPEN", 0)}
    assert TicketFact.objects.filter(kind="RETRACTION").count() <= Ticket.objects.count()
    assert unsound() == []
    if kind == "market":
        from settlement.models import MarketFact

        assert MarketFact.objects.filter(kind="RETRACTION").count() == 1
    if kind != "large":
        assert sum(isinstance(one, Batch) for one in results) == 1


def test_a_market_act_confirmed_after_another_on_the_same_market_is_stale(
    books: FundedPlayer,
) -> None:
    market = {"provider": "manual", "event": "E-1", "market": "1"}
    accepted(bet(books, bet_id="T-1"))
    one = previewed("market_settle", market=market | {"outcomes": {"X": {"result": "win"}}})
    other = previewed("market_void", market=market, actor=SAM)

    services.act(order=one.order, actor=OLGA, token=one.token)

    with pytest.raises(StalePreview):
        services.act(order=other.order, actor=SAM, token=other.token)


def test_only_the_line_that_failed_is_marked(books: FundedPlayer) -> None:
    accepted(*[bet(books, bet_id=f"T-{n}") for n in range(3)])
    ids = ["T-0", "T-1", "T-2"]
    with patch("settlement.acts.services.AT_ONCE", 0):
        shown = previewed("settle", *ids, each={"result": "win"})
        batch = services.act(order=shown.order, actor=OLGA, token=shown.token)
    assert batch.state == "RUNNING"
    good, real, free = carrying.carried_out, carrying.why_failed, []

    def sometimes(book: Any, plans: Any) -> Any:
        if any(plan.ticket.bet_id == "T-0" for plan in plans):
            raise KeyError("broken")
        return good(book, plans)

    def while_another_worker_looks(error: Exception) -> str:
        with psycopg.connect(databases.owner_url(connection.settings_dict["NAME"])) as other:
            free.extend(
                other.execute(
                    "SELECT bet_id FROM settlement_batchline FOR UPDATE SKIP LOCKED"
                ).fetchall()
            )
        return real(error)

    with (
        patch("settlement.acts.carrying.carried_out", sometimes),
        patch("settlement.acts.carrying.why_failed", while_another_worker_looks),
    ):
        services.finish(batch=batch)

    assert free == []
    assert dict(BatchLine.objects.values_list("bet_id", "state")) == {
        "T-0": "FAILED", "T-1": "DONE", "T-2": "DONE",
    }  # fmt: skip
    assert unsound() == []


def test_an_act_on_a_market_is_over_when_its_tickets_are_settled(books: FundedPlayer) -> None:
    market = {"provider": "manual", "event": "E-1", "market": "1"}
    accepted(bet(books, bet_id="T-1"))
    settling.drain()
    shown = previewed("market_settle", market=market | {"outcomes": {"X": {"result": "win"}}})
    batch = services.act(order=shown.order, actor=OLGA, token=shown.token)

    with psycopg.connect(databases.owner_url(connection.settings_dict["NAME"])) as worker:
        worker.execute("SELECT 1 FROM settlement_duemarket FOR UPDATE")
        services.finish(batch=batch)

    assert (batch.state, BatchLine.objects.get().state) == ("RUNNING", "WAITING")
    services.finish(batch=batch)
    line = BatchLine.objects.get()
    assert (batch.state, line.state, line.difference) == ("DONE", "DONE", 2500)
    assert state() == ("SETTLED", "WIN", 2500, 1)
