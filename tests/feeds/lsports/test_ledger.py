"""When a snapshot may be asked for: LSports' limits hold for all packages together."""

from datetime import timedelta

import pytest

from feeds import leases
from feeds.connections import Lease
from feeds.lsports import ledger
from feeds.lsports.ledger import Question, Wait
from feeds.lsports.windows import Windows
from feeds.models import Package, Snapshot

pytestmark = pytest.mark.django_db
WINDOWS = Windows()
ALL = Question(method="GetFixtureMarkets", why="The connection was new.", since_ms=1)
ONE = Question(method="GetFixtureMarkets", why="Somebody wants it.", fixtures=("7",))


@pytest.fixture
def inplay() -> Lease:
    return lease_of("lsports-inplay")


@pytest.fixture
def prematch() -> Lease:
    return lease_of("lsports-prematch")


def lease_of(feed: str) -> Lease:
    """Return the right to receive a package that is known."""
    Package.objects.create(feed=feed)
    lease = leases.take(feed=feed, holder="here")
    assert lease
    return lease


def asked(lease: Lease, question: Question, *, ago: float = 0) -> Snapshot:
    """Ask, and get an answer, so many seconds ago."""
    found = ledger.may_ask(lease, question, WINDOWS)
    assert isinstance(found, Snapshot)
    ledger.answered(lease, found, status=200)
    earlier = ledger.clock() - timedelta(seconds=ago)
    Snapshot.objects.filter(pk=found.pk).update(asked_at=earlier, answered_at=earlier)
    return found


def wait_of(lease: Lease, question: Question) -> float:
    """Return for how long a question must wait."""
    found = ledger.may_ask(lease, question, WINDOWS)
    assert isinstance(found, Wait)
    return found.seconds


def test_between_two_snapshots_of_all_fifteen_seconds_pass_whoever_asks(
    inplay: Lease, prematch: Lease
) -> None:
    asked(inplay, ALL, ago=10)
    assert 5 < wait_of(prematch, ALL) < 6
    assert Snapshot.objects.count() == 1


def test_fixtures_wait_a_second_only(inplay: Lease, prematch: Lease) -> None:
    asked(inplay, ALL, ago=0.5)
    assert 0.3 < wait_of(prematch, ONE) < 0.6
    Snapshot.objects.update(answered_at=ledger.clock() - timedelta(seconds=1.1))
    asked(prematch, ONE)


def test_a_fixture_that_was_asked_for_holds_all_up_for_a_second_only(inplay: Lease) -> None:
    asked(inplay, ALL, ago=20)
    asked(inplay, ONE, ago=0.5)
    assert 0.3 < wait_of(inplay, ALL) < 0.6


def test_a_request_whose_answer_is_not_there_holds_up_all_others(
    inplay: Lease, prematch: Lease
) -> None:
    found = asked(inplay, ALL, ago=40)
    Snapshot.objects.filter(pk=found.pk).update(answered_at=None)
    assert wait_of(prematch, ALL) > 15
    assert wait_of(prematch, ONE) > 1


def test_what_an_earlier_holder_asked_is_given_up(inplay: Lease) -> None:
    found = ledger.may_ask(inplay, ALL, WINDOWS)
    assert isinstance(found, Snapshot)
    ledger.give_up(inplay)
    found.refresh_from_db()
    assert found.state == "FAILED"
    assert wait_of(inplay, ALL) > 15


def test_a_fixture_that_an_earlier_holder_asked_for_is_wanted_again(inplay: Lease) -> None:
    ledger.want(feeds=["lsports-inplay"], fixture="7", why="Because.", actor="user:pia")
    for left in (1, 1, 0):
        wanted = ledger.next_wanted("lsports-inplay")
        assert wanted
        ledger.may_ask(inplay, ONE, WINDOWS, wanted)
        Snapshot.objects.update(asked_at=ledger.clock() - timedelta(minutes=10))

        ledger.give_up(inplay)

        again = Snapshot.objects.filter(state="WANTED")
        assert again.count() == left
        assert all((one.why, one.actor) == ("Because.", "user:pia") for one in again)


def test_a_wanted_fixture_is_written_down_once_for_each_package_that_is_known(
    inplay: Lease,
) -> None:
    feeds = ["lsports-inplay", "lsports-prematch"]
    for _ in range(2):
        assert ledger.want(feeds=feeds, fixture="7", why="Because.", actor="user:pia") == 1
    wanted = ledger.next_wanted("lsports-inplay")
    assert wanted is not None
    assert Snapshot.objects.count() == 1

    found = ledger.may_ask(inplay, ONE, WINDOWS, wanted)

    assert isinstance(found, Snapshot)
    assert ledger.next_wanted("lsports-inplay") is None
    assert (found.pk, found.state, found.actor) == (wanted.pk, "ASKED", "user:pia")


def test_what_a_snapshot_brought_is_written_down(inplay: Lease) -> None:
    found = asked(inplay, ALL, ago=20)
    ledger.done(inplay, found, fixtures=3, messages=2)
    found.refresh_from_db()
    assert (found.state, found.fixtures, found.messages) == ("DONE", 3, 2)
    other = asked(inplay, ONE)
    ledger.failed(inplay, other, "LSports' API failed (500).")
    other.refresh_from_db()
    assert (other.state, other.sentence) == ("FAILED", "LSports' API failed (500).")
