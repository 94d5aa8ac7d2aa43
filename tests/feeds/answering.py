"""Odds88's endpoints across the network, played by words: what it answers, or why it does not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import msgspec

from feeds.odds88.client import Answer, Asked, Bet
from feeds.odds88.troubles import Trouble

Json = dict[str, Any]
ACCEPTED: Json = {"requestId": "O-1", "resultType": 2}


def ended(**words: Any) -> Json:
    """Return how O-1, a single of 10.00 EUR on X, ended: won at 2.50, unless told otherwise."""
    leg = {"settlementResult": 1, "settlementTime": "2026-11-20T12:00:00Z", "settlementVersion": 1}
    return {
        "betId": "O-1", "betSettlement": 1, "payoutMultiplier": 2.5, "payout": 25.0,
        "isCancelled": False, "isRejected": False, "amount": 10.0,
        "selections": [{"selectionId": "X", "settlement": leg}],
    } | words  # fmt: skip


LOST = {
    "betSettlement": 2, "payoutMultiplier": 0, "payout": 0,
    "selections": [{"selectionId": "X", "settlement": {"settlementResult": 2}}],
}  # fmt: skip


@dataclass
class Odds88:
    """Answers as it is told; a `trouble` is the answer to everything."""

    status_is: Json | None = field(default_factory=lambda: dict(ACCEPTED))
    settled_as: Json | None = None
    trouble: Trouble | None = None
    sentence: str = ""
    asked: list[str] = field(default_factory=list)
    seconds: float = 10.0

    def close(self) -> None:
        """Hold nothing that were to be given back."""

    def status(self, bet: Bet, *, until: float | None = None) -> Answer:
        """Say where a bet stands."""
        return self.answered("GET", bet, "", self.status_is)

    def settlement(self, bet: Bet, *, until: float | None = None) -> Answer:
        """Say how a bet ended."""
        return self.answered("GET", bet, "/settlements", self.settled_as)

    def cancel(self, bet: Bet, *, reason: int) -> Answer:
        """Take the wish to cancel."""
        return self.answered("POST", bet, f"/cancel {{reason:{reason}}}", None)

    def cash_out(self, bet: Bet, *, amount: Any) -> Answer:
        """Take the wish to cash out."""
        return self.answered("POST", bet, f"/cashOut {{cashOutAmount:{amount}}}", None)

    def answered(self, method: str, bet: Bet, rest: str, said: Json | None) -> Answer:
        """Answer as told."""
        asked = Asked(method, f"/api/players/{bet.player}/Bets/{bet.request}{rest}")
        self.asked.append(asked.text)
        if self.trouble is not None:
            return Answer(asked, b"", None, 0.5, 3, self.trouble, self.sentence)
        body = msgspec.json.encode(said) if said else b""
        return Answer(asked, body, 200, 0.25, 1)


@contextmanager
def answering(**words: Any) -> Iterator[Odds88]:
    """Let Odds88 answer like that."""
    odds88 = Odds88(**words)
    with patch("feeds.calling.client", lambda: odds88):
        yield odds88
