"""The peers' books: the same bets, in tables of their own."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from backoffice.bench.models import (
    NaiveAccount,
    NaiveBet,
    NaiveEntry,
    NaiveEvent,
    NaiveLeg,
    NaiveMarket,
    NaiveOutcome,
)
from backoffice.bench.settle.bets import Bet, End
from backoffice.bench.settle.side import Expected
from settlement.vocabulary import LegResult
from wallet.models import Account
from wallet.vocabulary import AccountKind


class NaiveBooks:
    """Tables without triggers, nearly empty at the beginning: neither is a disadvantage."""

    def __init__(self) -> None:
        self.expected = Expected()

    def open(self) -> None:
        """Open the accounts of all players, and the house's."""
        self.house = NaiveAccount.objects.create(name=AccountKind.HOUSE_PAYOUTS)
        players = Account.objects.filter(kind="PLAYER_CASH")
        accounts = NaiveAccount.objects.bulk_create(
            NaiveAccount(name=ref) for ref in players.values_list("player__external_id", flat=True)
        )
        self.accounts = {account.name: account for account in accounts}

    def add(self, bets: Sequence[Bet]) -> None:
        """Add bets with their legs, as they stand in our tables."""
        outcomes = add_outcomes(bets)
        added = NaiveBet.objects.bulk_create(
            NaiveBet(bet_id=bet.bet_id, account=self.accounts[bet.player], stake=bet.stake)
            for bet in bets
        )
        NaiveLeg.objects.bulk_create(
            NaiveLeg(
                bet=row,
                position=position,
                outcome=outcomes[leg.event, leg.outcome],
                price=leg.price,
                result=LegResult.WIN if leg.won else "",
            )
            for row, bet in zip(added, bets, strict=True)
            for position, leg in enumerate(bet.legs, start=1)
        )

    def complaints(self) -> list[str]:
        """Compare the bets and the balances; the entries are the balances."""
        accounts = NaiveAccount.objects.filter(name__in=self.accounts)
        entries = accounts.values_list("name").annotate(sum=Coalesce(Sum("entries__amount"), 0))
        total = NaiveEntry.objects.aggregate(total=Sum("amount"))["total"]
        rows = NaiveBet.objects.values_list("bet_id", "status", "result", "payout")
        return (
            ([f"the entries sum to {total}"] if total else [])
            + self.expected.wrong_ends({bet_id: End(*end) for bet_id, *end in rows})
            + self.expected.wrong_balances(dict(accounts.values_list("name", "balance")), before=0)
            + self.expected.wrong_balances(dict(entries), before=0)
        )


def add_outcomes(bets: Iterable[Bet]) -> dict[tuple[str, str], Any]:
    """Add what is bet on, as far as it is new; return the outcomes by event and ref."""
    legs = {(leg.event, leg.market, leg.outcome) for bet in bets for leg in bet.legs}
    NaiveEvent.objects.bulk_create(
        [NaiveEvent(ref=ref, start_at=timezone.now()) for ref in sorted({leg[0] for leg in legs})],
        ignore_conflicts=True,
    )
    events = {event.ref: event for event in NaiveEvent.objects.all()}
    NaiveMarket.objects.bulk_create(
        [
            NaiveMarket(event=events[event], ref=ref)
            for event, ref in sorted({leg[:2] for leg in legs})
        ],
        ignore_conflicts=True,
    )
    markets = {
        (market.event.pk, market.ref): market
        for market in NaiveMarket.objects.select_related("event")
    }
    NaiveOutcome.objects.bulk_create(
        [
            NaiveOutcome(market=markets[events[event].pk, market], ref=ref)
            for event, market, ref in sorted(legs)
        ],
        ignore_conflicts=True,
    )
    known = NaiveOutcome.objects.select_related("market__event")
    return {(outcome.market.event.ref, outcome.ref): outcome for outcome in known}
