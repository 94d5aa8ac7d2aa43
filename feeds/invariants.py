"""What must always be true of the inbox. Each truth returns the rows that break it."""

from settlement.arrays import fetch
from settlement.truths import Row, Truth


def messages_left_undone() -> list[Row]:
    """No message waits for more than ten minutes, and none is parked whose ticket is there."""
    found = fetch(LEFT_UNDONE, [])
    return [{"message": number, "feed": feed, "what": what} for number, feed, what in found]


LEFT_UNDONE = """
SELECT m.id, m.feed, 'stored since ' || u.created_at
  FROM feeds_unfinished u JOIN feeds_feedmessage m ON m.id = u.message_id
 WHERE u.state = 'STORED' AND u.created_at < now() - interval '10 minutes'
 UNION ALL
SELECT m.id, m.feed, 'parked, and ticket ' || min(t.bet_id) || ' is there'
  FROM feeds_unfinished u
  JOIN feeds_feedmessage m ON m.id = u.message_id
  JOIN feeds_messagesubject s ON s.message_id = m.id
  JOIN settlement_ticket t ON t.bet_id = s.subject_ref OR t.provider_bet_id = s.subject_ref
 WHERE u.state = 'PARKED' AND s.provider = 'ODDS88' AND t.provider = 'ODDS88'
   AND m.note <> 'Its settlement lies ahead of our clock.'
   AND NOT EXISTS (SELECT FROM settlement_lookback l WHERE l.subject_ref = s.subject_ref)
 GROUP BY m.id, m.feed
 ORDER BY 1
"""

TRUTHS = [Truth(6, "no message is left undone", messages_left_undone)]
