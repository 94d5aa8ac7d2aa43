"""Producers: their alives, and what becomes of their messages when something is wrong."""

import threading
import time
from itertools import pairwise

import pytest

from feeds.sportradar.sandbox import Options, Sandbox
from feeds.sportradar.sandbox.faults import (
    Delay,
    Down,
    DropQueues,
    Duplicate,
    Fault,
    ProductDown,
    SkipAlives,
    StopAlives,
    Unsubscribe,
    Up,
)
from feeds.sportradar.windows import Windows
from tests.feeds.sportradar.sandbox.clients import BINDINGS, Came, Listener, now, recover

MATCH = "sr:match:1"


def next_alive(listener: Listener, after: int | None = None) -> Came:
    """Return the next sign of life of live odds that was given after a moment, or after now."""
    moment = now() if after is None else after
    while True:
        [one] = listener.next(1, alives=True)
        if one.said["product"] == "1" and int(one.said["timestamp"]) > moment:
            return one


def silent(listener: Listener) -> bool:
    """Say whether live odds gives no sign of life for three of its times."""
    listener.take()
    time.sleep(0.3)
    return all(one.said["product"] != "1" for one in listener.take())


def test_each_active_producer_gives_signs_of_life(listener: Listener) -> None:
    found = listener.next(6, alives=True)

    assert {one.said["product"] for one in found} == {"1", "3", "6"}
    assert {one.said["subscribed"] for one in found} == {"1"}
    assert {one.key for one in found} == {"-.-.-.alive.-.-.-.-"}
    assert all(abs(int(one.said["timestamp"]) - now()) < 5000 for one in found)


def test_signs_of_life_come_in_their_time(listener: Listener) -> None:
    moments = [int(next_alive(listener, 0).said["timestamp"]) for _ in range(4)]

    assert all(90 <= later - one < 2000 for one, later in pairwise(moments))


def test_no_message_is_older_than_an_alive_that_came_before_it(sandbox: Sandbox) -> None:
    listener = Listener(sandbox)
    stop = threading.Event()

    def talk() -> None:
        for _ in range(5000):  # Far fewer than a queue may hold.
            if stop.is_set():
                return
            sandbox.settle(MATCH, 1, {"1": 1})

    thread = threading.Thread(target=talk)
    thread.start()
    time.sleep(0.5)
    stop.set()
    thread.join()

    alive = 0
    for one in listener.take(most=100_000):
        if one.said["product"] == "1":
            time_of_it = int(one.said["timestamp"])
            assert time_of_it > alive if one.root != "alive" else time_of_it >= alive
            alive = time_of_it if one.root == "alive" else alive


def test_alives_stop_and_messages_go_on(sandbox: Sandbox, listener: Listener) -> None:
    sandbox.fault(StopAlives(product=1))

    assert silent(listener)
    sandbox.settle(MATCH, 1, {"1": 1})
    assert listener.next(1)[0].root == "bet_settlement"
    sandbox.fault(Up(product=1))
    assert next_alive(listener).said["subscribed"] == "1"


@pytest.mark.parametrize(
    "fault", [StopAlives(product=1, seconds=0.3), SkipAlives(product=1, count=3)]
)
def test_alives_stop_for_a_while(sandbox: Sandbox, listener: Listener, fault: Fault) -> None:
    sandbox.fault(fault)
    moment = now()

    assert int(next_alive(listener, moment).said["timestamp"]) - moment >= 200


def test_what_is_told_while_a_producer_is_down_comes_by_recovery_only(
    sandbox: Sandbox, listener: Listener
) -> None:
    before = now() - 1
    sandbox.fault(Down(product=1))
    sandbox.settle(MATCH, 1, {"1": 1})
    sandbox.settle(MATCH, 2, {"1": 1}, product=3)
    assert [one.said["product"] for one in listener.next(1)] == ["3"]
    assert silent(listener)

    sandbox.fault(Up(product=1))
    assert next_alive(listener).said["subscribed"] == "0"
    sandbox.settle(MATCH, 3, {"1": 1})
    assert recover(sandbox, after=before, request_id=4).status_code == 202
    sandbox.settle(MATCH, 4, {"1": 1})

    found = listener.next(4)
    recovered = [one for one in found if one.said.get("request_id") == "4"]
    assert [one.root for one in recovered] == ["bet_settlement"] * 2 + ["snapshot_complete"]
    assert [b'market id="4"' in one.body for one in found if one not in recovered] == [True]
    assert next_alive(listener).said["subscribed"] == "1"


def test_an_unsubscribed_producer_says_so_and_waits_for_a_recovery(
    sandbox: Sandbox, listener: Listener
) -> None:
    sandbox.fault(Unsubscribe(product=1))
    sandbox.settle(MATCH, 1, {"1": 1})

    assert next_alive(listener).said["subscribed"] == "0"
    recover(sandbox)
    assert listener.next(1)[0].root == "snapshot_complete"
    assert next_alive(listener).said["subscribed"] == "1"


def test_a_producer_says_that_it_is_down(sandbox: Sandbox) -> None:
    listener = Listener(sandbox, [*BINDINGS, "-.-.-.product_down.#"])

    sandbox.fault(ProductDown(product=1))
    sandbox.fault(ProductDown(product=1))

    assert [one.root for one in listener.next(1)] == ["product_down"]
    assert silent(listener)


def test_everything_comes_late_and_in_order(sandbox: Sandbox, listener: Listener) -> None:
    sandbox.fault(Delay(product=1, seconds=0.4))
    said = sandbox.settle(MATCH, 1, {"1": 1})
    sandbox.fault(Delay(product=1, seconds=0))
    sandbox.settle(MATCH, 2, {"1": 1})

    assert {one.root for one in listener.take(wait=0.2)} <= {"alive"}
    first, second = listener.next(2)
    assert now() - said.sent_at >= 400
    assert (b'market id="1"' in first.body, b'market id="2"' in second.body) == (True, True)
    assert first.said["timestamp"] == str(said.sent_at)


def test_late_alives_tell_of_the_past(sandbox: Sandbox, listener: Listener) -> None:
    sandbox.fault(Delay(product=1, seconds=0.4))

    told = int(next_alive(listener).said["timestamp"])
    assert now() - told >= 400


def test_the_last_messages_come_again(sandbox: Sandbox, listener: Listener) -> None:
    sandbox.settle(MATCH, 1, {"1": 1})
    sandbox.settle(MATCH, 2, {"1": 1})
    sandbox.fault(Duplicate(product=1))

    first, second, again = listener.next(3)
    assert (again.key, again.sent_at, again.body) == (second.key, second.sent_at, second.body)
    assert again.body != first.body


def test_what_can_t_be_read_is_told_too(sandbox: Sandbox) -> None:
    listener = Listener(sandbox, ["#"])
    sandbox.publish(b"\xff<bet", key="lo.-.live.bet_settlement.1.sr:match.1.-")
    sandbox.publish(b"<unheard_of/>")

    found = [one for one in listener.take(wait=1) if b"alive" not in one.body]
    found += [one for one in listener.take() if b"alive" not in one.body]
    assert [(one.key, one.body) for one in found] == [
        ("lo.-.live.bet_settlement.1.sr:match.1.-", b"\xff<bet"),
        ("-.-.-.unheard_of.-.-.-.-", b"<unheard_of/>"),
    ]


@pytest.mark.parametrize("product", [2, 13, 99])
def test_an_unknown_producer_is_refused(sandbox: Sandbox, product: int) -> None:
    with pytest.raises(ValueError, match=f"no producer {product}"):
        sandbox.fault(Down(product=product))


def test_messages_that_reach_nobody_are_counted() -> None:
    with Sandbox(windows=Windows(alive=60), options=Options(active=())) as sandbox:
        sandbox.settle(MATCH, 1, {"1": 1})
        listener = Listener(sandbox)
        sandbox.settle(MATCH, 1, {"1": 1})

        assert len(listener.take()) == 1
        assert (sandbox.counts["messages_published"], sandbox.counts["messages_unroutable"]) == (
            2,
            1,
        )


def test_all_queues_are_dropped(sandbox: Sandbox, listener: Listener) -> None:
    sandbox.fault(DropQueues())

    assert sandbox.counts["queues_now"] == 0
    with pytest.raises(Exception, match="404"):
        listener.take()


def test_a_producer_forgets_the_oldest_when_it_is_told_to(sandbox: Sandbox) -> None:
    sandbox.options = Options(kept=10)
    for market in range(25):
        sandbox.settle(MATCH, market, {"1": 1})

    history = sandbox.vendor.producer(1).history
    assert 10 <= len(history) < 20
    assert b'market id="24"' in history[-1].body
