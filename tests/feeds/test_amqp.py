"""A queue read over AMQP, on a real broker; and brokers that do not do what they should."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from kombu.connection import Connection

from feeds import amqp
from feeds.amqp import Consumer, where
from feeds.connections import Lost, Trouble
from tests.feeds.proxy import Proxy

TLS = Path(__file__).parents[1] / "samples/tls"
EXCHANGE = "amq.topic"


@contextmanager
def reading(url: str) -> Iterator[Consumer]:
    """Read a queue of our own that gets what is said of bets."""
    consumer = Consumer(where(url, heartbeat=2))
    try:
        consumer.read("", exchange=EXCHANGE, bindings=["*.bets.#"])
        yield consumer
    finally:
        consumer.close()


def say(url: str, *bodies: bytes, key: str = "hi.bets.1") -> None:
    """Publish messages."""
    with Connection(url) as connection:
        producer = connection.Producer()
        for body in bodies:
            producer.publish(
                body, exchange=EXCHANGE, routing_key=key, content_type="application/xml"
            )


def all_of(consumer: Consumer, wanted: int, most: int = 1000) -> list[bytes]:
    """Take messages until there are so many; return them."""
    found: list[bytes] = []
    deadline = time.monotonic() + 10
    while len(found) < wanted and time.monotonic() < deadline:
        taken = consumer.take(most=most, wait=0.2)
        assert len(taken) <= most
        found += [one.raw for one in taken]
        if taken:
            consumer.acknowledge(taken[-1].tag)
    return found


def test_messages_come_in_their_order_and_are_acknowledged_together(amqp_url: str) -> None:
    bodies = [f"<m>{number}</m>".encode() for number in range(2500)]
    with reading(amqp_url) as consumer:
        say(amqp_url, *bodies)

        assert all_of(consumer, 2500, most=700) == bodies
        assert consumer.take(most=10, wait=0.05) == []
        assert consumer.depth() == 0


def test_a_stream_without_a_pause_is_taken_in_parts(
    amqp_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amqp, "MOMENT", 0.2)
    over = threading.Event()

    def stream() -> None:
        while not over.wait(0.005):
            say(amqp_url, b"<m/>")

    with reading(amqp_url) as consumer:
        saying = threading.Thread(target=stream)
        saying.start()
        began = time.monotonic()
        first = consumer.take(most=10_000, wait=5)
        took, was_drained = time.monotonic() - began, consumer.is_drained
        over.set()
        saying.join()
        while consumer.take(most=10_000, wait=0.5):
            pass

        assert (len(first) > 0, took < 2, was_drained, consumer.is_drained) == (
            True, True, False, True,
        )  # fmt: skip


def test_what_was_not_asked_for_does_not_come(amqp_url: str) -> None:
    with reading(amqp_url) as consumer:
        say(amqp_url, b"<odds/>", key="hi.odds.1")
        say(amqp_url, b"<bets/>")

        assert all_of(consumer, 1) == [b"<bets/>"]


def test_the_depth_is_what_waits_beyond_what_we_hold(
    amqp_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amqp, "PREFETCH", 10)
    with reading(amqp_url) as consumer:
        say(amqp_url, *[b"<m/>"] * 50)
        time.sleep(0.3)

        assert consumer.depth() == 40


def test_a_message_that_is_too_long_is_cut(amqp_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(amqp, "LONGEST_MESSAGE", 100_000)
    with reading(amqp_url) as consumer:
        say(amqp_url, b"x" * 100_001, b"<m/>")
        time.sleep(0.3)

        long, short = consumer.take(most=10, wait=2)

    assert (len(long.raw), long.size, len(long.digest)) == (4096, 100_001, 32)
    assert (short.raw, short.size) == (b"<m/>", 0)


def test_a_connection_that_is_cut_is_lost(amqp_url: str) -> None:
    proxy = Proxy(amqp_url)
    with reading(proxy.url) as consumer:
        proxy.cut()

        with pytest.raises(Lost, match=r"The broker at 127\.0\.0\.1:\d+ ended the connection"):
            consumer.take(most=1, wait=5)
    proxy.close()


def test_a_broker_that_falls_silent_is_lost(amqp_url: str) -> None:
    parts = urlsplit(amqp_url)
    frozen, fars = threading.Event(), []

    def talk(near: socket.socket) -> None:
        far = socket.create_connection((parts.hostname or "", parts.port or 0))
        fars.append(far)
        threading.Thread(target=passed_on, args=(near, far), daemon=True).start()
        passed_on(far, near, frozen)

    with served(talk) as port, reading(f"amqp://guest:{parts.password}@127.0.0.1:{port}//") as one:
        frozen.set()
        with pytest.raises(Lost, match="ended the connection: Too many heartbeats missed"):
            listen_to(one, seconds=10)
        fars[0].shutdown(socket.SHUT_RDWR)


def listen_to(consumer: Consumer, *, seconds: float) -> None:
    """Take what comes for so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        consumer.take(most=10, wait=0.1)


def refused(url: str, **words: Any) -> str:
    """Return why a broker can't be read."""
    with pytest.raises(Trouble) as caught:
        Consumer(replace(where(url), **words)).read("", exchange=EXCHANGE, bindings=["#"])
    return str(caught.value)


def test_a_wrong_password_and_a_host_that_is_not_ours_are_told(amqp_url: str) -> None:
    assert "does not take our user and password" in refused(amqp_url, password="wrong")
    assert "refuses" in refused(amqp_url, virtual_host="/unifiedfeed/1")


def test_an_exchange_that_is_not_there_is_told(amqp_url: str) -> None:
    consumer = Consumer(where(amqp_url))

    try:
        with pytest.raises(Trouble, match="no exchange 'nobody-made-it'"):
            consumer.read("", exchange="nobody-made-it", bindings=["#"])
    finally:
        consumer.close()


def test_nobody_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert refused(f"amqp://a:b@127.0.0.1:{port}//").endswith("refuses the connection.")
    assert refused("amqp://a:b@nowhere.invalid//") == "The name nowhere.invalid is not known."


def test_who_hangs_up_is_tried_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        hanging_up = threading.Thread(target=lambda: server.accept()[0].close())
        hanging_up.start()

        assert "ended the connection" in refused(f"amqp://a:b@127.0.0.1:{port}//")

        hanging_up.join()
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_a_server_that_says_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(amqp, "CONNECT_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        assert refused(f"amqp://a:b@127.0.0.1:{port}//").endswith("does not answer.")


@pytest.mark.parametrize("url", ["", "http://a", "amqp://", "amqps:///x", "redis://localhost/1"])
def test_an_address_that_is_none_is_told(url: str) -> None:
    with pytest.raises(Trouble, match="is no address of a broker"):
        where(url)


def test_a_url_says_who_we_are_only_where_it_does() -> None:
    given: dict[str, Any] = {"user": "token", "virtual_host": "/unifiedfeed/88"}

    theirs = where("amqps://mq.example.com", **given)
    ours = where("amqp://guest:gu%2Fest@localhost:5673//", **given)

    assert (theirs.host, theirs.port, theirs.tls) == ("mq.example.com", 5671, True)
    assert (theirs.user, theirs.password, theirs.virtual_host) == ("token", "", "/unifiedfeed/88")
    assert (ours.port, ours.tls, ours.user, ours.password) == (5673, False, "guest", "gu/est")
    assert ours.virtual_host == "/"


def test_the_token_is_the_user_and_the_password_is_empty() -> None:
    heard: list[bytes] = []

    def talk(near: socket.socket) -> None:
        near.recv(8)
        start = method(10, 10, b"\x00\x09" + table() + long(b"PLAIN") + long(b"en_US"))
        near.sendall(start)
        heard.append(near.recv(4096))

    with served(talk) as port:
        refused(f"amqp://127.0.0.1:{port}", user="my-token", password="")

    assert b"PLAIN" in heard[0]
    assert b"\x00my-token\x00" + b"\x05en_US" in heard[0]
    assert b"guest" not in heard[0]


def method(number: int, which: int, arguments: bytes) -> bytes:
    """Return a frame that calls a method."""
    payload = number.to_bytes(2, "big") + which.to_bytes(2, "big") + arguments
    return b"\x01\x00\x00" + len(payload).to_bytes(4, "big") + payload + b"\xce"


def table() -> bytes:
    """Return an empty table."""
    return b"\x00" * 4


def long(text: bytes) -> bytes:
    """Return a long string."""
    return len(text).to_bytes(4, "big") + text


@contextmanager
def served(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Let a server talk to whoever connects first."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            near, _ = server.accept()
            with near:
                talk(near)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        thread.join(5)
        server.close()


@pytest.fixture
def encrypted(amqp_url: str) -> Iterator[str]:
    """The broker behind TLS, with a certificate of our own."""
    parts = urlsplit(amqp_url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "certificate.pem", TLS / "key.pem")
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                begin(server.accept()[0])

    def begin(near: socket.socket) -> None:
        with suppress(OSError), near:
            safe = context.wrap_socket(near, server_side=True)
            far = socket.create_connection((parts.hostname, parts.port))
            for ends in ((safe, far), (far, safe)):
                threading.Thread(target=passed_on, args=ends, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield f"amqps://{parts.username}:{parts.password}@localhost:{server.getsockname()[1]}//"
    server.shutdown(socket.SHUT_RDWR)
    server.close()


def passed_on(
    source: socket.socket, target: socket.socket, frozen: threading.Event | None = None
) -> None:
    """Pass bytes one way, until it is frozen or closed."""
    with source:
        with suppress(OSError):
            while data := source.recv(65536):
                if frozen is None or not frozen.is_set():
                    target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def test_a_certificate_that_nobody_vouches_for_is_refused(encrypted: str) -> None:
    assert "is not valid: self-signed certificate" in refused(encrypted)


def test_a_broker_is_read_over_tls(
    encrypted: str, amqp_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "certificate.pem"))
    bodies = [f"<m>{number}</m>".encode() * 100 for number in range(500)]
    with reading(encrypted) as consumer:
        say(amqp_url, *bodies)

        assert all_of(consumer, 500) == bodies


def test_a_certificate_of_another_name_is_refused(
    encrypted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "certificate.pem"))
    other = encrypted.replace("@localhost", "@127.0.0.1")

    assert "IP address mismatch" in refused(other)


def test_what_does_not_speak_tls_is_told(amqp_url: str) -> None:
    assert "does not speak TLS as it should" in refused(amqp_url.replace("amqp://", "amqps://"))
