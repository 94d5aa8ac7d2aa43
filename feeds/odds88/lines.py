"""Bytes of a stream → its lines: each bounded, whatever the other side sends."""

import hashlib
import zlib
from collections.abc import Iterator

from feeds.connections import Arrival

MOST_BYTES = 4 * 2**20
KEPT_OF_LONG = 4096


class Gathered:
    """A message that is coming in pieces. What is too long is measured, and not kept."""

    def __init__(self) -> None:
        self.held = bytearray()
        self.digest = hashlib.sha256()
        self.size = 0

    def add(self, piece: bytes | memoryview) -> None:
        """Take the next piece."""
        if self.size <= MOST_BYTES < self.size + len(piece):
            self.digest = hashlib.sha256(self.held)
            self.digest.update(piece)
            room = max(0, KEPT_OF_LONG - len(self.held))
            self.held = self.held[:KEPT_OF_LONG] + bytes(piece[:room])
        elif self.size > MOST_BYTES:
            self.digest.update(piece)
        else:
            self.held += piece
        self.size += len(piece)

    def arrival(self) -> Arrival:
        """Return what was gathered; a cut message with the size that it has."""
        if self.size > MOST_BYTES:
            return Arrival(bytes(self.held), size=self.size, digest=self.digest.digest())
        return Arrival(bytes(self.held), size=self.size)


class Lines:
    """Splits a stream into lines; an empty one is a sign of life."""

    def __init__(self) -> None:
        self.line = Gathered()

    def feed(self, data: bytes) -> list[Arrival]:
        """Take bytes; return the lines that they end."""
        *ended, rest = data.split(b"\n")
        found = []
        for one in ended:
            self.line.add(one)
            found.append(self.ended())
        if rest:
            self.line.add(rest)
        return found

    def ended(self) -> Arrival:
        """Return the line, and begin the next."""
        line, self.line = self.line.arrival(), Gathered()
        if line.is_cut or not line.raw.endswith(b"\r"):
            return line
        return Arrival(line.raw[:-1], size=line.size - 1)

    def rest(self) -> list[Arrival]:
        """Return a last line that nothing ended, when the stream itself ended as it should."""
        return [self.ended()] if self.line.size else []


class Inflated:
    """What was compressed, in pieces that fit into memory, however far it swells."""

    PIECE = 2**16

    def __init__(self, bits: int) -> None:
        self.bits = bits
        self.reset()

    def reset(self) -> None:
        """Begin anew, knowing nothing of what came before."""
        self.inflate = zlib.decompressobj(self.bits)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take compressed bytes; yield what they hold, piece by piece."""
        while True:
            piece = self.inflate.decompress(data, self.PIECE)
            if piece:
                yield piece
            data = self.inflate.unconsumed_tail
            if self.inflate.eof:
                data = self.inflate.unused_data
                self.reset()
                if not data:
                    return
            elif not data and len(piece) < self.PIECE:
                return
