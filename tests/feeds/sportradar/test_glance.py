"""One look at a message before it is stored."""

import time

import pytest

from feeds.sportradar.glance import glance

BOM = b"\xef\xbb\xbf"
DECLARED = b'<?xml version="1.0" encoding="UTF-8"?>'
ALIVE = b'<alive product="3" timestamp="1771591062081" subscribed="1"/>'


@pytest.mark.parametrize(
    "raw",
    [
        ALIVE,
        BOM + DECLARED + b"\n" + ALIVE,
        DECLARED + ALIVE + b"\r\n",
        b"<alive subscribed='1' product='3'\n timestamp='1771591062081'></alive>",
    ],
)
def test_an_alive_is_known_however_it_is_written(raw: bytes) -> None:
    seen = glance(raw)

    assert (seen.is_sign, seen.root, seen.product) == (True, "alive", 3)
    assert (seen.timestamp, seen.subscribed) == (1771591062081, True)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"alive", id="no element"),
        pytest.param(b"<!-- " + ALIVE + b" --><bet_settlement/>", id="in a comment"),
        pytest.param(ALIVE + b"<bet_settlement/>", id="more follows"),
        pytest.param(b"<alive product='3'>" + ALIVE, id="never ends"),
        pytest.param(b"<alive timestamp='1'/>", id="of nobody"),
        pytest.param(b"<alive product='-1' timestamp='1'/>", id="of less than nobody"),
        pytest.param(b"<alive product='2147483648' timestamp='1'/>", id="of none to be kept"),
        pytest.param(b"<!DOCTYPE alive>" + ALIVE, id="declares its type"),
        pytest.param(b"<alive product='3'" + b" " * 5000 + b"/>", id="too long"),
        pytest.param(b'<bet_settlement product="3" event_id="alive"/>', id="a settlement"),
    ],
)
def test_what_may_be_more_than_a_sign_of_life_is_stored(raw: bytes) -> None:
    assert not glance(raw).is_sign


@pytest.mark.parametrize(
    ("written", "number"),
    [("17", 17), ("-17", -17), (" 17 ", 17), ("1.7", None), ("9" * 30, None), ("", None)],
)
def test_a_request_is_told_by_its_number(written: str, number: int | None) -> None:
    raw = f'<bet_settlement request_id="{written}"><outcomes/></bet_settlement>'.encode()

    assert glance(raw).request_id == number


@pytest.mark.parametrize(
    "words", [b"a" * 4000, b":" * 4000, b"a" * 2000 + b" " * 2000, b"a=\"'" * 1000]
)
def test_what_never_ends_is_looked_at_once(words: bytes) -> None:
    began = time.process_time()

    assert not glance(b"<alive " + words + b"/>").is_sign

    assert time.process_time() - began < 0.1


def test_it_looks_at_the_root_alone() -> None:
    raw = b'<bet_cancel product="1"><market id="1" product="9" request_id="4"/></bet_cancel>'

    assert (glance(raw).product, glance(raw).request_id) == (1, None)
