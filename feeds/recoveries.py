"""One event's results told again: who would be asked, and that somebody wants it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from feeds import producers, recovering_events, recovering_fixtures
from feeds.names import name_of
from feeds.recovery_plans import Plan, RecoveryRefused, refuse_note
from feeds.recovery_shapes import Asked
from feeds.sources import PACKAGES
from settlement.models import SportEvent
from settlement.vocabulary import Provider

MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Teller:
    """How a provider is asked to tell an event again, and what he was asked."""

    feeds: tuple[str, ...]
    plan_for: Callable[[Sequence[str], str], Plan]
    want: Callable[[Plan, str, str], None]
    last_of: Callable[[str, int], list[Asked]]
    newest_of: Callable[[Sequence[str]], dict[str, Asked]]


TELLERS: dict[str, Teller] = {
    Provider.SPORTRADAR: Teller(
        (producers.FEED,),
        recovering_events.plan_for,
        recovering_events.want,
        recovering_events.last_of,
        recovering_events.newest_of,
    ),
    Provider.LSPORTS: Teller(
        tuple(PACKAGES),
        recovering_fixtures.plan_for,
        recovering_fixtures.want,
        recovering_fixtures.last_of,
        recovering_fixtures.newest_of,
    ),
}


def feeds_of(provider: str) -> tuple[str, ...]:
    """Return the feeds that tell a provider's events again."""
    return TELLERS[provider].feeds


def plan_for(*, feeds: Sequence[str], event_ref: str) -> Plan:
    """Return who would be asked for an event, and when; refuse what can't be asked for."""
    return teller_of(feeds).plan_for(feeds, event_ref)


@transaction.atomic
def want(*, feeds: Sequence[str], event_ref: str, note: str, actor: str) -> Plan:
    """Want an event's results told again, before all others; return who is asked."""
    refuse_note(note)
    teller = teller_of(feeds)
    plan = teller.plan_for(feeds, event_ref)
    teller.want(plan, note, actor)
    return plan


def teller_of(feeds: Sequence[str]) -> Teller:
    """Return how these feeds are asked; refuse those that tell no single event again."""
    for teller in TELLERS.values():
        if set(feeds) <= set(teller.feeds):
            return teller
    named = " and ".join(name_of(one) for one in feeds)
    raise RecoveryRefused(f"{named} tells no single event again: only Sportradar and LSports do.")


def last_of(event: SportEvent) -> list[Asked]:
    """Return the last requests for an event, the newest first."""
    return TELLERS[event.provider].last_of(event.ref, MOST_SHOWN)


def newest_of(events: Iterable[SportEvent]) -> dict[int, Asked]:
    """Return the last request for each of these events, where there is one, by their keys."""
    found: dict[int, Asked] = {}
    theirs = list(events)
    for provider, teller in TELLERS.items():
        keys = {one.ref: one.pk for one in theirs if one.provider == provider and one.ref}
        told = teller.newest_of(list(keys)) if keys else {}
        found |= {keys[ref]: asked for ref, asked in told.items()}
    return found
