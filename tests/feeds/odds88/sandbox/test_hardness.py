"""What would make figures untrue: races for the place, slow readers, great messages."""

import socket
import threading
import time
import tracemalloc
from urllib.parse import urlsplit

import pytest

from feeds.odds88.sandbox import Options, Sandbox
from feeds.odds88.sandbox.faults import Close, GzipBomb, OnStream, Oversize
from tests.feeds.odds88.sandbox.clients import Client, Refused, bet_ids, ping
from tests.feeds.odds88.sandbox.messages import said


def test_of_five_who_come_at_once_one_receives(client: Client) -> None:
    start, hold = threading.Barrier(5), threading.Barrier(5)
    statuses: list[int] = []

    def attempt() -> None:
        start.wait()
        try:
            with client.receive():
                hold.wait(10)
        except Refused as refused:
            statuses.append(refused.status)
            hold.wait(10)

    threads = [threading.Thread(target=attempt) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [409, 409, 409, 409]
    assert client.sandbox.counts["receiving_most"] == 1
    assert client.sandbox.counts["refused_second"] == 4


def raw(client: Client) -> socket.socket:
    """Return a socket that receives and on which nobody reads."""
    url = urlsplit(client.sandbox.http_url)
    sock = socket.create_connection((url.hostname, url.port), 5)
    upgrade = (
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Extensions: permessage-deflate\r\n"
        if client.transport == "websocket"
        else "Accept-Encoding: gzip\r\n"
    )
    head = f"GET {url.path} HTTP/1.1\r\nHost: sandbox\r\n{upgrade}"
    sock.sendall(f"{head}Authorization: {client.headers['Authorization']}\r\n\r\n".encode())
    assert sock.recv(12).startswith(b"HTTP/1.1 ")
    return sock


@pytest.mark.parametrize("times", [5])
def test_who_vanished_without_a_word_is_not_in_the_way(client: Client, times: int) -> None:
    for _ in range(times):
        raw(client).close()

    deadline = time.monotonic() + 5
    while client.sandbox.counts["receiving_now"] and time.monotonic() < deadline:
        time.sleep(0.01)
    assert client.sandbox.counts["connects"] == {"without": 5}
    assert client.sandbox.counts["refused_second"] == 0
    assert client.sandbox.counts["receiving_now"] == 0


@pytest.mark.parametrize("fault", [Oversize(size=40_000_000), GzipBomb(size=40_000_000)])
def test_a_great_message_is_never_held_in_memory(client: Client, fault: OnStream) -> None:
    with raw(client) as sock:
        tracemalloc.start()
        client.sandbox.fault(fault)
        client.sandbox.fault(Close())
        while sock.recv(2**16):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert most < 4_000_000


def test_a_slow_reader_costs_no_memory(client: Client) -> None:
    client.sandbox.options = Options(gzip=False, deflate=False)
    client.sandbox.push(*[said("T-1", padding="x" * 10_000)] * 2_000)
    with raw(client):
        tracemalloc.start()
        time.sleep(0.4)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert most < 25_000_000


def test_a_thousand_messages_come_in_order_between_pings(client: Client) -> None:
    with client.receive() as stream:
        for number in range(1000):
            client.sandbox.push(said(f"T-{number}"))

        assert bet_ids(stream, 1000) == [f"T-{number}" for number in range(1000)]
        assert ping(stream)
    assert client.sandbox.counts["messages_sent"] == 1000


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /feed/settlement/v4 HTTP/1.0\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST /api/Account/login HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/Account/login HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET /" + b"x" * 100_000,
    ],
)
def test_what_is_no_http_is_refused(sandbox: Sandbox, request_line: bytes) -> None:
    with socket.create_connection(("127.0.0.1", sandbox.port), 5) as sock:
        sock.sendall(request_line)

        assert sock.recv(24) == b"HTTP/1.1 400 Bad Request"
    assert sandbox.counts["attempts"] == {}


def test_it_listens_on_the_loopback_only(sandbox: Sandbox) -> None:
    assert sandbox.listener
    assert sandbox.listener.getsockname()[0] == "127.0.0.1"


def test_no_thread_is_left_behind() -> None:
    before = threading.active_count()
    with Sandbox() as sandbox:
        client = Client(sandbox, "http")
        with client.receive():
            assert threading.active_count() > before
    time.sleep(0.2)

    assert threading.active_count() <= before
