"""Bytes of Sportradar's feed → one of its messages.

Expat reads them, and nobody else's documents: a document type, and with it every entity of one's
own, is refused before it is looked into. Namespaces, unknown elements and attributes do no harm.
"""

import re
from collections.abc import Callable
from typing import Any
from xml.parsers import expat

import msgspec

from feeds.sportradar.messages import (
    Alive,
    BetCancel,
    BetSettlement,
    Market,
    Message,
    Other,
    ProductDown,
    RollbackBetCancel,
    RollbackBetSettlement,
    SnapshotComplete,
)
from settlement.said import Unreadable

BLANKS = b" \t\r\n\xef\xbb\xbf"  # The last three are the byte order mark.
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
MOST_BYTES = 16 * 1024 * 1024
MOST_DEPTH = 20
MOST_ATTRIBUTES = 50
MOST_MARKETS = 10_000
MOST_OUTCOMES = 100_000
LONGEST_EVENT = 200
ENCODINGS = frozenset(
    {"utf-8", "utf8", "us-ascii", "ascii", "utf-16", "iso-8859-1", "iso-8859-15", "windows-1252"}
)

WHOLE = re.compile(r"[0-9]{1,15}")
INTEGER = re.compile(r"-?[0-9]{1,15}")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
FIRST_MILLISECOND = 946_684_800_000  # 2000-01-01
END_MILLISECOND = 7_289_654_400_000  # 2201-01-01
CERTAINTIES = {"": 1, "1": 1, "2": 2}

Attributes = dict[str, str]


def parse(raw: bytes) -> Message:
    """Return what a message holds."""
    root, attributes, markets = elements(text_of(raw))
    maker = MAKERS.get(root)
    return maker(attributes, markets) if maker else Other(root[:LONGEST_EVENT])


def text_of(raw: bytes) -> bytes:
    """Return the document without a byte order mark and blanks before it."""
    if len(raw) > MOST_BYTES:
        raise Unreadable(f"It is longer than {MOST_BYTES // 1024**2} MB.")
    text = raw if raw.startswith(UTF_16) else raw.lstrip(BLANKS)
    if not text:
        raise Unreadable("It is empty.")
    return text


def elements(text: bytes) -> tuple[str, Attributes, tuple[Market, ...]]:
    """Return the root's name and attributes, and the markets below it.

    A market stands in the root or its `outcomes`, an outcome in a market: elsewhere they are not
    meant. `above` are the names of the elements that are open. It is written for speed.
    """
    root: list[tuple[str, Attributes]] = []
    markets: list[dict[str, Any]] = []
    above = [""]
    outcomes: list[Attributes] = []
    count = 0

    def start(name: str, said: Attributes) -> None:
        nonlocal outcomes, count
        if len(said) > MOST_ATTRIBUTES:
            raise Unreadable(f"One of its elements has more than {MOST_ATTRIBUTES} attributes.")
        if name == "outcome" and above[-1] == "market":
            outcomes.append(said)
        elif ":" in name:
            start(name.rpartition(":")[2], said)
            return
        elif name == "market" and (len(above) == 2 or above[2:] == ["outcomes"]):
            count += len(outcomes)
            outcomes = []
            markets.append({**said, "outcomes": outcomes})
            refuse_many(len(markets), count)
        elif len(above) == 1:
            root.append((name, said))
        else:
            name = name if name == "outcomes" and len(above) == 2 else ""
            refuse_deep(len(above))
        above.append(name)

    def end(name: str) -> None:
        above.pop()

    parsed(text, start, end)
    refuse_many(len(markets), count + len(outcomes))
    return (*root[0], msgspec.convert(markets, tuple[Market, ...]))


def parsed(
    text: bytes, start: Callable[[str, Attributes], None], end: Callable[[str], None]
) -> None:
    """Let expat read a document; refuse what is none."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.XmlDeclHandler = refuse_encoding
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        why = expat.ErrorString(error.code)
        place = f"line {error.lineno}, column {error.offset}"
        raise Unreadable(f"It is not XML: {why} ({place}).") from None
    except (LookupError, ValueError) as error:
        raise Unreadable(f"Its encoding can't be read: {str(error)[:100]}.") from None


def refuse_many(markets: int, outcomes: int) -> None:
    """Refuse a message that speaks of more than anybody offers."""
    if markets > MOST_MARKETS:
        raise Unreadable(f"It speaks of more than {MOST_MARKETS:,} markets.")
    if outcomes > MOST_OUTCOMES:
        raise Unreadable(f"It speaks of more than {MOST_OUTCOMES:,} outcomes.")


def refuse_deep(depth: int) -> None:
    """Refuse a document whose elements stand in each other without end."""
    if depth >= MOST_DEPTH:
        raise Unreadable("It is nested too deep.")


def refuse_doctype(*_: Any) -> None:
    """Refuse a document that declares a type: entities could come with it."""
    raise Unreadable("It declares a document type: such XML is not read.")


def refuse_encoding(version: str, encoding: str | None, standalone: int) -> None:
    """Refuse a document in characters that nobody sends."""
    if encoding and encoding.lower() not in ENCODINGS:
        raise Unreadable(f"It is written in “{encoding[:40]}”, which is not read here.")


def settlement(said: Attributes, markets: tuple[Market, ...]) -> BetSettlement:
    """Return a bet_settlement."""
    certainty = CERTAINTIES.get(said.get("certainty", "").strip())
    if certainty is None:
        raise Unreadable(f"certainty is neither 1 nor 2: “{said['certainty'][:20]}”.")
    return BetSettlement(certainty=certainty, markets=markets, **about_event(said))


def settlement_rollback(said: Attributes, markets: tuple[Market, ...]) -> RollbackBetSettlement:
    """Return a rollback_bet_settlement."""
    return RollbackBetSettlement(markets=markets, **about_event(said))


def cancel(said: Attributes, markets: tuple[Market, ...]) -> BetCancel:
    """Return a bet_cancel; its provider writes `superceded_by`."""
    return BetCancel(
        start_time=said.get("start_time", "").strip(),
        end_time=said.get("end_time", "").strip(),
        superseded_by=(said.get("superceded_by") or said.get("superseded_by") or "").strip(),
        markets=markets,
        **about_event(said),
    )


def cancel_rollback(said: Attributes, markets: tuple[Market, ...]) -> RollbackBetCancel:
    """Return a rollback_bet_cancel."""
    return RollbackBetCancel(
        start_time=said.get("start_time", "").strip(),
        end_time=said.get("end_time", "").strip(),
        markets=markets,
        **about_event(said),
    )


def alive(said: Attributes, _: tuple[Market, ...]) -> Alive:
    """Return an alive; what does not say that we are subscribed means that we are not."""
    subscribed = said.get("subscribed", "").strip() == "1"
    return Alive(product=product_in(said), timestamp=time_in(said), subscribed=subscribed)


def snapshot_complete(said: Attributes, _: tuple[Market, ...]) -> SnapshotComplete:
    """Return a snapshot_complete."""
    return SnapshotComplete(
        product=product_in(said),
        timestamp=time_in(said),
        request_id=integer_or_none(said.get("request_id", "")),
    )


def product_down(said: Attributes, _: tuple[Market, ...]) -> ProductDown:
    """Return a product_down."""
    return ProductDown(product=product_in(said), timestamp=time_in(said))


def about_event(said: Attributes) -> dict[str, Any]:
    """Return what all messages about an event say."""
    return {
        "event_id": event_in(said),
        "timestamp": time_in(said),
        "product": integer_or_none(said.get("product", "")),
        "request_id": integer_or_none(said.get("request_id", "")),
    }


def event_in(said: Attributes) -> str:
    """Return the event that a message is about."""
    event = said.get("event_id", "").strip()
    if not event:
        raise Unreadable("event_id is missing.")
    if len(event) > LONGEST_EVENT:
        raise Unreadable(f"event_id is longer than {LONGEST_EVENT} characters.")
    if UNPRINTABLE.search(event):
        raise Unreadable("event_id holds a character that can't be shown.")
    return event


def time_in(said: Attributes) -> int:
    """Return when a message was made, in milliseconds since 1970."""
    given = said.get("timestamp", "").strip()
    if not given:
        raise Unreadable("timestamp is missing.")
    if not WHOLE.fullmatch(given):
        raise Unreadable(f"timestamp is not a whole number of milliseconds: “{given[:50]}”.")
    if not FIRST_MILLISECOND <= int(given) < END_MILLISECOND:
        raise Unreadable(f"timestamp lies outside 2000 to 2200: “{given}”.")
    return int(given)


def product_in(said: Attributes) -> int:
    """Return the producer that a sign of life is about."""
    product = integer_or_none(said.get("product", ""))
    if product is None:
        raise Unreadable("product is missing, or not a number.")
    return product


def integer_or_none(given: str) -> int | None:
    """Return a number that says nothing about money; nothing when it is none."""
    given = given.strip()
    return int(given) if INTEGER.fullmatch(given) else None


MAKERS: dict[str, Callable[[Attributes, tuple[Market, ...]], Message]] = {
    "bet_settlement": settlement,
    "rollback_bet_settlement": settlement_rollback,
    "bet_cancel": cancel,
    "rollback_bet_cancel": cancel_rollback,
    "alive": alive,
    "snapshot_complete": snapshot_complete,
    "product_down": product_down,
}
