"""The feed: recovery, what is live, and the limits on connecting."""

import threading
import time

import pytest
import requests

from feeds.odds88.sandbox import Options, Sandbox
from feeds.odds88.sandbox.options import Order, Zero
from feeds.odds88.windows import Windows
from tests.feeds.bets import settled
from tests.feeds.odds88.sandbox.clients import Client, bet_ids, bets, ping
from tests.feeds.odds88.sandbox.messages import said


def test_what_was_pushed_before_comes_first_then_what_is_live(client: Client) -> None:
    client.sandbox.push(said("T-1"), said("T-2"))

    with client.receive() as stream:
        assert bet_ids(stream, 2) == ["T-1", "T-2"]
        client.sandbox.push(said("T-3"))
        assert bet_ids(stream, 1) == ["T-3"]


def test_a_message_comes_as_it_was_pushed(client: Client) -> None:
    body = (
        b'{"betId":"T-1","settlementTime":"2999-01-01T00:00:00.1234567Z",'
        b'"rate":0.08756567425569176882661996497,"payout":2.5E+1}'
    )
    client.sandbox.push(body)

    with client.receive() as stream:
        assert stream.next() == b'{"pingId":null,"data":' + body + b"}"


def test_a_bare_feed_has_no_envelope(client: Client) -> None:
    client.sandbox.options = Options(bare=True)
    body = b'{"betId":"T-1","settlementTime":"2999-01-01T00:00:00Z"}'
    client.sandbox.push(b'{"pingId":null,"data":' + body + b"}")

    with client.receive() as stream:
        assert stream.next() == body


def test_a_recovery_goes_from_its_revision_on(client: Client) -> None:
    client.sandbox.push(said("T-old", 3600), said("T-new", 10))

    with client.receive(int(time.time()) - 60) as stream:
        assert bet_ids(stream, 1) == ["T-new"]


@pytest.mark.parametrize("revision", [None, "", "0", "1"])
def test_a_recovery_reaches_three_days_back(client: Client, revision: str | None) -> None:
    client.sandbox.push(said("T-too-old", 3 * 86400 + 60), said("T-old", 3 * 86400 - 60))

    with client.receive(revision) as stream:
        assert bet_ids(stream, 1) == ["T-old"]


def test_a_late_message_of_an_older_time_comes_live(client: Client) -> None:
    with client.receive(int(time.time())) as stream:
        client.sandbox.push(said("T-1", 3600))

        assert bet_ids(stream, 1) == ["T-1"]


def test_pings_come_between(client: Client) -> None:
    with client.receive() as stream:
        first, second = ping(stream), ping(stream)

    assert first != second


def test_a_second_connection_is_refused_while_the_first_lives(client: Client) -> None:
    with client.receive() as stream:
        refused = client.refusal()
        client.sandbox.push(said("T-1"))

        assert bet_ids(stream, 1) == ["T-1"]
    assert refused.status == 409
    assert client.sandbox.counts["refused_second"] == 1
    assert client.sandbox.counts["receiving_most"] == 1


def test_the_next_connection_is_let_in_as_soon_as_the_first_has_gone(client: Client) -> None:
    revision = int(time.time())
    for _ in range(5):
        with client.receive(revision) as stream:
            ping(stream)

    assert client.sandbox.counts["connects"] == {"proper": 5}
    assert client.sandbox.counts["refused_second"] == 0


@pytest.mark.parametrize(("revision", "kind"), [(None, "without"), (1, "too_small")])
def test_five_connects_without_a_proper_revision_are_allowed(
    client: Client, revision: int | None, kind: str
) -> None:
    for _ in range(5):
        with client.receive(revision) as stream:
            ping(stream)

    refused = client.refusal(revision)

    assert refused.status == 429
    assert 1700 < int(refused.headers["Retry-After"]) <= 1800
    assert client.sandbox.counts["attempts"] == {kind: 6}
    assert client.sandbox.counts["refused_budget"] == 1
    with client.receive(int(time.time())) as stream:
        ping(stream)


def test_a_refused_attempt_counts_in_the_window() -> None:
    with Sandbox(windows=Windows().divided(300)) as sandbox:
        client = Client(sandbox, "http")
        revision = int(time.time())
        for _ in range(5):
            with client.receive(revision):
                pass
        assert client.refusal(revision).status == 429
        time.sleep(0.6)
        assert client.refusal(revision).status == 429
        time.sleep(0.5)

        with client.receive(revision):
            assert sandbox.counts["attempts"] == {"proper": 8}


@pytest.mark.parametrize("revision", ["soon", "1.5", "١٢", "1e9", "9" * 30])
def test_a_revision_that_is_no_number_is_refused(client: Client, revision: str) -> None:
    assert client.refusal(revision).status == 400
    assert client.sandbox.counts["refused_revision"] == 1


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", "Basic c2FuZGJveA=="])
def test_without_a_token_nobody_receives(client: Client, authorization: str) -> None:
    refused = client.refusal(Authorization=authorization)

    assert refused.status == 401
    assert b'"status":401' in refused.body
    assert client.sandbox.counts["refused_token"] == 1


def test_nothing_is_lost_between_recovery_and_live(client: Client) -> None:
    sandbox = client.sandbox
    sandbox.options = Options(chunk=7, pause=0.001)
    sandbox.push(*[said(f"T-{number}") for number in range(200)])

    def push_the_rest() -> None:
        for number in range(200, 1000):
            sandbox.push(said(f"T-{number}"))

    pusher = threading.Thread(target=push_the_rest)

    with client.receive() as stream:
        pusher.start()
        found = bet_ids(stream, 1000)
    pusher.join()

    assert found == [f"T-{number}" for number in range(1000)]


def test_a_recovery_can_come_newest_first(client: Client) -> None:
    client.sandbox.options = Options(order=Order.NEWEST)
    client.sandbox.push(said("T-1", 30), said("T-3", 10), said("T-2", 20))

    with client.receive() as stream:
        assert bet_ids(stream, 3) == ["T-3", "T-2", "T-1"]


def test_a_recovery_can_come_shuffled_the_same_way_each_time(client: Client) -> None:
    client.sandbox.options = Options(order=Order.SHUFFLED)
    client.sandbox.push(*[said(f"T-{number}") for number in range(50)])

    with client.receive() as stream:
        first = bet_ids(stream, 50)
    with client.receive() as stream:
        second = bet_ids(stream, 50)

    assert first == second
    assert first != sorted(first, key=lambda name: int(name[2:]))
    assert sorted(first) == sorted(f"T-{number}" for number in range(50))


def test_a_connection_without_a_revision_can_begin_live(client: Client) -> None:
    client.sandbox.options = Options(zero=Zero.LIVE)
    client.sandbox.push(said("T-1"))

    with client.receive(0) as stream:
        ping(stream)
        client.sandbox.push(said("T-2"))
        assert bet_ids(stream, 1) == ["T-2"]


def test_lines_are_compressed_for_who_likes_that(sandbox: Sandbox) -> None:
    client = Client(sandbox, "http")
    sandbox.push(said("T-1"))

    for accepted, encoding in [("gzip", "gzip"), ("identity", None)]:
        headers = client.headers | {"Accept-Encoding": accepted}
        with requests.get(sandbox.http_url, headers=headers, stream=True, timeout=5) as response:
            assert response.headers.get("Content-Encoding") == encoding
            assert b'"T-1"' in next(response.iter_content(10_000))


def test_a_settlement_keeps_its_seventh_digit(client: Client) -> None:
    client.sandbox.push(settled("T-1", settlementTime="2999-11-20T12:00:00.0000001Z"))

    with client.receive() as stream:
        assert bets(stream, 1)[0]["settlementTime"] == "2999-11-20T12:00:00.0000001Z"
