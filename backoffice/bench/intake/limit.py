"""The limit: the rows of the same tickets by COPY, with nobody who looks at them."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import Any

from django.db import connection, transaction

from backoffice.bench.intake.side import DEPOSIT, IntakeSide, minor_units
from backoffice.bench.intake.tickets import Ticket
from backoffice.bench.limit import make_bare
from backoffice.bench.side import in_batches

TICKETS_A_COMMIT = 1000

COLUMNS = {
    "settlement_ticket": (
        "id bet_id content_hash provider provider_bet_id player_id currency_id rule_set_id stake "
        "cash_stake kind system selection_count legs bankers lines each_way free_bet_ref "
        "placed_at accepted_at"
    ),
    "settlement_selection": 'ticket_id position provider outcome_id line "group" price banker',
    "wallet_transfer": (
        "key kind player_account_id debit_account_id credit_account_id amount currency_id "
        "player_balance_after account_sequence reference_kind reference_id actor reason note"
    ),
}


class Copy(IntakeSide):
    """Rows that come ready from the client: nobody drafts, finds, locks, checks or counts."""

    name = "raw COPY"
    about = (
        f"COPY of ready-made rows of tickets, selections and transfers, {TICKETS_A_COMMIT:,} "
        "tickets a commit, into tables with the same columns and indexes, empty at the beginning, "
        "without triggers, foreign keys and CHECKs; spared the repeats and the drafting"
    )
    takes_repeats = False

    def open(self) -> None:
        """Make the tables."""
        for table in COLUMNS:
            make_bare(f"bench_{table}", like=table)
        self.numbers = count(1)
        self.ids: dict[tuple[str, ...], int] = {}
        self.balances: Counter[str] = Counter()
        self.sequences: Counter[str] = Counter()

    def taking_in(self, sent: Sequence[Ticket]) -> Callable[[], None]:
        """Return the copying of rows whose text is ready."""
        commits = [self._blocks(some) for some in in_batches(sent, TICKETS_A_COMMIT)]

        def bring() -> None:
            for blocks in commits:
                with transaction.atomic(), connection.cursor() as cursor:
                    for table, block in blocks.items():
                        with cursor.copy(statement(table)) as copy:
                            copy.write(block)

        return bring

    def _blocks(self, tickets: Iterable[Ticket]) -> dict[str, bytes]:
        rows: dict[str, list[str]] = {table: [] for table in COLUMNS}
        for ticket in tickets:
            number = next(self.numbers)
            rows["settlement_ticket"].append(self._ticket(number, ticket))
            rows["settlement_selection"] += self._selections(number, ticket)
            rows["wallet_transfer"].append(self._transfer(number, ticket))
        return {table: "".join(lines).encode() for table, lines in rows.items()}

    def _ticket(self, number: int, ticket: Ticket) -> str:
        stake, at = minor_units(ticket["stake"]), ticket["placed_at"]
        return row(
            number, ticket["bet_id"], "\\\\x" + 32 * "5a", "SPORTRADAR", "",
            self._id("player", ticket["player"]), "EUR", 1, stake, stake, "TREBLE", "", 3, 3, 0, 1,
            "f", "", at, at,
        )  # fmt: skip

    def _selections(self, number: int, ticket: Ticket) -> list[str]:
        return [
            row(
                number, position, "",
                self._id(leg["event"], leg["market"], leg["specifiers"], leg["outcome"]),
                "", "", leg["price"], "f",
            )
            for position, leg in enumerate(ticket["selections"], start=1)
        ]  # fmt: skip

    def _transfer(self, number: int, ticket: Ticket) -> str:
        player, stake = ticket["player"], minor_units(ticket["stake"])
        account = self._id("player", player)
        self.sequences[player] += 1
        self.balances[player] += stake
        return row(
            f"ticket:{number}:0", "STAKE", account, account, 1, stake, "EUR",
            DEPOSIT - self.balances[player], self.sequences[player], "TICKET", ticket["bet_id"],
            "bench", "BET_PLACED", "",
        )  # fmt: skip

    def _id(self, *identity: str) -> int:
        return self.ids.setdefault(identity, len(self.ids) + 1)

    def wrong_books(self) -> list[str]:
        """Count the rows and add them up."""
        with connection.cursor() as cursor:
            cursor.execute(SUMS)
            found = tuple(map(int, cursor.fetchone()))
        stakes = self.stakes.total()
        wanted = (self.tickets, stakes, 3 * self.tickets, self.tickets, stakes)
        return [] if found == wanted else [f"rows and sums are {found} and not {wanted}"]


SUMS = """
SELECT t.*, s.*, w.*
  FROM (SELECT count(*), coalesce(sum(stake), 0) FROM bench_settlement_ticket) t,
       (SELECT count(*) FROM bench_settlement_selection) s,
       (SELECT count(*), coalesce(sum(amount), 0) FROM bench_wallet_transfer) w
"""


def statement(table: str) -> str:
    """Return the COPY into our copy of a table."""
    return f"COPY bench_{table} ({', '.join(COLUMNS[table].split())}) FROM STDIN"


def row(*values: Any) -> str:
    """Return a row in COPY's text format."""
    return "\t".join(map(str, values)) + "\n"
