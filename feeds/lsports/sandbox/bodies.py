"""What LSports says, before it is written down."""

from msgspec import Struct

FIXTURE, LIVESCORE, MARKET = 1, 2, 3
KEEP_ALIVE, HEARTBEAT = 31, 32
SETTLEMENT, SNAPSHOT = 35, 36
OUTRIGHT_SETTLEMENT, LEAGUE_SETTLEMENT = 42, 43
SETTLEMENTS = (SETTLEMENT, OUTRIGHT_SETTLEMENT, LEAGUE_SETTLEMENT)
OPEN, SUSPENDED, SETTLED = 1, 2, 3
TAKEN_BACK = -1
LOST, WON, REFUNDED, HALF_LOST, HALF_WON = 1, 2, 3, 4, 5
NOT_STARTED, IN_PROGRESS, FINISHED, CANCELLED, ABANDONED = 1, 2, 3, 4, 7
OVER = (FINISHED, CANCELLED, ABANDONED)


class Bet(Struct, frozen=True, forbid_unknown_fields=True):
    """A bet. What is `wrong` stands in place of, or beside, what would be right."""

    id: str
    name: str = ""
    status: int = OPEN
    settlement: int | None = None
    updated: int = 0
    line: str | None = None
    base_line: str | None = None
    price: str = "2.0"
    participant: int | None = None
    player: str | None = None
    wrong: dict[str, object] = {}


class Market(Struct, frozen=True, forbid_unknown_fields=True):
    """A market, with what some bookmakers say of its bets."""

    id: str
    name: str = ""
    bets: tuple[Bet, ...] | None = ()
    providers: tuple[int, ...] = ()


class Competition(Struct, frozen=True, forbid_unknown_fields=True):
    """What an outright is about."""

    id: int
    name: str
    type: int = 3


class Event(Struct, frozen=True, forbid_unknown_fields=True):
    """What a message says of a fixture."""

    fixture: str
    markets: tuple[Market, ...] | None = ()
    status: int | None = None


class Message(Struct, frozen=True, forbid_unknown_fields=True):
    """A message."""

    kind: int
    events: tuple[Event, ...] = ()
    competition: Competition | None = None


def common(fixture: str, number: int) -> str:
    """Return an id as LSports makes a bet's: some digits, then the fixture's."""
    return f"{number}{fixture}"
