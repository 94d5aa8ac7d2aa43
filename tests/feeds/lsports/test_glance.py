"""One look at a message before it is stored."""

import json
import time

import pytest

from feeds.lsports.glance import (
    Glance,
    active_fixtures,
    fixture_statuses,
    glance,
    interrupted,
)
from tests.feeds.lsports import sample

HEARTBEAT = b'{"Header":{"Type":32,"MsgGuid":"g","ServerTimestamp":1753091637087}}'
ODDS = b'{"Header":{"Type":3},"Body":{"Events":[]}}'
XML = b"<Message><Header><Type>32</Type><MsgGuid>g</MsgGuid></Header></Message>"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(HEARTBEAT, id="as documented"),
        pytest.param(b'\xef\xbb\xbf\n{"Header":{"Type":"32"}}', id="a type in quotes"),
        pytest.param(b'{"header":{"type":32}, "body":null}', id="camel case"),
        pytest.param(b'{"Message":{"Header":{"Type":32}}}', id="in a message"),
        pytest.param(b'[{"Body":{},"Header" : {"Type":32}}]', id="in a list"),
        pytest.param(XML, id="XML"),
        pytest.param(b"<Header><Type> 32 </Type></Header>", id="XML with no root"),
        pytest.param(
            b'<?xml version="1.0"?><Message><Header Type="32"/></Message>', id="attribute"
        ),
        pytest.param(b"<Header><Type>32</Type></Header>\n<Body/>", id="XML with two roots"),
    ],
)
def test_a_heartbeat_is_known_however_it_is_written(raw: bytes) -> None:
    assert (glance(raw).kind, glance(raw).is_sign) == (32, True)


@pytest.mark.parametrize(
    ("header", "made"),
    [
        ('"ServerTimestamp":1753091637087', 1753091637087),
        ('"ServerTimestamp":1753091637', 1753091637000),
        ('"ServerTimestamp":"1753091637087"', 1753091637087),
        ('"CreationDate":"2025-07-21T09:53:57.0874652Z"', 1753091637087),
        ('"ServerTimestamp":null,"CreationDate":"2025-07-21T09:53:57"', 1753091637000),
        ('"ServerTimestamp":0', None),
        ('"CreationDate":"yesterday"', None),
    ],
)
def test_when_it_was_made(header: str, made: int | None) -> None:
    assert glance(f'{{"Header":{{"Type":35,{header}}}}}'.encode()).made_ms == made


def test_a_header_in_xml_may_bear_its_date_as_an_attribute() -> None:
    seen = glance(sample("settlement_under_over.xml"))

    assert seen == Glance(35, 1538599289420, "572b65ab-1393-41ae-a4ff-f936f7bb3036")
    assert glance(b'<Header CreationDate="2018-10-03T20:41:29.248Z"><Type>3</Type></Header>') == (
        Glance(3, 1538599289248)
    )


@pytest.mark.parametrize("kind", [1, 2, 3, 36, 37, 38, 39, 40, 41])
def test_odds_scores_and_fixtures_are_left_out(kind: int) -> None:
    assert glance(b'{"Header":{"Type":%d},"Body":{}}' % kind).is_left_out
    assert glance(b"<Message><Header><Type>%d</Type></Header></Message>" % kind).is_left_out


@pytest.mark.parametrize("kind", [0, 4, 31, 32, 33, 34, 35, 42, 43, 44, 100])
def test_all_else_is_not(kind: int) -> None:
    assert not glance(b'{"Header":{"Type":%d},"Body":{}}' % kind).is_left_out


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff", id="no text"),
        pytest.param(ODDS[:-1], id="cut off"),
        pytest.param(ODDS + b"}", id="a brace too many"),
        pytest.param(ODDS + ODDS, id="two messages"),
        pytest.param(b"[" + ODDS + b"," + ODDS + b"]", id="two in a list"),
        pytest.param(b'{"Body":{"Competition":{"Type":3}}}', id="a competition's type"),
        pytest.param(b'{"Type":3,"Header":{}}', id="a type beside the header"),
        pytest.param(b'{"Header":{"Inner":{"Type":3}}}', id="a type below"),
        pytest.param(b'{"Header":{"Type":3,"Type":35}}', id="two types"),
        pytest.param(b'{"Header":{"Type":35,"type":3}}', id="two types in two cases"),
        pytest.param(b'{"Header":{"Type":35,"\\u0054ype":3}}', id="two types, one in disguise"),
        pytest.param(b'{"header":{"type":3,"x:type":35}}', id="two types, one with a prefix"),
        pytest.param(
            b'{"header":{"type":3},"x:header":{"type":35}}', id="two headers, one with a prefix"
        ),
        pytest.param(b'{"Header":{"Type":35},"Header":{"Type":3}}', id="two headers"),
        pytest.param(b'{"Header":{"Type":35},"header":{"Type":3}}', id="two headers in two cases"),
        pytest.param(
            b'{"\\u0048eader":{"Type":35},"Header":{"Type":3}}', id="a header in disguise"
        ),
        pytest.param(b'{"Header":{"Type":3},"Message":{"Header":{"Type":35}}}', id="in and beside"),
        pytest.param(b'{"Header":{"Type":3.5}}', id="half a type"),
        pytest.param(b'{"Header":{"Type":"three"}}', id="a word"),
        pytest.param(b'{"Header":{"Type":true}}', id="true"),
        pytest.param(b'{"Header":[3]}', id="a list for a header"),
        pytest.param(b"[" * 100_000, id="nested without end"),
        pytest.param(b"<Header><Type>3</Type><Type>35</Type></Header>", id="XML: two types"),
        pytest.param(b'<Header Type="35"><Type>3</Type></Header>', id="XML: two types, two ways"),
        pytest.param(
            b"<Message><Header><Type>3</Type></Header><Header><Type>35</Type></Header></Message>",
            id="XML: two headers",
        ),
        pytest.param(
            b"<Message><!-- --><Header><Type>3</Type></Header></Message>", id="XML: a comment first"
        ),
        pytest.param(b"<Message><Header><Type>3</Type></Header>", id="XML: cut off"),
        pytest.param(b"<!DOCTYPE x>" + XML, id="XML: declares a type"),
        pytest.param(XML.decode().encode("utf-16"), id="XML: in UTF-16"),
    ],
)
def test_what_is_not_surely_left_out_is_stored(raw: bytes) -> None:
    seen = glance(raw)

    assert (seen.is_left_out, seen.is_sign) == (False, False)


def fixture(status: object, kind: int = 1) -> bytes:
    """Return a fixture or livescore message."""
    told = {"Fixture": {"Status": status}} if kind == 1 else {
        "Livescore": {"Scoreboard": {"Status": status}}}  # fmt: skip
    events = [{"FixtureId": 7} | told, {"FixtureId": "8", "Fixture": None}]
    return json.dumps({"Header": {"Type": kind}, "Body": {"Events": events}}).encode()


@pytest.mark.parametrize("kind", [1, 2])
def test_a_fixture_that_is_off_is_stored(kind: int) -> None:
    assert fixture_statuses(fixture(7, kind)) == {"7": 7}
    assert not glance(fixture(4, kind)).is_left_out
    assert not glance(fixture("7", kind)).is_left_out
    assert glance(fixture(3, kind)).is_left_out
    assert fixture_statuses(fixture(None, kind)) == {}


@pytest.mark.parametrize(
    "body",
    [
        b'<Events><Event FixtureId="7"><Fixture Status="4"/></Event></Events>',
        b"<Events><FixtureId>7</FixtureId><Fixture><Status>4</Status></Fixture></Events>",
    ],
)
def test_a_fixture_in_xml(body: bytes) -> None:
    raw = b"<Header><Type>1</Type></Header><Body>" + body + b"</Body>"

    assert fixture_statuses(raw) == {"7": 4}
    assert not glance(raw).is_left_out


@pytest.mark.parametrize(
    ("raw", "fixtures"),
    [
        (b'{"Header":{"Type":31},"Body":{"KeepAlive":{"ActiveEvents":[7,"008"]}}}', {"7", "8"}),
        (b'{"Header":{"Type":31},"Body":{"KeepAlive":{"ActiveEvents":[]}}}', set()),
        (
            b"<Header><Type>31</Type></Header><Body><KeepAlive><ActiveEvents>7</ActiveEvents>"
            b"<ActiveEvents>8</ActiveEvents></KeepAlive></Body>",
            {"7", "8"},
        ),
        (
            b"<Message><Header><Type>31</Type></Header><MessageBody><KeepAlive><ActiveEvents>"
            b'<Event Id="7"/><Event Id="8"/></ActiveEvents></KeepAlive></MessageBody></Message>',
            {"7", "8"},
        ),
        (b'{"Header":{"Type":31},"Body":null}', None),
        (b'{"Header":{"Type":31},"Body":{"KeepAlive":{}}}', None),
        (b"{", None),
    ],
)
def test_which_fixtures_are_followed(raw: bytes, fixtures: set[str] | None) -> None:
    assert active_fixtures(raw) == fixtures


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (HEARTBEAT, False),
        (b'{"Header":{"Type":32},"Body":{"FeedInterrupted":[1]}}', True),
        (b'{"Header":{"Type":32},"Body":{"FeedInterrupted":[]}}', False),
        (b'{"Header":{"Type":32},"Body":{"FeedInterrupted":null}}', False),
        (
            b"<Header><Type>32</Type></Header><Body><FeedInterrupted>1</FeedInterrupted></Body>",
            True,
        ),
        (b'{"FeedInterrupted":', False),
    ],
)
def test_whether_a_feed_is_interrupted(raw: bytes, told: bool) -> None:
    assert interrupted(raw) is told


def test_a_look_is_quick() -> None:
    market = {"Id": 1, "Bets": [{"Id": 1, "Name": "x" * 290, "Status": 1}] * 3}
    body = {"Events": [{"FixtureId": 1, "Markets": [market] * 100}]}
    raw = json.dumps({"Header": {"Type": 3, "MsgGuid": "g"}, "Body": body}).encode()
    assert len(raw) > 94_000

    start = time.perf_counter()
    for _ in range(200):
        glance(raw)

    assert (time.perf_counter() - start) / 200 < 0.001
