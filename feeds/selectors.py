"""Questions about the inbox. Nothing here writes."""

from collections.abc import Iterable, Sequence

from feeds.models import FeedMessage, MessageBody, MessageSubject


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
