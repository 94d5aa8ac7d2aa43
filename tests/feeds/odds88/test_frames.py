import zlib

import pytest
from websockets.frames import Frame
from websockets.frames import Opcode as Theirs

from feeds.connections import Arrival, Lost
from feeds.odds88.frames import Control, Frames, Opcode
from feeds.odds88.lines import MOST_BYTES, Inflated


def frame(opcode: Theirs, data: bytes, *, last: bool = True, deflated: bool = False) -> bytes:
    written = Frame(opcode, data, fin=last).serialize(mask=False)
    return bytes([written[0] | 0x40 * deflated]) + written[1:]


def fed(data: bytes, size: int, frames: Frames | None = None) -> list[Arrival | Control]:
    frames = frames or Frames(None, takeover=False)
    return [one for at in range(0, len(data), size) for one in frames.feed(data[at : at + size])]


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_messages_are_the_same_however_they_are_cut_on_the_way(size: int) -> None:
    data = (
        frame(Theirs.TEXT, b"one")
        + frame(Theirs.TEXT, b"")
        + frame(Theirs.TEXT, b"tw", last=False)
        + frame(Theirs.PING, b"p")
        + frame(Theirs.CONT, b"o")
        + frame(Theirs.BINARY, b"x" * 300)
        + frame(Theirs.CLOSE, b"\x03\xe8bye")
    )

    found = fed(data, size)

    assert [one.raw if isinstance(one, Arrival) else one for one in found] == [
        b"one", b"", Control(Opcode.PING, b"p"), b"two", b"x" * 300,
        Control(Opcode.CLOSE, b"\x03\xe8bye"),
    ]  # fmt: skip


@pytest.mark.parametrize("pieces", [1, 5])
def test_a_message_that_is_too_long_is_passed_by(pieces: int) -> None:
    part = b"x" * (MOST_BYTES // pieces + 1)
    first, more = Theirs.TEXT, Theirs.CONT
    data = b"".join(
        frame(more if number else first, part, last=number == pieces - 1)
        for number in range(pieces)
    )

    cut, after = fed(data + frame(Theirs.TEXT, b"two"), 2**16)

    assert isinstance(cut, Arrival)
    assert isinstance(after, Arrival)
    assert (cut.is_cut, cut.size, len(cut.raw)) == (True, len(part) * pieces, 4096)
    assert after.raw == b"two"


@pytest.mark.parametrize("takeover", [True, False])
@pytest.mark.parametrize("size", [1, 1000])
def test_compressed_messages_are_read(takeover: bool, size: int) -> None:
    squeeze, data = zlib.compressobj(wbits=-15), b""
    for text in (b"one one one", b"one one two"):
        said = squeeze.compress(text) + squeeze.flush(zlib.Z_SYNC_FLUSH)
        data += frame(Theirs.TEXT, said[:-4], deflated=True)
        if not takeover:
            squeeze = zlib.compressobj(wbits=-15)

    found = fed(data, size, Frames(Inflated(-15), takeover=takeover))

    assert [one.raw for one in found if isinstance(one, Arrival)] == [
        b"one one one",
        b"one one two",
    ]


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("it is masked", b"\x81\x81aaaab"),
        ("its bits mean nothing", b"\xa1\x00"),
        ("its kind is not known", b"\x83\x00"),
        ("it goes on with nothing", b"\x80\x00"),
        ("it begins in the middle", b"\x01\x00\x81\x00"),
        ("its control is too long", b"\x89\x7e\x01\x00"),
        ("it is compressed unasked", b"\xc1\x00"),
    ],
)
def test_what_is_no_frame_ends_the_connection(what: str, data: bytes) -> None:
    with pytest.raises(Lost):
        fed(data, 1000)
