"""How messages look on the wire: lines of a chunked answer, or messages of a WebSocket."""

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from websockets.datastructures import Headers
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.http11 import Request as Handshake
from websockets.protocol import State
from websockets.server import ServerProtocol

from feeds.odds88.sandbox.http import Request
from feeds.odds88.sandbox.wire import PIECE

GZIP = 16 + zlib.MAX_WBITS
HUGE_START, HUGE_END = b'{"pingId":null,"data":{"betId":"', b'"}}'
FINAL = 0x80
LINES = "application/x-ndjson"


class Framing(Protocol):
    """What a stream says, as bytes. Nothing here touches a socket."""

    @property
    def refused(self) -> bool:
        """Whether the opening is a refusal."""

    @property
    def closed(self) -> bool:
        """Whether the client ended the stream by its own word."""

    def opening(self) -> bytes:
        """Return the head of the answer."""

    def messages(self, texts: Sequence[bytes]) -> bytes:
        """Return messages."""

    def huge(self, size: int, fragments: int) -> Iterator[bytes]:
        """Yield one message of so many bytes, piece by piece."""

    def bomb(self, size: int) -> Iterator[bytes]:
        """Yield one message of so many bytes, compressed where that was agreed."""

    def ending(self, code: int, reason: str) -> bytes:
        """Return the proper end of the stream."""

    def probe(self, name: bytes) -> bytes:
        """Return a ping of the protocol itself."""

    def hear(self, data: bytes) -> bytes:
        """Take what the client sent, and return the answer to it."""

    def pongs(self) -> list[bytes]:
        """Return which probes were answered since the last call."""

    def words(self) -> list[bytes]:
        """Return the texts that the client sent since the last call."""


class Lines:
    """A message a line, in chunks, compressed when the client likes that."""

    refused = closed = False

    def __init__(self, request: Request, *, gzip: bool) -> None:
        accepted = request.headers.get("accept-encoding", "")
        self.gzip = zlib.compressobj(6, wbits=GZIP) if gzip and "gzip" in accepted else None

    def opening(self) -> bytes:
        encoding = "Content-Encoding: gzip\r\n" if self.gzip else ""
        return (
            f"HTTP/1.1 200 OK\r\nContent-Type: {LINES}\r\n{encoding}"
            "Cache-Control: no-store\r\nTransfer-Encoding: chunked\r\n\r\n"
        ).encode()

    def messages(self, texts: Sequence[bytes]) -> bytes:
        return self.chunk(b"\n".join([*texts, b""]))

    def chunk(self, data: bytes) -> bytes:
        """Return data as one chunk, flushed."""
        if self.gzip:
            data = self.gzip.compress(data) + self.gzip.flush(zlib.Z_SYNC_FLUSH)
        return b"%x\r\n%b\r\n" % (len(data), data)

    def huge(self, size: int, fragments: int) -> Iterator[bytes]:
        for _, piece in pieces(size, PIECE):
            yield self.chunk(piece)
        yield self.chunk(b"\n")

    def bomb(self, size: int) -> Iterator[bytes]:
        return self.huge(size, 1)

    def ending(self, code: int, reason: str) -> bytes:
        rest = self.gzip.flush() if self.gzip else b""
        self.gzip = None
        return (self.chunk(rest) if rest else b"") + b"0\r\n\r\n"

    def probe(self, name: bytes) -> bytes:
        return b""

    def hear(self, data: bytes) -> bytes:
        return b""

    def pongs(self) -> list[bytes]:
        return []

    def words(self) -> list[bytes]:
        return []


class Frames:
    """A text message each, by the sans-I/O half of the websockets library."""

    def __init__(self, request: Request, *, deflate: bool) -> None:
        extensions = [ServerPerMessageDeflateFactory()] if deflate else []
        self.protocol = ServerProtocol(extensions=extensions, max_size=PIECE)
        self.protocol.receive_data(request.head)
        self.answered: list[bytes] = []
        self.said: list[bytes] = []
        self.refused = False

    @property
    def closed(self) -> bool:
        """Whether the client ended the WebSocket."""
        return self.protocol.state in (State.CLOSING, State.CLOSED)

    def opening(self) -> bytes:
        asked = [one for one in self.protocol.events_received() if isinstance(one, Handshake)]
        handshake = asked[0] if asked else Handshake("/", Headers())
        response = self.protocol.accept(handshake)
        self.protocol.send_response(response)
        self.refused = self.protocol.state is not State.OPEN
        return self.written()

    def written(self) -> bytes:
        """Return what the protocol has to send."""
        return b"".join(self.protocol.data_to_send())

    def messages(self, texts: Sequence[bytes]) -> bytes:
        for text in texts:
            self.protocol.send_text(text)
        return self.written()

    def huge(self, size: int, fragments: int) -> Iterator[bytes]:
        lengths = [size // fragments] * (fragments - 1)
        lengths.append(size - sum(lengths))
        taken = rest(pieces(size, PIECE))
        for number, length in enumerate(lengths):
            opcode = Opcode.CONT if number else Opcode.TEXT
            final = FINAL if number == fragments - 1 else 0
            yield frame_head(final | opcode, length)
            yield from taken(length)

    def bomb(self, size: int) -> Iterator[bytes]:
        for number, (last, piece) in enumerate(pieces(size, PIECE)):
            send = self.protocol.send_continuation if number else self.protocol.send_text
            send(piece, fin=last)
            yield self.written()

    def ending(self, code: int, reason: str) -> bytes:
        self.protocol.send_close(code, reason)
        return self.written()

    def probe(self, name: bytes) -> bytes:
        self.protocol.send_ping(name)
        return self.written()

    def hear(self, data: bytes) -> bytes:
        self.protocol.receive_data(data)
        for event in self.protocol.events_received():
            if isinstance(event, Frame) and event.opcode is Opcode.PONG:
                self.answered.append(bytes(event.data))
            elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self.said.append(bytes(event.data))
        return self.written()

    def pongs(self) -> list[bytes]:
        answered, self.answered = self.answered, []
        return answered

    def words(self) -> list[bytes]:
        said, self.said = self.said, []
        return said


def frame_head(first: int, length: int) -> bytes:
    """Return the head of a frame without a mask."""
    if length < 126:
        return struct.pack("!BB", first, length)
    if length < 2**16:
        return struct.pack("!BBH", first, 126, length)
    return struct.pack("!BBQ", first, 127, length)


def pieces(size: int, piece: int) -> Iterator[tuple[bool, bytes]]:
    """Yield one long message in pieces, each with whether it is the last."""
    filling = max(0, size - len(HUGE_START) - len(HUGE_END))
    yield False, HUGE_START
    for start in range(0, filling, piece):
        yield False, b"x" * min(piece, filling - start)
    yield True, HUGE_END


def rest(parts: Iterator[tuple[bool, bytes]]) -> Callable[[int], Iterator[bytes]]:
    """Return what takes so many bytes at a time from a message in pieces."""
    left = b""

    def take(length: int) -> Iterator[bytes]:
        nonlocal left
        while length:
            left = left or next(parts)[1]
            part, left = left[:length], left[length:]
            length -= len(part)
            yield part

    return take
