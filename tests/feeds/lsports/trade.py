"""LSports' messages, written down shortly in each of its layouts, and tickets on their bets."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from backoffice import truths
from backoffice.intake import bring_in
from feeds import inbox
from settlement.models import Review, Ticket
from tests.factories import FundedPlayer
from tests.settlement.asked import Json, bet
from tests.settlement.settling import receive_and_process

FIXTURE = "24605698"
X, Y = "30713932524605698", "92291723224605698"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FEED = "lsports-inplay"
WON, LOST, REFUND, HALF_LOST, HALF_WON, TAKEN_BACK = 2, 1, 3, 4, 5, -1


def clock(at: float) -> str:
    """Return a time so many seconds after noon, as LSports writes it."""
    return (NOON + timedelta(seconds=at)).isoformat().replace("+00:00", "Z")


def told(ref: object = X, settlement: object = None, at: float = 0, **words: Any) -> Json:
    """Return a bet that was last updated so many seconds after noon; one with a code is settled."""
    said: Json = {
        "Id": int(ref) if isinstance(ref, str) and ref.isdecimal() else ref,
        "Name": "1",
        "Status": 1 if settlement is None else 3,
        "StartPrice": "1.0",
        "Price": "2.28",
        "Settlement": settlement,
        "ProviderBetId": "0",
        "LastUpdate": clock(at),
    }
    said = said | words
    return {name: value for name, value in said.items() if value is not None}


def market(*bets: Any, ref: object = 1, **words: Any) -> Json:
    """Return a market."""
    return {"Id": ref, "Name": "1X2", "Bets": list(bets)} | words


def event(*markets: Any, fixture: object = int(FIXTURE)) -> Json:
    """Return an event."""
    return {"FixtureId": fixture, "Livescore": None, "Markets": list(markets)}


def header(kind: int = 35, at: float = 0) -> Json:
    """Return a header."""
    made = NOON + timedelta(seconds=at)
    return {
        "Type": kind,
        "MsgSeq": 1,
        "MsgGuid": "691cbc2e-92d5-4f59-9dd4-548c8f67277b",
        "CreationDate": clock(at),
        "ServerTimestamp": int(made.timestamp() * 1000),
    }


def message(*events: Any, kind: int = 35, at: float = 0) -> Json:
    """Return a message in the documented layout of JSON."""
    return {"Header": header(kind, at), "Body": {"Events": list(events)}}


def nested(*events: Any, kind: int = 42, at: float = 0) -> Json:
    """Return an outright's message as documented: a season in a league."""
    season = {"Id": 1, "Name": "All", "Type": 4, "Events": list(events)}
    league = {"Id": 4221, "Name": "Emerald Downs", "Type": 0, "Competitions": [season]}
    return {"Header": header(kind, at), "Body": {"Competition": league}}


def flat(*events: Any, kind: int = 42, at: float = 0) -> Json:
    """Return an outright's message with its events right below the competition."""
    league = {"Id": 4221, "Name": "Emerald Downs", "Type": 3, "Events": list(events)}
    return {"Header": header(kind, at), "Body": {"Competition": league}}


def snapshot(*events: Json, at: float = 0) -> Json:
    """Return a part of a snapshot, as it is stored."""
    fixtures = [{name: one[name] for name in ("FixtureId", "Markets")} for one in events]
    told = header(36, at) | {"Snapshot": "GetFixtureMarkets"}
    return {"Header": told, "Body": fixtures}


# Layouts: what a message looks like as bytes.


def plain(said: Json) -> bytes:
    """Return JSON as documented."""
    return json.dumps(said).encode()


def wrapped(said: Json) -> bytes:
    """Return JSON in a message."""
    return json.dumps({"Message": said}, indent=1).encode()


def listed(said: Json) -> bytes:
    """Return JSON in a list."""
    return b"\xef\xbb\xbf" + json.dumps([said]).encode()


def camel(said: Any) -> bytes:
    """Return JSON whose names begin small."""
    return json.dumps(renamed(said, lambda name: name[0].lower() + name[1:])).encode()


def shouted(said: Any) -> bytes:
    """Return JSON whose names are large."""
    return json.dumps(renamed(said, str.upper)).encode()


def quoted(said: Any) -> bytes:
    """Return JSON in which all numbers are text."""
    return json.dumps(as_text(said)).encode()


def renamed(said: Any, name_of: Callable[[str], str]) -> Any:
    """Return the same with other names."""
    if isinstance(said, dict):
        return {name_of(name): renamed(value, name_of) for name, value in said.items()}
    if isinstance(said, list):
        return [renamed(one, name_of) for one in said]
    return said


def as_text(said: Any) -> Any:
    """Return the same with text for numbers."""
    if isinstance(said, dict):
        return {name: as_text(value) for name, value in said.items()}
    if isinstance(said, list):
        return [as_text(one) for one in said]
    return said if said is None or isinstance(said, str) else str(said)


ITEMS = {
    "Events": "Event", "Markets": "Market", "Bets": "Bet", "Competitions": "Competition",
    "ProviderMarkets": "ProviderMarket",
}  # fmt: skip


def attributes(said: Json) -> bytes:
    """Return XML in the documented layout of type 35: attributes, and lists with their items."""
    inside = as_element("Header", said["Header"]) + as_element("MessageBody", said["Body"])
    return f"<Message>{inside}</Message>".encode()


def as_element(name: str, said: Any) -> str:
    """Return an element with attributes for values and elements for the rest."""
    if said is None:
        return f"<{name}/>"
    if isinstance(said, list):
        return (
            f"<{name}>{''.join(as_element(ITEMS.get(name, 'Event'), one) for one in said)}</{name}>"
        )
    if not isinstance(said, dict):
        return f"<{name}>{escape(str(said))}</{name}>"
    values = {key: one for key, one in said.items() if not isinstance(one, dict | list)}
    given = "".join(
        f" {key}={quoteattr(str(one))}" for key, one in values.items() if one is not None
    )
    inside = "".join(as_element(key, one) for key, one in said.items() if key not in values)
    return f"<{name}{given}>{inside}</{name}>"


def elements(said: Json) -> bytes:
    """Return XML in the documented layout of type 42: elements, repeated for lists, two roots."""
    return (as_elements("Header", said["Header"]) + as_elements("Body", said["Body"])).encode()


def declared(said: Json) -> bytes:
    """Return the same in one root, with a declaration."""
    inside = elements(said).decode()
    return f'<?xml version="1.0" encoding="utf-8"?>\n<Message>{inside}</Message>'.encode()


def as_elements(name: str, said: Any) -> str:
    """Return an element with elements for everything."""
    if isinstance(said, list):
        name = name if name in ITEMS else "Events"
        return "".join(as_elements(name, one) for one in said)
    if isinstance(said, dict):
        inside = "".join(
            as_elements("Events", one) if name == "Body" and key == "" else as_elements(key, one)
            for key, one in said.items()
        )
        return f"<{name}>{inside}</{name}>"
    return f"<{name}>{'' if said is None else escape(str(said))}</{name}>"


LAYOUTS: Sequence[Callable[[Json], bytes]] = (
    plain, wrapped, listed, camel, shouted, quoted, attributes, elements, declared,
)  # fmt: skip


# Tickets and what becomes of them.


def on(outcome: str = X, **words: Any) -> Json:
    """Return a selection at 2.50."""
    said = {"event": FIXTURE, "market": "1", "outcome": outcome, "price": "2.50"}
    return said | words


def single(player: FundedPlayer, bet_id: str = "T-1", **words: Any) -> Json:
    """Return a single of 10.00; words of its ticket or of its selection."""
    of_ticket = {name: words.pop(name) for name in ("stake", "placed_at", "accepted_at", "each_way")
                 if name in words}  # fmt: skip
    return bet(player, on(**words), bet_id=bet_id, provider="lsports", **of_ticket)


def bring(*tickets: Json) -> None:
    """Bring tickets in as everybody does, with the look back."""
    answers = bring_in(tickets=tickets, actor="test")
    assert {answer.status for answer in answers} <= {"created", "repeated"}, answers


def hear(*bodies: Json | bytes, feed: str = FEED) -> inbox.Processed:
    """Send messages through the inbox, one after the other, and settle what they make due."""
    done = inbox.Processed()
    for body in bodies:
        raw = body if isinstance(body, bytes) else plain(body)
        done += receive_and_process(raw, feed=feed)
        inbox.settle_left()
    return done


def say(*bets: Any, at: float = 0, ref: object = 1, kind: int = 35) -> Json:
    """Return a message about one market."""
    return message(event(market(*bets, ref=ref)), at=at, kind=kind)


def payout(bet_id: str = "T-1") -> tuple[str, str, str]:
    """Return how a ticket stands: its status, its result, and what it pays."""
    found = Ticket.objects.get(bet_id=bet_id)
    return found.status, found.result, f"{found.payout / 100:.2f}"


def asked(**words: Any) -> list[str]:
    """Return the kinds of the open reviews."""
    found = Review.objects.filter(closed_at__isnull=True, **words).order_by("kind")
    return list(found.values_list("kind", flat=True))


def sentence(kind: str) -> str:
    """Return what the only open review of a kind says."""
    return Review.objects.get(kind=kind, closed_at__isnull=True).sentence


def sound() -> bool:
    """Whether every truth holds."""
    return not [finding for finding in truths.check() if finding.rows]
