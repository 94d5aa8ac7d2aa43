"""An event's results told again because a person wants it: who, and why, stands in the log."""

from collections.abc import Sequence

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from backoffice.models import User
from feeds import recoveries
from feeds.recovery_plans import Plan
from settlement.models import SportEvent

MAY_READ, MAY_ASK = "feeds.view_recovery", "feeds.recover_event"


@transaction.atomic
def want(*, feeds: Sequence[str], event_ref: str, note: str, user: User) -> Plan:
    """Want an event's results told again, and write down who does and why."""
    plan = recoveries.want(
        feeds=feeds, event_ref=event_ref, note=note, actor=f"user:{user.get_username()}"
    )
    event = SportEvent.objects.get(provider=plan.provider, ref=event_ref)
    LogEntry.objects.create(
        user_id=user.pk,
        content_type=ContentType.objects.get_for_model(SportEvent),
        object_id=str(event.pk),
        object_repr=str(event)[:200],
        action_flag=CHANGE,
        change_message=f"Have its results told again: {note}",
    )
    return plan
