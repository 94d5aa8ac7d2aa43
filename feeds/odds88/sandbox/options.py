"""How a sandbox behaves where Odds88 documents nothing, or where a test wants it otherwise."""

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

DAY = 86_400.0


class Order(StrEnum):
    """In which order a recovery is sent."""

    PUSH = "push"
    NEWEST = "newest"
    SHUFFLED = "shuffled"


class Zero(StrEnum):
    """What a connection without a revision gets before what is live."""

    ALL = "all"
    LIVE = "live"


class Unknown(StrEnum):
    """How a look-up of something that is not there is answered."""

    BAD_REQUEST = "400"
    NOT_FOUND = "404"
    EMPTY = "empty"
    ERROR = "500"


class Options(Struct, frozen=True, forbid_unknown_fields=True):
    """The choices. They can be changed while the sandbox runs."""

    client_id: str = "sandbox"
    password: str = "sandbox"  # noqa: S105 - it guards nothing
    json_token: bool = False  # A JSON string in place of bare text.
    bare: bool = False  # The bet without an envelope.
    whole_bet_id: bool = True  # `player:bet`, else the bare id of the bet.
    echo: bool = False  # A WebSocket client must send each pingId back.
    gzip: bool = True
    deflate: bool = True
    zero: Zero = Zero.ALL
    reach: float = 3 * DAY  # How far back a recovery goes, in seconds; never divided.
    order: Order = Order.PUSH
    seed: int = 88
    chunk: int = 500  # Messages of a recovery that are sent at once.
    pause: float = 0  # Seconds between two such chunks.
    unknown: Unknown = Unknown.BAD_REQUEST  # A bet that was never registered.
    unsettled: Unknown = Unknown.BAD_REQUEST  # The settlement of a bet that has none.
    strict_players: bool = False  # A playerId has 18 to 36 characters of Odds88's alphabet.
    cancel_after: float = 0  # Seconds until a cancel is decided.
    cancel_refused: bool = False
    cash_out_after: float = 0  # Seconds until the feed tells of a cash-out.
    cash_out_pays: Decimal | None = None  # What is paid in place of what was asked for.
