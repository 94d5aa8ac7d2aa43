"""The peers: django-hordak as shipped, and a ledger as one writes it with the ORM at first."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from importlib.metadata import version

from django.db import transaction
from django.db.models import Sum
from hordak.exceptions import AccountingEquationViolationError
from hordak.models import Account as HordakAccount
from moneyed import EUR
from moneyed import Money as MoneyedMoney

from backoffice.bench.models import NaiveAccount, NaiveEntry
from backoffice.bench.side import WalletSide
from backoffice.bench.traffic import Wanted
from wallet.vocabulary import COUNTERPART, AccountKind

# The two pots of the house that our input moves money from, and what they are to an accountant.
HOUSE_TYPES = {AccountKind.HOUSE_CASH: "AS", AccountKind.HOUSE_PAYOUTS: "EX"}


class Hordak(WalletSide):
    """A real peer. It has no keys, so it gets no repeats."""

    name = "django-hordak"
    about = (
        f"django-hordak {version('django-hordak')}, Account.transfer_to: a Transaction with two "
        "Legs a commit, its own triggers; no keys, so it is spared the repeats"
    )
    takes_repeats = False

    def open(self) -> None:
        """A liability for each player; the house's cash is an asset, payouts are an expense."""
        self.house = {
            kind: HordakAccount.objects.create(name=kind, type=type_, currencies=["EUR"])
            for kind, type_ in HOUSE_TYPES.items()
        }
        self.accounts = [
            HordakAccount.objects.create(name=f"player {place}", type="LI", currencies=["EUR"])
            for place in range(self.players)
        ]

    def posting(self, wanted: Sequence[Wanted]) -> Callable[[], None]:
        """Return the transfers: the player's account is credited, the house's debited."""
        calls = [
            (
                self.accounts[one.player],
                self.house[COUNTERPART[one.kind]],
                MoneyedMoney(Decimal(one.minor).scaleb(-2), EUR),
            )
            for one in wanted
        ]

        def post() -> None:
            for account, house, amount in calls:
                account.transfer_to(house, amount)

        return post

    def complaints(self) -> list[str]:
        """Ask for its accounting equation and its balances."""
        try:
            HordakAccount.validate_accounting_equation()
        except (AccountingEquationViolationError, TypeError):
            # hordak 2.0 stumbles with a TypeError over the text of its own complaint.
            return ["its accounting equation does not hold"]
        balances = {
            account.pk: int(account.balance["EUR"].amount.scaleb(2))
            for account in HordakAccount.objects.filter(type="LI").with_balances()
        }
        found = {place: balances[account.pk] for place, account in enumerate(self.accounts)}
        return self.wrong_balances(found)


class Naive(WalletSide):
    """A ledger that is right and easy to read, one object at a time."""

    name = "naive ORM"
    about = (
        "Django ORM: select_for_update on the account, get by key, create two entries, "
        "save the balance; a commit each"
    )

    def open(self) -> None:
        """Add the accounts."""
        self.house = {kind: NaiveAccount.objects.create(name=kind).pk for kind in HOUSE_TYPES}
        added = NaiveAccount.objects.bulk_create(
            NaiveAccount(name=f"player {place}") for place in range(self.players)
        )
        self.accounts = [account.pk for account in added]

    def posting(self, wanted: Sequence[Wanted]) -> Callable[[], None]:
        """Return the calls."""
        calls = [
            (one, self.accounts[one.player], self.house[COUNTERPART[one.kind]]) for one in wanted
        ]

        def post() -> None:
            for one, account_id, house_id in calls:
                post_naively(one, account_id=account_id, house_id=house_id)

        return post

    def complaints(self) -> list[str]:
        """Compare the balances; all entries together must be zero."""
        total = NaiveEntry.objects.aggregate(total=Sum("amount"))["total"]
        balances = dict(NaiveAccount.objects.values_list("id", "balance"))
        found = {place: balances[number] for place, number in enumerate(self.accounts)}
        return ([f"the entries sum to {total}"] if total else []) + self.wrong_balances(found)


def post_naively(wanted: Wanted, *, account_id: int, house_id: int) -> NaiveEntry:
    """Move money once for each key, as a tutorial would."""
    with transaction.atomic():
        account = NaiveAccount.objects.select_for_update().get(pk=account_id)
        try:
            return NaiveEntry.objects.get(key=wanted.key, account=account)
        except NaiveEntry.DoesNotExist:
            pass
        entry = NaiveEntry.objects.create(
            key=wanted.key, account=account, kind=wanted.kind, amount=wanted.minor
        )
        NaiveEntry.objects.create(
            key=wanted.key, account_id=house_id, kind=wanted.kind, amount=-wanted.minor
        )
        account.balance += wanted.minor
        account.save(update_fields=["balance"])
        return entry
