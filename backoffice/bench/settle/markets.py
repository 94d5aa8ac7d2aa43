"""Ours, market by market: a fact, the fan-out to its tickets, and their settlement."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from django.db import connection

from backoffice.bench.settle.bets import Bet, bets_on, end_of
from backoffice.bench.settle.books import Books
from backoffice.bench.settle.side import SettleSide
from settlement import recording, services
from settlement.recording import ForMarket
from settlement.said import TICKS_A_SECOND, Ended, MarketContent, MarketSaid, OutcomeSaid
from settlement.vocabulary import MarketFactKind, Source

FIRST, SECOND = "1", "2"  # Who has won, and who has won when it is looked at again.
DECIDED_AT = 1_780_344_000 * TICKS_A_SECOND
WON: Ended = ("1", "0")
LOST: Ended = ("0", "0")


class HotMarket(NamedTuple):
    """A market with the bets on it; its outcomes' numbers by their refs."""

    id: int
    event: str
    outcomes: Mapping[str, int]
    bets: Sequence[Bet]


class Hot:
    """The hot markets for one purpose, a fresh one for each round."""

    def __init__(self, *, books: Books, purpose: str) -> None:
        self.books = books
        self.purpose = purpose
        self.latest: HotMarket | None = None

    def market(self, round_number: int) -> HotMarket:
        """Return a round's market; all sides that look at it one after the other get the same."""
        event = f"sr:match:{90_000_000 + self.books.layout.market(self.purpose, round_number)}"
        if self.latest is None or self.latest.event != event:
            with connection.cursor() as cursor:
                cursor.execute(OUTCOMES, [event])
                rows = cursor.fetchall()
            outcomes = {ref: number for _, ref, number in rows}
            self.latest = HotMarket(rows[0][0], event, outcomes, bets_on(event))
        return self.latest


OUTCOMES = """
SELECT m.id, o.ref, o.id
  FROM settlement_outcome o
  JOIN settlement_market m ON m.id = o.market_id
  JOIN settlement_sportevent e ON e.id = m.event_id
 WHERE e.ref = %s ORDER BY o.ref
"""


def fact(market: HotMarket, winner: str) -> ForMarket:
    """Return what the provider says; the second winner is a correction an hour later."""
    later = winner == SECOND
    ended = {ref: OutcomeSaid(WON if ref == winner else LOST) for ref in market.outcomes}
    said = MarketSaid(
        source=Source.SPORTRADAR,
        event=market.event,
        market="1",
        specifiers="",
        kind=MarketFactKind.SETTLEMENT,
        ticks=DECIDED_AT + later * 3600 * TICKS_A_SECOND,
        certainty=2 if later else 1,
        content=MarketContent(outcomes=ended),
    )
    return ForMarket(market.id, said, None)


class Market(SettleSide):
    """Settlement as production runs it, in one process."""

    def __init__(self, *, name: str, hot: Hot, winner: str) -> None:
        super().__init__(database=hot.books.database)
        self.name = name
        self.hot = hot
        self.winner = winner
        what = "a correction: two tickets of three change" if winner == SECOND else "a market"
        self.about = (
            f"{what}, from recording.record_market_facts and look_for_tickets to the end of "
            f"services.drain; {hot.books.layout.tickets:,} tickets stand there"
        )

    def settling(self, round_number: int) -> Callable[[], int]:
        """Return the settlement of a market."""
        market = self.hot.market(round_number)
        self.hot.books.expected.note((bet, end_of(bet, self.winner)) for bet in market.bets)
        said = fact(market, self.winner)

        def settle() -> int:
            recording.record_market_facts([said])
            recording.look_for_tickets()
            self.drain()
            return len(market.bets)

        return settle

    def drain(self) -> None:
        """Settle all that is due."""
        services.drain()

    def wrong_books(self) -> list[str]:
        """Ask the database's books."""
        return self.hot.books.complaints
