"""New rules for the tickets to come. Those that are placed already keep theirs."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from settlement.models import RuleSet
from settlement.rules.exact import RulesRefusal
from settlement.rules.ruleset import rule_set, settings_of

LEAD = timedelta(minutes=1)


class RuleSetRefused(Exception):
    """No rule set was added. The text says why."""


@transaction.atomic
def add_rule_set(
    *, settings: dict[str, Any], in_force_from: datetime, note: str, actor: str
) -> RuleSet:
    """Put rules in force from a moment to come; a minute ahead, so that every process sees them.

    A ticket that is being taken in now can't be placed later than that.
    """
    if not note.strip():
        raise RuleSetRefused("A note must say why the rules change.")
    if in_force_from < datetime.now(UTC) + LEAD:
        raise RuleSetRefused("New rules begin at least a minute from now; none reach back.")
    try:
        complete = settings_of(rule_set(settings))
    except RulesRefusal as refusal:
        raise RuleSetRefused(str(refusal)) from None
    if complete == settings_at(in_force_from):
        raise RuleSetRefused("These are the rules that will be in force then: nothing changes.")
    return RuleSet.objects.create(
        settings=complete, in_force_from=in_force_from, note=note.strip(), actor=actor
    )


def settings_at(moment: datetime) -> dict[str, Any]:
    """Return every setting that is in force at a moment."""
    found = RuleSet.objects.filter(in_force_from__lte=moment).order_by("-in_force_from", "-id")
    in_force = found.first() or RuleSet.objects.earliest("in_force_from", "id")
    return settings_of(rule_set(in_force.settings))
