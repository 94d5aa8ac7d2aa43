"""Tickets of the past, by set: what they leave in the tables is what the intake would have left.

Meanwhile the owner takes what looks at single rows out of the way: with it, millions of rows would
take longer than all the measuring. Foreign keys are checked when they come back, the rest when the
books are looked at.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.backends.utils import CursorWrapper

from backoffice.bench.intake.side import DEPOSIT

TABLES = [
    f"settlement_{name}" for name in ("sportevent", "market", "outcome", "ticket", "selection")
]
LEDGER = ["wallet_transfer", "wallet_account"]
STAKE = 1_00  # minor units
AT_ONCE = 100_000
TICKETS_AN_EVENT, MARKETS_AN_EVENT, OUTCOMES_A_MARKET = 100, 5, 3


@dataclass(frozen=True, slots=True)
class Stock:
    """What kind of tickets: what adds all that they bet on, and then tickets `start` to `end`.

    The first returns values for the statements, which know the ticket's number by `n`.
    """

    outcomes: Callable[[CursorWrapper, int], dict[str, Any]]
    tickets: str
    selections: str


def fill(
    *,
    tickets: int,
    players: Sequence[tuple[int, int]],
    say: Callable[[int], None],
    stock: Stock | None = None,
) -> None:
    """Add tickets to an intake that has none, trebles unless the stock is another.

    `players` are ids of players and their accounts. Each has made one deposit, and gets as many
    tickets as the others.
    """
    if tickets % len(players):
        raise ValueError(f"{tickets} tickets can't be shared by {len(players)} players.")
    stock = stock or TREBLES
    with connections["owner"].cursor() as cursor:
        with nothing_in_the_way(cursor):
            values: dict[str, Any] = {
                "tickets": tickets,
                "each": tickets // len(players),
                "player_ids": [player for player, _ in players],
                "account_ids": [account for _, account in players],
                "deposit": DEPOSIT,
                "stake": STAKE,
                **stock.outcomes(cursor, tickets),
            }
            for start in range(1, tickets + 1, AT_ONCE):
                end = min(start + AT_ONCE - 1, tickets)
                for statement in (stock.tickets, stock.selections, TRANSFERS):
                    cursor.execute(statement, values | {"start": start, "end": end})
                say(end)
            cursor.execute(ACCOUNTS, values)
            cursor.execute(SEQUENCE, values)
        # Otherwise autovacuum does it in the middle of a round.
        cursor.execute(f"VACUUM (ANALYZE) {', '.join(TABLES + LEDGER)}")


def add_outcomes(cursor: CursorWrapper, tickets: int) -> dict[str, int]:
    """Add what so many tickets have bet on; return the first outcome's id, and how many follow."""
    cursor.execute(EVENTS, {"events": tickets // TICKETS_AN_EVENT})
    cursor.execute(OUTCOMES, {"markets": MARKETS_AN_EVENT, "outcomes": OUTCOMES_A_MARKET})
    first, count = cursor.fetchone()
    return {"first_outcome": first, "outcomes": count}


@contextmanager
def nothing_in_the_way(cursor: CursorWrapper) -> Iterator[None]:
    """Disable our triggers and drop foreign keys, and bring both back."""
    cursor.execute(FOREIGN_KEYS, [TABLES])
    keys = cursor.fetchall()
    for table in TABLES + LEDGER:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for table, name, _ in keys:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    yield
    for table, name, definition in keys:
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    for table in TABLES + LEDGER:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


FOREIGN_KEYS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY (%s::text[]::regclass[])
"""

EVENTS = """
INSERT INTO settlement_sportevent (provider, ref, name, start_at)
SELECT 'SPORTRADAR', 'sr:match:' || 40000000 + n, 'Past ' || n, now() - interval '1 day'
  FROM generate_series(1, %(events)s) n
"""

OUTCOMES = """
WITH markets AS (
    INSERT INTO settlement_market (event_id, ref, specifiers, name)
    SELECT e.id, n::text, 'total=' || n || '.5', 'Past market ' || n
      FROM settlement_sportevent e, generate_series(1, %(markets)s) n
     WHERE e.name LIKE 'Past %%'
     ORDER BY e.id, n
    RETURNING id
), outcomes AS (
    INSERT INTO settlement_outcome (market_id, ref, name, line)
    SELECT m.id, n::text, 'Past outcome ' || n, ''
      FROM markets m, generate_series(1, %(outcomes)s) n
     ORDER BY m.id, n
    RETURNING id
)
SELECT min(id), count(*) FROM outcomes
"""

TICKETS = """
INSERT INTO settlement_ticket
       (id, bet_id, content_hash, provider, provider_bet_id, player_id, currency_id, rule_set_id,
        stake, cash_stake, kind, system, selection_count, legs, bankers, lines, each_way,
        free_bet_ref, placed_at, accepted_at)
SELECT n, md5(n::text)::uuid::text, sha256(n::text::bytea), 'SPORTRADAR', '',
       (%(player_ids)s::bigint[])[1 + n %% cardinality(%(player_ids)s::bigint[])], 'EUR',
       (SELECT min(id) FROM settlement_ruleset), %(stake)s, %(stake)s, 'TREBLE', '',
       3, 3, 0, 1, false, '', at, at
  FROM generate_series(%(start)s, %(end)s) n,
       LATERAL (SELECT '2026-05-01Z'::timestamptz + n * interval '1 second') AS placed (at)
"""

# A ticket's legs lie among the outcomes of its time, and are three different ones.
SELECTIONS = """
INSERT INTO settlement_selection
       (ticket_id, position, provider, outcome_id, line, "group", price, banker)
SELECT n, place, '',
       %(first_outcome)s + (n::bigint * %(outcomes)s / %(tickets)s + place * 97 + n %% 89)
                           %% %(outcomes)s,
       '', '', '1.85', false
  FROM generate_series(%(start)s, %(end)s) n, generate_series(1, 3) place
"""

TREBLES = Stock(add_outcomes, TICKETS, SELECTIONS)

TRANSFERS = """
INSERT INTO wallet_transfer
       (key, kind, player_account_id, debit_account_id, credit_account_id, amount, currency_id,
        player_balance_after, account_sequence, reference_kind, reference_id, actor, reason, note)
SELECT 'ticket:' || n || ':0', 'STAKE', account, account, house.id, %(stake)s, 'EUR',
       %(deposit)s - nth * %(stake)s, 1 + nth, 'TICKET', md5(n::text)::uuid::text, 'bench',
       'BET_PLACED', ''
  FROM generate_series(%(start)s, %(end)s) n,
       LATERAL (SELECT (%(account_ids)s::bigint[])[1 + n %% cardinality(%(account_ids)s::bigint[])],
                       1 + (n - 1) / cardinality(%(account_ids)s::bigint[])) AS his (account, nth),
       wallet_account house
 WHERE house.kind = 'HOUSE_STAKES' AND house.currency_id = 'EUR'
"""

ACCOUNTS = """
UPDATE wallet_account SET balance = %(deposit)s - %(each)s * %(stake)s, version = 1 + %(each)s
 WHERE id = ANY (%(account_ids)s::bigint[])
"""

SEQUENCE = "SELECT setval(pg_get_serial_sequence('settlement_ticket', 'id'), %(tickets)s)"
