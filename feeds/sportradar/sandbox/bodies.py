"""The provider's messages as it writes them."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from xml.parsers.expat import ExpatError, ParserCreate
from xml.sax.saxutils import quoteattr

from msgspec import Struct

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
SETTLEMENT, ROLLBACK = "bet_settlement", "rollback_bet_settlement"
CANCEL, ROLLBACK_CANCEL = "bet_cancel", "rollback_bet_cancel"
STATEFUL = frozenset({SETTLEMENT, ROLLBACK, CANCEL, ROLLBACK_CANCEL})
ROOT = re.compile(rb"<[A-Za-z_][\w.-]*")
Attributes = Mapping[str, object]


class Outcome(Struct, frozen=True, forbid_unknown_fields=True):
    """How an outcome ended; a rollback needs its id only."""

    id: str
    result: str | None = None
    void_factor: str | None = None
    dead_heat_factor: str | None = None


class Market(Struct, frozen=True, forbid_unknown_fields=True):
    """A market of a message."""

    id: str
    specifiers: str | None = None
    outcomes: tuple[Outcome, ...] = ()
    void_reason: int | None = None
    extended_specifiers: str | None = None


def settlement(
    *, product: int, event: str, timestamp: int, markets: Iterable[Market], certainty: int | None
) -> bytes:
    """Return a bet_settlement."""
    said = common(product, event, timestamp)
    inner = "".join(map(market_of, markets))
    body = f"<outcomes>{inner}</outcomes>" if inner else "<outcomes/>"
    return message(SETTLEMENT, {"certainty": certainty, **said}, body)


def rollback(*, product: int, event: str, timestamp: int, markets: Iterable[Market]) -> bytes:
    """Return a rollback_bet_settlement."""
    return message(ROLLBACK, common(product, event, timestamp), "".join(map(market_of, markets)))


def cancel(
    *,
    product: int,
    event: str,
    timestamp: int,
    markets: Iterable[Market],
    start: int | None = None,
    end: int | None = None,
    superceded_by: str | None = None,
) -> bytes:
    """Return a bet_cancel."""
    window = {"start_time": start, "end_time": end, "superceded_by": superceded_by}
    said = common(product, event, timestamp) | window
    return message(CANCEL, said, "".join(map(market_of, markets)))


def rollback_cancel(
    *,
    product: int,
    event: str,
    timestamp: int,
    markets: Iterable[Market],
    start: int | None = None,
    end: int | None = None,
) -> bytes:
    """Return a rollback_bet_cancel."""
    said = common(product, event, timestamp) | {"start_time": start, "end_time": end}
    return message(ROLLBACK_CANCEL, said, "".join(map(market_of, markets)))


def alive(*, product: int, timestamp: int, subscribed: bool) -> bytes:
    """Return a producer's sign of life."""
    said = {"product": product, "timestamp": timestamp, "subscribed": int(subscribed)}
    return message("alive", said)


def snapshot_complete(*, product: int, timestamp: int, request_id: int | None) -> bytes:
    """Return the end of a recovery."""
    said = {"product": product, "timestamp": timestamp, "request_id": request_id}
    return message("snapshot_complete", said)


def product_down(*, product: int, timestamp: int) -> bytes:
    """Return a producer's word that it is down."""
    return message("product_down", {"product": product, "timestamp": timestamp})


def common(product: int, event: str, timestamp: int) -> dict[str, object]:
    """Return what every message about an event says."""
    return {"product": product, "event_id": event, "timestamp": timestamp}


def market_of(market: Market) -> str:
    """Return a market's element."""
    said = {
        "id": market.id,
        "specifiers": market.specifiers,
        "extended_specifiers": market.extended_specifiers,
        "void_reason": market.void_reason,
    }
    return element("market", said, "".join(map(outcome_of, market.outcomes)))


def outcome_of(outcome: Outcome) -> str:
    """Return an outcome's element."""
    return element("outcome", {name: getattr(outcome, name) for name in Outcome.__struct_fields__})


def message(root: str, said: Attributes, inner: str = "") -> bytes:
    """Return a whole document."""
    return f"{HEAD}{element(root, said, inner)}".encode()


def element(name: str, said: Attributes, inner: str = "") -> str:
    """Return an element; an attribute without a value is left out."""
    words = "".join(
        f" {key}={quoteattr(str(value))}" for key, value in said.items() if value is not None
    )
    return f"<{name}{words}>{inner}</{name}>" if inner else f"<{name}{words}/>"


def requested(body: bytes, request_id: int | None) -> bytes:
    """Return a message as a recovery sends it: with the request's id."""
    found = ROOT.search(body)
    if request_id is None or found is None:
        return body
    return body[: found.end()] + f' request_id="{request_id}"'.encode() + body[found.end() :]


class Found(Exception):
    """Ends the reading of a message after its first tag."""


def glance(body: bytes) -> tuple[str, dict[str, str]]:
    """Return a message's root and its attributes; nothing when it can't be read."""
    seen: list[tuple[str, dict[str, str]]] = []

    def start(name: str, said: dict[str, str]) -> None:
        seen.append((name, said))
        raise Found

    parser = ParserCreate()
    parser.StartElementHandler = start
    with suppress(Found, ExpatError, ValueError):
        parser.Parse(body, True)
    return seen[0] if seen else ("", {})
