"""Singles, each on an event of its own, and many on one market; set into the tables at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.backends.utils import CursorWrapper

from backoffice.bench.intake.fill import Stock
from backoffice.bench.settle.layout import Layout

BACKLOG, STEADY, HOT = "a backlog", "steadily", "one market"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a provider lets people bet on.

    A “%s” stands for the number of an event, and in specifiers for the place of a market in it.
    """

    provider: str
    event: str
    hot_event: str
    markets: int
    first_market: int
    specifiers: str
    outcomes: tuple[str, ...]

    def market_ref(self, place: int) -> str:
        """Return a market's id by its place among those of an event."""
        return str(self.first_market + place)

    def place_of(self, market: str) -> int:
        """Return the place of a market."""
        return int(market) - self.first_market

    def specifiers_at(self, place: int) -> str:
        """Return the specifiers that a market has."""
        return self.specifiers.replace("%s", str(place))


def stock(offer: Offer) -> Callable[[Layout], Stock]:
    """Return what fills a database as a layout says, with bets on what is offered."""

    def of_layout(layout: Layout) -> Stock:
        def outcomes(cursor: CursorWrapper, tickets: int) -> dict[str, Any]:
            hot = layout.on_markets
            values: dict[str, Any] = {
                "provider": offer.provider,
                "event": offer.event,
                "hot_event": offer.hot_event,
                "markets": offer.markets,
                "first_market": offer.first_market,
                "specifiers": offer.specifiers,
                "outcomes": list(offer.outcomes),
                "outcome_count": len(offer.outcomes),
                "hot": hot,
                "events": tickets - hot,
            }
            cursor.execute(OUTCOMES, values)
            (first,) = cursor.fetchone()
            return {name: values[name] for name in ("provider", "hot", "outcome_count")} | {
                "first_outcome": first
            }

        return Stock(outcomes, TICKETS, SELECTIONS)

    return of_layout


# The event of nobody's number 0 is the one that all the first tickets are on.
OUTCOMES = """
WITH events AS (
    INSERT INTO settlement_sportevent (provider, ref, name, start_at)
    SELECT %(provider)s,
           CASE n WHEN 0 THEN %(hot_event)s
                  ELSE replace(%(event)s, '%%s', lpad(n::text, 7, '0')) END,
           n::text, '2026-06-01Z'
      FROM generate_series(0, %(events)s) n
    RETURNING id, name::integer AS n
), markets AS (
    INSERT INTO settlement_market (event_id, ref, specifiers, name)
    SELECT id, (%(first_market)s + n %% %(markets)s)::text,
           replace(%(specifiers)s, '%%s', (n %% %(markets)s)::text), 'Total'
      FROM events ORDER BY n
    RETURNING id
), outcomes AS (
    INSERT INTO settlement_outcome (market_id, ref, name, line)
    SELECT m.id, o.ref, '', ''
      FROM markets m, unnest(%(outcomes)s::text[]) WITH ORDINALITY o (ref, place)
     ORDER BY m.id, o.place
    RETURNING id
)
SELECT min(id) FROM outcomes
"""

TICKETS = """
INSERT INTO settlement_ticket
       (id, bet_id, content_hash, provider, provider_bet_id, player_id, currency_id, rule_set_id,
        stake, cash_stake, kind, system, selection_count, legs, bankers, lines, each_way,
        free_bet_ref, placed_at, accepted_at)
SELECT n, md5(n::text)::uuid::text, sha256(n::text::bytea), %(provider)s, '',
       (%(player_ids)s::bigint[])[1 + n %% cardinality(%(player_ids)s::bigint[])], 'EUR',
       (SELECT min(id) FROM settlement_ruleset), %(stake)s, %(stake)s, 'SINGLE', '', 1, 1, 0, 1,
       false, '', at, at
  FROM generate_series(%(start)s, %(end)s) n,
       LATERAL (SELECT '2026-05-01Z'::timestamptz + n * interval '1 second') AS clock (at)
"""

SELECTIONS = """
INSERT INTO settlement_selection
       (ticket_id, position, provider, outcome_id, line, "group", price, banker)
SELECT n, 1, '',
       %(first_outcome)s + %(outcome_count)s * greatest(n - %(hot)s, 0) + n %% %(outcome_count)s,
       '', '', '1.' || 10 + n * 31 %% 90, false
  FROM generate_series(%(start)s, %(end)s) n
"""
