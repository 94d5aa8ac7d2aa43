"""Which events are asked for one by one: those with the most money first, currency by currency."""

from collections.abc import Iterable
from datetime import datetime

from feeds.models import MessageSubject, Producer
from feeds.sportradar.glance import glance
from feeds.store import bodies_of
from settlement import arrays

NEWEST = 50
VIRTUALS = ("vf:", "vbl:", "vto:", "vdr:", "vhc:", "vti:", "vbi:", "vci:", "wns:")


def want_concerned(*, producer: Producer, since: datetime | None, why: str, actor: str) -> int:
    """Want all events with open tickets, or with some settled since; return how many there are.

    The most money first in each currency, currencies in turn: they can't be compared.
    """
    rows = arrays.fetch(CONCERNED, [since, since])
    return want(
        producers=[producer], events=[(ref, rank) for ref, rank in rows], why=why, actor=actor
    )


def want_open(*, feed: str, hours: int, why: str, actor: str) -> int:
    """Want the events that should be over for so many hours and have open tickets."""
    found = 0
    for ref, rank in arrays.fetch(OVERDUE, [hours]):
        found += want(producers=speakers(feed, ref), events=[(ref, rank)], why=why, actor=actor)
    return found


def want_one(*, feed: str, event_ref: str, why: str, actor: str) -> int:
    """Want one event before all others; return how many producers will be asked."""
    return want(producers=speakers(feed, event_ref), events=[(event_ref, 0)], why=why, actor=actor)


def want(
    *, producers: Iterable[Producer], events: Iterable[tuple[str, int]], why: str, actor: str
) -> int:
    """Write down that events are wanted; one that is wanted already gets the better rank."""
    wanted = list(events)
    return sum(
        arrays.execute(
            WANT,
            [
                producer.pk,
                arrays.texts([ref for ref, _ in wanted]),
                arrays.numbers([rank for _, rank in wanted]),
                why[:500],
                actor[:200],
            ],
        )
        for producer in producers
        if wanted
    )


def speakers(feed: str, event_ref: str) -> list[Producer]:
    """Return the producers that spoke of an event; when none did, those that might."""
    active = [one for one in Producer.objects.filter(feed=feed, is_active=True) if one.code]
    said = said_by(event_ref)
    spoke = [one for one in active if one.number in said]
    return spoke or [one for one in active if might(one, event_ref)]


def said_by(event_ref: str) -> set[int]:
    """Return the numbers of the producers whose messages name an event, the newest messages."""
    named = MessageSubject.objects.filter(provider="SPORTRADAR", subject_ref=event_ref)
    newest = named.order_by("-message_id").values_list("message_id", flat=True)[:NEWEST]
    told = {glance(one.raw).product for one in bodies_of(newest)}
    return {number for number in told if number is not None}


def might(one: Producer, event_ref: str) -> bool:
    """Whether a producer may know an event, as its scope goes; one without a scope may."""
    virtual = event_ref.startswith(VIRTUALS)
    return not one.scope or ("virtual" in one.scope) == virtual


WANT = """
INSERT INTO feeds_recovery (producer_id, kind, event_ref, state, rank, why, actor)
SELECT %s, 'EVENT', w.ref, 'WANTED', w.rank, c.why, c.actor
  FROM unnest(%s::text[], %s::bigint[]) AS w (ref, rank), (SELECT %s, %s) AS c (why, actor)
 ORDER BY w.ref
    ON CONFLICT (producer_id, event_ref) WHERE state IN ('WANTED', 'ASKED', 'RUNNING')
    DO UPDATE SET rank = least(feeds_recovery.rank, excluded.rank)
"""

CONCERNED = """
WITH concerned AS (
    SELECT id FROM settlement_ticket WHERE status = 'OPEN'
     UNION
    SELECT ticket_id FROM settlement_settlementevent
     WHERE %s::timestamptz IS NOT NULL AND created_at >= %s::timestamptz)
   , money AS (
    SELECT e.ref, t.currency_id, sum(t.stake) AS stakes
      FROM concerned c
      JOIN settlement_ticket t ON t.id = c.id
      JOIN settlement_selection s ON s.ticket_id = t.id
      JOIN settlement_outcome o ON o.id = s.outcome_id
      JOIN settlement_market m ON m.id = o.market_id
      JOIN settlement_sportevent e ON e.id = m.event_id
     WHERE e.provider = 'SPORTRADAR'
     GROUP BY e.ref, t.currency_id)
   , ranked AS (
    SELECT ref, row_number() OVER (PARTITION BY currency_id ORDER BY stakes DESC, ref) AS rank
      FROM money)
SELECT ref, min(rank) FROM ranked GROUP BY ref ORDER BY 2, 1
"""

OVERDUE = """
WITH money AS (
    SELECT e.ref, t.currency_id, sum(t.stake) AS stakes
      FROM settlement_ticket t
      JOIN settlement_selection s ON s.ticket_id = t.id
      JOIN settlement_outcome o ON o.id = s.outcome_id
      JOIN settlement_market m ON m.id = o.market_id
      JOIN settlement_sportevent e ON e.id = m.event_id
     WHERE t.status = 'OPEN' AND e.provider = 'SPORTRADAR'
       AND coalesce(e.start_at, t.accepted_at)
           < clock_timestamp() - make_interval(hours => %s)
     GROUP BY e.ref, t.currency_id)
   , ranked AS (
    SELECT ref, row_number() OVER (PARTITION BY currency_id ORDER BY stakes DESC, ref) AS rank
      FROM money)
SELECT ref, min(rank) FROM ranked GROUP BY ref ORDER BY 2, 1
"""
