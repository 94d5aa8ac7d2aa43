"""Which producer said what: told by the messages as they came."""

from collections.abc import Iterable

from feeds.models import Producer
from feeds.sportradar.events import FAR_ENOUGH
from feeds.sportradar.glance import glance
from settlement import arrays


def spoken_by(message_ids: Iterable[int]) -> dict[int, str]:
    """Return the producers' names by the numbers of their messages, as far as these are kept."""
    heads = arrays.fetch(HEADS, [arrays.numbers(sorted(message_ids)), FAR_ENOUGH])
    names = {(one.feed, one.number): one.name or one.code for one in Producer.objects.all()}
    found = {}
    for message, feed, head in heads:
        number = glance(bytes(head)).product
        if number is not None and (name := names.get((feed, number))):
            found[message] = name
    return found


HEADS = """
SELECT m.id, m.feed, substring(b.raw FROM 1 FOR l.size)
  FROM (SELECT %s::bigint[] AS ids, %s::integer AS size) l
  JOIN feeds_feedmessage m ON m.id = ANY (l.ids)
  JOIN feeds_messagebody b
    ON b.message_id = m.id AND b.received_on = (m.received_at AT TIME ZONE 'UTC')::date
"""
