"""The thread that asks for what we missed, one step at a time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from feeds import applying, leases
from feeds.connections import Lease
from feeds.lsports import health, keeping, ledger
from feeds.lsports.api import Account, Api
from feeds.lsports.keeping import Heartbeat
from feeds.lsports.recovering import Recoverer, Stopped
from feeds.lsports.troubles import Busy, Failed, LsportsTrouble, Refused, Unreachable
from feeds.lsports.windows import Windows
from feeds.models import FeedMessage, Package, Snapshot
from settlement.models import Review
from tests.factories import FundedPlayer
from tests.settlement.asked import Json, accepted, bet, selection

pytestmark = pytest.mark.django_db
FEED = "lsports-inplay"
ACCOUNT = Account("INPLAY", "InPlay", "430", "inplay", "secret", snapshot_url="http://nobody")
WINDOWS = Windows(request=0, snapshot=0)
ANSWER = b'{"Header":{},"Body":[{"FixtureId":7,"Markets":[{"Settlement":2}]}]}'
Asked = list[dict[str, Any]]


@pytest.fixture
def lease() -> Lease:
    """The right to receive a package that was just connected, and heard."""
    found = leases.take(feed=FEED, holder="here")
    assert found
    keeping.change(found, health.connected)
    made_ms = int(keeping.now().timestamp() * 1000)
    keeping.keep(feed=FEED, heartbeats=[Heartbeat(made_ms, False)], windows=WINDOWS)
    return found


@pytest.fixture
def recoverer(lease: Lease) -> Recoverer:
    return Recoverer(lease, [ACCOUNT], WINDOWS, applying.apply)


def answering(monkeypatch: pytest.MonkeyPatch, then: Callable[[], object] = lambda: None) -> Asked:
    """Let LSports answer, and let something happen meanwhile; return what it was asked."""
    asked: Asked = []

    def snapshot(api: Api, method: str, **words: Any) -> bytes:
        asked.append(words)
        then()
        return ANSWER

    monkeypatch.setattr(Api, "snapshot", snapshot)
    return asked


def test_a_package_is_recovered(recoverer: Recoverer, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch)

    recoverer.recover()

    assert Package.objects.get().state == "HEALTHY"
    assert FeedMessage.objects.count() == 1


def test_an_answer_that_comes_when_the_connection_is_over_is_not_written_down(
    recoverer: Recoverer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answering(monkeypatch, recoverer.over.set)

    with pytest.raises(Stopped):
        recoverer.recover()

    assert len(asked) == 1
    assert Package.objects.get().state == "RECOVERING"
    assert Snapshot.objects.get().state == "ASKED"
    assert not FeedMessage.objects.exists()


def test_a_comparison_that_failed_is_made_up_for_soon_and_goes_back_as_far(
    recoverer: Recoverer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch)
    recoverer.recover()
    recoverer.reconciled -= 5000
    recoverer.reconcile_at = 0

    def away() -> None:
        raise Unreachable("Nobody answers.")

    healthy_ms = Package.objects.get().healthy_ms or 0
    for then in (away, lambda: None):
        asked = answering(monkeypatch, then)
        recoverer.reconcile(keeping.stands(FEED))
        assert 5900 <= (healthy_ms - asked[0]["since_ms"]) / 1000 < 5920

    recoverer.reconcile(keeping.stands(FEED))
    assert len(asked) == 1
    assert [one.state for one in Snapshot.objects.order_by("id")] == ["DONE", "FAILED", "DONE"]


def test_who_was_away_for_long_asks_for_all_fixtures_that_may_have_been_settled_meanwhile(
    recoverer: Recoverer, monkeypatch: pytest.MonkeyPatch
) -> None:
    player = FundedPlayer.create("100.00")
    now = keeping.now()
    long_ago = {"placed_at": (now - timedelta(days=2)).isoformat()}
    lately = {"placed_at": (now - timedelta(hours=1)).isoformat()}
    soon = (now + timedelta(days=3)).isoformat()
    accepted(
        on(player, "7", **long_ago),
        on(player, "8", start_at=soon, **long_ago),
        on(player, "9", start_at=soon, **lately),
        on(player, "10", **long_ago),
        on(player, "E-11", **long_ago),
    )
    asked = answering(monkeypatch)

    recoverer.recover()

    assert [one.get("fixtures") for one in asked] == [(), ("10", "7", "8")]
    assert Package.objects.get().state == "HEALTHY"
    gone = Review.objects.filter(kind="FEED_GAP").order_by("subject")
    assert [one.subject for one in gone] == ["LSPORTS:10", "LSPORTS:E-11"]


def on(player: FundedPlayer, event: str, *, placed_at: str, **words: Any) -> Json:
    """Write down a ticket on a fixture."""
    return bet(player, selection(event=event, **words), provider="lsports", placed_at=placed_at)


@pytest.mark.parametrize(
    ("trouble", "tries"),
    [
        (Unreachable("Nobody answers."), 3),
        (Failed("LSports' API failed (500).", 500), 3),
        (Busy("LSports asks us to wait.", 429), 3),
        (Refused("LSports refuses (400).", 400), 1),
    ],
)
def test_a_fixture_that_is_not_to_be_had_is_asked_for_again_a_few_times(
    recoverer: Recoverer, monkeypatch: pytest.MonkeyPatch, trouble: LsportsTrouble, tries: int
) -> None:
    def fail() -> None:
        raise trouble

    asked = answering(monkeypatch, fail)
    ledger.want(feeds=[FEED], fixture="7", why="A player asks.", actor="user:pia")

    for _ in range(5):
        recoverer.ask_for_wanted()

    assert len(asked) == tries
    assert set(Snapshot.objects.values_list("state", "sentence")) == {("FAILED", str(trouble))}


def test_between_two_tries_for_a_fixture_some_time_passes(
    lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise Unreachable("Nobody answers.")

    asked = answering(monkeypatch, fail)
    recoverer = Recoverer(lease, [ACCOUNT], Windows(request=0), applying.apply)
    ledger.want(feeds=[FEED], fixture="7", why="A player asks.", actor="user:pia")

    for _ in range(5):
        recoverer.ask_for_wanted()

    assert len(asked) == 1
    assert Snapshot.objects.filter(state="WANTED").count() == 1
