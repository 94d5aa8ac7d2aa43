"""Our intake as a side, in books that hold so many tickets before; and its drafting alone."""

from collections.abc import Callable, Sequence

from backoffice import truths
from backoffice.bench.databases import Database
from backoffice.bench.intake.fill import STAKE, fill
from backoffice.bench.intake.side import DEPOSIT, STORED_LEG, IntakeSide, sum_of_legs
from backoffice.bench.intake.tickets import Ticket
from backoffice.bench.measuring import Say
from backoffice.bench.side import in_batches
from settlement import models
from settlement.drafts import draft_of
from settlement.intake import MOST_AT_ONCE, take_in
from wallet import selectors
from wallet.models import Account


def name_at(before: int) -> str:
    """Return what we are called where so many tickets stand already."""
    return f"ours at {before:,}"


class Ours(IntakeSide):
    """The intake as production runs it: the restricted role, every trigger and constraint."""

    def __init__(
        self, *, database: Database, size: int, players: int, before: int, say: Say
    ) -> None:
        super().__init__(database=database, size=size, players=players)
        self.before = before
        self.say = say
        self.name = name_at(before)
        self.about = (
            f"settlement.drafts.draft_of and settlement.intake.take_in, {MOST_AT_ONCE:,} tickets a "
            f"call and commit; {before:,} tickets stood there when it began"
        )

    def open(self) -> None:
        """Add the tickets that stand there before."""
        self.units = selectors.units()
        players = Account.objects.filter(kind="PLAYER_CASH").order_by("player_id")
        fill(
            tickets=self.before,
            players=[
                (player or 0, account) for player, account in players.values_list("player_id", "pk")
            ],
            say=lambda done: self.say(f"{self.name}: {done:,} tickets are there"),
        )

    def taking_in(self, sent: Sequence[Ticket]) -> Callable[[], None]:
        """Return the calls."""

        def bring() -> None:
            for some in in_batches(sent, MOST_AT_ONCE):
                take_in(drafts=[draft_of(ticket, self.units) for ticket in some], actor="bench")

        return bring

    def wrong_books(self) -> list[str]:
        """Ask every truth; compare the tickets and the balances."""
        broken = [
            f"truth {finding.truth} is broken ({finding.name})"
            for finding in truths.check()
            if finding.rows
        ]
        fresh = models.Selection.objects.filter(ticket__gt=self.before)
        legs = fresh.values_list(*STORED_LEG)
        tickets = models.Ticket.objects.count() - self.before
        accounts = Account.objects.filter(kind="PLAYER_CASH")
        balances = dict(accounts.values_list("player__external_id", "balance"))
        before = DEPOSIT - self.before // self.players * STAKE
        return (
            broken
            + self.wrong_tickets(count=tickets, legs=sum_of_legs(legs))
            + self.wrong_balances(balances, before=before)
        )


class Drafting(IntakeSide):
    """The part of it that happens before the database."""

    name = "drafting alone"
    about = "settlement.drafts.draft_of, which is part of ours"

    def open(self) -> None:
        """It needs to know what currencies there are."""
        self.units = selectors.units()

    def taking_in(self, sent: Sequence[Ticket]) -> Callable[[], None]:
        """Return the drafting, which leaves nothing behind."""

        def draft() -> None:
            for ticket in sent:
                draft_of(ticket, self.units)

        return draft

    def wrong_books(self) -> list[str]:
        """There are none."""
        return []
