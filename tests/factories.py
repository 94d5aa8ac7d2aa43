"""Things that tests are about. Money comes through the services, as everywhere."""

import itertools
from dataclasses import dataclass
from typing import Any

import factory
from django.contrib.auth.models import Group

from backoffice.models import User
from wallet import selectors, services
from wallet.models import Account, Player
from wallet.money import Money
from wallet.selectors import Posted
from wallet.services import Posting
from wallet.vocabulary import TransferKind

numbers = itertools.count(1)


class UserFactory(factory.django.DjangoModelFactory[User]):
    """Somebody at the desk."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"user-{number}")
    is_staff = True

    @factory.post_generation
    def role(self: Any, create: bool, extracted: str | None, **_: Any) -> None:
        if extracted:
            self.groups.add(Group.objects.get(name=extracted))


class PlayerFactory(factory.django.DjangoModelFactory[Player]):
    """Somebody who bets."""

    class Meta:
        model = Player

    external_id = factory.Sequence(lambda number: f"P-{number}")
    name = "Ada Abel"


def money(amount: str, currency: str = "EUR") -> Money:
    """Return an amount of a currency that a new installation knows."""
    return Money.parse(amount, selectors.units([currency])[currency])


@dataclass(frozen=True, slots=True)
class FundedPlayer:
    """A player with an account, and short words for what is done to it."""

    player: Player
    account: Account

    @classmethod
    def create(cls, amount: str = "0", currency: str = "EUR", **words: Any) -> "FundedPlayer":
        """Create a player whose account holds `amount`."""
        player = PlayerFactory.create(**words)
        accounts = services.open_accounts(players=[player.pk], currency=currency)
        funded = cls(player, Account.objects.get(pk=accounts[player.pk]))
        if money(amount, currency).minor:
            funded.post(amount, kind=TransferKind.DEPOSIT)
        return funded

    def posting(self, change: str, **words: Any) -> Posting:
        """Return something that may be posted to the account."""
        given: dict[str, Any] = {
            "key": f"key-{next(numbers)}",
            "account_id": self.account.pk,
            "kind": TransferKind.SETTLEMENT,
            "change": money(change, words.pop("currency", self.account.currency_id)),
            "reason": "BET_SETTLED",
        }
        return Posting(**given | words)

    def post(self, change: str, **words: Any) -> Posted:
        """Post one transfer."""
        return services.post_transfers(postings=[self.posting(change, **words)], actor="test")[0]

    @property
    def balance(self) -> str:
        """What the account holds now, read anew."""
        self.account.refresh_from_db()
        return str(selectors.balance(self.account))
