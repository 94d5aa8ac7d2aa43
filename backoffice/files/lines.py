"""A text file line by line: numbered, never longer than memory allows, one bad line at a time."""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

MOST_BYTES = 2**20
BOM = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """A line without its end. Bytes that are no UTF-8 stand in the text as they came (escaped)."""

    number: int
    text: str
    error: str = ""
    ended: bool = True


def lines_of(file: BinaryIO) -> Iterator[Line]:
    """Yield the lines that are not blank."""
    number = 0
    while raw := file.readline(MOST_BYTES + 1):
        number += 1
        if number == 1:
            raw = raw.removeprefix(BOM)
        if len(raw) > MOST_BYTES and not raw.endswith(b"\n"):
            drain(file)
            yield Line(number, "", f"is longer than {MOST_BYTES:,} bytes.")
        elif raw.strip():
            yield line_of(number, raw)


def drain(file: BinaryIO) -> None:
    """Pass over the rest of a line."""
    while (rest := file.readline(MOST_BYTES)) and not rest.endswith(b"\n"):
        pass


def line_of(number: int, raw: bytes) -> Line:
    """Return one line; say when it is not UTF-8."""
    bare = raw.removesuffix(b"\n").removesuffix(b"\r")
    try:
        return Line(number, bare.decode(), ended=raw.endswith(b"\n"))
    except UnicodeDecodeError as error:
        odd = f"is not UTF-8: byte {error.start + 1} is 0x{bare[error.start]:02X}."
        return Line(number, bare.decode(errors="surrogateescape"), odd, raw.endswith(b"\n"))
