"""Books on the morning of a day: players with money, and the day's events that are known."""

from typing import Any

from django.db.models import Manager

from backoffice.bench.intake.side import DEPOSIT
from backoffice.bench.intake.tickets import (
    HOT_EVENTS,
    MARKETS,
    STARTS_AT,
    hot_event,
    name_of,
    player_ref,
)
from settlement.models import Market, Outcome, SportEvent
from settlement.vocabulary import Provider
from wallet import selectors
from wallet.models import Player
from wallet.money import Money
from wallet.services import Posting, open_accounts, post_transfers
from wallet.vocabulary import Reason, TransferKind


def open_books(players: int) -> None:
    """Open them in our tables."""
    add_players(players)
    add_events(SportEvent.objects, Market.objects, Outcome.objects)


def add_players(count: int) -> None:
    """Add players who have paid money in."""
    added = Player.objects.bulk_create(
        Player(external_id=player_ref(place)) for place in range(count)
    )
    accounts = open_accounts(players=[player.pk for player in added], currency="EUR")
    amount = Money(DEPOSIT, selectors.units(["EUR"])["EUR"])
    post_transfers(
        postings=[
            Posting(
                key=f"deposit:{account_id}",
                account_id=account_id,
                kind=TransferKind.DEPOSIT,
                change=amount,
                reason=Reason.CUSTOMER_PAYMENT,
            )
            for account_id in accounts.values()
        ],
        actor="bench",
    )


def add_events(events: Manager[Any], markets: Manager[Any], outcomes: Manager[Any]) -> None:
    """Add the day's events with all their markets to anybody's three tables."""
    of_the_day = events.bulk_create(
        events.model(provider=Provider.SPORTRADAR, ref=ref, name=name_of(ref), start_at=STARTS_AT)
        for ref in map(hot_event, range(HOT_EVENTS))
    )
    on_them = markets.bulk_create(
        markets.model(event=event, ref=market.ref, specifiers=market.specifiers, name=market.name)
        for event in of_the_day
        for market in MARKETS
    )
    outcomes.bulk_create(
        outcomes.model(market=market, ref=ref, name=name)
        for market, told in zip(on_them, MARKETS * HOT_EVENTS, strict=True)
        for ref, name in told.outcomes.items()
    )
