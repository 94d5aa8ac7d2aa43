"""Rows that say how Sportradar's producers are doing, as its feed would have left them."""

from datetime import UTC, datetime
from typing import Any

from feeds.models import FeedAccount, FeedLease, Producer, Recovery
from tests.feeds.standing_rows import ago, leased

FEED = "sportradar"
NAMES = {1: ("liveodds", "Live Odds"), 3: ("pre", "Ctrl"), 6: ("vf", "Virtual Football")}


def ms(at: datetime) -> int:
    """Return a time in milliseconds, as producers tell it."""
    return int(at.timestamp() * 1000)


def received(**words: Any) -> FeedLease:
    """Let somebody receive the feed."""
    return leased(**{"feed": FEED, "depth": 0, **words})


def producer(number: int = 1, **words: Any) -> Producer:
    """Write down a producer: it is up and was heard four seconds ago, unless told otherwise."""
    code, name = NAMES.get(number, (f"p{number}", f"Producer {number}"))
    heard = words.pop("heard", 4.0)
    usual = {
        "feed": FEED,
        "code": code,
        "name": name,
        "scope": "virtual|prematch" if number == 6 else "live|prematch",
        "state": "UP",
        "reason": "",
        "since": ago(3600),
        "heard_at": ago(heard),
        "heard_ms": ms(ago(heard + 0.2)),
        "checkpoint_ms": ms(ago(heard + 0.2)),
        "recovery_minutes": 600,
    }
    return Producer.objects.create(number=number, **(usual | words))


def down(number: int = 1, reason: str = "SILENT", **words: Any) -> Producer:
    """Write down a producer that is down."""
    return producer(number, state="DOWN", reason=reason, **words)


def since(one: Producer, state: str = "DONE", **words: Any) -> Recovery:
    """Write down a request to a producer to tell all again."""
    usual = {
        "kind": "SINCE",
        "after_ms": ms(ago(700)),
        "request_id": Recovery.objects.count() + 1000,
        "bucket": "MINUTES",
        "why": "The connection to Sportradar was new.",
        "actor": "system:sportradar",
        "asked_at": ago(40),
        "counted": True,
        "http_status": 202,
        "answered_at": ago(39.9),
    }
    return Recovery.objects.create(producer=one, state=state, **(usual | words))


def event(one: Producer, ref: str = "sr:match:1", state: str = "WANTED", **words: Any) -> Recovery:
    """Write down that an event shall be told again."""
    usual: dict[str, Any] = {
        "kind": "EVENT",
        "event_ref": ref,
        "why": "A player asks.",
        "actor": "user:olga",
    }
    if state != "WANTED":
        usual |= {
            "request_id": Recovery.objects.count() + 1000,
            "bucket": "EVENT",
            "counted": True,
            "asked_at": ago(60),
        }
    return Recovery.objects.create(producer=one, state=state, **(usual | words))


def account(**words: Any) -> FeedAccount:
    """Write down whose token it is."""
    usual = {
        "bookmaker_id": "4711",
        "virtual_host": "/unifiedfeed/4711",
        "expires_at": datetime(2028, 1, 31, tzinfo=UTC),
        "clock_ahead_ms": 120,
        "asked_at": ago(600),
    }
    return FeedAccount.objects.create(feed=FEED, **(usual | words))
