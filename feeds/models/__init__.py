"""The feeds' tables: the inbox, the feeds that fill it, and what was asked of a provider."""

from feeds.models.inbox import (
    STATES,
    FeedMessage,
    MessageBody,
    MessageState,
    MessageSubject,
    Unfinished,
)
from feeds.models.lookups import CallKind, LookupCall, Sweep
from feeds.models.packages import (
    EndedFixture,
    Package,
    PackageState,
    Snapshot,
    SnapshotState,
    StaleReason,
)
from feeds.models.producers import (
    STILL_OPEN,
    DownReason,
    FeedAccount,
    Producer,
    ProducerState,
    Recovery,
    RecoveryBucket,
    RecoveryKind,
    RecoveryState,
    VoidReason,
)
from feeds.models.running import (
    ConnectAttempt,
    Connected,
    FeedCursor,
    FeedLease,
    RevisionKind,
    RunState,
)

__all__ = [
    "STATES",
    "STILL_OPEN",
    "CallKind",
    "ConnectAttempt",
    "Connected",
    "DownReason",
    "EndedFixture",
    "FeedAccount",
    "FeedCursor",
    "FeedLease",
    "FeedMessage",
    "LookupCall",
    "MessageBody",
    "MessageState",
    "MessageSubject",
    "Package",
    "PackageState",
    "Producer",
    "ProducerState",
    "Recovery",
    "RecoveryBucket",
    "RecoveryKind",
    "RecoveryState",
    "RevisionKind",
    "RunState",
    "Snapshot",
    "SnapshotState",
    "StaleReason",
    "Sweep",
    "Unfinished",
    "VoidReason",
]
