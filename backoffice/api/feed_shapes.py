"""Feeds and their messages as the API answers them."""

from datetime import datetime

import msgspec

from feeds.models import FeedMessage, MessageState
from feeds.standing import Standing


class FeedList(msgspec.Struct):
    """Where all feeds stand."""

    results: list[Standing]


class Message(msgspec.Struct):
    """A message, and what became of it. What it holds, the desk shows."""

    id: int
    feed: str
    received_at: datetime
    times_received: int
    state: MessageState
    note: str
    attempts: int


class MessagePage(msgspec.Struct):
    """Some messages, and the address of the next."""

    results: list[Message]
    next: str | None


def message_of(message: FeedMessage) -> Message:
    """Return a message as the API answers it."""
    return Message(
        id=message.pk,
        feed=message.feed,
        received_at=message.received_at,
        times_received=message.times_received,
        state=MessageState(message.state),
        note=message.note,
        attempts=message.attempts,
    )


STRUCTURES = (FeedList, Standing, MessagePage)
