"""The feeds' tables: the inbox, and the feeds that fill it."""

from feeds.models.inbox import (
    FeedMessage,
    MessageBody,
    MessageState,
    MessageSubject,
    Unfinished,
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
    "ConnectAttempt",
    "Connected",
    "FeedCursor",
    "FeedLease",
    "FeedMessage",
    "MessageBody",
    "MessageState",
    "MessageSubject",
    "RevisionKind",
    "RunState",
    "Unfinished",
]
