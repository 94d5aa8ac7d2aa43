import gzip
import hashlib
import zlib

import pytest

from feeds.connections import Arrival
from feeds.odds88.lines import KEPT_OF_LONG, MOST_BYTES, Inflated, Lines


def fed(data: bytes, size: int) -> list[Arrival]:
    lines = Lines()
    found = [one for at in range(0, len(data), size) for one in lines.feed(data[at : at + size])]
    return found + lines.rest()


@pytest.mark.parametrize("size", [1, 2, 7, 100])
def test_lines_are_the_same_however_they_are_cut_on_the_way(size: int) -> None:
    found = fed(b'{"a":1}\r\n\n{"b":2}\n{"c"', size)

    assert [one.raw for one in found] == [b'{"a":1}', b"", b'{"b":2}', b'{"c"']


@pytest.mark.parametrize("size", [1000, 2**16, 6 * 2**20])
def test_a_line_that_is_too_long_is_measured_and_only_its_beginning_kept(size: int) -> None:
    long = b"x" * (MOST_BYTES + 1)

    before, cut, after = fed(b"one\n" + long + b"\ntwo\n", size)

    assert (before.raw, after.raw) == (b"one", b"two")
    assert cut == Arrival(
        b"x" * KEPT_OF_LONG, size=MOST_BYTES + 1, digest=hashlib.sha256(long).digest()
    )


def test_a_line_of_just_four_mebibytes_is_read() -> None:
    [line] = fed(b"x" * MOST_BYTES + b"\n", 2**16)

    assert (len(line.raw), line.is_cut) == (MOST_BYTES, False)


def test_what_swells_comes_in_pieces() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)

    sizes = [len(piece) for piece in Inflated(31).feed(bomb)]

    assert sum(sizes) == 50_000_000
    assert max(sizes) == Inflated.PIECE


@pytest.mark.parametrize("size", [1, 10, 1000])
def test_two_gzip_members_are_one_stream(size: int) -> None:
    data = gzip.compress(b"one\n") + gzip.compress(b"two\n")
    inflated = Inflated(31)

    pieces = [
        piece for at in range(0, len(data), size) for piece in inflated.feed(data[at : at + size])
    ]

    assert b"".join(pieces) == b"one\ntwo\n"


def test_what_is_flushed_is_there_at_once() -> None:
    squeeze = zlib.compressobj(wbits=31)
    inflated = Inflated(31)

    for number in range(5):
        said = squeeze.compress(b"%d\n" % number) + squeeze.flush(zlib.Z_SYNC_FLUSH)
        assert b"".join(inflated.feed(said)) == b"%d\n" % number
