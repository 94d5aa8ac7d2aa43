"""What goes wrong between Odds88 and us, both ways: nothing is lost, nothing is doubled."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.db import connection
from msgspec.structs import replace as replaced

from feeds import leases
from feeds.models import ConnectAttempt, FeedCursor, FeedLease, FeedMessage
from feeds.odds88.sandbox import Options, Sandbox
from feeds.odds88.sandbox.faults import (
    Answer,
    Body,
    Close,
    Drip,
    DropMidMessage,
    ExpireTokens,
    Fault,
    Garbage,
    GzipBomb,
    HalfOpen,
    HangUp,
    InvalidUtf8,
    OnStream,
    Oversize,
    Restart,
    Silence,
    Slow,
)
from settlement import services
from settlement.models import Review
from tests.factories import FundedPlayer
from tests.feeds.live import (
    FEED,
    TRANSPORTS,
    WINDOWS,
    WON,
    ago,
    at_ours,
    at_theirs,
    count_of,
    fresh_sandbox,
    is_receiving,
    is_told,
    placed,
    running,
    source,
    stands,
    until,
)
from tests.feeds.test_interleavings import assert_true
from tests.services import deep
from tests.settlement.asked import accepted

BOTH_WAYS = TRANSPORTS if deep() else TRANSPORTS[:1]
pytestmark = pytest.mark.own_database
both_ways = pytest.mark.parametrize("transport", BOTH_WAYS)
# What happens behind the connection is the same over both.
one_way = pytest.mark.parametrize("transport", TRANSPORTS[:1])
FEED_PATH = "/feed/"


@pytest.fixture
def sandbox(own_database: str) -> Iterator[Sandbox]:
    """Odds88's server."""
    with fresh_sandbox(windows=WINDOWS) as server:
        yield server


@pytest.fixture
def ada(own_database: str) -> FundedPlayer:
    """Somebody with 100.00 EUR."""
    return FundedPlayer.create("100.00")


@pytest.fixture
def receiving(sandbox: Sandbox, transport: str) -> Iterator[None]:
    """The feed is received; at the end the books balance."""
    with running(source(sandbox, transport)):
        until(is_receiving)
        yield
    assert_true()


@both_ways
@pytest.mark.usefixtures("receiving")
@pytest.mark.parametrize(
    "fault",
    [
        DropMidMessage(),
        Close(),
        HalfOpen(),
        Silence(),
        Restart(0.3),
        ExpireTokens(),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_a_connection_that_ends_costs_nothing(
    sandbox: Sandbox, ada: FundedPlayer, fault: Fault
) -> None:
    for number in range(1, 4):
        placed(sandbox, ada, f"T-{number}")
    sandbox.settle("T-1", WON)
    until(lambda: stands("SETTLED", "WIN", 2500))

    sandbox.fault(fault)
    if isinstance(fault, ExpireTokens):
        sandbox.fault(Close())
    sandbox.settle("T-2", WON)
    sandbox.settle("T-3", WON)

    until(lambda: stands("SETTLED", "WIN", 2500, "T-3"))
    assert stands("SETTLED", "WIN", 2500, "T-2")
    assert ada.balance == "145.00"
    assert sandbox.counts["receiving_most"] == 1
    assert sandbox.counts["refused_budget"] == 0


@both_ways
@pytest.mark.usefixtures("receiving")
@pytest.mark.parametrize(
    ("fault", "note"),
    [
        (Garbage(), "It is not JSON"),
        (InvalidUtf8(), "It is not UTF-8 text"),
        (Oversize(size=6 * 2**20), "too many for one message"),
        (Oversize(size=6 * 2**20, fragments=7), "too many for one message"),
        (GzipBomb(size=64 * 2**20), "It has 67,1"),
    ],
    ids=lambda given: type(given).__name__ if isinstance(given, Fault) else "",
)
def test_a_message_that_can_not_be_read_is_kept_once_and_passed_by(
    sandbox: Sandbox, ada: FundedPlayer, fault: OnStream, note: str
) -> None:
    placed(sandbox, ada)
    sandbox.fault(fault)

    sandbox.settle("T-1", WON)

    until(lambda: stands("SETTLED", "WIN", 2500))
    until(lambda: count_of("QUARANTINED") == 1)
    kept = FeedMessage.objects.get(state="QUARANTINED")
    assert note in kept.note
    assert kept.times_received == 1
    assert ConnectAttempt.objects.count() == 1


@both_ways
@pytest.mark.usefixtures("receiving")
def test_slow_bytes_are_messages_too(sandbox: Sandbox, ada: FundedPlayer) -> None:
    placed(sandbox, ada)
    sandbox.fault(Drip(size=50, pause=0.01))

    sandbox.settle("T-1", WON)

    until(lambda: stands("SETTLED", "WIN", 2500))
    assert ConnectAttempt.objects.count() == 1


@both_ways
@pytest.mark.parametrize(
    ("fault", "sentence", "outcome"),
    [
        (Answer(FEED_PATH, times=1, status=503), "could not answer (503", "REFUSED"),
        (Answer(FEED_PATH, times=1, status=403), "may not receive the feed (403", "REFUSED"),
        (Answer(FEED_PATH, times=1, status=404), "There is no feed at this address", "REFUSED"),
        (
            Answer(FEED_PATH, times=1, status=302, location="http://example.com/"),
            "sends us elsewhere (302), where our token must not go",
            "REFUSED",
        ),
        (HangUp(FEED_PATH), "ended the connection before it answered", "REFUSED"),
        (Slow(FEED_PATH, seconds=8), "did not answer within", "REFUSED"),
    ],
    ids=["503", "403", "404", "302", "hang up", "slow"],
)
def test_a_refusal_is_told_and_tried_again(
    sandbox: Sandbox, transport: str, fault: Fault, sentence: str, outcome: str
) -> None:
    sandbox.fault(fault)

    with running(source(sandbox, transport)):
        until(lambda: is_told(sentence))
        until(is_receiving)

    first, second = ConnectAttempt.objects.order_by("pk")
    assert (first.outcome, second.outcome) == (outcome, "OPENED")
    assert sentence in first.sentence


@both_ways
def test_a_page_is_no_feed(sandbox: Sandbox, transport: str) -> None:
    sandbox.fault(Answer(FEED_PATH, times=1, status=200, body=Body.HTML))

    with running(source(sandbox, transport)):
        until(lambda: is_told("is the address right?") or is_told("does not speak WebSocket"))
        until(is_receiving)


@both_ways
def test_a_wrong_password_is_told_and_burns_no_connect(sandbox: Sandbox, transport: str) -> None:
    with running(source(sandbox, transport, password="wrong")):
        until(lambda: is_told("ODDS88_CLIENT_ID or ODDS88_PASSWORD is wrong"))

    assert ConnectAttempt.objects.count() == 0


@both_ways
def test_a_host_that_is_down_is_told_and_not_counted(sandbox: Sandbox, transport: str) -> None:
    feed = source(sandbox, transport)
    feed.tokens().token()
    sandbox.fault(Restart(3))

    with running(feed):
        until(lambda: is_told("refuses connections: is the server down, or the address wrong?"))
        until(is_receiving)

    outcomes = set(ConnectAttempt.objects.values_list("outcome", flat=True))
    assert outcomes == {"UNREACHED", "OPENED"}
    assert sandbox.counts["refused_budget"] == 0


@one_way
@pytest.mark.deep
def test_a_spent_budget_is_waited_for_in_sight(sandbox: Sandbox, transport: str) -> None:
    windows = replace(WINDOWS, without=8)
    with fresh_sandbox(windows=windows) as strict:
        feed = source(strict, transport, windows=windows)
        for _ in range(5):
            with running(feed):
                until(is_receiving)

        with running(feed):
            until(lambda: is_told("The provider takes no more connects for now"))
            waits = FeedLease.objects.get()
            assert waits.until is not None
            assert waits.state == "WAITING"
            until(is_receiving)

        assert strict.counts["refused_budget"] == 0
    assert ConnectAttempt.objects.count() == 6


@one_way
def test_a_second_receiver_is_refused_and_waits(sandbox: Sandbox, transport: str) -> None:
    with running(source(sandbox, transport)) as first:
        until(is_receiving)
        with running(source(sandbox, transport), "there") as second:
            second.thread.join(20)
        assert second.had_the_lease is False
        assert first.thread.is_alive()

    assert sandbox.counts["refused_second"] == 0


@one_way
def test_who_lost_his_lease_stores_nothing_more(
    sandbox: Sandbox, ada: FundedPlayer, transport: str
) -> None:
    placed(sandbox, ada)
    with running(source(sandbox, transport)) as old:
        until(is_receiving)
        FeedLease.objects.update(epoch=2, holder="there")
        sandbox.settle("T-1", WON)
        old.thread.join(20)

        assert not old.thread.is_alive()
        assert FeedMessage.objects.count() == 0
        assert FeedLease.objects.get().holder == "there"


@one_way
@pytest.mark.usefixtures("receiving")
def test_when_nothing_makes_sense_processing_stops_and_receiving_goes_on(
    sandbox: Sandbox, ada: FundedPlayer
) -> None:
    placed(sandbox, ada)
    for number in range(100):
        sandbox.fault(Garbage(text=f"nonsense {number}"))

    until(lambda: FeedLease.objects.get().halted_at is not None)
    sandbox.settle("T-1", WON)

    until(lambda: count_of("STORED") == 1)
    assert is_receiving()
    asked = Review.objects.get(kind="FEED_HALTED")
    assert asked.sentence == (
        "The last 100 messages could not be read, all of them. What comes is stored, and not "
        "processed until somebody has looked at it."
    )
    assert stands("OPEN", "NONE", 0)

    leases.go_on(feed=FEED)

    until(lambda: stands("SETTLED", "WIN", 2500))


@one_way
def test_it_stops_when_it_is_asked_to_and_leaves_the_lease(
    sandbox: Sandbox, ada: FundedPlayer, transport: str
) -> None:
    with running(source(sandbox, transport), "feeds@host here 1") as one:
        until(is_receiving)

        leases.ask_to_stop(holders="feeds@host ")
        one.thread.join(20)

        assert not one.thread.is_alive()
    assert leases.is_free(FEED)
    until(lambda: sandbox.counts["receiving_now"] == 0)


@one_way
def test_a_settlement_ahead_of_our_clock_waits_and_moves_no_revision(
    sandbox: Sandbox, ada: FundedPlayer, transport: str
) -> None:
    placed(sandbox, ada)
    with running(source(sandbox, transport)):
        until(is_receiving)
        sandbox.settle("T-1", WON, at=ago(minutes=-10))

        until(lambda: count_of("PARKED") == 1)

    assert stands("OPEN", "NONE", 0)
    assert FeedCursor.objects.get().greatest_ticks is None
    assert Review.objects.get().kind == "FROM_THE_FUTURE"


@one_way
def test_a_database_that_is_away_for_a_moment_costs_no_connect(
    sandbox: Sandbox, ada: FundedPlayer, transport: str
) -> None:
    placed(sandbox, ada)
    with running(source(sandbox, transport)):
        until(is_receiving)

        until(end_its_sessions)
        until(end_its_sessions)
        sandbox.settle("T-1", WON)

        until(lambda: stands("SETTLED", "WIN", 2500))
    assert ConnectAttempt.objects.count() == 1


def end_its_sessions() -> int:
    """Let the database send the feed away, as it does when it starts anew; say how often."""
    with connection.cursor() as cursor:
        cursor.execute(END_SESSIONS)
        return len(cursor.fetchall())


END_SESSIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE datname = current_database() AND starts_with(application_name, 'feed ')
"""


@one_way
def test_what_a_dead_holder_left_due_is_settled_by_the_next(
    sandbox: Sandbox, ada: FundedPlayer, transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed(sandbox, ada)
    sandbox.settle("T-1", WON)
    with monkeypatch.context() as dying:
        dying.setattr(services, "settle", lambda *, ticket_ids: services.Done())
        with running(source(sandbox, transport)):
            until(lambda: count_of("DONE") == 1)
    assert stands("OPEN", "NONE", 0)

    with running(source(sandbox, transport)):
        until(lambda: stands("SETTLED", "WIN", 2500))


@one_way
def test_a_gap_of_more_than_three_days_is_swept_and_told(
    sandbox: Sandbox, ada: FundedPlayer, transport: str
) -> None:
    gaps: list[object] = []
    with running(source(sandbox, transport)):
        until(is_receiving)
        placed(sandbox, ada)
        sandbox.settle("T-1", WON, at=ago(minutes=5))
        until(lambda: stands("SETTLED", "WIN", 2500))
    FeedCursor.objects.update(greatest_ticks=1, smallest_ticks=1, opened_at=ago(days=5))
    FeedLease.objects.update(heard_at=ago(days=5))

    with running(source(sandbox, transport, on_gap=gaps.append)):
        until(is_receiving)

    attempt = ConnectAttempt.objects.latest("pk")
    assert len(gaps) == 1
    assert abs(attempt.revision - (time.time() - 3 * 86400 + 30)) < 10
    assert attempt.kind == "PROPER"


@pytest.mark.parametrize("transport", TRANSPORTS[1:])
def test_pings_are_sent_back_where_that_is_asked_for(sandbox: Sandbox, transport: str) -> None:
    sandbox.options = replaced(sandbox.options, echo=True)
    with running(source(sandbox, transport, echo=True)):
        until(lambda: sandbox.counts["echoes"] > 3)

    assert sandbox.counts["dropped_without_echo"] == 0


@both_ways
@pytest.mark.parametrize("options", [Options(bare=True), Options(gzip=False, deflate=False)])
def test_other_ways_to_say_the_same(own_database: str, transport: str, options: Options) -> None:
    ada = FundedPlayer.create("100.00")
    with fresh_sandbox(windows=WINDOWS, options=options) as server:
        accepted(at_ours(ada))
        server.bet(at_theirs(ada))
        server.settle("T-1", WON)
        with running(source(server, transport)):
            until(lambda: stands("SETTLED", "WIN", 2500))
    assert json.loads(json.dumps(server.counts["receiving_most"])) == 1
    assert threading.active_count() < 50
