"""The queues that need no broker."""

import threading
import time
from collections.abc import Iterator

import pytest
import requests

from feeds.sportradar.sandbox import Options, Sandbox
from feeds.sportradar.windows import Windows
from tests.feeds.sportradar.sandbox.clients import Listener

QUIET = Options(active=())


@pytest.fixture
def quiet() -> Iterator[Sandbox]:
    """A sandbox without alives."""
    with Sandbox(options=QUIET) as running:
        yield running


def settle(sandbox: Sandbox, count: int = 1) -> None:
    """Say something."""
    for market in range(count):
        sandbox.settle("sr:match:1", market, {"1": 1})


def test_a_message_is_handed_out_once_and_held_until_it_is_acknowledged(
    quiet: Sandbox,
) -> None:
    listener = Listener(quiet)
    settle(quiet, 3)

    first = listener.take(most=2)
    assert listener.depth() == {"depth": 3, "waiting": 1, "delivered": 2}
    [third] = listener.take(most=2)

    assert [one.tag for one in (*first, third)] == [1, 2, 3]
    assert listener.acknowledge(2) == 2
    assert listener.depth() == {"depth": 1, "waiting": 0, "delivered": 1}
    assert listener.acknowledge(99) == 1


def test_each_queue_has_what_it_is_bound_to(quiet: Sandbox) -> None:
    settlements = Listener(quiet, ["*.*.*.bet_settlement.#"])
    cancels = Listener(quiet, ["hi.#", "*.*.*.bet_cancel.#"])
    settle(quiet)
    quiet.cancel("sr:match:1", 1)

    assert [one.root for one in settlements.take()] == ["bet_settlement"]
    assert [one.root for one in cancels.take()] == ["bet_cancel"]


def test_a_reader_waits_for_the_first_message(quiet: Sandbox) -> None:
    listener = Listener(quiet)
    threading.Timer(0.1, settle, (quiet,)).start()
    began = time.monotonic()

    assert len(listener.take(wait=5)) == 1
    assert time.monotonic() - began < 2
    assert listener.take(wait=0.05) == []


def test_a_queue_that_nobody_asks_for_is_deleted() -> None:
    with Sandbox(windows=Windows(alive=0.1, dead=1), options=QUIET) as sandbox:
        kept, forgotten = Listener(sandbox), Listener(sandbox)
        for _ in range(13):
            kept.take(wait=0.1)

        assert kept.depth()["depth"] == 0
        with pytest.raises(requests.HTTPError, match="404"):
            forgotten.take()
        assert sandbox.counts["queues_expired"] == 1


def test_a_deleted_queue_is_gone(quiet: Sandbox) -> None:
    listener = Listener(quiet)

    assert requests.delete(listener.url, timeout=5).status_code == 204
    assert requests.delete(listener.url, timeout=5).status_code == 404
    assert (quiet.counts["queues_now"], quiet.counts["queues_made"]) == (0, 1)


def test_forty_queues_are_the_most(quiet: Sandbox) -> None:
    for _ in range(40):
        Listener(quiet)

    with pytest.raises(requests.HTTPError, match="403"):
        Listener(quiet)
    assert (quiet.counts["queues_most"], quiet.counts["violations"]) == (40, 1)


def test_too_many_messages_in_a_queue_suspend_the_account() -> None:
    options = Options(active=(), most_waiting=10, suspended=60)
    with Sandbox(windows=Windows(minute=0.03), options=options) as sandbox:
        slow, other = Listener(sandbox), Listener(sandbox, ["nothing"])
        settle(sandbox, 10)
        assert slow.depth()["depth"] == 10
        slow.take(most=5)
        settle(sandbox)

        for gone in (slow, other):
            with pytest.raises(requests.HTTPError, match="404"):
                gone.take()
        with pytest.raises(requests.HTTPError, match="403"):
            Listener(sandbox)
        time.sleep(1.9)
        Listener(sandbox)
        assert sandbox.counts["queues_overflowed"] == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "", "nonsense", 400),
        ("POST", "", "{}", 400),
        ("GET", "/unknown", "", 404),
        ("POST", "/unknown/ack", '{"tag": 1}', 404),
        ("PATCH", "/unknown", "", 404),
        ("GET", "/unknown?most=0", "", 400),
        ("GET", "/unknown?wait=x", "", 400),
    ],
)
def test_what_makes_no_sense_is_refused(
    quiet: Sandbox, method: str, path: str, body: str, status: int
) -> None:
    answer = requests.request(method, quiet.queues_url + path, data=body, timeout=5)

    assert answer.status_code == status
    assert answer.json()["detail"]
