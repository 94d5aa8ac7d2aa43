"""Each fault does what it says, on both transports."""

import json
import time

import pytest
import requests

from feeds.odds88.sandbox import Options, Sandbox
from feeds.odds88.sandbox.faults import (
    Answer,
    Body,
    Close,
    Drip,
    Drop,
    DropMidMessage,
    Duplicate,
    ExpireTokens,
    Garbage,
    GzipBomb,
    HalfOpen,
    HangUp,
    InvalidUtf8,
    OnStream,
    Oversize,
    Reorder,
    Resettle,
    Restart,
    Silence,
    Slow,
)
from feeds.odds88.sandbox.faults import Older as OlderTime
from feeds.odds88.windows import Windows
from tests.feeds.odds88.sandbox.clients import Broken, Client, bet_ids, bets, ping
from tests.feeds.odds88.sandbox.conftest import SHORT
from tests.feeds.odds88.sandbox.messages import said


def rest(client: Client, *faults: OnStream) -> list[bytes]:
    """Return what comes of T-1, faults and T-2 until the stream ends, without pings."""
    found: list[bytes] = []
    with client.receive() as stream:
        client.sandbox.push(said("T-1"))
        for fault in faults:
            client.sandbox.fault(fault)
        client.sandbox.push(said("T-2"))
        client.sandbox.fault(Close(code=1000, reason="over"))
        while True:
            try:
                one = stream.next()
            except Broken:
                return found
            if b'"data":null' not in one:
                found.append(one)


@pytest.mark.parametrize("reset", [False, True])
def test_a_dropped_connection_ends_after_what_was_pushed_before(
    client: Client, reset: bool
) -> None:
    with client.receive() as stream:
        client.sandbox.push(said("T-1"))
        if reset:
            assert bet_ids(stream, 1) == ["T-1"]
        client.sandbox.fault(Drop(reset=reset))
        client.sandbox.push(said("T-2"))

        if not reset:
            assert bet_ids(stream, 1) == ["T-1"]
        with pytest.raises(Broken):
            bet_ids(stream, 1)


def test_a_message_that_was_cut_comes_again_by_recovery(client: Client) -> None:
    with client.receive() as stream:
        client.sandbox.fault(DropMidMessage(after=1))
        client.sandbox.push(said("T-1"), said("T-2"))

        assert bet_ids(stream, 1) == ["T-1"]
        with pytest.raises((Broken, ValueError)):
            bet_ids(stream, 1)
    assert client.sandbox.counts["messages_sent"] == 1
    with client.receive(int(time.time()) - 60) as stream:
        assert bet_ids(stream, 2) == ["T-1", "T-2"]


def test_a_recovery_can_be_cut_after_some_messages(client: Client) -> None:
    client.sandbox.push(*[said(f"T-{number}") for number in range(50)])
    client.sandbox.fault(Drop(after=20))

    with client.receive() as stream:
        assert bet_ids(stream, 20)[-1] == "T-19"
        with pytest.raises(Broken):
            bet_ids(stream, 1)


def test_a_proper_end_is_a_close_frame_or_the_last_chunk(client: Client) -> None:
    with client.receive() as stream:
        client.sandbox.fault(Close(code=1012, reason="restart"))

        with pytest.raises(Broken) as broken:
            bet_ids(stream, 1)
    assert ("1012" in str(broken.value)) is (client.transport == "websocket")
    assert isinstance(broken.value.__cause__, StopIteration) is (client.transport == "http")


def test_garbage_comes_between_messages(client: Client) -> None:
    first, garbage, second = rest(client, Garbage(text="<garbage>"))

    assert garbage == b"<garbage>"
    assert (b"T-1" in first, b"T-2" in second) == (True, True)


def test_a_message_that_is_no_text_breaks_a_websocket_and_is_a_line(client: Client) -> None:
    found = rest(client, InvalidUtf8())

    assert b"\xff\xfe" in found[1]


@pytest.mark.parametrize("fragments", [1, 3])
@pytest.mark.parametrize("size", [100, 1000, 3_000_000])
def test_an_oversize_message_has_exactly_so_many_bytes(
    client: Client, size: int, fragments: int
) -> None:
    _, huge, last = rest(client, Oversize(size=size, fragments=fragments))

    assert len(huge) == size
    assert json.loads(huge)["data"]["betId"].startswith("x")
    assert b"T-2" in last


def test_a_bomb_is_small_on_the_wire(client: Client) -> None:
    _, bomb, _ = rest(client, GzipBomb(size=20_000_000))

    assert len(bomb) == 20_000_000
    assert client.sandbox.counts["bytes_sent"] < 200_000


def test_a_drip_comes_slowly(client: Client) -> None:
    with client.receive() as stream:
        client.sandbox.fault(Drip(size=50, pause=0.02))
        started = time.monotonic()
        client.sandbox.push(said("T-1", padding="x" * 1000))

        assert bet_ids(stream, 1) == ["T-1"]
    if client.transport == "http":
        assert time.monotonic() - started > 0.05


def test_a_half_open_connection_says_nothing_and_holds_the_place(client: Client) -> None:
    with client.receive():
        client.sandbox.fault(HalfOpen())
        time.sleep(0.05)
        pings = client.sandbox.counts["pings_sent"]
        client.sandbox.push(said("T-1"))
        time.sleep(0.7)

        assert client.sandbox.counts["pings_sent"] == pings
        assert client.sandbox.counts["messages_sent"] == 0
        assert client.refusal().status == 409
    with client.receive() as stream:
        assert bet_ids(stream, 1) == ["T-1"]


def test_a_silence_has_messages_and_no_pings(client: Client) -> None:
    with client.receive() as stream:
        client.sandbox.fault(Silence(seconds=0.6))
        time.sleep(0.05)
        pings = client.sandbox.counts["pings_sent"]
        time.sleep(0.4)
        client.sandbox.push(said("T-1"))

        assert bet_ids(stream, 1) == ["T-1"]
        assert client.sandbox.counts["pings_sent"] == pings
        assert ping(stream)


def test_a_message_can_come_twice(client: Client) -> None:
    with client.receive() as stream:
        client.sandbox.push(said("T-1"), said("T-2"))
        client.sandbox.fault(Duplicate())
        client.sandbox.fault(Duplicate(bet_id="T-1", times=2))

        assert bet_ids(stream, 5) == ["T-1", "T-2", "T-2", "T-1", "T-1"]


def test_messages_can_come_in_reverse(client: Client) -> None:
    with client.receive() as stream:
        client.sandbox.fault(Reorder(count=3))
        client.sandbox.push(*[said(f"T-{number}") for number in range(4)])

        assert bet_ids(stream, 4) == ["T-2", "T-1", "T-0", "T-3"]


def test_a_resettlement_says_the_contrary_later(client: Client) -> None:
    with client.receive() as stream:
        client.sandbox.push(said("T-1", settlementTime="2999-01-01T00:00:00.0000001Z"))
        client.sandbox.fault(Resettle(bet_id="T-1"))

        won, lost = bets(stream, 2)
    assert (won["betSettlement"], won["payout"]) == (1, 25.0)
    assert (lost["betSettlement"], lost["payout"]) == (2, 0)
    assert lost["settlementTime"] == "2999-01-01T00:00:01.0000000Z"


def test_an_older_time_says_the_contrary_of_what_is_in_force(client: Client) -> None:
    with client.receive() as stream:
        client.sandbox.push(said("T-1", settlementTime="2999-01-01T00:01:00Z"))
        client.sandbox.fault(OlderTime(bet_id="T-1", seconds=60))
        client.sandbox.fault(Duplicate(bet_id="T-1"))

        times = [bet["settlementTime"] for bet in bets(stream, 3)]
    assert times == [
        "2999-01-01T00:01:00Z", "2999-01-01T00:00:00.0000000Z", "2999-01-01T00:01:00Z",
    ]  # fmt: skip


def test_expired_tokens_are_refused(client: Client) -> None:
    client.sandbox.fault(ExpireTokens())

    assert client.refusal().status == 401
    assert client.get("/api/Dictionary/reject-reasons").status_code == 401


def test_a_token_dies_of_old_age() -> None:
    with Sandbox(windows=Windows(token=0.2)) as sandbox:
        client = Client(sandbox, "http")
        assert client.get("/api/Dictionary/reject-reasons").status_code == 200
        time.sleep(0.25)

        assert client.get("/api/Dictionary/reject-reasons").status_code == 401


def test_a_restart_closes_everything_and_listens_again(client: Client) -> None:
    with client.receive() as stream:
        ping(stream)
        client.sandbox.fault(Restart(seconds=0.3))

        with pytest.raises(Broken):
            bet_ids(stream, 1)
        with pytest.raises(requests.ConnectionError):
            client.get("/api/Dictionary/reject-reasons")
    time.sleep(0.5)
    with client.receive() as stream:
        assert ping(stream)


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_a_connect_can_be_answered_with_another_status(client: Client, status: int) -> None:
    client.sandbox.fault(Answer(path="/feed", status=status, retry_after=7))

    refused = client.refusal()

    assert (refused.status, refused.headers["Retry-After"]) == (status, "7")
    assert client.sandbox.counts["attempts"] == {"without": 1}
    with client.receive() as stream:
        assert ping(stream)


def test_a_connect_can_be_answered_by_a_page(client: Client) -> None:
    client.sandbox.fault(Answer(path="/feed", status=200, body=Body.HTML))

    refused = client.refusal()

    assert (refused.status, refused.body[:15]) == (200, b"<!doctype html>")


def test_a_connect_can_be_redirected(sandbox: Sandbox) -> None:
    client = Client(sandbox, "http")
    sandbox.fault(Answer(path="/feed", status=302, location="http://127.0.0.1:9/elsewhere"))

    refused = client.refusal()

    assert (refused.status, refused.headers["Location"]) == (302, "http://127.0.0.1:9/elsewhere")


def test_everything_is_refused_until_faults_are_cleared(client: Client) -> None:
    client.sandbox.fault(Answer(status=503, times=0))

    assert [client.refusal().status for _ in range(3)] == [503, 503, 503]
    assert client.get("/api/Dictionary/reject-reasons").status_code == 503

    client.sandbox.clear_faults()
    assert client.get("/api/Dictionary/reject-reasons").status_code == 200


def test_an_answer_can_be_slow(sandbox: Sandbox) -> None:
    client = Client(sandbox, "http")
    sandbox.fault(Slow(path="/api", seconds=0.3))
    started = time.monotonic()

    assert client.get("/api/Dictionary/reject-reasons").status_code == 200
    assert time.monotonic() - started >= 0.3


def test_a_request_can_be_hung_up_on(sandbox: Sandbox) -> None:
    client = Client(sandbox, "http")
    sandbox.fault(HangUp(path="/api"))

    with pytest.raises(requests.ConnectionError):
        client.get("/api/Dictionary/reject-reasons")


def test_who_takes_nothing_is_dropped(client: Client) -> None:
    sandbox = client.sandbox
    sandbox.options = Options(gzip=False, deflate=False)
    big = said("T-1", padding="x" * 100_000)
    with client.receive():
        sandbox.push(*[big] * 300)
        deadline = time.monotonic() + 10
        while not sandbox.counts["dropped_unresponsive"] and time.monotonic() < deadline:
            time.sleep(0.05)

        assert sandbox.counts["dropped_unresponsive"] == 1
        assert sandbox.counts["receiving_now"] == 0
        assert sandbox.counts["messages_sent"] < 300


def test_who_answers_no_ping_of_the_protocol_is_dropped(sandbox: Sandbox) -> None:
    client = Client(sandbox, "websocket")
    with client.receive() as stream:
        ping(stream)
        mute(stream)
        time.sleep(1.2)

        assert sandbox.counts["dropped_unresponsive"] == 1


def mute(stream: object) -> None:
    """Let a client of the websockets library answer no ping."""
    stream.connection.protocol.send_frame = lambda frame: None  # type: ignore[attr-defined]


@pytest.mark.parametrize("echoes", [True, False])
def test_who_must_echo_pings_is_dropped_without(echoes: bool) -> None:
    with Sandbox(windows=SHORT, options=Options(echo=True)) as sandbox:
        client = Client(sandbox, "websocket")
        with client.receive() as stream:
            until = time.monotonic() + 1.5
            try:
                while time.monotonic() < until:
                    name = ping(stream)
                    if echoes:
                        said_back = json.dumps({"pingId": name, "data": None})
                        stream.connection.send(said_back)  # type: ignore[attr-defined]
            except Broken:
                assert not echoes
        counts = sandbox.counts

    assert counts["dropped_without_echo"] == (0 if echoes else 1)
    assert (counts["echoes"] > 4) is echoes
