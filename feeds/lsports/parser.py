"""Bytes of LSports' feeds and snapshots → one of its messages, whatever the layout.

JSON in the documented layout is read quickly: only the markets that matter are looked into.
All else, and what looks incomplete that way, is read closely, as a tree.
"""

from collections.abc import Container, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from feeds.lsports.messages import Bet, Event, Market, Message, ProviderMarket
from feeds.lsports.results import SETTLED
from feeds.lsports.tree import Node, json_of, listed, lowered, text_in, tree_of
from feeds.lsports.values import NO_TEXT, FloatText, Odd, code_of, id_of, text_of, ticks_of
from settlement.said import Unreadable

READ = frozenset({35, 36, 42, 43})
MOST_EVENTS = 10_000
Known = Mapping[str, Container[str]]
ABSENT = msgspec.Raw()
ALL_MATTER: Known = MappingProxyType({})


class Wanted(msgspec.Struct, frozen=True):
    """Which markets matter, and whether what single bookmakers say of them does."""

    known: Known = ALL_MATTER
    providers: bool = False

    def at(self, event: str) -> Container[str] | None:
        """Return the markets of an event that matter; nothing when all do."""
        try:
            return self.known.get(id_of(event, "an event"))
        except Odd:
            return None


def parse(raw: bytes, wanted: Wanted | None = None) -> Message:
    """Return what a message holds, of the markets that matter."""
    wanted = wanted or Wanted()
    text = text_in(raw)
    if text.startswith(b"{") and (found := quickly(text, wanted)) is not None:
        return found
    return closely(tree_of(text), wanted)


# In the documented layout.


class QuickBet(msgspec.Struct):
    """A bet."""

    Id: Any = None
    Name: Any = None
    Line: Any = None
    BaseLine: Any = None
    Status: Any = None
    Settlement: Any = None
    LastUpdate: Any = None
    PlayerName: Any = None
    ParticipantId: Any = None


class QuickMarket(msgspec.Struct):
    """A market whose bets are looked into later, if at all."""

    Id: Any = None
    Bets: msgspec.Raw = ABSENT
    ProviderMarkets: msgspec.Raw = ABSENT


class QuickEvent(msgspec.Struct):
    """An event with its markets."""

    FixtureId: Any = None
    Markets: list[QuickMarket] | msgspec.UnsetType | None = msgspec.UNSET


class QuickCompetition(msgspec.Struct):
    """A competition, with its own or its events."""

    Competitions: "list[QuickCompetition] | None" = None
    Events: list[QuickEvent] | None = None
    Markets: msgspec.Raw = ABSENT


class QuickBody(msgspec.Struct):
    """The body of a settlement."""

    Events: list[QuickEvent] | None = None
    Competition: QuickCompetition | list[QuickCompetition] | None = None


class QuickHeader(msgspec.Struct):
    """What a header says."""

    Type: Any
    ServerTimestamp: Any = None
    CreationDate: Any = None


class QuickMessage(msgspec.Struct):
    """A message."""

    Header: QuickHeader
    Body: msgspec.Raw = msgspec.Raw()


QUICK = msgspec.json.Decoder(QuickMessage, float_hook=FloatText)
QUICK_BETS: msgspec.json.Decoder[list[QuickBet] | None] = msgspec.json.Decoder(
    list[QuickBet] | None, float_hook=FloatText
)
QUICK_BODY: msgspec.json.Decoder[QuickBody | list[QuickEvent]] = msgspec.json.Decoder(
    QuickBody | list[QuickEvent], float_hook=FloatText
)


class Hidden(Exception):
    """More may stand in a message than is found in the quick way."""


def quickly(text: bytes, wanted: Wanted) -> Message | None:
    """Return what JSON holds; nothing when it may hold more than is found in this way."""
    try:
        message = QUICK.decode(text)
        kind = code_of(text_of(message.Header.Type))
        header = {
            "servertimestamp": message.Header.ServerTimestamp,
            "creationdate": message.Header.CreationDate,
        }
        if kind is None:
            return None
        if kind not in READ:
            return Message(kind=kind, ticks=made_at(header))
        events = events_quickly(QUICK_BODY.decode(message.Body))
        if not events or not all(map(is_whole, events)):
            return None
        refuse_many(len(events))
        told = tuple([event_quickly(one, wanted) for one in events])
        return Message(kind=kind, ticks=made_at(header), events=told)
    except Hidden:
        return None
    except msgspec.ValidationError:
        return None
    except (msgspec.DecodeError, ValueError) as error:
        raise Unreadable(f"It is not JSON: {str(error)[:150]}.") from None
    except RecursionError:
        raise Unreadable("It is nested too deep.") from None


def events_quickly(body: QuickBody | list[QuickEvent]) -> list[QuickEvent]:
    """Return the events of a body, in whichever nesting."""
    if isinstance(body, list):
        return body
    found = list(body.Events or ())
    if body.Competition is not None:
        above = body.Competition if isinstance(body.Competition, list) else [body.Competition]
        while above:
            one = above.pop(0)
            if one.Markets is not ABSENT:
                raise Hidden
            found += one.Events or ()
            above = [*(one.Competitions or ()), *above]
    return found


def is_whole(event: QuickEvent) -> bool:
    """Whether nothing is missing that an event must have: it may stand there by another name."""
    if event.FixtureId is None or event.Markets is msgspec.UNSET:
        return False
    return all(
        one.Id is not None and (one.Bets is not ABSENT or one.ProviderMarkets is not ABSENT)
        for one in event.Markets or ()
    )


def event_quickly(event: QuickEvent, wanted: Wanted) -> Event:
    """Return an event with those of its markets that matter."""
    ref = text_of(event.FixtureId)
    only = wanted.at(ref)
    markets = [
        market_quickly(own, one, wanted)
        for one in event.Markets or ()
        if matters(own := text_of(one.Id), only)
    ]
    return Event(ref, tuple(markets))


def market_quickly(ref: str, market: QuickMarket, wanted: Wanted) -> Market:
    """Return a market with its bets."""
    providers: tuple[ProviderMarket, ...] = ()
    if wanted.providers and market.ProviderMarkets is not ABSENT:
        providers = providers_of(lowered(json_of(bytes(market.ProviderMarkets))))
    bets = QUICK_BETS.decode(market.Bets) if market.Bets is not ABSENT else ()
    return Market(ref, tuple([bet_quickly(one) for one in bets or ()]), providers)


def bet_quickly(bet: QuickBet) -> Bet:
    """Return a bet; one that lacks something may have it by another name."""
    if bet.Id is None or bet.Status is None or bet.LastUpdate is None or lacks_its_code(bet):
        raise Hidden
    return Bet(
        text_of(bet.Id),
        text_of(bet.Name).strip(),
        text_of(bet.Line).strip(),
        text_of(bet.BaseLine).strip(),
        text_of(bet.PlayerName).strip(),
        text_of(bet.ParticipantId).strip(),
        text_of(bet.Status),
        text_of(bet.Settlement),
        text_of(bet.LastUpdate),
    )


def lacks_its_code(bet: QuickBet) -> bool:
    """Whether a bet is settled and does not say how."""
    return bet.Settlement is None and code_of(text_of(bet.Status)) == SETTLED


# In any other layout.


def closely(tree: Any, wanted: Wanted) -> Message:
    """Return what a tree holds."""
    if isinstance(tree, list):
        if len(tree) != 1:
            raise Unreadable(f"It is a list of {len(tree)} messages, not one.")
        tree = tree[0]
    if isinstance(tree, dict) and "header" not in tree:
        tree = tree.get("message", tree)
    header = tree.get("header") if isinstance(tree, dict) else None
    if not isinstance(header, dict):
        raise Unreadable("It has no header, or more than one.")
    told = text_of(header.get("type"))
    kind = code_of(told)
    if kind is None:
        raise Unreadable("Its header names no type, or none that could be one.")
    if kind not in READ:
        return Message(kind=kind, ticks=made_at(header))
    found = list(events_in(tree.get("body", tree.get("messagebody"))))
    refuse_many(len(found))
    return Message(
        kind=kind,
        ticks=made_at(header),
        events=tuple([event_of(*one, wanted) for one in found]),
    )


def events_in(node: Any, competition: str = "") -> Iterator[tuple[Any, str]]:
    """Yield the events below, each with the competition that it stands in."""
    if isinstance(node, list):
        for one in node:
            yield from events_in(one, competition)
    elif isinstance(node, dict):
        yield from events_of(node, competition)
    elif text_of(node).strip():
        yield node, ""


def events_of(node: Node, competition: str) -> Iterator[tuple[Any, str]]:
    """Yield the events of a body or a competition; one with markets of its own is an event."""
    if "fixtureid" in node or "markets" in node:
        yield node, competition
        return
    own = text_of(node.get("id")) or competition
    for name, item in (("events", "event"), ("event", "event")):
        for one in listed(node.get(name), item):
            yield one, own
    for name in ("competition", "competitions"):
        for one in listed(node.get(name), "competition"):
            yield from events_in(one, own)


def event_of(node: Any, competition: str, wanted: Wanted) -> Event:
    """Return an event; what is none has no id that could be one."""
    if not isinstance(node, dict):
        return Event(NO_TEXT)
    ref = text_of(node.get("fixtureid")) or text_of(node.get("id")) or competition
    only = wanted.at(ref)
    return Event(
        ref,
        tuple(
            [
                market_of(
                    id_in(one),
                    one.get("bets") if isinstance(one, dict) else None,
                    one.get("providermarkets")
                    if wanted.providers and isinstance(one, dict)
                    else None,
                )
                for one in listed(node.get("markets"), "market")
                if matters(id_in(one), only)
            ]
        ),
    )


# In every layout.


def refuse_many(events: int) -> None:
    """Refuse a message that speaks of more than anybody plays."""
    if events > MOST_EVENTS:
        raise Unreadable(f"It speaks of more than {MOST_EVENTS:,} events.")


def matters(ref: str, only: Container[str] | None) -> bool:
    """Whether a market is among those that matter, or can't be told."""
    if only is None:
        return True
    try:
        return id_of(ref, "a market") in only
    except Odd:
        return True


def market_of(ref: str, bets: Any, providers: Any) -> Market:
    """Return a market."""
    return Market(ref, tuple(map(bet_of, listed(bets, "bet"))), providers_of(providers))


def providers_of(told: Any) -> tuple[ProviderMarket, ...]:
    """Return what single bookmakers say of a market."""
    return tuple(
        ProviderMarket(id_in(one), tuple(map(bet_of, listed(one.get("bets"), "bet"))))
        for one in listed(told, "providermarket")
        if isinstance(one, dict)
    )


def id_in(node: Any) -> str:
    """Return what a node calls itself; what is none has no id that could be one."""
    return text_of(node.get("id")) if isinstance(node, dict) else NO_TEXT


def bet_of(node: Any) -> Bet:
    """Return a bet."""
    if not isinstance(node, dict):
        return Bet(NO_TEXT)
    told = node.get
    return Bet(
        id=text_of(told("id")),
        name=text_of(told("name")).strip(),
        line=text_of(told("line")).strip(),
        base_line=text_of(told("baseline")).strip(),
        player=text_of(told("playername")).strip(),
        participant=text_of(told("participantid")).strip(),
        status=text_of(told("status")),
        settlement=text_of(told("settlement")),
        last_update=text_of(told("lastupdate")),
    )


def made_at(header: Mapping[str, Any]) -> int | None:
    """Return when a message was made, in ticks."""
    for name in ("servertimestamp", "creationdate"):
        if (ticks := ticks_of(text_of(header.get(name)))) is not None:
            return ticks
    return None
