"""How a sandbox behaves where Sportradar documents nothing, or where a test wants it otherwise."""

from enum import StrEnum

from msgspec import Struct

A_YEAR = 365 * 86_400.0


class TooOld(StrEnum):
    """What becomes of a recovery whose `after` is older than the producer's window."""

    REFUSED = "refused"
    CLAMPED = "clamped"


class Options(Struct, frozen=True, forbid_unknown_fields=True):
    """The choices. They can be changed while the sandbox runs."""

    token: str = "sandbox"  # noqa: S105 - it guards nothing
    token_expired: bool = False
    blocked: bool = False  # The client's address is not welcome.
    bookmaker_id: int = 88
    expires_in: float = A_YEAR  # Seconds until the token's end, as whoami tells it.
    skew: float = 0  # So many seconds the server's clock is ahead.
    active: tuple[int, ...] = (1, 3, 6)  # The producers that we are subscribed to.
    per_producer: bool = False  # Each producer has limits of its own; else all share them.
    too_old: TooOld = TooOld.REFUSED
    by_timestamp: bool = False  # A recovery goes by a message's own time, not by when it was sent.
    kept: int = 0  # Messages that each producer remembers at least; 0 is all.
    recovery_rate: float = 0  # Messages of a recovery in a second; 0 is as fast as it can.
    documented_keys: bool = False  # Types in routing keys as the documentation spells them.
    node_word: bool = True  # Keys have an eighth word also when no node is named.
    mandatory: bool = True  # Count messages that reached no queue.
    most_queues: int = 40
    most_waiting: int = 20_000  # Messages in one queue before the account is suspended.
    suspended: float = 60  # For so many minutes.
