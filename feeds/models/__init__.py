"""What the feeds keep: messages as they came, and what was asked of a provider."""

from feeds.models.inbox import (
    STATES,
    FeedMessage,
    MessageBody,
    MessageState,
    MessageSubject,
    Unfinished,
)
from feeds.models.lookups import CallKind, LookupCall, Sweep

__all__ = [
    "STATES",
    "CallKind",
    "FeedMessage",
    "LookupCall",
    "MessageBody",
    "MessageState",
    "MessageSubject",
    "Sweep",
    "Unfinished",
]
