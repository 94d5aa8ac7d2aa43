"""The messages of Sportradar's Unified Odds Feed that settlement hears, as far as it reads them.

What decides money stays text here, as it came: what it means is said in `translate`.
"""

from msgspec import Struct


class Outcome(Struct, frozen=True):
    """How one outcome ended, or merely its name where a settlement of it is taken back."""

    id: str = ""
    result: str = ""
    void_factor: str = ""
    dead_heat_factor: str = ""


class Market(Struct, frozen=True):
    """A market that a message speaks of."""

    id: str = ""
    specifiers: str = ""
    void_reason: str = ""
    outcomes: tuple[Outcome, ...] = ()


class EventMessage(Struct, frozen=True, kw_only=True):
    """What all messages about an event have. `timestamp` is in milliseconds since 1970."""

    event_id: str
    timestamp: int
    product: int | None = None
    request_id: int | None = None
    markets: tuple[Market, ...] = ()


class BetSettlement(EventMessage, frozen=True, kw_only=True):
    """How outcomes ended; certainty 1 was seen live, 2 is confirmed."""

    certainty: int = 1


class RollbackBetSettlement(EventMessage, frozen=True, kw_only=True):
    """Settlements are taken back: of the outcomes named, or of whole markets."""


class BetCancel(EventMessage, frozen=True, kw_only=True):
    """Bets that were accepted in a window are void. Its ends are text, as they came."""

    start_time: str = ""
    end_time: str = ""
    superseded_by: str = ""


class RollbackBetCancel(EventMessage, frozen=True, kw_only=True):
    """A cancel of the same window is taken back, or of any when it names none."""

    start_time: str = ""
    end_time: str = ""


class Alive(Struct, frozen=True, kw_only=True):
    """A producer lives; when it is not `subscribed` it sends us nothing."""

    product: int
    timestamp: int
    subscribed: bool = False


class SnapshotComplete(Struct, frozen=True, kw_only=True):
    """A recovery that was asked for is over."""

    product: int
    timestamp: int
    request_id: int | None = None


class ProductDown(Struct, frozen=True, kw_only=True):
    """A producer is down, by its own word."""

    product: int
    timestamp: int


class Other(Struct, frozen=True):
    """A message of a kind that is not read here, by its root."""

    root: str


Windowed = BetCancel | RollbackBetCancel
Liveness = Alive | SnapshotComplete | ProductDown
Message = BetSettlement | RollbackBetSettlement | BetCancel | RollbackBetCancel | Liveness | Other
