"""Sweeps ask about every open ticket, once each, whatever happens in between."""

import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from backoffice.intake import bring_in
from feeds import sweeping
from feeds.models import CallKind, LookupCall, Sweep
from feeds.odds88.sandbox.bodies import Ending, Result
from feeds.odds88.sandbox.faults import Answer, Body, HangUp, Slow
from feeds.odds88.sandbox.options import Unknown
from feeds.odds88.sandbox.server import Sandbox
from feeds.sweeping import carry_on, start_sweep
from feeds.tasks import sweep_by_look_ups
from settlement.models import SettlementEvent, Ticket
from tests import databases
from tests.factories import FundedPlayer
from tests.feeds.asking import both_know, change, odds88, settings_for
from tests.feeds.test_interleavings import assert_sound
from tests.nursery import Nursery, nursery
from tests.settlement.asked import bet
from tests.wallet.test_races import together

WHY = "The feed was away for four days."


def started(**words: Any) -> Sweep:
    """Start a sweep of Odds88's tickets."""
    return start_sweep(feed="odds88", why=WHY, **words)


def swept(most: int = 20) -> Sweep:
    """Carry the sweep on until it is over, or waits."""
    for _ in range(most):
        found = carry_on()
        if found is None or found.done_at or found.not_before:
            break
    return Sweep.objects.latest("id")


def figures(sweep: Sweep) -> dict[str, int]:
    """Return what a sweep has come to."""
    sweep.refresh_from_db()
    names = ("total", "asked", "settled", "still_open", "failed")
    return {name: getattr(sweep, name) for name in names}


def statuses() -> dict[str, str]:
    """Return where all tickets stand."""
    return dict(Ticket.objects.values_list("bet_id", "status"))


def many(sandbox: Sandbox, player: FundedPlayer, count: int, settled: int) -> list[Ticket]:
    """Return tickets that both sides know, of which the first are settled there."""
    found = [both_know(sandbox, player, f"R-{n}", stake="1.00") for n in range(1, count + 1)]
    for ticket in found[:settled]:
        sandbox.settle_unheard(ticket.bet_id, Ending(Result.WIN))
    return found


def asked_for() -> list[int]:
    """Return the tickets that were asked about, in their order."""
    calls = LookupCall.objects.filter(kind=CallKind.SETTLEMENT).order_by("id")
    return [number for number in calls.values_list("ticket", flat=True) if number is not None]


def time_is_over(sweep: Sweep) -> None:
    """Let all that a sweep waits for be over."""
    Sweep.objects.filter(pk=sweep.pk).update(held_until=None, not_before=None)


def test_a_sweep_settles_what_odds88_has_settled(sandbox: Sandbox, player: FundedPlayer) -> None:
    tickets = many(sandbox, player, 5, settled=3)
    bring_in(tickets=[bet(player, bet_id="M-1")], actor="test")
    sweep = started()

    done = swept()

    assert done.done_at is not None
    assert figures(sweep) == {
        "total": 5, "asked": 5, "settled": 3, "still_open": 2, "failed": 0
    }  # fmt: skip
    assert asked_for() == [ticket.pk for ticket in tickets]
    assert [statuses()[f"R-{n}"] for n in range(1, 6)] == ["SETTLED"] * 3 + ["OPEN"] * 2
    assert set(LookupCall.objects.values_list("actor", flat=True)) == {"system:sweep"}
    assert carry_on() is None


def test_a_settled_ticket_is_not_asked_about(sandbox: Sandbox, player: FundedPlayer) -> None:
    many(sandbox, player, 2, settled=2)
    started()
    swept()

    again = started()

    assert figures(again)["total"] == 0
    assert swept().done_at is not None
    assert len(asked_for()) == 2


def test_only_tickets_accepted_before_a_time_are_asked_about(
    sandbox: Sandbox, player: FundedPlayer
) -> None:
    both_know(sandbox, player, "R-1", accepted_at="2026-11-20T10:00:00Z")
    both_know(sandbox, player, "R-2", accepted_at="2026-11-20T12:00:00Z")

    sweep = started(accepted_before=datetime(2026, 11, 20, 11, tzinfo=UTC))
    swept()

    assert figures(sweep)["total"] == 1
    assert asked_for() == [Ticket.objects.get(bet_id="R-1").pk]


def test_a_second_start_joins_the_sweep_that_runs(sandbox: Sandbox, player: FundedPlayer) -> None:
    many(sandbox, player, 3, settled=0)
    before = datetime(2026, 11, 20, 9, tzinfo=UTC)
    sweep = started(accepted_before=before)

    wider = started(accepted_before=before + timedelta(days=1))
    widest = started()

    assert sweep.pk == wider.pk == widest.pk
    assert wider.accepted_before == before + timedelta(days=1)
    assert widest.accepted_before is None
    assert figures(sweep)["total"] == 3
    swept()
    assert figures(sweep)["asked"] == 3


def test_who_joins_half_way_has_all_asked_about_once_more(
    sandbox: Sandbox, player: FundedPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, three = many(sandbox, player, 3, settled=0)
    sweep = started()
    monkeypatch.setattr(sweeping, "AT_ONCE", 1)
    with override_settings(ODDS88_LOOKUPS_PER_SECOND=1):
        carry_on(seconds=0.5)
    assert asked_for() == [one.pk]

    sandbox.settle_unheard("R-1", Ending(Result.WIN))
    started()
    swept()

    assert asked_for() == [one.pk, two.pk, three.pk, one.pk]
    assert statuses()["R-1"] == "SETTLED"
    assert figures(sweep)["settled"] == 1


def test_two_who_start_at_once_start_one(own_database: str) -> None:
    results = together(*[started] * 6)

    assert Sweep.objects.count() == 1
    assert [one for one in results if isinstance(one, Exception)] == []


def test_a_feed_that_nobody_can_be_asked_about_is_not_swept(db: None) -> None:
    with pytest.raises(ValueError, match="Nobody can be asked about the tickets of lsports-inplay"):
        start_sweep(feed="lsports-inplay", why=WHY)


def test_a_sweep_keeps_to_its_rate(sandbox: Sandbox, player: FundedPlayer) -> None:
    many(sandbox, player, 5, settled=0)
    started()
    began = time.monotonic()

    with override_settings(ODDS88_LOOKUPS_PER_SECOND=10):
        swept()

    assert time.monotonic() - began >= 0.45


def test_a_slice_ends_in_time(sandbox: Sandbox, player: FundedPlayer) -> None:
    many(sandbox, player, 10, settled=0)
    sweep = started()

    with override_settings(ODDS88_LOOKUPS_PER_SECOND=10):
        carry_on(seconds=0.35)

    assert 1 <= figures(sweep)["asked"] < 10
    assert sweep.done_at is None
    swept()
    assert figures(sweep)["asked"] == 10
    assert len(asked_for()) == 10


@pytest.mark.parametrize(
    "fault",
    [
        Answer(status=503, times=0),
        Answer(status=500, times=0),
        Answer(status=429, times=0, retry_after=60),
        Answer(status=401, times=0),
        Answer(status=200, times=0, body=Body.HTML),
    ],
)
def test_a_sweep_stops_when_nobody_can_be_asked_and_goes_on_later(
    sandbox: Sandbox, player: FundedPlayer, fault: Answer
) -> None:
    many(sandbox, player, 3, settled=3)
    sweep = started()
    sandbox.fault(fault)

    waiting = carry_on()

    assert waiting is not None
    assert waiting.not_before is not None
    assert waiting.sentence != ""
    assert figures(sweep)["asked"] == 0
    assert carry_on() is None

    sandbox.clear_faults()
    time_is_over(sweep)
    assert swept().done_at is not None
    assert figures(sweep)["settled"] == 3


def test_an_unreachable_server_stops_it_at_once(sandbox: Sandbox, player: FundedPlayer) -> None:
    many(sandbox, player, 3, settled=3)
    sweep = started()

    with override_settings(ODDS88_API_URL="http://127.0.0.1:1"):
        carry_on()

    assert figures(sweep)["asked"] == 0
    assert sweep.sentence == "Odds88 can't be reached: it refuses the connection (127.0.0.1:1)."
    assert LookupCall.objects.count() == 2, "the bet, and a question about none"


def test_without_settings_a_sweep_waits_and_says_so(db: None) -> None:
    sweep = started()

    carry_on()

    sweep.refresh_from_db()
    assert sweep.sentence.startswith("Odds88 can't be asked here: ODDS88_API_URL")
    assert sweep.not_before is not None


@pytest.mark.parametrize("how", list(Unknown))
def test_one_bet_that_makes_trouble_stops_no_other(
    sandbox: Sandbox, player: FundedPlayer, how: Unknown
) -> None:
    bring_in(tickets=[bet(player, bet_id="R-0", provider="odds88")], actor="test")
    many(sandbox, player, 2, settled=2)
    change(sandbox, unknown=how)
    sweep = started()

    assert swept().done_at is not None
    failed = int(how == Unknown.ERROR)
    assert figures(sweep) == {
        "total": 3, "asked": 3, "settled": 2, "still_open": 1 - failed, "failed": failed
    }  # fmt: skip


@pytest.mark.parametrize("fault", [Slow, HangUp])
def test_one_bet_that_is_never_answered_stops_no_other(
    sandbox: Sandbox, player: FundedPlayer, fault: type[Slow | HangUp]
) -> None:
    bring_in(tickets=[bet(player, bet_id="R-0", provider="odds88")], actor="test")
    many(sandbox, player, 2, settled=2)
    path = f"/api/players/{player.player.external_id}/Bets/R-0"
    sandbox.fault(Slow(path=path, times=0, seconds=5) if fault is Slow else fault(path, times=0))
    sweep = started()

    with override_settings(ODDS88_LOOKUP_SECONDS=1):
        assert swept().done_at is not None

    assert (figures(sweep)["failed"], figures(sweep)["settled"]) == (1, 2)


def test_a_sweep_counts_what_it_may_not_apply_as_failed(
    sandbox: Sandbox, player: FundedPlayer
) -> None:
    both_know(sandbox, player)
    known = sandbox.vendor.bets.get("R-1")
    assert known is not None
    sandbox.settle_unheard("R-1", Ending(Result.WIN))
    assert known.settlement is not None
    known.settlement = known.settlement.replace(b":R-1", b":R-2")
    sweep = started()

    swept()

    assert figures(sweep)["failed"] == 1
    assert sweep.sentence.startswith("The answer is about the bet")


def test_a_ticket_that_odds88_can_not_have_is_passed_over(
    sandbox: Sandbox, player: FundedPlayer
) -> None:
    many(sandbox, player, 1, settled=1)
    sweep = started()

    with override_settings(ODDS88_PLAYER_ID="nobody"):
        swept()

    assert figures(sweep)["failed"] == 1
    assert sweep.done_at is not None


def test_whoever_holds_a_sweep_has_it_alone(sandbox: Sandbox, player: FundedPlayer) -> None:
    many(sandbox, player, 1, settled=1)
    sweep = started()
    Sweep.objects.filter(pk=sweep.pk).update(
        holder="x", held_until=datetime.now(UTC) + timedelta(seconds=60)
    )

    assert carry_on() is None
    assert asked_for() == []


def test_whoever_lost_a_sweep_writes_nothing_more(
    sandbox: Sandbox, player: FundedPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(sandbox, player, 3, settled=0)
    sweep = started()
    settled = sweeping.settled

    def lose(*words: Any) -> Any:
        Sweep.objects.filter(pk=sweep.pk).update(holder="somebody else")
        return settled(*words)

    monkeypatch.setattr(sweeping, "settled", lose)
    carry_on()

    assert len(asked_for()) == 1
    assert figures(sweep)["asked"] == 0
    assert sweep.holder == "somebody else"


def test_two_processes_share_no_ticket(own_database: str) -> None:
    with odds88() as sandbox:
        player = FundedPlayer.create("100.00")
        tickets = many(sandbox, player, 12, settled=12)
        sweep = started()

        together(*[partial(carry_on, seconds=1)] * 3)
        swept()

    assert figures(sweep)["settled"] == 12
    assert sorted(asked_for()) == [ticket.pk for ticket in tickets]


def test_the_task_carries_a_sweep_on(sandbox: Sandbox, player: FundedPlayer) -> None:
    many(sandbox, player, 2, settled=2)
    sweep = started()

    sweep_by_look_ups()

    assert figures(sweep)["settled"] == 2


@pytest.fixture
def children(own_database: str) -> Iterator[tuple[Nursery, Sandbox]]:
    """Children that work on the test's database, and the server that they ask."""
    with odds88() as sandbox:
        named = {name: str(value) for name, value in settings_for(sandbox).items()}
        with nursery(databases.environment(own_database) | named) as found:
            yield found, sandbox


def sweep_and_die(after: int, point: str) -> None:
    """Carry a sweep on, and die at a point of the so-manieth ticket."""
    connection.close()
    left = [after]
    function = getattr(sweeping, point)

    def dying(*words: Any) -> Any:
        left[0] -= 1
        done = function(*words)
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    setattr(sweeping, point, dying)
    carry_on()


def sweep_on() -> None:
    """Carry a sweep on."""
    carry_on()


@pytest.mark.parametrize("point", ["settled", "noted"])
def test_a_sweep_that_is_killed_goes_on_where_it_was(
    children: tuple[Nursery, Sandbox], point: str
) -> None:
    nursery, sandbox = children
    player = FundedPlayer.create("100.00")
    tickets = many(sandbox, player, 6, settled=6)
    sweep = started()

    died = nursery.run(sweep_and_die, 3, point)
    assert died == -signal.SIGKILL
    assert statuses()["R-3"] == "SETTLED"
    assert nursery.run(sweep_on) == 0
    assert len(asked_for()) == 3, "somebody else holds it still"

    time_is_over(sweep)
    nursery.run(sweep_on)

    assert asked_for() == [ticket.pk for ticket in tickets]
    assert figures(sweep)["asked"] == (6 if point == "noted" else 5)
    assert Sweep.objects.get().done_at is not None
    assert SettlementEvent.objects.count() == 6
    assert player.balance == "109.00"
    assert_sound()


def test_a_sweep_says_why_it_was_started(db: None) -> None:
    sweep = started(not_covered="from 10:00 to 11:00")

    assert (sweep.why, sweep.not_covered, str(sweep)) == (
        WHY,
        "from 10:00 to 11:00",
        f"odds88 {sweep.pk}",
    )
