"""Bytes become one of the messages, or are refused in a sentence; nothing else happens."""

import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.sportradar.messages import (
    Alive,
    BetCancel,
    BetSettlement,
    Market,
    Other,
    Outcome,
    ProductDown,
    RollbackBetCancel,
    RollbackBetSettlement,
    SnapshotComplete,
)
from feeds.sportradar.parser import MOST_BYTES, MOST_MARKETS, parse
from feeds.sportradar.translate import read
from settlement.said import Unreadable
from tests.feeds.sportradar import SAMPLES, sample
from tests.feeds.sportradar.uof import EVENT, NOON, market, message, outcome, settled, won

PLAIN = settled(market(won()))
SHOULD = BetSettlement(
    event_id=EVENT,
    timestamp=NOON,
    product=1,
    markets=(Market(id="1", outcomes=(Outcome(id="X", result="1"),)),),
)
BODY = PLAIN.decode().partition("?>")[2]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("settlement_partial.xml", BetSettlement),
        ("settlement_confirmed.xml", BetSettlement),
        ("settlement_sloppy.xml", BetSettlement),
        ("rollback_settlement.xml", RollbackBetSettlement),
        ("cancel_window.xml", BetCancel),
        ("cancel_superseded.xml", BetCancel),
        ("cancel_nothing.xml", BetCancel),
        ("rollback_cancel.xml", RollbackBetCancel),
        ("alive.xml", Alive),
        ("snapshot_complete.xml", SnapshotComplete),
        ("product_down.xml", ProductDown),
        ("odds_change.xml", Other),
    ],
)
def test_every_sample_is_read(name: str, kind: type) -> None:
    assert type(parse(sample(name))) is kind


def test_all_samples_are_looked_at() -> None:
    assert len(list(SAMPLES.glob("*.xml"))) == 12


def test_a_settlement_is_read_whole() -> None:
    found = parse(sample("settlement_confirmed.xml"))

    assert isinstance(found, BetSettlement)
    assert (found.certainty, found.product, found.request_id) == (2, 3, 41)
    assert found.markets[1] == Market(
        id="40",
        specifiers="type=prematch",
        void_reason="6",
        outcomes=(
            Outcome(id="sr:player:1001", result="1"),
            Outcome(id="sr:player:1002", result="0"),
            Outcome(id="sr:player:1003", result="0", void_factor="1"),
        ),
    )


def test_signs_of_life_are_read() -> None:
    assert parse(sample("alive.xml")) == Alive(product=1, timestamp=NOON, subscribed=True)
    assert parse(sample("snapshot_complete.xml")) == SnapshotComplete(
        product=3, timestamp=1_795_176_950_000, request_id=41
    )
    assert parse(sample("product_down.xml")) == ProductDown(product=5, timestamp=1_795_176_960_000)


@pytest.mark.parametrize("subscribed", ["0", "", "yes", None])
def test_an_alive_that_does_not_say_so_is_not_subscribed(subscribed: str | None) -> None:
    body = f'<alive product="1" timestamp="{NOON}"/>'.encode()
    if subscribed is not None:
        body = body.replace(b"/>", f' subscribed="{subscribed}"/>'.encode())

    found = parse(body)

    assert found == Alive(product=1, timestamp=NOON, subscribed=False)


@pytest.mark.parametrize(
    ("how", "raw"),
    [
        ("as it is", PLAIN),
        ("without a declaration", BODY.encode()),
        ("after a byte order mark", b"\xef\xbb\xbf" + PLAIN),
        ("after a mark and blanks", b"\xef\xbb\xbf\r\n " + PLAIN),
        ("between blanks", b" \n" + PLAIN + b"\n "),
        ("in UTF-16", f'<?xml version="1.0" encoding="UTF-16"?>{BODY}'.encode("utf-16")),
        ("in Latin-1", f'<?xml version="1.0" encoding="ISO-8859-1"?>{BODY}'.encode("latin-1")),
        ("in Windows-1252", f'<?xml version="1.0" encoding="windows-1252"?>{BODY}'.encode()),
        ("in a namespace", PLAIN.replace(b"<bet_settlement", b'<bet_settlement xmlns="urn:u"')),
        ("with prefixes", BODY.replace("</", "<~/").replace("<", "<u:").replace("<u:~/", "</u:")
         .encode()),
        ("with a prefix that nobody declared",
         BODY.replace("<bet_settlement", "<x:bet_settlement")
         .replace("</bet_settlement", "</x:bet_settlement").encode()),
        ("with unknown attributes", PLAIN.replace(b"<outcome id", b'<outcome colour="red" id')),
        ("with unknown elements",
         PLAIN.replace(b"<outcomes>", b"<news><market/></news><outcomes>")),
        ("with comments", PLAIN.replace(b"<outcomes>", b"<!-- n --><outcomes>")),
        ("with a processing instruction", PLAIN.replace(b"<outcomes>", b"<?do it?><outcomes>")),
        ("with a missing certainty", PLAIN.replace(b' certainty="1"', b"")),
        ("markets right below the root",
         PLAIN.replace(b"<outcomes>", b"").replace(b"</outcomes>", b"")),
        ("an outcome that is no market's",
         PLAIN.replace(b"<outcomes>", b'<outcomes><outcome id="9" result="1"/>')),
        ("an outcome deeper in a market",
         PLAIN.replace(b"</market>", b'<o><outcome id="9" result="1"/></o></market>')),
    ],
)  # fmt: skip
def test_it_is_the_same_message(how: str, raw: bytes) -> None:
    assert parse(raw) == SHOULD


def test_the_declared_characters_are_heeded() -> None:
    body = BODY.replace('id="X"', 'id="é"')

    found = parse(f'<?xml version="1.0" encoding="ISO-8859-1"?>{body}'.encode("latin-1"))

    assert isinstance(found, BetSettlement)
    assert found.markets[0].outcomes[0].id == "é"


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "It is empty."),
        (b"\xef\xbb\xbf \n", "It is empty."),
        (b"bet_settlement", "It is not XML: syntax error"),
        (b"{}", "It is not XML"),
        (PLAIN[:-5], "It is not XML: unclosed token"),
        (PLAIN + PLAIN[40:], "It is not XML"),
        (PLAIN.replace(b"<market", b"<market id='2'"), "It is not XML: duplicate attribute"),
        (BODY.replace("X", "\x01").encode(), "It is not XML"),
        (BODY.replace("X", "é").encode("latin-1"), "It is not XML"),
        (f'<?xml version="1.0" encoding="EBCDIC"?>{BODY}'.encode(), "It is written in “EBCDIC”"),
        (f'<?xml version="1.0" encoding="utf-7"?>{BODY}'.encode(), "It is written in “utf-7”"),
        (f'<?xml version="1.0" encoding="big5"?>{BODY}'.encode(), "It is written in “big5”"),
        (f"<!DOCTYPE x>{BODY}".encode(), "It declares a document type"),
        (f'<!DOCTYPE x SYSTEM "file:///etc/passwd">{BODY}'.encode(),
         "It declares a document type"),
        (f'<!DOCTYPE x [<!ENTITY X SYSTEM "http://127.0.0.1:1/">]>{BODY}'.encode(),
         "It declares a document type"),
        (BODY.replace("X", "&e;").encode(), "It is not XML: undefined entity"),
        (PLAIN.replace(EVENT.encode(), b""), "event_id is missing."),
        (PLAIN.replace(b"event_id", b"event"), "event_id is missing."),
        (PLAIN.replace(EVENT.encode(), b"x" * 201), "event_id is longer than 200 characters."),
        (PLAIN.replace(EVENT.encode(), b"a&#10;b"), "event_id holds a character"),
        (PLAIN.replace(b"timestamp", b"time"), "timestamp is missing."),
        (message("bet_cancel", timestamp=""), "timestamp is missing."),
        (message("bet_cancel", timestamp="1.5"), "timestamp is not a whole number"),
        (message("bet_cancel", timestamp="1e12"), "timestamp is not a whole number"),
        (message("bet_cancel", timestamp="-1"), "timestamp is not a whole number"),
        (message("bet_cancel", timestamp="١٧٩٥١٧٦٠٠٠٠٠٠"), "timestamp is not a whole number"),
        (message("bet_cancel", timestamp="9" * 5000), "timestamp is not a whole number"),
        (message("bet_cancel", timestamp="1795176000"), "timestamp lies outside 2000 to 2200"),
        (message("bet_cancel", timestamp="999999999999999"), "timestamp lies outside 2000 to 2200"),
        (settled(market(won()), certainty="3"), "certainty is neither 1 nor 2: “3”."),
        (settled(market(won()), certainty="sure"), "certainty is neither 1 nor 2: “sure”."),
        (b'<alive timestamp="1795176000000"/>', "product is missing, or not a number."),
        (b'<alive product="1"/>', "timestamp is missing."),
        (b"<a>" * 30 + b"</a>" * 30, "It is nested too deep."),
        (b"<bet_settlement" + b"".join(b' a%d="1"' % n for n in range(60)) + b"/>",
         "One of its elements has more than 50 attributes."),
        (message("bet_cancel", "<market/>" * (MOST_MARKETS + 1)),
         "It speaks of more than 10,000 markets."),
        (settled(market(*[outcome("1", 1)] * 100_001)), "It speaks of more than 100,000 outcomes."),
    ],
)  # fmt: skip
def test_what_can_not_be_read_is_refused_in_a_sentence(raw: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable) as refused:
        parse(raw)

    assert str(refused.value).startswith(sentence)
    assert len(str(refused.value)) < 300


@given(st.binary(max_size=200))
def test_no_bytes_crash_it(noise: bytes) -> None:
    for raw in (noise, PLAIN[:80] + noise + PLAIN[80:], b"<?xml " + noise):
        try:
            read(raw)
        except Unreadable:
            continue


BILLION = "<!DOCTYPE l [<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)
)


@pytest.mark.parametrize(
    ("what", "raw"),
    [
        ("an entity bomb", f"{BILLION}]><bet_settlement x='&a9;'>&a9;</bet_settlement>".encode()),
        ("a body that is too long", b"<a>" + b" " * 50_000_000 + b"</a>"),
        ("elements in elements", b"<a>" * 1_000_000),
        ("a name without an end", b"<" + b"a" * (MOST_BYTES - 1)),
    ],
)
def test_bombs_cost_little(what: str, raw: bytes) -> None:
    tracemalloc.start()
    begun = time.process_time()

    with pytest.raises(Unreadable):
        parse(raw)

    took, (_, peak) = time.process_time() - begun, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 2
    assert peak < 3 * MOST_BYTES


def test_a_great_message_is_read_fast() -> None:
    raw = settled(*[market(won("1"), won("2"), ref=str(n)) for n in range(500)])
    begun = time.process_time()

    for _ in range(10):
        read(raw)

    assert (time.process_time() - begun) / 10 < 0.05
