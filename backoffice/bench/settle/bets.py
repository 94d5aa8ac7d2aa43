"""Bets as they stand in our tables, for all sides: what each must come to, and what it came to."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from math import prod
from typing import Any, NamedTuple

from django.db import connection

from settlement.vocabulary import LegResult, TicketResult, TicketStatus

SUMS = 2**64


class Leg(NamedTuple):
    """What a bet bets on; `won` when that was known before."""

    event: str
    market: str
    outcome: str
    price: Decimal
    won: bool


class Bet(NamedTuple):
    """A ticket; its stake in minor units."""

    bet_id: str
    player: str
    stake: int
    legs: tuple[Leg, ...]


class End(NamedTuple):
    """What a bet comes to; the payout in minor units."""

    status: str
    result: str
    payout: int


OPEN = End(TicketStatus.OPEN, TicketResult.NONE, 0)
LOST = End(TicketStatus.SETTLED, TicketResult.LOSE, 0)


def bets(ticket_ids: Sequence[int]) -> list[Bet]:
    """Return bets in the order of the ids given."""
    found = dict(read(BETS, [list(ticket_ids)]))
    return [found[number] for number in ticket_ids]


def bets_on(event: str, most: int | None = None) -> list[Bet]:
    """Return the bets on a hot event's market in the order of their ids."""
    return [bet for _, bet in read(BETS_ON, [event, most])]


def read(statement: str, values: Sequence[Any]) -> Iterator[tuple[int, Bet]]:
    """Yield tickets' ids with the bets."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = cursor.fetchall()
    for (number, *common), legs in groupby(rows, key=lambda row: row[:4]):
        told = tuple([leg_of(*leg[4:]) for leg in legs])
        yield number, Bet._make([*common, told])


def leg_of(event: str, market: str, outcome: str, price: str, result: str) -> Leg:
    """Return a leg."""
    return Leg(event, market, outcome, Decimal(price), result == LegResult.WIN)


def end_of(bet: Bet, winner: str) -> End:
    """Return what a bet comes to when this outcome of its first leg's market has won."""
    first, *others = bet.legs
    if first.outcome != winner:
        return LOST
    if not all(leg.won for leg in others):
        return OPEN
    return End(TicketStatus.SETTLED, TicketResult.WIN, minor_units(bet.stake * odds(bet)))


def odds(bet: Bet) -> Decimal:
    """Return the price of all legs together."""
    return prod((leg.price for leg in bet.legs), start=Decimal(1))


def minor_units(amount: Decimal) -> int:
    """Return an amount rounded half up."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def digest(ends: Iterable[tuple[str, End]]) -> int:
    """Return a sum that hangs on every bet's end, and not on their order."""
    digests = (
        hashlib.sha256(f"{bet_id} {' '.join(map(str, end))}".encode()) for bet_id, end in ends
    )
    return sum(int.from_bytes(one.digest()[:8], "big") for one in digests) % SUMS


LEGS = """
SELECT t.id, t.bet_id, p.external_id, t.stake, e.ref, m.ref, o.ref, s.price, s.result
  FROM settlement_ticket t
  JOIN wallet_player p ON p.id = t.player_id
  JOIN settlement_selection s ON s.ticket_id = t.id
  JOIN settlement_outcome o ON o.id = s.outcome_id
  JOIN settlement_market m ON m.id = o.market_id
  JOIN settlement_sportevent e ON e.id = m.event_id
"""
BETS = LEGS + " WHERE t.id = ANY (%s::bigint[]) ORDER BY t.id, s.position"
BETS_ON = f"""{LEGS}
 WHERE t.id IN (
       SELECT s.ticket_id
         FROM settlement_selection s
         JOIN settlement_outcome o ON o.id = s.outcome_id
         JOIN settlement_market m ON m.id = o.market_id
         JOIN settlement_sportevent e ON e.id = m.event_id
        WHERE e.ref = %s ORDER BY s.ticket_id LIMIT %s)
 ORDER BY t.id, s.position
"""  # noqa: S608 - put together from constants
