"""A feed has one holder at a time; who lost it writes nothing more."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from feeds import leases
from feeds.connections import Lease
from feeds.leases import Fenced, Sign
from feeds.models import FeedLease, RunState
from tests.databases import owner_url

FEED = "odds88"


def expire() -> None:
    """Let the lease run out."""
    FeedLease.objects.update(expires_at=datetime(2026, 1, 1, tzinfo=UTC))


def taken(holder: str = "here") -> Lease:
    lease = leases.take(feed=FEED, holder=holder)
    assert lease is not None
    return lease


@pytest.mark.django_db
def test_a_lease_is_had_by_one() -> None:
    assert leases.is_free(FEED)

    lease = taken()

    assert lease == Lease(FEED, 1)
    assert leases.take(feed=FEED, holder="there") is None
    assert not leases.is_free(FEED)
    assert leases.standing(FEED).startswith("odds88 is received by here, whose lease ends in ")


@pytest.mark.django_db
def test_who_takes_over_gets_the_next_epoch_and_the_former_holder_is_refused() -> None:
    old = taken()
    expire()

    new = taken("there")

    assert new == Lease(FEED, 2)
    for refused in (
        lambda: leases.renew(old, Sign(RunState.RECEIVING)),
        lambda: leases.fence(old),
        lambda: leases.lock(old),
    ):
        with pytest.raises(Fenced):
            refused()
    assert not leases.may_go_on(old)
    leases.release(old, "gone")
    assert not leases.is_free(FEED)


@pytest.mark.django_db
def test_a_renewal_tells_what_is_going_on_and_whether_to_go_on() -> None:
    lease = taken("feeds@host box 1")

    assert leases.renew(lease, Sign(RunState.RECEIVING, heard_ago=2.0, messages=3))
    assert leases.renew(lease, Sign(RunState.WAITING, "Wait.", wait=43, messages=2))
    assert leases.ask_to_stop(holders="feeds@host ") == 1
    assert not leases.renew(lease, Sign(RunState.RECEIVING))

    row = FeedLease.objects.get()
    assert (row.state, row.messages, row.until) == ("RECEIVING", 5, None)
    assert row.heard_at is not None
    assert timedelta(seconds=2) <= datetime.now(UTC) - row.heard_at < timedelta(seconds=30)
    assert not leases.may_go_on(lease)


@pytest.mark.django_db
def test_only_the_worker_that_shuts_down_is_asked_to_stop() -> None:
    taken("feeds@host-2 box 1")

    assert leases.ask_to_stop(holders="feeds@host ") == 0


@pytest.mark.django_db
def test_a_released_lease_is_free_at_once_and_taking_it_clears_the_wish_to_stop() -> None:
    lease = taken()
    leases.ask_to_stop(holders="here")
    leases.release(lease, "It was stopped.")

    assert leases.is_free(FEED)
    assert leases.renew(taken(), Sign(RunState.RECEIVING))


@pytest.mark.django_db
def test_a_paused_feed_is_nobodys_until_it_is_started_again() -> None:
    lease = taken()
    leases.pause(feed=FEED, actor="user:ops")

    assert not leases.renew(lease, Sign(RunState.RECEIVING))
    leases.release(lease, "")
    assert not leases.is_free(FEED)
    assert leases.take(feed=FEED, holder="there") is None
    assert leases.standing(FEED) == (
        "odds88 was stopped by user:ops: start it under Feeds at the desk."
    )
    leases.resume(feed=FEED)
    assert leases.is_free(FEED)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("an epoch goes back", "epoch = 0"),
        ("an epoch is left out", "epoch = 3"),
        ("another holder has the same epoch", "holder = 'there'"),
    ],
)
def test_the_database_refuses_leases_that_can_not_be(what: str, changes: str) -> None:
    taken()

    with pytest.raises(IntegrityError, match="takes the next epoch"), transaction.atomic():
        connection.cursor().execute(f"UPDATE feeds_feedlease SET {changes}")


@pytest.fixture
def other(own_database: str) -> Iterator[psycopg.Connection]:
    """Another process' session."""
    with psycopg.connect(owner_url(own_database), autocommit=True) as session:
        yield session


@pytest.mark.own_database
def test_nobody_takes_over_before_what_was_fenced_is_committed(
    other: psycopg.Connection,
) -> None:
    lease = taken()
    began, taken_over = threading.Event(), threading.Event()

    def take_over() -> None:
        began.set()
        other.execute("UPDATE feeds_feedlease SET epoch = epoch + 1, holder = 'there'")
        taken_over.set()

    thread = threading.Thread(target=take_over)
    with transaction.atomic():
        leases.fence(lease)
        thread.start()
        began.wait()
        assert not taken_over.wait(0.5)
    thread.join(20)

    assert taken_over.is_set()


@pytest.mark.own_database
def test_a_holder_that_stopped_in_the_middle_holds_nobody_up(
    own_database: str, settings: Any
) -> None:
    settings.FEED_LEASE_SECONDS = 0.2
    lease = taken()
    leases.renew(lease, Sign(RunState.RECEIVING))
    found: list[Lease | None] = []

    def take_over() -> None:
        try:
            found.append(leases.take(feed=FEED, holder="there"))
        finally:
            connection.close()

    thread = threading.Thread(target=take_over)
    with pytest.raises(OperationalError), transaction.atomic():  # noqa: PT012
        leases.fence(lease)
        time.sleep(0.3)
        thread.start()
        thread.join(20)
    connection.close()

    assert found == [Lease(FEED, 2)]
