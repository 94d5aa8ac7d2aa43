"""Questions about the inbox. Nothing here writes."""

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet

from feeds.models import FeedMessage, MessageBody, MessageState, MessageSubject

NOT_DONE_WITH = frozenset({MessageState.STORED, MessageState.PARKED, MessageState.QUARANTINED})


def messages_about(
    *, provider: str, subjects: Sequence[str], also: Iterable[int] = ()
) -> list[FeedMessage]:
    """Return the messages that name one of these subjects, and those with these numbers."""
    named = MessageSubject.objects.filter(provider=provider, subject_ref__in=subjects)
    ids = {*also, *named.values_list("message_id", flat=True)}
    return list(FeedMessage.objects.filter(pk__in=ids).order_by("received_at", "id"))


def body_of(message: FeedMessage) -> bytes | None:
    """Return a message as it came; nothing when that is not kept any more."""
    found = MessageBody.objects.filter(
        message_id=message.pk, received_on=message.received_at.date()
    ).values_list("raw", flat=True)
    raw = found.first()
    return None if raw is None else bytes(raw)


def subjects_of(message: FeedMessage) -> list[str]:
    """Return whom a message names."""
    named = MessageSubject.objects.filter(message_id=message.pk)
    return list(named.order_by("subject_ref").values_list("subject_ref", flat=True))


def in_state(messages: QuerySet[FeedMessage], state: str) -> QuerySet[FeedMessage]:
    """Return the messages in a state.

    Those that are not done with have a table of their own: few among millions are found at once.
    """
    if state in NOT_DONE_WITH:
        return messages.filter(unfinished__state=state)
    return messages.filter(state=state)
