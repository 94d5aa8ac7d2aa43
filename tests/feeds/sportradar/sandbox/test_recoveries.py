"""What a recovery sends, and what can go wrong with it."""

import pytest

from feeds.sportradar.sandbox import Market, Options, Sandbox
from feeds.sportradar.sandbox.faults import (
    Down,
    DuplicateSnapshot,
    EarlySnapshot,
    Fault,
    ForeignSnapshot,
    NothingComes,
    RepeatRecovery,
    SlowRecovery,
    StallRecovery,
    Up,
)
from tests.feeds.sportradar.sandbox.clients import Listener, ask, now, recover

MATCH = "sr:match:-9536715"
MINUTE = 60_000


def kinds(listener: Listener, count: int) -> list[tuple[str, str | None]]:
    """Return the next messages' roots and request ids."""
    return [(one.root, one.said.get("request_id")) for one in listener.next(count)]


def alive_after(listener: Listener, moment: int) -> int:
    """Return the time of the first sign of life of live odds that is not before a moment."""
    while True:
        said = listener.next(1, alives=True)[0].said
        if said["product"] == "1" and int(said["timestamp"]) >= moment:
            return int(said["timestamp"])


def test_a_recovery_brings_what_was_told_since_with_its_times_and_an_end(sandbox: Sandbox) -> None:
    before = now() - 1
    first = sandbox.settle(MATCH, 193, {"74": -1, "76": 1}, certainty=1)
    sandbox.cancel(MATCH, "204", specifiers="xup=1", start=first.sent_at - 5)
    sandbox.settle("sr:match:2", 1, {"1": 1}, product=3)
    listener = Listener(sandbox)

    answer = recover(sandbox, after=before, request_id=7, node_id=4)

    assert answer.status_code == 202
    assert 'response_code="ACCEPTED"' in answer.text
    settled, cancelled, end = listener.next(3)
    assert (settled.root, cancelled.root, end.root) == (
        "bet_settlement", "bet_cancel", "snapshot_complete",
    )  # fmt: skip
    assert [one.said["request_id"] for one in (settled, cancelled, end)] == ["7"] * 3
    assert settled.said["timestamp"] == str(first.sent_at)
    assert settled.sent_at == first.sent_at
    assert settled.key == "lo.-.live.bet_settlement.1.sr:match.-9536715.4"
    assert cancelled.key == "hi.-.live.bet_cancel.1.sr:match.-9536715.4"
    assert end.key == "-.-.-.snapshot_complete.-.-.-.4"
    assert end.said["product"] == "1"
    assert sandbox.counts["recoveries_completed"] == 1


def test_only_what_was_told_later_comes(sandbox: Sandbox, listener: Listener) -> None:
    earlier = sandbox.settle(MATCH, 1, {"1": 1})
    alive = alive_after(listener, earlier.sent_at)
    later = sandbox.settle(MATCH, 2, {"1": 1})
    other = Listener(sandbox)

    recover(sandbox, after=alive, request_id=1)

    came, end = other.next(2)
    assert (came.sent_at, end.root) == (later.sent_at, "snapshot_complete")


def test_without_after_only_the_end_comes(sandbox: Sandbox) -> None:
    sandbox.settle(MATCH, 1, {"1": 1})
    listener = Listener(sandbox)

    recover(sandbox, request_id=3)

    assert kinds(listener, 1) == [("snapshot_complete", "3")]
    assert sandbox.counts["buckets"] == {"DAYS": 1}


def test_all_of_one_event_that_is_about_results_comes(sandbox: Sandbox) -> None:
    sandbox.settle(MATCH, 1, {"1": 1})
    sandbox.rollback(MATCH, 1)
    sandbox.cancel(MATCH, 1)
    sandbox.rollback_cancel(MATCH, 1)
    sandbox.publish(f'<odds_change product="1" event_id="{MATCH}" timestamp="1"/>'.encode())
    sandbox.settle("sr:match:2", 1, {"1": 1})
    sandbox.settle(MATCH, 1, {"1": 1}, product=3)
    listener = Listener(sandbox)

    path = f"/v1/liveodds/stateful_messages/events/{MATCH}/initiate_request"
    answer = ask(sandbox, "POST", path, params={"request_id": 5})

    assert answer.status_code == 202
    assert kinds(listener, 5) == [
        ("bet_settlement", "5"),
        ("rollback_bet_settlement", "5"),
        ("bet_cancel", "5"),
        ("rollback_bet_cancel", "5"),
        ("snapshot_complete", "5"),
    ]
    assert sandbox.counts["buckets"] == {"EVENT": 1}


def test_an_event_s_messages_are_told_for_thirty_days(sandbox: Sandbox) -> None:
    producer = sandbox.vendor.producer(1)
    long_ago = now() - 30 * 24 * 60 * MINUTE - 1000
    producer.clock = lambda: long_ago
    sandbox.settle(MATCH, 1, {"1": 1})
    producer.clock = sandbox.vendor.now
    sandbox.settle(MATCH, 2, {"1": 1})
    listener = Listener(sandbox)

    ask(sandbox, "POST", f"/liveodds/stateful_messages/events/{MATCH}/initiate_request")

    settled, end = listener.next(2)
    assert b'market id="2"' in settled.body
    assert end.root == "snapshot_complete"


S, E = ("bet_settlement", "9"), ("snapshot_complete", "9")
FOREIGN = ("snapshot_complete", "1000009")


@pytest.mark.parametrize(
    ("fault", "comes", "completed"),
    [
        (StallRecovery(after=1), [S], 0),
        (RepeatRecovery(after=1), [S, S, S, E], 1),
        (ForeignSnapshot(), [S, S, FOREIGN, E], 1),
        (ForeignSnapshot(instead=True), [S, S, FOREIGN], 0),
        (DuplicateSnapshot(), [S, S, E, E], 1),
        (EarlySnapshot(), [E, S, S, E], 1),
        (SlowRecovery(rate=20), [S, S, E], 1),
        (NothingComes(), [], 0),
    ],
)
def test_a_recovery_goes_wrong_once(
    sandbox: Sandbox, fault: Fault, comes: list[tuple[str, str]], completed: int
) -> None:
    before = now() - 1
    for market in (1, 2):
        sandbox.settle(MATCH, market, {"1": 1})
    listener = Listener(sandbox)
    sandbox.fault(fault)

    recover(sandbox, after=before, request_id=9)
    found = kinds(listener, len(comes))
    for thread in sandbox.vendor.recovering.threads:
        thread.join(5)

    assert found == comes
    assert all(one.root == "alive" for one in listener.take())
    assert sandbox.counts["recoveries_completed"] == completed
    recover(sandbox, after=before, request_id=9)
    assert kinds(listener, 3) == [S, S, E]


def test_a_recovery_ends_when_its_producer_goes_down(sandbox: Sandbox) -> None:
    before = now() - 1
    for market in range(20):
        sandbox.settle(MATCH, market, {"1": 1})
    listener = Listener(sandbox)
    sandbox.options = Options(recovery_rate=20)

    recover(sandbox, after=before, request_id=1)
    listener.next(2)
    sandbox.fault(Down())
    for thread in sandbox.vendor.recovering.threads:
        thread.join(5)
    sandbox.fault(Up())

    assert sandbox.counts["recoveries_ended"] == 1
    assert sandbox.counts["recoveries_completed"] == 0


def test_what_is_told_while_a_recovery_runs_comes_once_by_itself(sandbox: Sandbox) -> None:
    before = now() - 1
    for market in range(5):
        sandbox.settle(MATCH, market, {"1": 1})
    listener = Listener(sandbox)
    sandbox.options = Options(recovery_rate=50)

    recover(sandbox, after=before, request_id=1)
    sandbox.settle("sr:match:5", [Market("7")], certainty=None)

    found = listener.next(7)
    live = [one for one in found if "request_id" not in one.said]
    assert [one.said["event_id"] for one in live] == ["sr:match:5"]
    assert "certainty" not in live[0].said
