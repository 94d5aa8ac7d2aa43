"""Everything that was done, by whomever: acts, approvals, facts, events, transfers, newest first.

Each source is walked down by its own key, so a page is as quick to find far back as in front; the
place that one goes on from is the last key taken of each source.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import Model, Q, QuerySet

from backoffice.by_hand import markets_of
from settlement.models import (
    Approval,
    Batch,
    MarketFact,
    SettlementEvent,
    Ticket,
    TicketFact,
)
from settlement.vocabulary import ActReason, Source
from settlement.writing import transfer_key
from wallet.models import Transfer

Place = Mapping[str, int]
AT_ONCE = 2000
# Named so that the index of what acts caused is used: they are few among what providers say.
OURS = Q(source=Source.OPERATOR, batch__isnull=False)
ACT_REASONS = frozenset(map(str, ActReason))


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for. Empty words leave nothing out; `ticket` narrows to what is about it."""

    who: str = ""
    source: str = ""
    reason: str = ""
    ticket: Ticket | None = None
    since: datetime | None = None
    until: datetime | None = None


class Done(NamedTuple):
    """Something that was done. `row` is as it is stored."""

    source: str
    row: Any

    @property
    def order(self) -> tuple[datetime, int]:
        """What decides which of two was later."""
        return self.row.created_at, -SOURCES_IN_ORDER[self.source]


def acts(search: Search) -> QuerySet[Any]:
    """Return the acts that people asked for."""
    found = Batch.objects.all()
    if search.ticket:
        found = found.filter(lines__ticket=search.ticket)
    return narrowed(found, search, Q(maker=search.who))


def approvals(search: Search) -> QuerySet[Any]:
    """Return who agreed to acts, or did not; they give no reason but a note."""
    found = Approval.objects.select_related("batch")
    if search.ticket:
        found = found.filter(batch__lines__ticket=search.ticket)
    if search.reason:
        return found.none()
    return narrowed(found, search, Q(checker=search.who) | Q(checker="", maker=search.who))


def ticket_facts(search: Search) -> QuerySet[Any]:
    """Return what people said of tickets."""
    found = TicketFact.objects.filter(OURS).select_related("ticket")
    if search.ticket:
        found = found.filter(ticket=search.ticket)
    return narrowed(found, search, Q(actor=search.who))


def market_facts(search: Search) -> QuerySet[Any]:
    """Return what people said of markets and events."""
    found = MarketFact.objects.filter(OURS).select_related("market__event", "event")
    if search.ticket:
        markets = markets_of(search.ticket)
        found = found.filter(Q(market__in=markets) | Q(event__markets__in=markets)).distinct()
    return narrowed(found, search, Q(actor=search.who))


def events(search: Search) -> QuerySet[Any]:
    """Return what happened to tickets; what a person did is found by its act."""
    found = SettlementEvent.objects.select_related("ticket__currency")
    if search.ticket:
        found = found.filter(ticket=search.ticket)
    if search.who.startswith("user:") or search.reason in ACT_REASONS:
        found = found.filter(batch__isnull=False)
    return narrowed(found, search, Q(actor=search.who))


def transfers(search: Search) -> QuerySet[Any]:
    """Return the money that moved."""
    found = Transfer.objects.select_related("currency", "player_account__player")
    if search.ticket:
        keys = [transfer_key(search.ticket.pk, n) for n in range(search.ticket.version + 1)]
        found = found.filter(key__in=keys)
    return narrowed(found, search, Q(actor=search.who))


def narrowed(found: QuerySet[Any], search: Search, by: Q) -> QuerySet[Any]:
    """Return only what somebody did, for a reason, in a time."""
    if search.who:
        found = found.filter(by)
    if search.reason:
        found = found.filter(reason=search.reason)
    if search.since:
        found = found.filter(created_at__gte=search.since)
    if search.until:
        found = found.filter(created_at__lte=search.until)
    return found


SOURCES: dict[str, Callable[[Search], QuerySet[Any]]] = {
    "act": acts,
    "approval": approvals,
    "ticket fact": ticket_facts,
    "market fact": market_facts,
    "event": events,
    "transfer": transfers,
}
SOURCES_IN_ORDER = {name: number for number, name in enumerate(reversed(SOURCES))}


def page_of(search: Search, place: Place, most: int) -> tuple[list[Done], Place]:
    """Return what was done before a place, and the place to go on from; none when that is all."""
    found: list[Done] = []
    for name in [search.source] if search.source else SOURCES:
        rows: Iterable[Model] = before(SOURCES[name](search), place.get(name))[: most + 1]
        found += [Done(name, row) for row in rows]
    found.sort(key=lambda one: one.order, reverse=True)
    taken = kept_in_order(found)[:most]
    if len(found) <= most:
        return taken, {}
    return taken, {**place, **{one.source: one.row.pk for one in taken}}


def before(found: QuerySet[Any], key: int | None) -> QuerySet[Any]:
    """Return the rows below a key, the newest first."""
    return (found.filter(pk__lt=key) if key else found).order_by("-pk")


def kept_in_order(found: list[Done]) -> list[Done]:
    """Let each source's rows follow each other by key, whatever their transactions' times were."""
    by_key: dict[str, Iterator[Done]] = {
        name: iter(sorted((one for one in found if one.source == name), key=lambda o: -o.row.pk))
        for name in SOURCES
    }
    return [next(by_key[one.source]) for one in found]


def everything(search: Search, *, most: int) -> Iterator[Done]:
    """Yield all that is found, the newest first, up to a number."""
    walks = [walked(name, search) for name in ([search.source] if search.source else SOURCES)]
    return islice(heapq.merge(*walks, key=lambda one: one.order, reverse=True), most)


def walked(name: str, search: Search) -> Iterator[Done]:
    """Yield what one source holds, the newest first."""
    for row in before(SOURCES[name](search), None).iterator(AT_ONCE):
        yield Done(name, row)
