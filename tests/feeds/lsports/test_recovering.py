"""The thread that asks for what we missed, one step at a time."""

from collections.abc import Callable
from typing import Any

import pytest

from feeds import applying, leases
from feeds.connections import Lease
from feeds.lsports import health, keeping
from feeds.lsports.api import Account, Api
from feeds.lsports.keeping import Heartbeat
from feeds.lsports.recovering import Recoverer, Stopped
from feeds.lsports.troubles import Unreachable
from feeds.lsports.windows import Windows
from feeds.models import FeedMessage, Package, Snapshot

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
