"""Which events are asked for one by one: those with the most money first, currency by currency."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from feeds.models import Producer
from feeds.sportradar.glance import glance
from settlement import arrays

NEWEST = 50
AT_ONCE = 200
FAR_ENOUGH = 1024  # bytes, in which a message's root stands
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
    """Want the events that should be over for so many hours and lack results; return how many.

    What the same actor wanted in the last half day is left alone: to repeat it does no harm.
    """
    ranks: dict[str, int] = dict(arrays.fetch(OVERDUE, [hours, feed, actor]))
    told: dict[int, list[tuple[str, int]]] = {}
    producers: dict[int, Producer] = {}
    for ref, asked in speakers_of(feed, list(ranks)).items():
        for one in asked:
            producers[one.number] = one
            told.setdefault(one.number, []).append((ref, ranks[ref]))
    return sum(
        want(producers=[producers[number]], events=events, why=why, actor=actor)
        for number, events in told.items()
    )


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
    return speakers_of(feed, [event_ref])[event_ref]


def speakers_of(feed: str, event_refs: Sequence[str]) -> dict[str, list[Producer]]:
    """Return the producers that spoke of each event; when none did, those that might."""
    active = [one for one in Producer.objects.filter(feed=feed, is_active=True) if one.code]
    found: dict[str, list[Producer]] = {}
    for start in range(0, len(event_refs), AT_ONCE):
        some = event_refs[start : start + AT_ONCE]
        said = said_by(some)
        for ref in some:
            spoke = [one for one in active if one.number in said.get(ref, ())]
            found[ref] = spoke or [one for one in active if might(one, ref)]
    return found


def said_by(event_refs: Sequence[str]) -> dict[str, set[int]]:
    """Return the numbers of the producers whose newest messages name each event."""
    told: dict[str, set[int]] = {}
    for ref, head in arrays.fetch(HEADS, [arrays.texts(event_refs), NEWEST, FAR_ENOUGH]):
        number = glance(bytes(head)).product
        if number is not None:
            told.setdefault(ref, set()).add(number)
    return told


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

# An event is over when it should have begun so long ago; without a time, when bet on so long ago.
# A leg that has its result is asked for nothing; nobody is told again what is older than 30 days.
OVERDUE = """
WITH money AS (
    SELECT e.ref, t.currency_id, sum(t.stake) AS stakes
      FROM settlement_ticket t
      JOIN settlement_selection s ON s.ticket_id = t.id
      JOIN settlement_outcome o ON o.id = s.outcome_id
      JOIN settlement_market m ON m.id = o.market_id
      JOIN settlement_sportevent e ON e.id = m.event_id
     WHERE t.status = 'OPEN' AND s.result = '' AND e.provider = 'SPORTRADAR'
       AND coalesce(e.start_at, t.accepted_at)
           BETWEEN now() - interval '30 days' AND now() - make_interval(hours => %s)
     GROUP BY e.ref, t.currency_id)
   , ranked AS (
    SELECT ref, row_number() OVER (PARTITION BY currency_id ORDER BY stakes DESC, ref) AS rank
      FROM money)
   , asked AS (
    SELECT DISTINCT r.event_ref FROM feeds_recovery r JOIN feeds_producer p ON p.id = r.producer_id
     WHERE r.event_ref IN (SELECT ref FROM money) AND p.feed = %s AND r.actor = %s
       AND r.created_at > clock_timestamp() - interval '12 hours')
SELECT ref, min(rank) FROM ranked
 WHERE ref NOT IN (SELECT event_ref FROM asked)
 GROUP BY ref ORDER BY 2, 1
"""

# How the newest messages about each event begin, as far as their bodies are kept.
HEADS = """
SELECT w.ref, substring(b.raw FROM 1 FOR l.size)
  FROM (SELECT %s::text[] AS refs, %s::integer AS newest, %s::integer AS size) l
 CROSS JOIN LATERAL unnest(l.refs) AS w (ref)
 CROSS JOIN LATERAL (SELECT message_id FROM feeds_messagesubject
                      WHERE subject_ref = w.ref AND provider = 'SPORTRADAR'
                      ORDER BY message_id DESC LIMIT l.newest) s
  JOIN feeds_feedmessage m ON m.id = s.message_id
  JOIN feeds_messagebody b
    ON b.message_id = m.id AND b.received_on = (m.received_at AT TIME ZONE 'UTC')::date
"""
