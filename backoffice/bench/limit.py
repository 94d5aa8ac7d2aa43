"""The limit: the same transfer rows by COPY, with nobody who looks at them."""

from collections import Counter
from collections.abc import Callable, Sequence

from django.db import connection, connections

from backoffice.bench.side import WalletSide, in_batches
from backoffice.bench.traffic import Wanted
from wallet.vocabulary import TransferKind

ROWS_A_COMMIT = 1000

# LIKE brings the columns, their defaults and every index, but no trigger and no foreign key.
# The CHECKs stay away too, which makes the limit a little harder to come near.
TABLE = "CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES)"

COPY = """
COPY bench_copy
    (key, kind, player_account_id, debit_account_id, credit_account_id, amount, currency_id,
     player_balance_after, account_sequence, reference_kind, reference_id, actor, reason, note)
FROM STDIN
"""


class Copy(WalletSide):
    """Rows that come ready from the client; nothing locks, checks or moves a balance."""

    name = "raw COPY"
    about = (
        f"COPY of ready-made transfer rows, {ROWS_A_COMMIT:,} a commit, into a table with the same "
        "columns and indexes, without triggers, foreign keys and CHECKs; spared the repeats"
    )
    takes_repeats = False

    def open(self) -> None:
        """Make the table, as its owner, and let the application's role write into it."""
        make_bare("bench_copy", like="wallet_transfer")
        self.sequences: Counter[int] = Counter()
        self.balances: Counter[int] = Counter()

    def posting(self, wanted: Sequence[Wanted]) -> Callable[[], None]:
        """Return the copying of rows whose text is ready."""
        blocks = [
            "".join(self._row(one) for one in batch).encode()
            for batch in in_batches(wanted, ROWS_A_COMMIT)
        ]

        def post() -> None:
            with connection.cursor() as cursor:
                for block in blocks:
                    with cursor.copy(COPY) as copy:
                        copy.write(block)

        return post

    def _row(self, wanted: Wanted) -> str:
        account, settled = wanted.player + 1000, wanted.kind is TransferKind.SETTLEMENT
        self.sequences[account] += 1
        self.balances[account] += wanted.minor
        values = (
            wanted.key, wanted.kind, account, 1, account, wanted.minor, "EUR",
            self.balances[account], self.sequences[account],
            "TICKET" if settled else "", wanted.key if settled else "",
            "bench", "RESULT" if settled else "CUSTOMER_PAYMENT", "",
        )  # fmt: skip
        return "\t".join(map(str, values)) + "\n"

    def complaints(self) -> list[str]:
        """Count the rows and add them up."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*), coalesce(sum(amount), 0) FROM bench_copy")
            count, total = cursor.fetchone()
        wanted = (self.sequences.total(), self.expected.total())
        if (count, int(total)) == wanted:
            return []
        return [f"{count} rows of {total} minor units, and not {wanted[0]} of {wanted[1]}"]


def make_bare(table: str, *, like: str) -> None:
    """Make a table with another one's columns and indexes; the application's role may fill it."""
    name, original, role = map(
        connection.ops.quote_name, (table, like, connection.settings_dict["USER"])
    )
    with connections["owner"].cursor() as cursor:
        cursor.execute(TABLE.format(name, original))
        cursor.execute(f"GRANT SELECT, INSERT ON {name} TO {role}")
