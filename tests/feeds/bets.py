"""Messages of Odds88's feed, written down shortly."""

from typing import Any

import msgspec

Json = dict[str, Any]


def settled(bet_id: str = "T-1", **words: Any) -> Json:
    """Return a won single of 10.00 EUR at 2.50, unless told otherwise."""
    return {
        "betId": bet_id,
        "betSettlement": 1,
        "payoutMultiplier": 2.5,
        "payout": 25.0,
        "isCancelled": False,
        "isRejected": False,
        "settlementTime": "2026-11-20T12:00:00.0000001Z",
        "amount": {"currency": "EUR", "value": 1000, "precision": 2},
        "selections": [],
    } | words


def lost(bet_id: str = "T-1", **words: Any) -> Json:
    """Return a lost one, a second later."""
    loses = {"betSettlement": 2, "payoutMultiplier": 0, "payout": 0}
    later = {"settlementTime": "2026-11-20T12:00:01.0000001Z"}
    return settled(bet_id, **(loses | later | words))


def message(said: Json) -> bytes:
    """Return a message in the feed's envelope."""
    return msgspec.json.encode({"pingId": None, "data": said})
