"""What must always be true of the ledger. Each truth returns the rows that break it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from wallet import selectors

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Truth:
    """Something that must hold, and the question that finds where it does not.

    A `costly` one works something out for each row, and is asked once a night.
    """

    number: int
    name: str
    find: Callable[[], list[Row]]
    costly: bool = False


def rows(statement: str) -> list[Row]:
    """Return a query's rows by column name."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def currencies_out_of_balance() -> list[Row]:
    """Players' cached balances and the house's derived ones cancel out in each currency."""
    return [
        {"currency": book.currency, "players": book.players, "difference": book.difference}
        for book in selectors.books()
        if not book.balanced
    ]


def accounts_unlike_their_transfers() -> list[Row]:
    """A cached balance is the sum of the account's transfers."""
    return rows(f"""
        SELECT a.id AS account, p.external_id AS player, a.currency_id AS currency,
               a.balance AS cached, coalesce(t.total, 0) AS derived
          FROM wallet_account a
          JOIN wallet_player p ON p.id = a.player_id
          LEFT JOIN (SELECT player_account_id, sum({selectors.CHANGE}) AS total
                       FROM wallet_transfer GROUP BY 1) t ON t.player_account_id = a.id
         WHERE a.balance <> coalesce(t.total, 0)
         ORDER BY a.id
    """)  # noqa: S608 - only our own constant stands in it


def transfers_without_who_or_why() -> list[Row]:
    """Every transfer names its actor and its reason."""
    return rows("""
        SELECT id AS transfer, key FROM wallet_transfer
         WHERE actor = '' OR reason = '' OR (kind = 'ADJUSTMENT' AND note = '')
         ORDER BY id
    """)


def accounts_with_gaps() -> list[Row]:
    """An account's transfers run from 1 to its version, each starting where the last ended."""
    return rows(f"""
        SELECT a.id AS account, a.version, t.transfers, t.broken AS broken_steps
          FROM wallet_account a
          LEFT JOIN (
              SELECT player_account_id, count(*) AS transfers, max(account_sequence) AS last,
                     count(*) FILTER (WHERE account_sequence <> expected_sequence
                                         OR player_balance_after <> expected_balance) AS broken
                FROM (SELECT player_account_id, account_sequence, player_balance_after,
                             row_number() OVER numbered AS expected_sequence,
                             sum({selectors.CHANGE}) OVER numbered AS expected_balance
                        FROM wallet_transfer
                      WINDOW numbered AS (PARTITION BY player_account_id
                                          ORDER BY account_sequence)) step
               GROUP BY 1) t ON t.player_account_id = a.id
         WHERE a.player_id IS NOT NULL
           AND (coalesce(t.broken, 0) > 0 OR coalesce(t.last, 0) <> a.version)
         ORDER BY a.id
    """)  # noqa: S608 - only our own constant stands in it


TRUTHS = [
    Truth(1, "players and house balance in each currency", currencies_out_of_balance),
    Truth(2, "cached balances are the sum of their transfers", accounts_unlike_their_transfers),
    Truth(5, "every transfer says who and why", transfers_without_who_or_why),
    Truth(7, "no gap in any account's transfers", accounts_with_gaps),
]
