"""The feed as a WebSocket. The library shakes hands and writes; frames are read in bounds."""

import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from http.client import parse_headers
from io import BytesIO
from urllib.parse import urlsplit

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidState, ProtocolError
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    PerMessageDeflate,
)
from websockets.protocol import State
from websockets.uri import parse_uri

from feeds.connections import Arrival, Lost
from feeds.odds88.frames import Control, Frames, Opcode
from feeds.odds88.lines import Inflated
from feeds.odds88.opening import (
    ALIVE,
    ANSWER_SECONDS,
    AT_ONCE,
    CONNECT_SECONDS,
    Unreached,
    Where,
    refusal,
    why_unreached,
)
from feeds.odds88.sessions import cut_after

LONGEST_HEAD = 2**16
END_OF_HEAD = b"\r\n\r\n"
STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2}) ")
NORMAL = 1000


class SocketPipe:
    """An open WebSocket."""

    def __init__(self, where: Where) -> None:
        self.where = where
        self.sending = threading.Lock()
        self.socket = connected(where)
        self.protocol = ClientProtocol(
            parse_uri(where.address), extensions=[ClientPerMessageDeflateFactory()], max_size=None
        )
        try:
            self.early = self.shaken()
        except BaseException:
            self.socket.close()
            raise

    def shaken(self) -> bytes:
        """Shake hands; return what came already after the handshake."""
        request = self.protocol.connect()
        request.headers["Authorization"] = self.where.authorization
        self.protocol.send_request(request)
        self.send()
        head, early = self.head()
        first, _, fields = head.partition(b"\r\n")
        status = STATUS.match(first)
        if status and int(status[1]) != HTTPStatus.SWITCHING_PROTOCOLS:
            after = parse_headers(BytesIO(fields)).get("Retry-After", "")
            raise refusal(self.where.host, int(status[1]), after, early)
        self.protocol.receive_data(head)
        if self.protocol.state is State.OPEN:
            return early
        error = self.protocol.handshake_exc
        raise Lost(f"{self.where.host} does not speak WebSocket as we do: {error}.")

    def head(self) -> tuple[bytes, bytes]:
        """Return the answer's head, and the bytes that came with it."""
        came = bytearray()
        until = time.monotonic() + ANSWER_SECONDS
        while END_OF_HEAD not in came:
            try:
                self.socket.settimeout(max(0.01, until - time.monotonic()))
                data = self.socket.recv(AT_ONCE)
            except TimeoutError:
                raise Lost(
                    f"{self.where.host} did not answer within {ANSWER_SECONDS:g} seconds."
                ) from None
            except OSError:
                data = b""
            if not data or len(came) > LONGEST_HEAD:
                raise Lost(f"{self.where.host} ended the connection before it answered.")
            came += data
        head, _, early = bytes(came).partition(END_OF_HEAD)
        return head + END_OF_HEAD, early

    def read(self) -> Iterator[list[Arrival]]:
        """Yield messages until the end; ask for a sign of life when it has been silent."""
        frames = self.frames()
        try:
            for data in self.received():
                yield [
                    one if isinstance(one, Arrival) else self.heeded(one)
                    for one in frames.feed(data)
                ]
        except (OSError, zlib.error):
            raise Lost(f"{self.where.host} broke the connection off.") from None
        raise Lost(f"{self.where.host} broke the connection off.")

    def frames(self) -> Frames:
        """Return what splits the bytes into messages, as it was agreed."""
        for extension in self.protocol.extensions:
            if isinstance(extension, PerMessageDeflate):
                return Frames(
                    Inflated(-extension.remote_max_window_bits),
                    takeover=not extension.remote_no_context_takeover,
                )
        return Frames(None, takeover=False)

    def received(self) -> Iterator[bytes]:
        """Yield bytes as they come; `Lost` when there were none for too long."""
        if self.early:
            yield self.early
        heard, asked = time.monotonic(), time.monotonic()
        self.socket.settimeout(min(self.where.ping, self.where.silence) / 2)
        while True:
            now = time.monotonic()
            if now - heard > self.where.silence:
                raise Lost(self.where.silent)
            if now - max(heard, asked) > self.where.ping:
                self.ask()
                asked = now
            try:
                data = self.socket.recv(AT_ONCE)
            except TimeoutError:
                continue
            if not data:
                return
            heard = time.monotonic()
            yield data

    def heeded(self, control: Control) -> Arrival:
        """Do what a control frame asks for; each is a sign of life."""
        if control.opcode is Opcode.CLOSE:
            code = int.from_bytes(control.payload[:2]) if control.payload else NORMAL
            reason = control.payload[2:].decode(errors="replace").strip()
            why = f"{code}: {reason}" if reason.isprintable() and reason else f"{code}"
            raise Lost(f"{self.where.host} closed the connection ({why}).")
        if control.opcode is Opcode.PING:
            with self.sending:
                self.protocol.send_pong(control.payload)
                self.send()
        return ALIVE

    def ask(self) -> None:
        """Ask for a sign of life."""
        with self.sending:
            self.protocol.send_ping(b"")
            self.send()

    def answer(self, text: str) -> None:
        """Send a text."""
        with self.sending, suppress(OSError):
            self.protocol.send_text(text.encode())
            self.send()

    def send(self) -> None:
        """Write what the protocol wants to say."""
        for data in self.protocol.data_to_send():
            if data:
                self.socket.sendall(data)

    def cut(self) -> None:
        """End the connection: say so, and wake whoever reads it."""
        with suppress(OSError, ProtocolError, InvalidState), self.sending:
            self.socket.settimeout(1)
            self.protocol.send_close(NORMAL)
            self.send()
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the connection's means back, when nobody reads it any more."""
        self.socket.close()


def connected(where: Where) -> socket.socket:
    """Return a socket to the host, encrypted for wss."""
    parts = urlsplit(where.url)
    secure = parts.scheme == "wss"
    host = parts.hostname or ""
    try:
        plain = socket.create_connection(
            (host, parts.port or (443 if secure else 80)), CONNECT_SECONDS
        )
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not secure:
            return plain
        with cut_after(CONNECT_SECONDS, plain.fileno()):
            return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except OSError as error:
        raise Unreached(why_unreached(where.host, error)) from None
