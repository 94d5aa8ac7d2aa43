"""The peer: an intake that is right and easy to read, one ticket and one object at a time."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Coalesce

from backoffice.bench.intake.opening import add_events
from backoffice.bench.intake.side import DEPOSIT, STORED_LEG, IntakeSide, sum_of_legs
from backoffice.bench.intake.tickets import Ticket, player_ref
from backoffice.bench.models import (
    NaiveAccount,
    NaiveEntry,
    NaiveEvent,
    NaiveMarket,
    NaiveOutcome,
    NaivePlayer,
    NaiveSelection,
    NaiveTicket,
)
from wallet.vocabulary import AccountKind, TransferKind


class StakeNotCovered(Exception):
    """The player's balance is below the stake."""


class Naive(IntakeSide):
    """Tables without triggers, nearly empty at the beginning: neither is to its disadvantage."""

    name = "naive ORM"
    about = (
        "Django ORM on tables of its own: get the player, select_for_update on his account, get by "
        "bet_id, create the ticket, get_or_create event, market and outcome of each leg, create "
        "the selections and two entries, save the balance; a commit each"
    )

    def open(self) -> None:
        """Add the players with their money and the day's events."""
        self.house = NaiveAccount.objects.create(name=AccountKind.HOUSE_STAKES)
        accounts = NaiveAccount.objects.bulk_create(
            NaiveAccount(name=player_ref(place), balance=DEPOSIT) for place in range(self.players)
        )
        NaivePlayer.objects.bulk_create(
            NaivePlayer(external_id=account.name, account=account) for account in accounts
        )
        add_events(NaiveEvent.objects, NaiveMarket.objects, NaiveOutcome.objects)

    def taking_in(self, sent: Sequence[Ticket]) -> Callable[[], None]:
        """Return the calls."""

        def bring() -> None:
            for ticket in sent:
                take_in_naively(ticket, house=self.house)

        return bring

    def wrong_books(self) -> list[str]:
        """Compare the tickets and the balances; the entries are the balances."""
        legs = NaiveSelection.objects.values_list(*STORED_LEG)
        moved = {
            player: DEPOSIT + entries
            for player, entries in NaivePlayer.objects.values_list("external_id").annotate(
                entries=Coalesce(Sum("account__entries__amount"), 0)
            )
        }
        balances = dict(NaivePlayer.objects.values_list("external_id", "account__balance"))
        return (
            self.wrong_tickets(count=NaiveTicket.objects.count(), legs=sum_of_legs(legs))
            + self.wrong_balances(balances)
            + self.wrong_balances(moved)
        )


def take_in_naively(asked: Ticket, *, house: NaiveAccount) -> NaiveTicket:
    """Take in one ticket once, as a tutorial would."""
    stake = int(Decimal(asked["stake"]).scaleb(2))
    with transaction.atomic():
        player = NaivePlayer.objects.get(external_id=asked["player"])
        account = NaiveAccount.objects.select_for_update().get(pk=player.account_id)
        try:
            return NaiveTicket.objects.get(bet_id=asked["bet_id"])
        except NaiveTicket.DoesNotExist:
            pass
        if account.balance < stake:
            raise StakeNotCovered(asked["bet_id"])
        ticket = NaiveTicket.objects.create(
            bet_id=asked["bet_id"],
            player=player,
            stake=stake,
            kind=asked["kind"].upper(),
            placed_at=datetime.fromisoformat(asked["placed_at"]),
        )
        for position, leg in enumerate(asked["selections"], start=1):
            NaiveSelection.objects.create(
                ticket=ticket,
                position=position,
                outcome=outcome_of(leg, provider=asked["provider"].upper()),
                price=Decimal(leg["price"]),
            )
        for pays, amount in ((account, -stake), (house, stake)):
            NaiveEntry.objects.create(
                key=f"ticket:{ticket.pk}:0", account=pays, kind=TransferKind.STAKE, amount=amount
            )
        account.balance -= stake
        account.save(update_fields=["balance"])
        return ticket


def outcome_of(leg: Mapping[str, str], *, provider: str) -> NaiveOutcome:
    """Return what a leg is about, which may be new."""
    event, _ = NaiveEvent.objects.get_or_create(
        provider=provider,
        ref=leg["event"],
        defaults={
            "name": leg["event_name"],
            "start_at": datetime.fromisoformat(leg["start_at"]),
        },
    )
    market, _ = NaiveMarket.objects.get_or_create(
        event=event,
        ref=leg["market"],
        specifiers=leg["specifiers"],
        defaults={"name": leg["market_name"]},
    )
    outcome, _ = NaiveOutcome.objects.get_or_create(
        market=market, ref=leg["outcome"], defaults={"name": leg["outcome_name"]}
    )
    return outcome
