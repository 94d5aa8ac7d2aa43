"""What can be made to go wrong."""

from feeds.sandboxes.faults import (
    Answer,
    ApiDown,
    ApiUp,
    Fault,
    Faults,
    LostAnswer,
    OnRequest,
    Slow,
)

__all__ = [
    "Answer",
    "ApiDown",
    "ApiUp",
    "BadJson",
    "CutOff",
    "Delay",
    "DistributionOff",
    "DistributionOn",
    "Duplicate",
    "Empty",
    "Fault",
    "Faults",
    "Interrupted",
    "LostAnswer",
    "OnPackage",
    "OnRequest",
    "Outage",
    "Over",
    "RefuseConsumers",
    "Silent",
    "SkipHeartbeats",
    "Slow",
]


class OnPackage(Fault, frozen=True, kw_only=True):
    """Happens to one package, or to both."""

    package: str | None = None


class Silent(OnPackage, frozen=True):
    """Nothing comes for a while, no heartbeat either; what is said is in the snapshot only."""

    seconds: float | None = None


class Outage(OnPackage, frozen=True):
    """Messages are lost for a while; heartbeats come. What is said is in the snapshot only."""

    seconds: float | None = None


class Over(OnPackage, frozen=True):
    """The package is neither silent nor losing messages, interrupted or late any more."""


class Interrupted(OnPackage, frozen=True):
    """Heartbeats say for a while that the feed is interrupted."""

    seconds: float | None = None


class SkipHeartbeats(OnPackage, frozen=True):
    """The next so many heartbeats are not sent."""

    count: int = 1


class DistributionOff(OnPackage, frozen=True):
    """Nothing more comes into the queue until somebody starts the distribution."""


class DistributionOn(OnPackage, frozen=True):
    """The distribution goes on, as if somebody had started it."""


class RefuseConsumers(OnPackage, frozen=True):
    """The broker lets nobody consume for a while: 403."""

    seconds: float = 30


class Duplicate(OnPackage, frozen=True):
    """The last so many messages come again as they were."""

    count: int = 1


class Delay(OnPackage, frozen=True):
    """Everything comes so many seconds late, from now on; 0 ends it."""

    seconds: float = 30


class CutOff(OnRequest, frozen=True):
    """The answer ends in the middle of its body."""


class BadJson(OnRequest, frozen=True):
    """The answer's last character is missing, and nothing tells it."""


class Empty(OnRequest, frozen=True):
    """A snapshot whose body is null, whatever there is."""


AnyFault = (
    Silent | Outage | Over | Interrupted | SkipHeartbeats | DistributionOff | DistributionOn
    | RefuseConsumers | Duplicate | Delay | CutOff | BadJson | Empty | Answer | LostAnswer | Slow
    | ApiDown | ApiUp
)  # fmt: skip
