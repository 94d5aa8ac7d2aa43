"""The bets that a sandbox knows, and what became of them."""

import threading

from msgspec import Struct

from feeds.odds88.sandbox.bodies import Bet, Json


class Known(Struct):
    """A bet and all that its look-ups tell."""

    bet: Bet
    created_at: str
    settled_at: float = 0
    settlement: bytes | None = None
    cancellation: Json | None = None
    cancelling: bool = False
    versions: int = 0


class Bets:
    """Bets by their own id, and by how the feed names them."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.known: dict[str, Known] = {}
        self.named: dict[str, Known] = {}

    def register(self, bet: Bet, name: str, moment: str) -> None:
        """Know a bet; one that is known is replaced."""
        with self.lock:
            known = Known(bet, moment)
            self.known[bet.bet_id] = self.named[name] = known

    def get(self, bet_id: str, player: str | None = None) -> Known | None:
        """Return a bet, of that player if one is named."""
        with self.lock:
            known = self.known.get(bet_id) or self.named.get(bet_id)
        return None if known and player not in (None, known.bet.player) else known

    def settled(self, name: str, moment: float, text: bytes) -> None:
        """Keep how a bet ended, unless something later was said of it."""
        with self.lock:
            known = self.named.get(name) or self.known.get(name)
            if known and known.settled_at <= moment:
                known.settled_at, known.settlement = moment, text

    def begin_cancel(self, known: Known) -> bool:
        """Say whether a cancel is the bet's first: a second one asks for nothing more."""
        with self.lock:
            first, known.cancelling = not known.cancelling, True
            return first

    def next_version(self, bet_id: str) -> int:
        """Return the version of a bet's next settlement."""
        with self.lock:
            known = self.known.get(bet_id) or self.named[bet_id]
            known.versions += 1
            return known.versions
