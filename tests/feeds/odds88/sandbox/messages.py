"""Messages of a moment ago."""

from datetime import UTC, datetime, timedelta
from typing import Any

from feeds.odds88.sandbox.bodies import Json
from tests.feeds.bets import settled


def said(bet_id: str, seconds_ago: float = 0, **words: Any) -> Json:
    """Return a bet that was settled some seconds ago."""
    moment = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return settled(bet_id, **{"settlementTime": f"{moment:%Y-%m-%dT%H:%M:%S.%f}7Z"} | words)
