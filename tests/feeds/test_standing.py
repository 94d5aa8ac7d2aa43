"""How a feed is doing: what people read, and the numbers beside it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from feeds import halting, leases, onwards, standing
from feeds.models import FeedLease, RevisionKind, Sweep
from feeds.odds88.revision import Gap, Position
from feeds.onwards import ConnectsLeft, NextConnect
from feeds.sentences import FeedState, sentence_of, spell, state_of
from feeds.standing import Standing, Unfinished
from settlement.said import ticks_of
from tests.feeds.bets import message, settled
from tests.feeds.standing_rows import FEED, ago, came_to, connected, leased, many_messages
from tests.settlement.settling import receive_and_process

NOON = datetime(2026, 11, 21, 12, 3, 4, tzinfo=UTC)
SECONDS = int(NOON.timestamp())
HELD = {"holder": "feeds@host box 7", "since": NOON, "expires_at": NOON + timedelta(hours=1)}


@pytest.fixture(autouse=True)
def odds88_is_set_up(settings: Settings) -> None:
    """The feed's address is given."""
    settings.ODDS88_FEED_URL = "http://127.0.0.1:1"


def found() -> Standing:
    """Return where the feed stands."""
    one = standing.standing(FEED)
    assert one is not None
    return one


@pytest.mark.parametrize(
    ("what", "words", "state", "sentence"),
    [
        ("it receives", {"state": "RECEIVING"}, "RECEIVING",
         "Receiving since 12:03:04 UTC, by feeds@host box 7."),
        ("since yesterday", {"state": "RECEIVING", "since": NOON - timedelta(days=1)}, "RECEIVING",
         "Receiving since 2026-11-20 12:03:04 UTC, by feeds@host box 7."),
        ("it connects", {"state": "CONNECTING"}, "CONNECTING",
         "Connecting since 12:03:04 UTC, by feeds@host box 7."),
        ("it must wait", {"state": "WAITING", "sentence": "All connects were made.",
                          "until": NOON + timedelta(seconds=53)}, "WAITING",
         "All connects were made. It is tried again in 43 s, at 12:03:57 UTC."),
        ("its host is down", {"state": "TROUBLE", "sentence": "feed.example refuses connections.",
                              "until": NOON}, "TROUBLE",
         "feed.example refuses connections. It is tried again now."),
        ("its holder is gone", {"state": "RECEIVING", "expires_at": NOON}, "NOBODY",
         "Nobody receives it since 12:03:04 UTC. Start a worker on queue feeds, and beat; or "
         "run_feed odds88."),
        ("its holder went", {"state": "STOPPED", "expires_at": NOON,
                             "sentence": "It was stopped."}, "NOBODY",
         "Nobody receives it since 12:03:04 UTC. It was stopped. Start a worker on queue feeds, "
         "and beat; or run_feed odds88."),
        ("somebody stopped it", {"state": "STOPPED", "expires_at": NOON, "paused_by": "user:ops"},
         "STOPPED",
         "Stopped by ops. Nothing is received. It stays so until somebody starts it."),
        ("it is about to stop", {"state": "RECEIVING", "paused_by": "user:ops"}, "STOPPED",
         "Stopped by ops. It is coming to its end. It stays so until somebody starts it."),
    ],
)  # fmt: skip
def test_what_a_feed_does_is_a_sentence(
    what: str, words: dict[str, Any], state: str, sentence: str
) -> None:
    lease, at = FeedLease(feed=FEED, **(HELD | words)), NOON + timedelta(seconds=10)

    doing = state_of(lease, at=at, is_configured=True)

    assert (doing, sentence_of(FEED, doing, lease, at)) == (state, sentence)


@pytest.mark.parametrize(
    ("feed", "is_configured", "sentence"),
    [
        ("odds88", True, "Nobody receives it, and nobody ever did. Start a worker on queue feeds, "
         "and beat; or run_feed odds88."),
        ("odds88", False, "It is not set up here: its address is not given."),
        ("odds88-replay", False, "Recorded messages, brought by manage.py replay."),
    ],
)  # fmt: skip
def test_a_feed_that_nobody_ever_ran(feed: str, is_configured: bool, sentence: str) -> None:
    state = state_of(None, at=NOON, is_configured=is_configured)

    assert sentence_of(feed, state, None, NOON) == sentence


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (43.9, "43 s"), (300, "5 min"), (7500, "2 h 5 min"), (86400, "1 day"),
     (259170, "2 days 23 h"), (-5, "0 s")],
)  # fmt: skip
def test_a_span_of_time_in_words(seconds: float, said: str) -> None:
    assert spell(seconds) == said


def position(**words: Any) -> Position:
    """Return a position that came to an hour ago, on a connection of two hours ago."""
    ticks = ticks_of(NOON - timedelta(hours=1))
    usual = {
        "greatest_ticks": ticks,
        "smallest_ticks": ticks,
        "opened_with": SECONDS - 9000,
        "opened_at": SECONDS - 7200.0,
        "heard_at": SECONDS - 2.0,
        "recovered": True,
    }
    return Position(**(usual | words))


@pytest.mark.parametrize(
    ("what", "words", "asked", "gap", "recovering", "until"),
    [
        ("all was told", {}, SECONDS - 3660, None, False, SECONDS - 3660 + 259170),
        ("old things come", {"recovered": False}, SECONDS - 9000, None, True,
         SECONDS - 9000 + 259170),
        ("there was no news for days", {"greatest_ticks": ticks_of(NOON - timedelta(days=4))},
         SECONDS - 259170, None, False, SECONDS),
        ("it was away too long",
         {"greatest_ticks": ticks_of(NOON - timedelta(days=4)), "heard_at": SECONDS - 345600.0},
         SECONDS - 259170, Gap.TOO_LONG, False, None),
    ],
)  # fmt: skip
def test_what_the_next_connect_asks_for(
    what: str, words: dict[str, Any], asked: int, gap: Gap | None, recovering: bool,
    until: int | None,
) -> None:  # fmt: skip
    told = onwards.looked_ahead(position(**words), at=NOON)

    moment = datetime.fromtimestamp(until, UTC) if until else None
    assert (told.revision, told.gap, told.recovering) == (asked, gap, recovering)
    assert told.tells_all_until == moment


def test_who_was_never_connected_asks_for_all() -> None:
    assert onwards.looked_ahead(Position(), at=NOON) == NextConnect(
        revision=0,
        from_at=None,
        why="all that the provider keeps, since it told nothing yet",
        recovering=False,
        gap=Gap.FIRST,
        tells_all_until=None,
    )


@pytest.mark.django_db
def test_a_feed_that_was_just_set_up() -> None:
    one = found()

    assert (one.state, one.is_running, one.messages) == (FeedState.NOBODY, False, 0)
    assert (one.last_message, one.sweep, one.connects) == (None, None, [])
    assert one.connects_left == [
        ConnectsLeft(RevisionKind.PROPER, used=0, left=5, wait_seconds=0, window_seconds=300),
        ConnectsLeft(RevisionKind.WITHOUT, used=0, left=5, wait_seconds=0, window_seconds=1800),
    ]


@pytest.mark.django_db
def test_a_feed_that_is_not_set_up_and_left_no_trace_is_not_shown(settings: Settings) -> None:
    settings.ODDS88_FEED_URL = ""

    assert standing.standings() == []
    assert standing.standing(FEED) is None


@pytest.mark.django_db
def test_a_feed_at_work() -> None:
    leased()
    came_to(ago(1800))
    receive_and_process(message(settled(settlementTime=ago(3).isoformat())))
    receive_and_process(b"what?")

    one = found()

    assert (one.state, one.is_running, one.messages) == (FeedState.RECEIVING, True, 1234)
    assert (one.messages_today, one.more_today) == (2, False)
    assert one.unfinished == Unfinished(stored=0, parked=1, quarantined=1)
    assert one.last_message
    assert one.last_message.settled_at is None
    assert one.next_connect
    assert not one.next_connect.recovering


@pytest.mark.django_db
def test_the_lag_is_from_the_settlement_to_its_arrival() -> None:
    receive_and_process(message(settled(settlementTime=ago(3).isoformat())))

    last = found().last_message

    assert last
    assert last.lag_seconds is not None
    assert 3 <= last.lag_seconds < 60


@pytest.mark.django_db
def test_five_connects_are_all() -> None:
    leased("WAITING")
    for seconds in (40, 80, 120, 160, 200, 900):
        connected(seconds)
    connected(20, "UNREACHED", sentence="box can't be reached.")

    one = found()

    proper, without = one.connects_left
    assert (proper.used, proper.left, without.left) == (5, 0, 5)
    assert 90 < proper.wait_seconds <= 100
    assert [each.outcome for each in one.connects[:2]] == ["UNREACHED", "OPENED"]
    assert one.connects[0].sentence == "box can't be reached."


@pytest.mark.django_db
def test_only_the_last_ten_connects_are_shown() -> None:
    leased()
    for seconds in range(12):
        connected(seconds)

    assert len(found().connects) == 10


@pytest.mark.django_db
def test_a_halted_feed_says_since_when_and_why() -> None:
    leased()
    halting.halt(feed=FEED, why="Nobody can read it.")

    one = found()

    assert one.state == FeedState.RECEIVING
    assert one.halted
    assert one.halted.why == "Nobody can read it."


@pytest.mark.django_db
def test_the_last_sweep_is_told_with_what_is_left() -> None:
    Sweep.objects.create(feed=FEED, why="An older one.", done_at=ago(60), total=9, asked=9)
    Sweep.objects.create(feed=FEED, why="Away.", total=10, asked=4, settled=3, failed=1)

    sweep = found().sweep

    assert sweep
    assert (sweep.why, sweep.left, sweep.failed) == ("Away.", 6, 1)


@pytest.mark.django_db
def test_somebody_who_stopped_a_feed_is_named() -> None:
    leases.pause(feed=FEED, actor="user:ops")

    assert (found().state, found().stopped_by) == (FeedState.STOPPED, "user:ops")


@pytest.mark.django_db
def test_a_look_takes_as_many_questions_with_many_rows(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    leased()
    came_to(ago(1800))
    for seconds in range(30):
        connected(seconds)
        receive_and_process(message(settled(f"T-{seconds}")))
    Sweep.objects.create(feed=FEED, why="Away.")

    with django_assert_max_num_queries(11):
        standing.standings()


@pytest.mark.django_db
def test_counts_stop_at_a_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "MOST_COUNTED", 20)
    many_messages(30)

    one = found()

    assert (one.messages_today, one.more_today) == (20, True)
