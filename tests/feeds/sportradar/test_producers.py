"""How Sportradar's producers stand, as people are told."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from feeds import leases, standing
from feeds.models import FeedLease, FeedMessage, Producer, Recovery, Unfinished
from feeds.producer_shapes import (
    ProducerStanding,
    SportradarStanding,
)
from tests.feeds.sportradar.producer_rows import (
    FEED,
    account,
    down,
    event,
    ms,
    producer,
    received,
    since,
)
from tests.feeds.standing_rows import ago

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sportradar_is_set_up(settings: Settings) -> None:
    """The feed's address is given."""
    settings.UOF_AMQP_URL = "amqp://127.0.0.1:1"


def stands() -> SportradarStanding:
    """Return how the producers stand."""
    found = standing.standing(FEED)
    assert found is not None
    assert found.sportradar is not None
    return found.sportradar


def first() -> ProducerStanding:
    """Return the first producer."""
    return stands().producers[0]


def stored(count: int, *, seconds: float = 1) -> list[int]:
    """Store messages that wait to be processed; return their numbers."""
    rows = FeedMessage.objects.bulk_create(
        [FeedMessage(feed=FEED, sha256=str(n).encode().ljust(32)) for n in range(count)]
    )
    Unfinished.objects.bulk_create(
        [Unfinished(message=row, state="STORED", created_at=ago(seconds)) for row in rows]
    )
    return [row.pk for row in rows]


def test_a_producer_that_is_up_and_of_which_all_is_processed() -> None:
    received()
    since(producer())

    one = first()

    assert one.sentence == "Up, and all that it told is processed."
    assert one.is_synchronised
    assert (one.is_late, one.is_silent) == (False, False)
    assert one.lag_seconds == pytest.approx(0.2, abs=0.05)
    assert one.checkpoint_at is not None
    assert one.tells_all_until is not None
    assert (one.tells_all_until - one.checkpoint_at).total_seconds() == 36_000


def test_messages_that_wait_are_counted() -> None:
    received()
    since(producer())
    stored(3)

    assert first().sentence == "Up; 3 messages wait to be processed."
    assert first().is_synchronised


def test_the_oldest_message_that_waits_for_too_long_makes_it_late() -> None:
    received()
    since(producer())
    stored(2, seconds=90)

    one = first()

    assert one.sentence.startswith("Up, but late: the oldest message has waited for 1 min 30 s.")
    assert (one.is_late, one.is_synchronised) == (True, False)


def test_a_sign_of_life_that_came_late() -> None:
    received()
    since(producer(heard=1, heard_ms=ms(ago(26))))

    one = first()

    assert one.sentence == "Up, but late: its last sign of life came 25 s after it was made."
    assert (one.is_late, one.is_synchronised) == (True, False)


def test_what_was_told_again_is_synchronised_when_nothing_before_its_end_waits() -> None:
    received()
    numbers = stored(2)
    since(producer(), "TOLD", told_past=numbers[0])

    assert first().sentence == (
        "Up; what it told again is being processed. 2 messages wait to be processed."
    )
    assert not first().is_synchronised

    Unfinished.objects.filter(message=numbers[0]).delete()

    assert first().is_synchronised


def test_one_that_tells_again_says_from_when_and_how_far() -> None:
    received()
    one = producer(state="RECOVERING", since=ago(40))
    since(one, "RUNNING", after_ms=ms(ago(0)), progress_at=ago(2))

    said = first().sentence

    assert said.startswith("It tells again what it said since ")
    assert said.endswith(" UTC, asked 40 s ago; the last of it came 2 s ago.")
    assert not first().is_synchronised


def test_one_that_is_silent_says_for_how_long() -> None:
    received()
    down(heard=47)

    said = first().sentence

    assert said.startswith("Silent since ")
    assert said.endswith("no sign of life for 47 s. It is asked to tell again as soon as it lives.")


@pytest.mark.parametrize(
    ("reason", "words", "said"),
    [
        ("NEVER", {}, "It never told all that it had. It is being asked to tell again."),
        (
            "UNSUBSCRIBED",
            {"not_before": ago(-86400)},
            "It said that we may have missed something. It is asked to tell again in ",
        ),
        (
            "STALLED",
            {"sentence": "The limit for such requests is reached.", "not_before": ago(-86400)},
            "What it told again came to a halt. The limit for such requests is reached.",
        ),
        (
            "NEVER",
            {"code": ""},
            "It never told all that it had. Sportradar's API has not named it yet",
        ),
        (
            "CONNECTION",
            {"heard_at": None},
            "The connection is new: what it said before may be missing. It was not heard yet on "
            "this connection. It is asked to tell again as soon as it lives.",
        ),
    ],
)
def test_one_that_is_down_says_why_and_what_comes_next(
    reason: str, words: dict[str, Any], said: str
) -> None:
    received()
    down(reason=reason, **words)

    assert first().sentence.startswith(said)
    assert not first().is_synchronised


def test_one_that_is_switched_off() -> None:
    received()
    producer(is_active=False)

    assert first().sentence.startswith("Switched off in our account")
    assert not first().is_synchronised


@pytest.mark.parametrize("how", ["nobody", "stopped"])
def test_while_nobody_receives_the_feed_none_is_synchronised(how: str) -> None:
    received()
    since(producer())
    if how == "nobody":
        FeedLease.objects.update(expires_at=ago(60))
    else:
        leases.pause(feed=FEED, actor="user:olga")

    assert first().sentence.startswith("Nobody receives the feed; last heard at ")
    assert not first().is_synchronised


def test_events_are_counted_and_the_next_and_the_failed_are_named() -> None:
    received()
    one, three = producer(1), producer(3)
    for number in range(12):
        event(one, f"sr:match:{number}", rank=12 - number)
    event(three, "sr:match:50", "RUNNING")
    event(three, "sr:match:60", "FAILED", sentence="It failed.")
    event(three, "sr:match:70", "FAILED", asked_at=ago(2 * 86400))
    event(three, "sr:match:80", "FAILED")
    event(three, "sr:match:80", rank=99)

    found = stands()

    assert (found.events.wanted, found.events.asked, found.events.failed) == (13, 1, 1)
    assert [one.event for one in found.events.next][:2] == ["sr:match:11", "sr:match:10"]
    assert len(found.events.next) == 10
    assert [one.sentence for one in found.events.failures] == ["It failed."]
    assert [
        (one.events_wanted, one.events_asked, one.events_failed) for one in found.producers
    ] == [(12, 0, 0), (1, 1, 1)]


def test_what_is_left_of_the_limits() -> None:
    received()
    one = producer()
    for seconds in range(20):
        since(one, asked_at=ago(100 + seconds), answered_at=ago(100 + seconds))
    event(one, state="DONE")
    event(one, "sr:match:2", "FAILED", counted=False)

    left = {str(found.bucket): found for found in stands().left}

    assert {name: found.left for name, found in left.items()} == {
        "MINUTES": 0, "HOURS": 4, "DAYS": 2, "EVENT": 99,
    }  # fmt: skip
    assert left["MINUTES"].wait_seconds == pytest.approx(481, abs=2)


def test_where_each_producer_has_its_own_limits_the_least_is_told(settings: Settings) -> None:
    settings.UOF_LIMITS_PER_PRODUCER = True
    received()
    since(producer(1))
    three = producer(3)
    since(three)
    since(three)

    found = stands().left[0]

    assert (found.bucket, found.producer, found.left) == ("MINUTES", 3, 18)


def test_the_account_and_what_is_wrong_with_it() -> None:
    received(depth=7200)
    account(expires_at=ago(-3 * 86400 - 60), clock_ahead_ms=-6400)

    found = stands()

    assert found.account is not None
    assert (found.account.bookmaker_id, found.account.clock_ahead_seconds) == ("4711", -6.4)
    assert found.depth == 7200
    waits, expires, clock = found.warnings
    assert waits.startswith("More than 5,000 messages wait for us at Sportradar")
    assert expires.startswith("Sportradar's token expires in 3 days")
    assert clock.startswith("Our clock is 6 s behind Sportradar's: set it right. That is too much")


def test_a_look_takes_as_many_questions_with_many_rows(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    received()
    account()
    for number in range(1, 16):
        one = producer(number)
        since(one)
        event(one, f"sr:match:{number}")
        event(one, f"sr:match:{number}0", "FAILED")
    stored(5)

    with django_assert_max_num_queries(20):
        standing.standings()

    assert (Producer.objects.count(), Recovery.objects.count()) == (15, 45)
