"""What was missed is told again: every producer on its own, never more often than is allowed."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest
from django.db.models import F

from feeds import leases
from feeds.models import FeedCursor, FeedLease, FeedMessage, Producer, Recovery, VoidReason
from feeds.sportradar import events
from feeds.sportradar.ledger import Limits, next_request
from feeds.sportradar.sandbox import Sandbox
from feeds.sportradar.sandbox.faults import (
    Answer,
    ApiDown,
    ApiUp,
    Down,
    DropQueues,
    DuplicateSnapshot,
    EarlySnapshot,
    ForeignSnapshot,
    LostAnswer,
    NothingComes,
    ProductDown,
    RepeatRecovery,
    SkipAlives,
    StallRecovery,
    StopAlives,
    Unsubscribe,
    Up,
)
from settlement import arrays
from settlement.models import Review
from tests.databases import owner_url
from tests.factories import FundedPlayer
from tests.feeds.live import running, stands, until
from tests.feeds.sportradar.live import (
    EVENT,
    WINDOWS,
    all_up,
    is_down,
    is_told,
    placed,
    playing,
    producer,
    receiving,
    recoveries,
    source,
)
from tests.feeds.sportradar.uof import sound

pytestmark = pytest.mark.own_database
OTHER = "sr:match:4712"


@pytest.fixture
def sandbox(own_database: str) -> Iterator[Sandbox]:
    """Sportradar's servers, without a broker."""
    with playing(None) as one:
        yield one
        assert one.counts["violations"] == 0


@pytest.fixture
def ada(own_database: str) -> FundedPlayer:
    """Somebody with 100.00 EUR."""
    return FundedPlayer.create("100.00")


def count(number: int = 1, **words: object) -> int:
    """Return how many recoveries of a producer there are."""
    return Recovery.objects.filter(producer__number=number, **words).count()


def test_the_first_connection_asks_for_as_much_as_each_producer_tells(sandbox: Sandbox) -> None:
    with receiving(sandbox):
        until(lambda: count(1, state="DONE") == 1)

    [one] = recoveries(1)
    window = producer(1).recovery_minutes * WINDOWS.minute
    assert one.asked_at
    asked_for = one.asked_at.timestamp() - (one.after_ms or 0) / 1000
    assert 0.98 < asked_for / window < 1
    assert not Review.objects.exists()
    assert VoidReason.objects.filter(code=15).exists()


def test_what_was_said_while_we_were_away_is_told_again(
    sandbox: Sandbox, ada: FundedPlayer
) -> None:
    with receiving(sandbox):
        until(lambda: producer().checkpoint_ms)
        placed(ada)
    checkpoint = producer().checkpoint_ms or 0
    sandbox.settle(EVENT, "1", {"X": 1})

    with receiving(sandbox):
        until(lambda: stands("SETTLED", "WIN", 2500))

    last = recoveries()[-1]
    assert (last.after_ms, last.bucket, last.why) == (
        checkpoint - 5000,
        "MINUTES",
        "The connection to Sportradar was new.",
    )
    assert sound()


def test_a_connection_that_ends_is_a_gap_that_is_closed(
    sandbox: Sandbox, ada: FundedPlayer
) -> None:
    with receiving(sandbox):
        until(lambda: producer().checkpoint_ms)
        placed(ada)
        sandbox.fault(DropQueues())
        sandbox.settle(EVENT, "1", {"X": 1})

        until(lambda: stands("SETTLED", "WIN", 2500))
        until(all_up)


@pytest.mark.parametrize("fault", [Down(product=1), ProductDown(product=1)], ids=["down", "says"])
def test_a_producer_that_was_down_tells_what_it_kept_and_the_other_goes_on(
    sandbox: Sandbox, ada: FundedPlayer, fault: Down | ProductDown
) -> None:
    with receiving(sandbox):
        until(lambda: producer().checkpoint_ms)
        placed(ada)
        placed(ada, "T-2", OTHER)
        sandbox.fault(fault)
        until(lambda: is_down(1))
        sandbox.settle(EVENT, "1", {"X": 1}, product=1)
        sandbox.settle(OTHER, "1", {"X": 1}, product=3)
        until(lambda: stands("SETTLED", "WIN", 2500, "T-2"))
        assert stands("OPEN", "NONE", 0)
        assert count(1) == 1, "It is not asked while it gives no sign of life."

        sandbox.fault(Up(product=1))

        until(lambda: stands("SETTLED", "WIN", 2500))
        until(all_up)
    assert count(3) == 1


def test_a_producer_that_sent_us_nothing_for_a_while_is_asked(
    sandbox: Sandbox, ada: FundedPlayer
) -> None:
    with receiving(sandbox):
        until(lambda: producer().checkpoint_ms)
        placed(ada)
        sandbox.fault(Unsubscribe(product=1))
        sandbox.settle(EVENT, "1", {"X": 1})

        until(lambda: stands("SETTLED", "WIN", 2500))

    assert recoveries()[-1].why == "It said that we may have missed something."


@pytest.mark.deep
def test_a_few_alives_less_are_nothing_and_more_are_a_gap(sandbox: Sandbox) -> None:
    with receiving(sandbox):
        sandbox.fault(SkipAlives(product=1, count=2))
        time.sleep(WINDOWS.alive * 5)
        assert not is_down(1)

        sandbox.fault(StopAlives(product=1, seconds=WINDOWS.silence * 2))
        until(lambda: is_down(1, "SILENT"))
        assert producer(3).state == "UP"

        until(all_up)
    assert count(1) == 2


@pytest.mark.deep
def test_a_request_that_failed_is_no_recovery(sandbox: Sandbox, ada: FundedPlayer) -> None:
    with receiving(sandbox):
        until(lambda: producer().checkpoint_ms)
        placed(ada)
        sandbox.fault(Answer(path="recovery", times=2, status=503))
        sandbox.fault(Unsubscribe(product=1))
        until(lambda: count(1, state="FAILED") == 1)
        assert (producer().state, producer().reason) == ("DOWN", "UNSUBSCRIBED")
        assert producer().sentence.startswith("Sportradar's API failed (503).")
        sandbox.settle(EVENT, "1", {"X": 1})

        until(lambda: stands("SETTLED", "WIN", 2500))

    failed, again, last = recoveries()[1:]
    assert (failed.state, again.state) == ("FAILED", "FAILED")
    assert failed.asked_at
    assert again.asked_at
    assert (again.asked_at - failed.asked_at).total_seconds() >= WINDOWS.between
    assert (failed.counted, last.after_ms) == (True, again.after_ms)


def test_the_feed_receives_while_the_api_is_away(sandbox: Sandbox, ada: FundedPlayer) -> None:
    with receiving(sandbox):
        until(lambda: producer().checkpoint_ms)
        placed(ada)
        sandbox.fault(ApiDown())
        sandbox.fault(DropQueues())
        until(lambda: is_down(1, "CONNECTION"))
        until(lambda: count(1, state="FAILED"))
        assert FeedMessage.objects.count() == 0

        sandbox.settle(EVENT, "1", {"X": 1})
        sandbox.fault(ApiUp())

        until(lambda: stands("SETTLED", "WIN", 2500))
        until(all_up)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(StallRecovery(product=1), "STALLED"), (NothingComes(product=1), "STALLED")],
    ids=["stalls", "nothing comes"],
)
def test_a_recovery_of_which_nothing_comes_begins_anew(
    sandbox: Sandbox, ada: FundedPlayer, fault: StallRecovery | NothingComes, reason: str
) -> None:
    with receiving(sandbox):
        until(lambda: producer().checkpoint_ms)
        placed(ada)
    sandbox.settle(EVENT, "1", {"X": 1})
    sandbox.fault(fault)

    with running(source(sandbox)):
        until(lambda: is_down(1, reason))
        until(lambda: stands("SETTLED", "WIN", 2500))
        until(all_up)

    states = [one.state for one in recoveries()]
    assert states[1:] in (["ABANDONED", "DONE"], ["ABANDONED", "TOLD"])


@pytest.mark.parametrize(
    "fault",
    [
        RepeatRecovery(product=1),
        DuplicateSnapshot(product=1),
        ForeignSnapshot(product=1),
        EarlySnapshot(product=1),
        LostAnswer(path="recovery"),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_a_recovery_that_goes_strangely_ends_well(
    sandbox: Sandbox, ada: FundedPlayer, fault: RepeatRecovery
) -> None:
    with receiving(sandbox):
        until(lambda: producer().checkpoint_ms)
        placed(ada)
    sandbox.settle(EVENT, "1", {"X": 1})
    sandbox.fault(fault)

    with receiving(sandbox):
        until(lambda: stands("SETTLED", "WIN", 2500))
        until(lambda: not count(1, state="TOLD"))
    assert sound()


@pytest.mark.deep
def test_a_foreign_snapshot_ends_no_recovery(sandbox: Sandbox) -> None:
    with receiving(sandbox):
        until(lambda: producer().checkpoint_ms)
    sandbox.fault(ForeignSnapshot(product=1, instead=True))

    with running(source(sandbox)):
        until(lambda: count(1, state="RUNNING"))
        time.sleep(WINDOWS.silence)
        assert producer().state == "RECOVERING"
        until(all_up)


@pytest.mark.deep
def test_a_gap_longer_than_a_producer_tells_is_covered_event_by_event(ada: FundedPlayer) -> None:
    windows = replace(WINDOWS, minute=0.01)  # Ten hours are six seconds.
    with playing(None, windows) as sandbox:
        with receiving(sandbox, windows=windows):
            until(lambda: producer().checkpoint_ms)
        placed(ada)
        placed(ada, "T-2", OTHER, stake="20.00")
        sandbox.settle(EVENT, "1", {"X": 1})
        sandbox.settle(OTHER, "1", {"X": 0})
        time.sleep(7)

        with receiving(sandbox, windows=windows):
            until(lambda: stands("SETTLED", "WIN", 2500))
            until(lambda: stands("SETTLED", "LOSE", 0, "T-2"))
            until(lambda: count(1, kind="EVENT", state="DONE") == 2)

    asked = [one.event_ref for one in sorted(recoveries(1, "EVENT"), key=asked_at)]
    assert asked == [OTHER, EVENT], "The most money first."
    [review] = Review.objects.filter(kind="FEED_GAP", subject="feed:sportradar:1")
    assert "2 events with bets are being asked for one by one" in review.sentence
    assert sound()


def test_who_lost_the_lease_with_his_sessions_waits_for_nobody_s_locks(
    sandbox: Sandbox, own_database: str
) -> None:
    with receiving(sandbox) as runner, psycopg.connect(owner_url(own_database)) as other:
        sandbox.fault(StopAlives())
        time.sleep(WINDOWS.alive * 2)
        other.execute("SELECT FROM feeds_producer FOR UPDATE")
        FeedLease.objects.update(epoch=F("epoch") + 1, holder="another")
        arrays.fetch(END_SESSIONS, [])

        runner.thread.join(10)

        assert not runner.thread.is_alive()


END_SESSIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE datname = current_database() AND starts_with(application_name, 'feed ')
"""


def test_the_producer_that_will_soon_not_go_back_far_enough_is_asked_first(
    own_database: str,
) -> None:
    lease = leases.take(feed="sportradar", holder="here")
    now = datetime.now(UTC)
    for number, minutes in ((1, 600), (3, 4320), (6, 180)):
        Producer.objects.create(
            feed="sportradar",
            number=number,
            code=f"p{number}",
            recovery_minutes=minutes,
            reason="CONNECTION",
            heard_at=now,
            checkpoint_ms=int((now.timestamp() - 60) * 1000),
        )

    assert lease
    request = next_request(lease, Limits(WINDOWS, per_producer=False), events_too=True)

    assert request
    assert request.producer == 6


def asked_at(one: Recovery) -> datetime:
    """Return when a recovery was asked for."""
    return one.asked_at or datetime(1970, 1, 1, tzinfo=UTC)


def test_a_person_has_one_event_told_again(sandbox: Sandbox, ada: FundedPlayer) -> None:
    with receiving(sandbox):
        until(lambda: producer().checkpoint_ms)
        placed(ada)
    sandbox.settle(EVENT, "1", {"X": 1})
    Producer.objects.update(checkpoint_ms=int(time.time() * 1000) + 1500)

    with receiving(sandbox):
        assert stands("OPEN", "NONE", 0)
        asked = events.want_one(
            feed="sportradar", event_ref=EVENT, why="A player asks.", actor="user:sue"
        )

        until(lambda: stands("SETTLED", "WIN", 2500))
        until(lambda: count(1, kind="EVENT", state="DONE") == 1)
    assert asked == 2
    assert {one.actor for one in recoveries(1, "EVENT")} == {"user:sue"}


def test_an_event_that_is_on_its_way_when_the_connection_ends_is_asked_for_again(
    sandbox: Sandbox, ada: FundedPlayer
) -> None:
    with receiving(sandbox):
        until(lambda: producer().checkpoint_ms)
        placed(ada)
        sandbox.fault(NothingComes(product=1))
        events.want_one(feed="sportradar", event_ref=EVENT, why="A test.", actor="test")
        until(lambda: count(1, kind="EVENT", state="RUNNING"))

        sandbox.fault(DropQueues())

        until(lambda: count(1, kind="EVENT", state="DONE"))
    assert [one.state for one in recoveries(1, "EVENT")] == ["ABANDONED", "DONE"]


@pytest.mark.deep
def test_after_some_tries_somebody_is_asked_about_an_event(
    sandbox: Sandbox, ada: FundedPlayer
) -> None:
    with receiving(sandbox):
        placed(ada)
        sandbox.fault(Answer(path="stateful", times=0, status=500))
        events.want_one(feed="sportradar", event_ref=EVENT, why="A test.", actor="test")

        until(lambda: count(1, kind="EVENT", state="FAILED") == 3)
        until(lambda: Review.objects.filter(subject=f"SPORTRADAR:{EVENT}").exists())

    assert not count(1, kind="EVENT", state="WANTED")


@pytest.mark.deep
def test_disconnects_without_end_never_ask_more_often_than_is_allowed(own_database: str) -> None:
    windows = replace(WINDOWS, between=0.05, minute=0.4)
    with playing(None, windows) as sandbox, running(source(sandbox, windows=windows)):
        began = time.monotonic()

        def is_held_up() -> bool:
            """Whether a producer waits for the limits, after a while of disconnects."""
            sandbox.fault(Unsubscribe())
            waits = Producer.objects.filter(sentence__contains="limit").exists()
            often = sandbox.counts["requests"].get("recovery", 0) >= 8
            return waits and often and time.monotonic() - began > 8

        until(is_held_up, 60)
        counts = sandbox.counts

    assert counts["violations"] == 0


def test_a_refused_token_and_a_refused_address_are_told(sandbox: Sandbox) -> None:
    with running(source(sandbox, token="wrong")):
        until(lambda: is_told("Sportradar's API does not take our token, or not from this address"))

    assert not FeedCursor.objects.exists()


@pytest.mark.deep
def test_a_token_that_ends_soon_and_a_clock_that_is_wrong_are_told(own_database: str) -> None:
    with playing(None, expires_in=3 * 86400.0, skew=7.0) as sandbox, receiving(sandbox):
        until(lambda: is_told("Sportradar's token expires in 2 days"))
        until(lambda: is_told("s behind Sportradar's: set it right. That is too much"))
