"""The demo's people and players: made through the same services as real ones."""

import random
from collections.abc import Iterator

from django.contrib.auth.models import Group

from backoffice.models import User
from backoffice.roles import MACHINES, ROLES
from wallet import selectors, services
from wallet.models import Account, Player
from wallet.money import Money
from wallet.services import Posting
from wallet.vocabulary import Reason, TransferKind

PREFIX = "DEMO-"
PASSWORD = "desk-demo-only"  # noqa: S105 - printed on the screen by `make demo`
PLAYERS = 240
FIRST = (
    "Ada Bruno Chiara Dmitri Elif Femi Greta Hugo Ines Jonas Kaja Liam Mira Noor Otto Pia".split()
)
LAST = "Abel Brandt Costa Duval Egger Ferrari Grant Holm Ivanova Jansen Keller Novak".split()
CURRENCIES = {
    "EUR": "250.00",
    "GBP": "180.00",
    "USD": "320.00",
    "JPY": "40000",
    "BTC": "0.01250000",
}


class ForeignData(Exception):
    """The database holds players that the demo did not make."""


def refuse_foreign() -> None:
    """Refuse a database that somebody works with."""
    if Player.objects.exclude(external_id__startswith=PREFIX).exists():
        raise ForeignData(
            "This database holds players that the demo did not make. Nothing was changed."
        )


def add_people() -> dict[str, str]:
    """Create one login for each role; return role by login."""
    logins = {}
    for role in (role for role in ROLES if role not in MACHINES):
        user, created = User.objects.get_or_create(
            username=role.lower(),
            defaults={"is_staff": True, "first_name": "Demo", "last_name": role},
        )
        if created:
            user.set_password(PASSWORD)
            user.save()
            user.groups.add(Group.objects.get(name=role))
        logins[user.username] = role
    return logins


def add_players() -> int:
    """Create the demo's players with a past; return how many transfers that took, 0 when there."""
    if Player.objects.filter(external_id__startswith=PREFIX).exists():
        return 0
    chance = random.Random(88)  # noqa: S311 - the same demo for everybody
    Player.objects.bulk_create(
        Player(
            external_id=f"{PREFIX}{number:04d}",
            name=f"{chance.choice(FIRST)} {chance.choice(LAST)}",
            status="BLOCKED" if number % 60 == 59 else "CLOSED" if number % 80 == 79 else "ACTIVE",
        )
        for number in range(1, PLAYERS + 1)
    )
    return sum(add_past(code, chance) for code in CURRENCIES)


def add_past(code: str, chance: random.Random) -> int:
    """Open accounts in one currency and post what happened on them, round by round."""
    active = Player.objects.filter(external_id__startswith=PREFIX, status="ACTIVE").order_by("id")
    players = [
        p for p in active.values_list("pk", flat=True) if code == "EUR" or p % 5 == len(code) % 5
    ]
    accounts = sorted(services.open_accounts(players=players, currency=code).values())
    typical = Money.parse(CURRENCIES[code], selectors.units([code])[code])
    posted = 0
    for number in range(130):
        chosen = accounts[:: number + 1] if number < 12 else accounts[:2]
        rows = Account.objects.filter(pk__in=chosen).values_list("pk", "balance")
        held = {account: balance or 0 for account, balance in rows}
        wanted = list(moves(number, chosen, held, typical, chance))
        posted += len(services.post_transfers(postings=wanted, actor="system:demo"))
    return posted


def moves(
    number: int,
    accounts: list[int],
    held: dict[int, int],
    typical: Money,
    chance: random.Random,
) -> Iterator[Posting]:
    """Yield what happens to each account in one round: mostly deposits, some the other way."""
    for account in accounts:
        amount = max(1, typical.minor * chance.randint(5, 200) // 100)
        key = f"demo:{typical.unit.code}:{account}:{number}"
        if number % 4 == 3 and held[account] > amount:
            kind, minor, note = TransferKind.WITHDRAWAL, -amount, "Paid to the player's bank"
        elif number % 6 == 5:
            kind, minor, note = (
                TransferKind.ADJUSTMENT,
                amount // 10 or 1,
                "Goodwill after a long call",
            )
        else:
            kind, minor, note = TransferKind.DEPOSIT, amount, "Card payment"
        reason = Reason.GOODWILL if kind is TransferKind.ADJUSTMENT else Reason.CUSTOMER_PAYMENT
        yield Posting(key, account, kind, Money(minor, typical.unit), reason, note)
