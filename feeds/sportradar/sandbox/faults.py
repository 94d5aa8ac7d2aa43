"""What can be made to go wrong, and what of it is still to come."""

from typing import TypeVar

from feeds.sandboxes import faults
from feeds.sandboxes.faults import (
    Answer,
    ApiDown,
    ApiUp,
    Counted,
    Fault,
    LostAnswer,
    OnRequest,
    Slow,
)

__all__ = ["Answer", "ApiDown", "ApiUp", "Fault", "LostAnswer", "OnRequest", "Slow"]


class OnProducer(Fault, frozen=True):
    """Happens to one producer, or to all that are active."""

    product: int | None = None


class StopAlives(OnProducer, frozen=True):
    """No alives for so many seconds; without a figure until `up`. Messages go on."""

    seconds: float | None = None


class SkipAlives(OnProducer, frozen=True):
    """The next so many alives are not sent."""

    count: int = 1


class Unsubscribe(OnProducer, frozen=True):
    """Alives say subscribed=0, and no messages come, until a recovery is asked for."""


class Down(OnProducer, frozen=True):
    """Nothing is sent any more. What the world says is kept, and comes by recovery only."""


class ProductDown(OnProducer, frozen=True):
    """The producer says that it is down, and is."""


class Up(OnProducer, frozen=True):
    """A producer that was down sends alives again, with subscribed=0 until a recovery."""


class Delay(OnProducer, frozen=True):
    """Messages and alives come so many seconds late, from now on; 0 ends it."""

    seconds: float = 30


class OnRecovery(Counted, frozen=True, kw_only=True):
    """Happens to the next recoveries that are taken up."""

    product: int | None = None


class SlowRecovery(OnRecovery, frozen=True):
    """So many messages a second."""

    rate: float = 10


class StallRecovery(OnRecovery, frozen=True):
    """Nothing comes after so many messages, not the end either."""

    after: int = 0


class RepeatRecovery(OnRecovery, frozen=True):
    """After so many messages it begins anew."""

    after: int = 1


class ForeignSnapshot(OnRecovery, frozen=True):
    """An end with somebody else's request_id comes first, or in place of the right one."""

    instead: bool = False


class EarlySnapshot(OnRecovery, frozen=True):
    """The end comes before the messages."""


class DuplicateSnapshot(OnRecovery, frozen=True):
    """The end comes twice."""


class NothingComes(OnRecovery, frozen=True):
    """The request is taken, and nothing comes of it."""


class Duplicate(OnProducer, frozen=True):
    """The last so many messages are sent again as they were."""

    count: int = 1


class DropQueues(Fault, frozen=True):
    """All queues of this process are gone, as when connections die. Not those of a broker."""


AnyFault = (
    StopAlives | SkipAlives | Unsubscribe | Down | ProductDown | Up | Delay | SlowRecovery
    | StallRecovery | RepeatRecovery | ForeignSnapshot | EarlySnapshot | DuplicateSnapshot
    | NothingComes | Answer | LostAnswer | Slow | ApiDown | ApiUp | Duplicate | DropQueues
)  # fmt: skip
RecoveryKind = TypeVar("RecoveryKind", bound=OnRecovery)


class Faults(faults.Faults):
    """The faults of recoveries and requests that have not happened yet."""

    def on_recovery(self, kind: type[RecoveryKind], product: int) -> RecoveryKind | None:
        """Return the first fault of a kind that meets a recovery, and count it down."""
        return self.met(kind, lambda fault: fault.product in (None, product))
