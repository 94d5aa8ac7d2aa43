"""The limits: the rows that we wrote, once more and by COPY; the selections, by one UPDATE."""

from collections.abc import Callable, Iterator, Sequence

from django.db import connection, connections, transaction

from backoffice.bench.limit import make_bare
from backoffice.bench.settle.books import Books
from backoffice.bench.settle.feed import BATCHES
from backoffice.bench.settle.markets import Hot
from backoffice.bench.settle.side import SettleSide
from backoffice.bench.side import in_batches
from settlement.vocabulary import LegResult

ROWS_A_COMMIT = 1000
FACTS = "SELECT message FROM settlement_ticketfact WHERE ticket_id BETWEEN %(first)s AND %(last)s"
EVENTS = (
    "SELECT transfer FROM settlement_settlementevent WHERE ticket_id BETWEEN %(first)s AND %(last)s"
)
WRITTEN = {
    "feeds_feedmessage": f"id IN ({FACTS})",
    "feeds_messagebody": f"message_id IN ({FACTS})",
    "feeds_messagesubject": f"message_id IN ({FACTS})",
    "settlement_ticketfact": "ticket_id BETWEEN %(first)s AND %(last)s",
    "settlement_settlementevent": "ticket_id BETWEEN %(first)s AND %(last)s",
    "wallet_transfer": f"id IN ({EVENTS})",
    "settlement_ticket": "id BETWEEN %(first)s AND %(last)s",
    "settlement_selection": "ticket_id BETWEEN %(first)s AND %(last)s",
}


class Copy(SettleSide):
    """The rows of our last lap: nobody reads, matches, folds, locks, updates or checks."""

    name = "raw COPY"
    about = (
        "COPY of the very rows that ours wrote just before (messages, bodies, subjects, facts, "
        "events, transfers, and the new versions of tickets and selections; not of balances), "
        f"{ROWS_A_COMMIT:,} of each a commit, into tables with the same columns and indexes, empty "
        "at the beginning, without triggers, foreign keys and CHECKs"
    )

    def __init__(self, *, books: Books) -> None:
        super().__init__(database=books.database)
        self.books = books
        self.rows = 0

    def open(self) -> None:
        """Make the tables."""
        for table in WRITTEN:
            make_bare(f"bench_{table}", like=table)

    def settling(self, round_number: int) -> Callable[[], int]:
        """Return the copying of rows whose text is ready."""
        ids = self.books.layout.feed_range(BATCHES, round_number)
        tables = {table: list(self._blocks(table, ids)) for table in WRITTEN}

        def copy() -> int:
            for number in range(max(map(len, tables.values()))):
                with transaction.atomic():
                    for table, blocks in tables.items():
                        copy_in(table, b"".join(blocks[number : number + 1]))
            return len(ids)

        return copy

    def _blocks(self, table: str, ids: range) -> Iterator[bytes]:
        rows = written(table, ids)
        self.rows += len(rows)
        for some in in_batches(rows, ROWS_A_COMMIT):
            yield b"".join(some)

    def wrong_books(self) -> list[str]:
        """Count the rows."""
        found = sum(rows_in(f"bench_{table}") for table in WRITTEN)
        return [] if found == self.rows else [f"there are {found} rows and not {self.rows}"]


def rows_in(table: str) -> int:
    """Count a table's rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
        (count,) = cursor.fetchone()
    return int(count)


def written(table: str, ids: range) -> Sequence[bytes]:
    """Return the rows that our side wrote for these tickets, in COPY's text format."""
    statement = f"COPY (SELECT * FROM {table} WHERE {WRITTEN[table]} ORDER BY 1) TO STDOUT"  # noqa: S608 - constants
    bound = {"first": str(ids[0]), "last": str(ids[-1])}
    with connection.cursor() as cursor, cursor.copy(statement % bound) as copy:
        return b"".join(map(bytes, copy)).splitlines(keepends=True)


def copy_in(table: str, rows: bytes) -> None:
    """Write rows."""
    with connection.cursor() as cursor, cursor.copy(f"COPY bench_{table} FROM STDIN") as copy:
        copy.write(rows)


class Bare(SettleSide):
    """What a market's settlement can't be faster than: nobody reads tickets or moves money."""

    def __init__(self, *, name: str, hot: Hot, winner: str) -> None:
        super().__init__(database=hot.books.database)
        self.name = name
        self.about = (
            "one UPDATE of the market's selections, in a copy of their table without triggers, "
            "foreign keys and CHECKs"
        )
        self.hot = hot
        self.winner = winner
        self.wrong = 0

    def open(self) -> None:
        """Copy the selections, unless another side did."""
        role = connection.ops.quote_name(connection.settings_dict["USER"])
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT to_regclass('bench_selection')")
            if cursor.fetchone() == (None,):
                cursor.execute(COPY_SELECTIONS)
                cursor.execute(f"GRANT SELECT, UPDATE ON bench_selection TO {role}")

    def settling(self, round_number: int) -> Callable[[], int]:
        """Return the UPDATE."""
        market = self.hot.market(round_number)
        words = [
            (number, "1", LegResult.WIN) if ref == self.winner else (number, "0", LegResult.LOSE)
            for ref, number in market.outcomes.items()
        ]
        values = [list(column) for column in zip(*words, strict=True)]

        def update() -> int:
            with connection.cursor() as cursor:
                cursor.execute(UPDATE, values)
                self.wrong += cursor.rowcount != len(market.bets)
            return len(market.bets)

        return update

    def wrong_books(self) -> list[str]:
        """Each UPDATE must have found the selections."""
        return [f"{self.wrong} updates missed selections"] if self.wrong else []


COPY_SELECTIONS = """
CREATE TABLE bench_selection WITH (fillfactor = 85) AS SELECT * FROM settlement_selection;
ALTER TABLE bench_selection ADD PRIMARY KEY (id);
CREATE INDEX ON bench_selection (outcome_id);
CREATE UNIQUE INDEX ON bench_selection (ticket_id, position);
"""

UPDATE = """
UPDATE bench_selection s SET win_factor = w.win, void_factor = '0', result = w.result
  FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS w (outcome, win, result)
 WHERE s.outcome_id = w.outcome
"""
