"""Bytes of a WebSocket → its messages. A library would hold a frame whole, however long it is."""

from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from feeds.connections import Arrival, Lost
from feeds.odds88.lines import Gathered, Inflated

LONGEST_CONTROL = 125
END_OF_DEFLATED = b"\x00\x00\xff\xff"


class Opcode(IntEnum):
    """What a frame is."""

    MORE = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


class Control(NamedTuple):
    """A frame that is no part of a message."""

    opcode: Opcode
    payload: bytes


class Frames:
    """Splits a WebSocket's bytes into messages and control frames."""

    def __init__(self, inflated: Inflated | None, *, takeover: bool) -> None:
        self.inflated, self.takeover = inflated, takeover
        self.head = bytearray()
        self.message: Gathered | None = None
        self.deflated = False
        self.left = 0
        self.last = False
        self.control: Opcode | None = None
        self.payload = bytearray()
        self.inside = False

    def feed(self, data: bytes) -> Iterator[Arrival | Control]:
        """Take bytes; yield the messages and control frames that they end."""
        rest = memoryview(data)
        while rest or (self.inside and not self.left):
            if not self.inside:
                rest = self.begin(rest)
                continue
            piece, rest = rest[: self.left], rest[self.left :]
            self.left -= len(piece)
            self.add(bytes(piece))
            if not self.left:
                yield from self.ended()

    def begin(self, rest: memoryview) -> memoryview:
        """Take bytes of a frame's head; when it is complete, the frame's payload follows."""
        while rest and len(self.head) < self.length_of_head():
            self.head.append(rest[0])
            rest = rest[1:]
        if len(self.head) == self.length_of_head():
            self.open()
        return rest

    def length_of_head(self) -> int:
        """Return how long the head is, as far as its beginning tells."""
        if len(self.head) < 2:
            return 2
        return {126: 4, 127: 10}.get(self.head[1] & 0x7F, 2)

    def open(self) -> None:
        """Read a frame's head."""
        first, second = self.head[0], self.head[1]
        self.left = int.from_bytes(self.head[2:]) if len(self.head) > 2 else second & 0x7F
        self.head.clear()
        self.last, self.inside = bool(first & 0x80), True
        if second & 0x80 or first & 0x30 or (first & 0xF) not in list(Opcode):
            raise Lost("Odds88 sent something that is no WebSocket frame.")
        opcode = Opcode(first & 0xF)
        if opcode >= Opcode.CLOSE:
            if self.left > LONGEST_CONTROL or not self.last or first & 0x40:
                raise Lost("Odds88 sent a control frame that can't be one.")
            self.control = opcode
        elif (opcode is Opcode.MORE) is (self.message is None):
            raise Lost("Odds88 sent pieces of messages in an order that can't be.")
        elif opcode is not Opcode.MORE:
            self.message, self.deflated = Gathered(), bool(first & 0x40)
            if self.deflated and self.inflated is None:
                raise Lost("Odds88 sent a compressed message without having agreed to it.")

    def add(self, piece: bytes) -> None:
        """Take a piece of the frame's payload."""
        if self.control is not None:
            self.payload += piece
        elif self.message is not None:
            for part in self.plain(piece):
                self.message.add(part)

    def plain(self, piece: bytes) -> Iterator[bytes]:
        """Yield what a piece of a message holds."""
        if self.deflated and self.inflated:
            yield from self.inflated.feed(piece)
        else:
            yield piece

    def ended(self) -> Iterator[Arrival | Control]:
        """Yield what the end of a frame completes."""
        self.inside = False
        if self.control is not None:
            yield Control(self.control, bytes(self.payload))
            self.control, self.payload = None, bytearray()
        elif self.last and self.message is not None:
            if self.deflated and self.inflated:
                for part in self.inflated.feed(END_OF_DEFLATED):
                    self.message.add(part)
                if not self.takeover:
                    self.inflated.reset()
            yield self.message.arrival()
            self.message = None
