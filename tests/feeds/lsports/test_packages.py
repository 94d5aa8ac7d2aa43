"""How LSports' packages stand, as people read it, from the rows that their feeds leave."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from feeds import recoveries, standing
from feeds.models import FeedLease, Package
from feeds.package_shapes import LsportsStanding
from feeds.recovery_plans import RecoveryRefused
from tests.factories import FundedPlayer
from tests.feeds.lsports.package_rows import (
    INPLAY,
    PREMATCH,
    ms,
    of_fixture,
    over,
    package,
    received,
    set_up,
    snapshot,
    stale,
)
from tests.feeds.lsports.trade import FIXTURE, bring, single
from tests.feeds.standing_rows import ago, now


@pytest.fixture(autouse=True)
def _both(db: None, settings: Settings) -> None:
    set_up(settings)
    received()


def inplay() -> LsportsStanding:
    """Return how the in-play package stands."""
    found = standing.standing(INPLAY)
    assert found
    assert found.lsports
    return found.lsports


def clock(seconds: float) -> str:
    """Return a time of so many seconds ago, as people read it."""
    at = ago(seconds)
    return f"{at:%H:%M:%S} UTC" if at.date() == now().date() else f"{at:%Y-%m-%d %H:%M:%S} UTC"


def test_a_healthy_package_says_until_when_all_is_stored() -> None:
    package(heard=3)

    found = inplay()

    assert found.state == "HEALTHY"
    assert found.sentence.startswith("Healthy: all that it told until ")
    assert found.sentence.endswith(" UTC is stored.")
    assert found.healthy_at
    assert found.tells_all_until == found.healthy_at + timedelta(days=1)
    assert (found.passed_by, found.depth, found.cut_off) == (48211, 0, 10_000)
    assert found.warnings == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"reason": "NEVER", "heard": 1}, "It was never heard before. What was missed is asked"),
        ({"reason": "CONNECTION"}, "The connection is new: what it told before may be missing."),
        ({"reason": "SILENT", "heard": 47}, ": no heartbeat for 47 s. What was missed is asked "
                                            "for as soon as a heartbeat comes."),
        ({"reason": "SILENT"}, "It was silent for too long, and lives again."),
        ({"reason": "GAP"}, "Heartbeats are missing: what it told between them may be missing"),
        ({"reason": "INTERRUPTED"}, "LSports says that its feed is interrupted. What it did not "
                                    "send is asked for when it says so no more."),
        ({"reason": "DISTRIBUTION"}, "LSports did not send the package. What was missed is asked "
                                     "for now."),
        ({"reason": "ASKED"}, "Somebody wants all of it told again."),
    ],
)  # fmt: skip
def test_a_stale_package_says_why_and_what_comes_next(words: dict[str, Any], told: str) -> None:
    stale(**words)

    found = inplay()

    assert found.state == "STALE"
    assert told in found.sentence


def test_one_that_was_not_sent_says_when_it_was_asked_to() -> None:
    stale(reason="DISTRIBUTION", started_at=ago(30), is_distributing=False)

    found = inplay()

    assert found.sentence.startswith("LSports did not send the package; it was asked to at ")
    assert found.warnings == [
        "LSports does not send the package: nothing reaches us but by snapshots."
    ]


def test_a_snapshot_that_failed_is_told_with_when_it_is_asked_again() -> None:
    stale(reason="GAP", sentence="LSports' API failed (503).", not_before=ago(-24.5))

    found = inplay()

    assert "The last snapshot failed: LSports' API failed (503). It is asked for again in 2" in (
        found.sentence
    )
    assert found.asked_not_before


@pytest.mark.parametrize(
    ("state", "seconds_ago", "told"),
    [
        ("ASKED", {"asked_at": 4}, "the answer has not come yet."),
        ("ASKED", {"answered_at": 1}, "; the answer has come and is being applied."),
        ("DONE", {}, "; a part of it is here."),
    ],
)
def test_a_recovering_package_says_from_when_on_it_is_asked(
    state: str, seconds_ago: dict[str, int], told: str
) -> None:
    one = package(state="RECOVERING", since=ago(100))
    snapshot(one, state, **{name: ago(seconds) for name, seconds in seconds_ago.items()})

    found = inplay()

    assert found.sentence.startswith("What it told since ")
    assert found.sentence.endswith(told)


def test_a_recovery_that_has_asked_nothing_yet_says_so() -> None:
    one = package(state="RECOVERING", since=ago(1))
    snapshot(one, asked_at=ago(100))

    assert inplay().sentence == "What we may have missed is being asked for."


def test_a_healthy_one_that_nobody_reads_any_more_is_silent() -> None:
    package(heard=20)

    found = inplay()

    assert found.is_silent
    assert found.sentence == "Healthy when last heard, but no heartbeat came for 20 s."


def test_of_one_that_nobody_receives_only_what_was_is_known() -> None:
    package(heard=600)
    FeedLease.objects.update(expires_at=ago(600))

    found = inplay()

    assert found.sentence.startswith("Nobody receives the package; its last heartbeat came at ")
    assert (found.depth, found.warnings) == (None, [])


def test_one_that_was_never_connected_has_a_standing_too(settings: Settings) -> None:
    found = standing.standing(PREMATCH)

    assert found
    assert found.lsports
    assert found.lsports.sentence == "Nobody receives the package, and it was never heard."
    assert found.lsports.package == "431"


def test_without_an_address_for_snapshots_nothing_is_asked(settings: Settings) -> None:
    settings.LSPORTS["INPLAY"]["SNAPSHOT_URL"] = ""
    stale(reason="GAP")

    assert "No address for its snapshots is given" in inplay().sentence


def test_more_than_one_consumer_and_a_deep_queue_are_warned_of() -> None:
    package(consumers=2)
    deep = "4,102 messages wait for us at LSports, which stops sending the package at 10,000."
    FeedLease.objects.update(depth=4102, sentence=f"{deep} LSports' API failed (503).")

    assert inplay().warnings == [
        deep,
        "LSports' API failed (503).",
        "2 consumers read the package's queue: each gets only a part of the messages, and they "
        "come out of order. Nobody else may read it.",
    ]


def test_fixtures_are_counted_and_the_oldest_named() -> None:
    package(followed=["1", "2", "3"])
    for number in range(12):
        over(INPLAY, f"{number + 10}", 100 * (number + 1), asked=5 if number > 9 else None)
    over(PREMATCH, "99", 10)

    found = inplay().fixtures

    assert (found.followed, found.over, found.people_asked) == (3, 12, 2)
    assert [one.fixture for one in found.oldest][:3] == ["21", "20", "19"]
    assert len(found.oldest) == 10


def test_the_last_snapshots_say_who_asked_why_and_what_they_brought() -> None:
    one = package()
    snapshot(one, since_ms=ms(ago(700)))
    of_fixture(one, "4711", "FAILED", http_status=503, sentence="LSports' API failed (503).")
    of_fixture(one, "4712")

    found = inplay()

    failed, done = found.snapshots
    assert (failed.event, failed.actor, failed.state) == ("4711", "user:olga", "FAILED")
    assert (done.kind, done.method, done.fixtures, done.messages) == (
        "SINCE", "GetFixtureMarkets", 312, 41,
    )  # fmt: skip
    assert found.wanted == 1


def test_the_limits_hold_for_both_packages_together() -> None:
    one = package(PREMATCH)
    snapshot(one, asked_at=ago(5), answered_at=ago(4), done_at=ago(4))

    found = inplay().limits

    assert 9 < found.of_all_seconds < 12
    assert found.of_fixtures_seconds == 0


def test_it_takes_a_handful_of_questions() -> None:
    one = package()
    package(PREMATCH)
    for number in range(30):
        snapshot(one, asked_at=ago(100 + number))
        over(INPLAY, str(number), 100)

    with CaptureQueriesContext(connection) as asked:
        standing.standings()

    assert len(asked) <= 14


def test_packages_that_were_never_connected_can_not_be_asked(player: FundedPlayer) -> None:
    bring(single(player))

    with pytest.raises(RecoveryRefused) as refusal:
        recoveries.plan_for(feeds=[INPLAY, PREMATCH], event_ref=FIXTURE)

    assert str(refusal.value) == (
        "Nobody can be asked yet: LSports in-play and LSports pre-match were never connected."
    )


def test_a_feed_that_is_none_of_lsports_has_no_package() -> None:
    Package.objects.all().delete()
    assert standing.standing("odds88") is None
    FeedLease.objects.create(feed="lsports-replay")
    found = standing.standing("lsports-replay")
    assert found
    assert found.lsports is None
