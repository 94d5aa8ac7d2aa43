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
    "CallKind",
    "ConnectAttempt",
    "Connected",
    "FeedCursor",
    "FeedLease",
    "FeedMessage",
    "LookupCall",
    "MessageBody",
    "MessageState",
    "MessageSubject",
    "RevisionKind",
    "RunState",
    "Sweep",
    "Unfinished",
]
