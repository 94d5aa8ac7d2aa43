"""LSports' packages against our own server: connected, missed, recovered, and never stopped."""

import re
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from msgspec import structs

from feeds.lsports import ledger
from feeds.lsports.api import Api
from feeds.lsports.distribution import waits
from feeds.lsports.sandbox import Sandbox
from feeds.lsports.sandbox.faults import (
    Answer,
    DistributionOff,
    Interrupted,
    Outage,
    Over,
    Silent,
)
from feeds.models import FeedLease, FeedMessage, Package, Snapshot
from settlement import arrays
from settlement.models import Review, Ticket
from tests.factories import FundedPlayer
from tests.feeds.live import running, until
from tests.feeds.lsports.live import (
    FIXTURE,
    INPLAY,
    MARKET,
    PREMATCH,
    WINDOWS,
    account,
    is_healthy,
    is_processed,
    is_stale,
    is_told,
    package,
    placed,
    playing,
    receiving,
    result,
    snapshots,
    source,
)
from tests.services import deep

pytestmark = pytest.mark.own_database
WON, LOST = 2, 1


@pytest.fixture(params=["broker", "http"] if deep() else ["broker"])
def sandbox(request: pytest.FixtureRequest, own_database: str) -> Iterator[Sandbox]:
    """LSports, with a broker and without."""
    broker = request.getfixturevalue("amqp_url") if request.param == "broker" else None
    with playing(broker) as one:
        yield one


@pytest.fixture
def quick(own_database: str) -> Iterator[Sandbox]:
    """LSports without a broker."""
    with playing() as one:
        yield one


def settle(sandbox: Sandbox, code: int = WON, bet: str = "11", **words: Any) -> None:
    """Say how a bet ended."""
    sandbox.settle(FIXTURE, MARKET, {bet: code}, **words)


def test_a_bet_is_settled_taken_back_and_settled_otherwise(sandbox: Sandbox) -> None:
    player = FundedPlayer.create("100.00")
    placed(player)
    with receiving(sandbox):
        settle(sandbox)
        until(lambda: result() == "WIN")
        assert player.balance == "115.00"
        sandbox.take_back(FIXTURE, MARKET, ["11"])
        until(lambda: Ticket.objects.get().status == "OPEN")
        assert player.balance == "90.00"
        settle(sandbox, LOST)
        until(lambda: result() == "LOSE")
    assert player.balance == "90.00"


def test_odds_are_counted_and_not_stored(sandbox: Sandbox) -> None:
    placed(FundedPlayer.create("100.00"))
    with receiving(sandbox):
        stored = FeedMessage.objects.count()
        sandbox.odds(200)
        settle(sandbox)
        until(lambda: result() == "WIN")
        until(lambda: FeedLease.objects.get(pk=INPLAY).passed_by >= 200)
    assert FeedMessage.objects.count() == stored + 1


def test_what_was_told_while_we_were_away_waits_in_the_queue(sandbox: Sandbox) -> None:
    placed(FundedPlayer.create("100.00"))
    with receiving(sandbox):
        pass
    settle(sandbox)
    with receiving(sandbox):
        until(lambda: result() == "WIN")
    assert sandbox.counts["stops"] == 0


def test_what_was_lost_while_a_package_was_silent_is_in_the_snapshot(sandbox: Sandbox) -> None:
    placed(FundedPlayer.create("100.00"))
    with receiving(sandbox):
        healthy = package().healthy_ms
        sandbox.fault(Silent(package="inplay"))
        settle(sandbox)
        until(lambda: is_stale("SILENT"))
        sandbox.fault(Over(package="inplay"))
        until(lambda: result() == "WIN")
        until(is_healthy)
    asked = snapshots()[-1]
    assert (asked.state, asked.why) == ("DONE", "No heartbeat came for too long.")
    assert asked.since_ms is not None
    assert healthy is not None
    assert asked.since_ms >= healthy - 1_201_500  # And twice the time between two comparisons.
    assert sandbox.counts["violations"] == 0


def test_heartbeats_that_lack_are_a_gap_though_nobody_waited_for_them(quick: Sandbox) -> None:
    placed(FundedPlayer.create("100.00"))
    with receiving(quick):
        quick.fault(Outage(package="inplay"))
        settle(quick)
        Package.objects.update(heard_ms=(package().heard_ms or 0) - 10_000)
        until(lambda: result() == "WIN")
        until(is_healthy)
    assert [one.why for one in snapshots()][-1] == "Heartbeats were missing between two that came."


def test_an_interrupted_feed_is_recovered_when_it_is_over(quick: Sandbox) -> None:
    placed(FundedPlayer.create("100.00"))
    with receiving(quick):
        quick.fault(Interrupted(package="inplay"))
        until(lambda: is_stale("INTERRUPTED"))
        quick.fault(Outage(package="inplay"))
        settle(quick)
        quick.fault(Over(package="inplay"))
        until(lambda: result() == "WIN")
        until(is_healthy)


def test_a_distribution_that_was_switched_off_is_started_again(sandbox: Sandbox) -> None:
    placed(FundedPlayer.create("100.00"))
    with receiving(sandbox):
        sandbox.fault(DistributionOff(package="inplay"))
        settle(sandbox)
        until(lambda: result() == "WIN")
        until(is_healthy)
    assert package().started_at is not None
    assert sandbox.counts["stops"] == 0


@pytest.mark.parametrize("kind", ["broker", "http"])
def test_a_package_that_is_not_sent_is_started_before_it_is_read(
    kind: str, own_database: str, request: pytest.FixtureRequest
) -> None:
    broker = request.getfixturevalue("amqp_url") if kind == "broker" else None
    placed(FundedPlayer.create("100.00"))
    with playing(broker, distributing=False) as sandbox:
        settle(sandbox)
        with running(source(sandbox)):
            until(lambda: is_told("lets nobody read for a moment"))
            until(is_healthy)
            until(lambda: result() == "WIN")


def test_messages_that_are_lost_without_a_sign_are_found_now_and_then(quick: Sandbox) -> None:
    placed(FundedPlayer.create("100.00"))
    windows = WINDOWS.divided(1)
    windows = type(windows)(
        **{**{n: getattr(windows, n) for n in windows.__slots__}, "reconcile": 2}
    )
    with receiving(quick, windows=windows):
        quick.fault(Outage(package="inplay"))
        settle(quick)
        until(lambda: result() == "WIN")
        assert is_healthy()


def test_while_a_snapshot_is_asked_for_what_comes_is_only_stored(quick: Sandbox) -> None:
    player = FundedPlayer.create("100.00")
    placed(player)
    settle(quick, LOST)
    with receiving(quick):
        until(lambda: result() == "LOSE")
    settle(quick, WON)
    settle(quick, LOST)
    with running(source(quick)):
        until(lambda: Snapshot.objects.filter(state="DONE").count() == 2)
        until(is_processed)
    assert Ticket.objects.get().events.count() == 1
    assert player.balance == "90.00"


def test_the_same_bet_of_both_packages_is_settled_once(quick: Sandbox) -> None:
    player = FundedPlayer.create("100.00")
    placed(player)
    with receiving(quick), receiving(quick, PREMATCH):
        settle(quick, package="both")
        until(lambda: FeedMessage.objects.filter(state="DONE").count() >= 2)
        until(is_processed)
    assert Ticket.objects.get().events.count() == 1
    assert player.balance == "115.00"


def test_a_snapshot_that_fails_is_asked_for_again_and_holds_nothing_up(quick: Sandbox) -> None:
    placed(FundedPlayer.create("100.00"))
    for _ in range(2):
        quick.fault(Answer(path="GetFixtureMarkets", status=500))
    with running(source(quick)):
        until(lambda: Package.objects.filter(sentence__contains="failed (500)").exists())
        settle(quick)
        until(lambda: result() == "WIN")
        until(is_healthy)
    assert [one.state for one in snapshots()][-1] == "DONE"
    assert package().sentence == ""


def test_who_was_away_for_more_than_a_day_is_told_which_bets_nobody_settles(
    quick: Sandbox,
) -> None:
    player = FundedPlayer.create("100.00")
    long_ago = (ledger.clock() - timedelta(hours=3)).isoformat()
    placed(player, "T-1", start_at=long_ago)
    placed(player, "T-2", event="777", start_at=long_ago)
    quick.settle("777", MARKET, {"11": WON})
    with receiving(quick, others=(account(quick, PREMATCH),)):
        until(lambda: result("T-2") == "WIN")
    asked = Review.objects.get(kind="FEED_GAP")
    assert asked.subject == f"LSPORTS:{FIXTURE}"
    assert "Open on it: ticket T-1." in (asked.sentence or "")
    assert quick.counts["violations"] == 0


def test_a_fixture_that_is_over_without_a_settlement_is_asked_about(quick: Sandbox) -> None:
    placed(FundedPlayer.create("100.00"))
    quick.offer(FIXTURE)
    with receiving(quick):
        until(lambda: FIXTURE in package().followed)
        quick.forget(FIXTURE)
        until(lambda: Review.objects.filter(kind="SETTLEMENT_MISSING").exists())
        until(lambda: any(one.fixture_ref == FIXTURE for one in snapshots()))
        settle(quick)
        until(lambda: result() == "WIN")
        until(lambda: not Review.objects.filter(closed_at=None).exists())


def test_an_answer_that_does_not_come_holds_nobody_up_and_is_not_written_down(
    quick: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, told = threading.Event(), threading.Event()

    def snapshot(api: Api, method: str, **words: Any) -> bytes:
        waiting.set()
        told.wait(30)
        return b'{"Header":{},"Body":[{"FixtureId":7,"Markets":[{"Settlement":2}]}]}'

    monkeypatch.setattr(Api, "snapshot", snapshot)
    with running(source(quick)):
        assert waiting.wait(10)
        began = time.monotonic()
    assert time.monotonic() - began < settings.FEED_LEASE_SECONDS
    (asking,) = [one for one in threading.enumerate() if one.name == "recover"]
    told.set()
    asking.join(10)

    assert package().state == "RECOVERING"
    assert not FeedMessage.objects.exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"password": "wrong"}, "does not take our package, user and password (401)."),
        (
            {"password": "wrong", "api_url": ""},
            "Check LSPORTS_INPLAY_USER, LSPORTS_INPLAY_PASSWORD",
        ),
        ({"queue": "mine"}, "LSports has no queue mine for us: LSPORTS_INPLAY_PACKAGE_ID is not"),
    ],
)
def test_what_is_wrong_with_the_settings_is_said(
    words: dict[str, Any], sentence: str, own_database: str, amqp_url: str
) -> None:
    with playing(amqp_url) as sandbox:
        url = re.sub("//.*@", "//", amqp_url) if "api_url" in words else amqp_url
        with running(source(sandbox, url=url, **words)):
            until(lambda: is_told(sentence))


@pytest.mark.parametrize(
    ("depth", "warning"),
    [
        (None, ""),
        (1_999, ""),
        (
            2_000,
            "2,000 messages wait for us at LSports, which stops sending the package at 10,000.",
        ),
    ],
)
def test_a_queue_that_grows_is_warned_of(depth: int | None, warning: str) -> None:
    assert waits(depth) == warning


def test_a_full_queue_is_read_before_its_package_is_sent_again(sandbox: Sandbox) -> None:
    sandbox.options = structs.replace(sandbox.options, cut_off=2_400)
    sandbox.odds(2_401, bets=1)
    assert sandbox.counts["cut_offs"] == 1
    flow = sandbox.flow(50, bets=1)

    with receiving(sandbox):
        until(lambda: sandbox.counts["starts"] == 1)
        until(is_healthy)
        flow.stop()

    assert (sandbox.counts["cut_offs"], sandbox.counts["starts"]) == (1, 1)


def test_what_asks_for_snapshots_bears_the_holders_name_before_it_locks_anything(
    quick: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[str] = []
    monkeypatch.setattr(ledger, "give_up", lambda lease: names.append(session()))

    with receiving(quick):
        pass

    assert names == ["feed lsports-inplay 1"]


def session() -> str:
    """Return what the database calls our session."""
    return str(arrays.fetch("SELECT current_setting('application_name')", [])[0][0])
