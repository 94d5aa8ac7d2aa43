"""Our books in one of the databases: players, tickets, and what all our sides made of them."""

from collections.abc import Callable
from functools import cached_property

from django.db import connection

from backoffice import truths
from backoffice.bench.databases import Database
from backoffice.bench.intake.fill import STAKE, Stock, fill
from backoffice.bench.intake.side import DEPOSIT
from backoffice.bench.measuring import Say
from backoffice.bench.settle.bets import End
from backoffice.bench.settle.layout import Layout
from backoffice.bench.settle.side import Expected
from backoffice.bench.settle.stock import stock
from wallet.models import Account


class Books:
    """Tickets as a layout says, and what must come of those that were settled."""

    def __init__(
        self, *, database: Database, layout: Layout, stock: Callable[[Layout], Stock] = stock
    ) -> None:
        self.database = database
        self.layout = layout
        self.stock = stock(layout)
        self.expected = Expected()

    def fill(self, say: Say) -> None:
        """Add the tickets."""
        self.database.enter()
        accounts = Account.objects.filter(kind="PLAYER_CASH").order_by("player_id")
        players = [(player or 0, pk) for player, pk in accounts.values_list("player_id", "pk")]
        self.before = DEPOSIT - self.layout.tickets // len(players) * STAKE
        fill(
            tickets=self.layout.tickets,
            players=players,
            say=lambda done: say(f"{done:,} of {self.layout.tickets:,} tickets are there"),
            stock=self.stock,
        )

    @cached_property
    def complaints(self) -> list[str]:
        """Ask every truth once; compare the bets and the balances; nothing may be left undone."""
        broken = [
            f"truth {finding.truth} is broken ({finding.name})"
            for finding in truths.check()
            if finding.rows
        ]
        accounts = Account.objects.filter(kind="PLAYER_CASH")
        balances = dict(accounts.values_list("player__external_id", "balance"))
        held = {str(ref): balance or 0 for ref, balance in balances.items()}
        return (
            broken
            + self.left_undone()
            + self.expected.wrong_ends(self.found())
            + self.expected.wrong_balances(held, before=self.before)
        )

    def found(self) -> dict[str, End]:
        """Return how the bets ended."""
        with connection.cursor() as cursor:
            cursor.execute(FOUND, [list(self.expected.ends)])
            return {bet_id: End(*end) for bet_id, *end in cursor.fetchall()}

    def left_undone(self) -> list[str]:
        """Count what waits for somebody."""
        with connection.cursor() as cursor:
            cursor.execute(LEFT)
            left = cursor.fetchone()
        names = ("due tickets", "due markets", "unfinished messages", "open reviews")
        return [
            f"{count} {name} are left" for count, name in zip(left, names, strict=True) if count
        ]


FOUND = """
SELECT bet_id, status, result, payout FROM settlement_ticket WHERE bet_id = ANY (%s)
"""

LEFT = """
SELECT (SELECT count(*) FROM settlement_dueticket), (SELECT count(*) FROM settlement_duemarket),
       (SELECT count(*) FROM feeds_unfinished),
       (SELECT count(*) FROM settlement_review WHERE closed_at IS NULL)
"""
