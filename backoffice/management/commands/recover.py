"""manage.py recover EVENT…: have events' results told again by their provider, as the desk does."""

import sys
from argparse import ArgumentParser
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from backoffice import recoveries as desk
from backoffice.management.acting import actor_named
from backoffice.models import User
from backoffice.recoveries import MAY_ASK
from feeds import recoveries
from feeds.recovery_plans import RecoveryRefused, UnknownEvent, refuse_note, shown
from settlement.models import SportEvent

Json = dict[str, Any]
PROVIDERS = [one.lower() for one in recoveries.TELLERS]


class Command(BaseCommand):
    help = (
        "Have the results of events told again by Sportradar or LSports, before all others, as "
        "USER. Shows "
        "who would be asked and when, and changes nothing, unless --yes. Exit 0: wanted; "
        "1: one was refused; 2: not understood."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("events", nargs="+", metavar="EVENT", help="like sr:match:4711")
        parser.add_argument("--provider", choices=PROVIDERS, help="whose, if both have one")
        parser.add_argument("--as", dest="user", metavar="USER", required=True, help="who asks")
        parser.add_argument("--note", required=True, help="a sentence that says why")
        parser.add_argument("--yes", action="store_true", help="do it; without this, a dry run")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        user = allowed(options["user"])
        note, wanted = options["note"], options["yes"]
        who, whose = user if wanted else None, options["provider"]
        found = [told(one, note, who, whose) for one in options["events"]]
        if options["json"]:
            self.stdout.write(
                msgspec.json.encode({"dry_run": not wanted, "events": found}).decode()
            )
        else:
            self.stdout.write("\n".join(f"{one['event']}  {one['sentence']}" for one in found))
            if not wanted:
                self.stdout.write("Nothing was done. Add --yes to do it.")
        if any(one["refused"] for one in found):
            sys.exit(1)


def allowed(name: str) -> User:
    """Return the person who asks; refuse one who may not."""
    actor_named(name)
    user = User.objects.get(username=name)
    if not user.has_perm(MAY_ASK):
        raise CommandError(f"{name} may not have events told again: he lacks {MAY_ASK}.")
    return user


def told(event: str, note: str, user: User | None, whose: str | None) -> Json:
    """Want an event, or without somebody say who would be asked; return what came of it."""
    answer: Json = {"event": shown(event), "refused": True, "feeds": [], "producers": []}
    try:
        refuse_note(note)
        feeds = recoveries.feeds_of(whose.upper() if whose else provider_of(event))
        if user is None:
            plan = recoveries.plan_for(feeds=feeds, event_ref=event)
        else:
            plan = desk.want(feeds=feeds, event_ref=event, note=note, user=user)
    except RecoveryRefused as refusal:
        return answer | {"sentence": str(refusal)}
    return answer | {
        "refused": False, "feeds": plan.feeds, "producers": plan.producers,
        "sentence": plan.sentence,
    }  # fmt: skip


def provider_of(event: str) -> str:
    """Return whose event it is, as bets on it say."""
    named = SportEvent.objects.filter(ref=shown(event), provider__in=recoveries.TELLERS)
    match [*named.values_list("provider", flat=True)]:
        case [provider]:
            return provider
        case []:
            raise UnknownEvent(f"Nobody has bet on an event “{shown(event)}”.")
    raise RecoveryRefused(f"“{shown(event)}” is an event of both: say --provider.")
