"""Servers that are broken, or mean us harm: opening ends in time, and with a sentence."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from feeds.connections import Lost, Trouble
from feeds.odds88 import stream as streams
from feeds.odds88.client import Bet, Client
from feeds.odds88.opening import Refused, Where
from feeds.odds88.stream import MOST_HELD, Stream
from feeds.odds88.tokens import Credentials, Tokens
from feeds.odds88.troubles import Trouble as Word
from feeds.odds88.windows import Windows

SCHEMES = pytest.mark.parametrize("scheme", ["http", "ws"])
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
Behaviour = Callable[[socket.socket], None]


@contextmanager
def server(behave: Behaviour) -> Iterator[int]:
    """Serve each connection like this, after its request; give the port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=one, args=listening.accept()[:1], daemon=True).start()

        def one(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                asked = b""
                while b"\r\n\r\n" not in asked:
                    asked += connection.recv(65536)
                behave(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


def drip(connection: socket.socket) -> None:
    """Begin to answer, and never end."""
    connection.sendall(OK)
    for number in range(300):
        connection.sendall(b"X-%d: x\r\n" % (number % 50))
        time.sleep(0.1)


def answers(head: bytes) -> Behaviour:
    """Answer so, and end."""
    return lambda connection: connection.sendall(head)


def endless(piece: bytes) -> Behaviour:
    """Send a stream that never ends."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(OK + b"\r\n")
        while True:
            connection.sendall(piece)

    return behave


def where(port: int, scheme: str) -> Where:
    return Where(f"{scheme}://127.0.0.1:{port}/feed", 0, "token", silence=1, ping=0.3)


@SCHEMES
def test_a_head_that_drips_is_not_waited_for(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.odds88.socket_pipe.ANSWER_SECONDS", 1.0)
    with server(drip) as port:
        began = time.monotonic()

        with pytest.raises(Lost, match="did not answer within 1 seconds"):
            Stream(where(port, scheme), echo=False)

        assert time.monotonic() - began < 5


@SCHEMES
@pytest.mark.parametrize(
    ("what", "head", "sentence"),
    [
        ("a wait that is no number", b"HTTP/1.1 429 X\r\nRetry-After: \xb2\r\n\r\n",
         "Too many connections were made"),
        ("a place that is none", b"HTTP/1.1 302 X\r\nLocation: http://[\r\n\r\n",
         "sends us elsewhere"),
    ],
)  # fmt: skip
def test_a_refusal_that_makes_no_sense_is_one(
    scheme: str, what: str, head: bytes, sentence: str
) -> None:
    with server(answers(head)) as port, pytest.raises(Refused, match=sentence) as refused:
        Stream(where(port, scheme), echo=False)

    assert refused.value.retry_after is None


@pytest.mark.parametrize("piece", [b"\n" * 65536, b"1\n" * 32768], ids=["pings", "tiny messages"])
def test_what_is_held_is_bounded_however_small_it_comes(piece: bytes) -> None:
    with server(endless(piece)) as port:
        stream = Stream(where(port, "http"), echo=False)
        until = time.monotonic() + 20
        while stream.bytes < MOST_HELD and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(0.5)

        assert len(stream.held) * streams.EACH < 2 * MOST_HELD
        stream.close()


@pytest.mark.parametrize(
    ("what", "behave", "trouble"),
    [
        ("a head that drips", drip, Word.TIMED_OUT),
        ("a place that is none", answers(b"HTTP/1.1 302 X\r\nLocation: http://[\r\n\r\n"),
         Word.UNREADABLE),
        ("a port that is none", answers(b"HTTP/1.1 302 X\r\nLocation: http://x:99999\r\n\r\n"),
         Word.UNREADABLE),
    ],
)  # fmt: skip
def test_a_look_up_ends_in_time_and_with_a_sentence(
    what: str, behave: Behaviour, trouble: Word
) -> None:
    with server(behave) as port:
        url, began = f"http://127.0.0.1:{port}", time.monotonic()
        client = Client(url=url, tokens=Known(), paths={}, seconds=1)

        answer = client.settlement(Bet("P1", "R1"))

        assert answer.trouble == trouble
        assert time.monotonic() - began < 5
        client.close()


class Known(Tokens):
    """A token that nobody has to ask for."""

    def __init__(self) -> None:
        super().__init__(Credentials("", "", ""), Windows())

    def token(self, *, until: float | None = None) -> str:
        return "token"


def test_a_redirect_is_not_read_to_its_end() -> None:
    def behave(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 302 X\r\nLocation: http://127.0.0.1/\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with server(behave) as port:
        began = time.monotonic()

        with pytest.raises(Trouble, match="sends us elsewhere"):
            Stream(where(port, "http"), echo=False)

        assert time.monotonic() - began < 5
