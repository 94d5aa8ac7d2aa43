"""Messages that nobody should send, made by shape or mutated from good ones, and a second reading.

The second reading shares no code with the product: it reads every message with other readers, and
works out from all of them what a single pays.
"""

import json
import random
import re
import time
import xml.sax
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from xml.sax.handler import ContentHandler

from tests.feeds.lsports import SAMPLES
from tests.feeds.lsports.histories import one_message
from tests.feeds.lsports.trade import LAYOUTS, clock, event, flat, market, message, nested

FIXTURES = tuple(range(501, 541))
REFS = ("11", "12")
SPAN = 20_000  # Bets are updated within so many seconds after noon.


@dataclass(frozen=True, slots=True)
class Bet:
    """A single of 10.00 at 2.50."""

    event: str
    market: str
    ref: str


BETS = [Bet(str(fixture), ref, one) for fixture in FIXTURES for ref in "12" for one in REFS]
ODD: tuple[Any, ...] = (
    None, "", 0, -1, 1, 2, 3, 3.0, 1e17, 2**70, -(2**63), "2", "2.0", " 2 ", "-1", "٣", "x" * 300,
    "a\nb", True, False, [], {}, [1], {"Id": 1}, "NaN", "1e400", "2026-11-20T12:00:00",
    "2026-11-20T12:00:00.123456789+02:00", "2026-02-30T12:00:00Z", "9999-01-01T00:00:00Z",
    "2199-01-01T00:00:00Z", 1795176000, "1795176000000", "/Date(1795176000000+0100)/", "é", "𝟙",
    "<&>",
)  # fmt: skip


def from_shape(chance: random.Random) -> bytes:
    """Return a message of the documented shapes, in which anything may be missing or odd."""
    markets = [
        spoilt(chance, market(*[a_bet(chance) for _ in range(chance.choice((0, 1, 2, 2, 4)))],
                              ref=chance.choice((1, 2, "1", "2"))))
        for _ in range(chance.choice((0, 1, 1, 2, 4)))
    ]  # fmt: skip
    about = spoilt(chance, event(*markets, fixture=chance.choice(FIXTURES)))
    shape = chance.choice((message, message, nested, flat))
    said = shape(about, kind=chance.choice((35, 35, 35, 42, 43, 36, 1, 2, 3, 31, 32, 41)),
                 at=chance.randrange(SPAN))  # fmt: skip
    said["Header"] = spoilt(chance, said["Header"], 0.005)
    return layout(chance, said)


def layout(chance: random.Random, said: Any) -> bytes:
    """Return a message as bytes; what one layout can't say another one does."""
    try:
        return chance.choice(LAYOUTS)(said)
    except (TypeError, AttributeError, ValueError):
        return LAYOUTS[0](said)


def a_bet(chance: random.Random) -> Any:
    """Return a bet."""
    status = chance.choice((3, 3, 3, 3, 1, 2, "3"))
    code = chance.choice((1, 2, 3, 4, 5, -1, "2", "1")) if chance.random() < 0.9 else None
    said = {"Id": chance.choice((11, 12, "11", "12", 13)), "Name": "1", "Status": status,
            "Settlement": code, "LastUpdate": clock(chance.randrange(SPAN))}  # fmt: skip
    return spoilt(chance, said, 0.02)


def spoilt(chance: random.Random, said: Any, likely: float = 0.01) -> Any:
    """Return the same with a member that is missing, odd, or under another name."""
    for name in list(said):
        if chance.random() < likely:
            kind = chance.randrange(4)
            value = said.pop(name)
            if kind == 1:
                said[name] = chance.choice(ODD)
            elif kind == 2:
                said[name[0].lower() + name[1:]] = value
            elif kind == 3:
                said[chance.choice(("Id", "Bets", "Status", "Other", "FIXTUREID"))] = value
    return said


class Mutants:
    """Good messages in which one thing or some are not as they were."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.samples = [one.read_bytes() for one in sorted(SAMPLES.iterdir())]

    def make(self) -> bytes:
        """Return one."""
        good = self.good()
        for _ in range(self.chance.choice((0, 0, 1, 1, 2))):
            good = self.changed(good)
        return self.cut(good) if self.chance.random() < 0.4 else good

    def good(self) -> bytes:
        """Return a message that could be sent."""
        if self.chance.random() < 0.05:
            return self.chance.choice(self.samples)
        return one_message(self.chance, self.chance.choice(FIXTURES), SPAN)

    def changed(self, good: bytes) -> bytes:
        """Give a member another value or name, that of another, or none at all."""
        places = list(re.finditer(rb'"(\w+)": ?("[^"]*"|-?\d+)|(\w+)="([^"]*)"', good))
        if not places:
            return good
        place, other = self.chance.choice(places), self.chance.choice(places)
        odd = self.chance.choice(ODD)
        if place[1]:
            value = other[2] or b'"' + (other[4] or b"") + b'"'
            new = self.chance.choice((
                b'"%b":%b' % (place[1], value),
                b'"%b":%b' % (place[1], json.dumps(odd).encode()),
                b'"%b":%b' % (other[1] or b"x", place[2]),
                b'"%b":%b,"%b":%b' % (place[1], place[2], place[1], value),
                b"",
            ))  # fmt: skip
        else:
            new = self.chance.choice((
                b'%b="%b"' % (place[3], other[4] or b""), b'%b="%b"' % (other[3] or b"x", place[4]),
                b'%b="%b"' % (place[3], re.sub(r'[<&"]', "", str(odd)).encode()), b"",
            ))  # fmt: skip
        return good[: place.start()] + new + good[place.end() :]

    def cut(self, good: bytes) -> bytes:
        """Change the bytes themselves."""
        at, length = self.chance.randrange(len(good)), self.chance.randint(1, 8)
        noise = bytes(self.chance.randrange(256) for _ in range(length))
        return self.chance.choice(
            (
                good[:at] + noise + good[at:],
                good[:at] + noise + good[at + length :],
                good[:at] + good[at + length :],
                good[:at],
                good[:at] + good[at : at + length] * 2 + good[at + length :],
                b"\xef\xbb\xbf" + good,
                good + b"}",
                b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + good,
                b"[" + good + b"," + good + b"]",
                good.replace(b"<Bet ", b"<Bet><Bet "),
                b'<?xml version="1.0" encoding="%b"?>' % self.chance.choice((b"utf-16", b"big5"))
                + good,
            )
        )


# The second reading.

Tree = Any


class FloatWord(str):
    """A number with a point or an exponent."""


def tree(body: bytes) -> Tree:
    """Return a message with its names in small letters."""
    text = body.lstrip(b" \t\r\n\xef\xbb\xbf")
    if text.startswith(b"<"):
        text = re.sub(rb"^<\?xml[^>]*\?>", b"", text)
        second = Second()
        xml.sax.parseString(b"<r>" + text + b"</r>", second)
        return second.top
    return json.loads(
        text.decode("utf-8", "replace"),
        object_pairs_hook=lambda pairs: {name.lower(): value for name, value in pairs},
        parse_float=FloatWord,
    )


class Second(ContentHandler):
    """Hears elements, and keeps what stands in them."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[tuple[str, dict[str, list[Any]], list[str]]] = []
        self.top: Tree = None

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        """Hear an element."""
        said = {key.split(":")[-1].lower(): [value] for key, value in attrs.items()}
        self.stack.append((name.split(":")[-1].lower(), said, []))

    def characters(self, content: str) -> None:
        """Hear text."""
        self.stack[-1][2].append(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        """Leave it."""
        own, said, texts = self.stack.pop()
        found: Tree = {key: one[0] if len(one) == 1 else one for key, one in said.items()}
        found = found or "".join(texts) or None
        if self.stack:
            self.stack[-1][1].setdefault(own, []).append(found)
        else:
            self.top = found


def many(value: Tree, item: str) -> list[Tree]:
    """Return the members of a list, however it is written."""
    if isinstance(value, dict):
        return many(value[item], item) if item in value else [value]
    if isinstance(value, list):
        return [member for one in value for member in many(one, item)]
    return [] if value is None or (isinstance(value, str) and not value.strip()) else [value]


def word(value: Tree) -> str | None:
    """Return a value as text; None where it is none at all."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return ""
    return str(value).strip() if isinstance(value, str | int) else None


def ident(value: Tree) -> str | None:
    """Return an id."""
    text = word(value)
    if not text or len(text) > 200 or re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", text):
        return None
    if re.fullmatch(r"[+-]?[0-9]+", text):
        return str(int(text))
    if re.fullmatch(r"[+-]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)([eE][+-]?[0-9]+)?", text):
        return None
    return text


def code(value: Tree) -> int | None:
    """Return a status or a settlement."""
    text = word(value)
    found = re.fullmatch(r"([+-]?[0-9]{1,6})(\.0+)?", text) if text else None
    return int(found[1]) if found else None


def moment(value: Tree) -> int | None:
    """Return a time in units of 100 ns."""
    text = word(value)
    if not text:
        return None
    if counted := re.fullmatch(r"/Date\(([0-9]{9,14})([+-][0-9]{4})?\)/|([0-9]{9,14})", text):
        number = int(counted[1] or counted[3])
        ticks = number * 10**4 if number >= 10**11 else number * 10**7
    else:
        parts = re.fullmatch(
            r"([0-9-]{10})[Tt ]([0-9:]{8})(?:\.([0-9]{1,9})[0-9]*)?\s?"
            r"([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?",
            text,
        )
        if parts is None:
            return None
        zone = (parts[4] or "Z").upper().replace(":", "")
        zone = "+0000" if zone == "Z" else zone.ljust(5, "0")
        try:
            at = datetime.strptime(f"{parts[1]} {parts[2]} {zone}", "%Y-%m-%d %H:%M:%S %z")
            seconds = int((at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
        except (ValueError, OverflowError):
            return None
        ticks = seconds * 10**7 + int((parts[3] or "").ljust(7, "0")[:7])
    return ticks if 946_684_800 <= ticks // 10**7 < 7_289_654_400 else None


def events(node: Tree, above: Tree = None) -> Iterator[tuple[Tree, Tree]]:
    """Yield the events of a body, each with the id of its competition."""
    if isinstance(node, list):
        for one in node:
            yield from events(one, above)
    elif isinstance(node, dict):
        if {"fixtureid", "markets"} & node.keys():
            yield node, above
            return
        above = node.get("id") if word(node.get("id")) or word(node.get("id")) is None else above
        for name in ("events", "event"):
            for one in many(node.get(name), "event"):
                yield one, above
        for name in ("competition", "competitions"):
            yield from events(many(node.get(name), "competition"), above)


Said = tuple[int, int | None]  # When, and the code.


def heard(body: bytes) -> dict[Bet, list[Said]]:
    """Return what a message says of bets."""
    top = tree(body)
    top = top[0] if isinstance(top, list) else top
    top = top if "header" in top else top["message"]
    found: dict[Bet, list[Said]] = defaultdict(list)
    if code(top["header"].get("type")) not in (35, 36, 42, 43):
        return found
    head = top["header"]
    made = moment(head.get("servertimestamp"))
    made = made if made is not None else moment(head.get("creationdate"))
    for node, above in events(top.get("body", top.get("messagebody"))):
        if not isinstance(node, dict):
            continue
        own = next(
            (one for one in (node.get("fixtureid"), node.get("id"), above) if word(one) != ""), None
        )
        for one in many(node.get("markets"), "market"):
            about = (ident(own), ident(one.get("id")) if isinstance(one, dict) else None)
            if None in about:
                continue
            for ref, at, settled in of_market(one, made):
                found[Bet(str(about[0]), str(about[1]), ref)].append((at, settled))
    return found


def of_market(node: Tree, made: int | None) -> Iterator[tuple[str, int, int]]:
    """Yield what is said of a market's bets, without what nobody understands."""
    told: dict[tuple[str, int], set[int | None]] = defaultdict(set)
    for one in many(node.get("bets"), "bet"):
        ref = ident(one.get("id")) if isinstance(one, dict) else None
        if ref is None:
            continue
        status, settled = code(one.get("status")), code(one.get("settlement"))
        at = moment(one.get("lastupdate"))
        silent = word(one.get("settlement")) == "" and status != 3
        if silent or settled == 0:
            continue
        good = (settled in (1, 2, 3, 4, 5) and status == 3) or (
            settled == -1 and status in (1, 2, 3)
        )
        if at is None:
            if made is not None:
                told[ref, made].add(None)
            continue
        told[ref, at].add(settled if good else None)
    for (ref, at), codes in told.items():
        if len(codes) == 1 and (only := codes.pop()) is not None:
            yield ref, at, only


PAYS = {1: "0", 2: "2.5", 3: "1", 4: "0.5", 5: "1.75"}


def payouts(said: Iterable[Said]) -> set[Decimal | None]:
    """Return what a bet may pay; None for open. More than one only where codes tie."""
    until = (time.time() + 60) * 10**7
    usable = [one for one in said if one[0] <= until]
    if not usable:
        return {None}
    newest = max(at for at, _ in usable)
    codes = {settled for at, settled in usable if at == newest}
    if -1 in codes:
        return {None}
    return {
        (Decimal(PAYS[one or 0]) * 10).quantize(Decimal("0.01"), ROUND_HALF_UP) for one in codes
    }
