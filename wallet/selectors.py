"""Questions about the ledger. Nothing here writes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from wallet.models import Account, Currency, Player, Transfer
from wallet.money import Money, Unit, text
from wallet.prepared import fetch_planned, number_array


class Posted(NamedTuple):
    """A transfer that stands in the ledger, seen from the player's side."""

    transfer_id: int
    key: str
    account_id: int
    change: int
    balance_after: int
    sequence: int
    created_at: datetime
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A transfer as a statement shows it: amounts in major units, from the player's side."""

    sequence: int
    created_at: datetime
    kind: str
    change: str
    balance_after: str
    currency: str
    reference: str
    reason: str
    note: str
    actor: str
    key: str

    @property
    def is_credit(self) -> bool:
        """Whether the player got money."""
        return not self.change.startswith("-")


@dataclass(frozen=True, slots=True)
class Books:
    """One currency: what the players hold, what the house holds, and what that sums to.

    `below_zero` counts the players' accounts that are overdrawn.
    """

    currency: str
    players: str
    house: dict[str, str]
    difference: str
    balanced: bool
    below_zero: int


def units(codes: Iterable[str] | None = None) -> dict[str, Unit]:
    """Return the currencies by code."""
    currencies = Currency.objects.all() if codes is None else Currency.objects.filter(pk__in=codes)
    return {currency.code: currency.unit for currency in currencies}


def account_of(*, player: Player, currency: str) -> Account | None:
    """Return a player's cash account, if he ever had one in that currency."""
    accounts = player.accounts.select_related("currency", "player")
    return accounts.filter(kind="PLAYER_CASH", currency_id=currency).first()


def accounts_of(player: Player) -> list[Account]:
    """Return a player's accounts, the currency with the latest name last."""
    return list(player.accounts.select_related("currency").order_by("currency_id", "kind"))


class Held(NamedTuple):
    """A player and what he holds, by currency."""

    name: str
    balances: dict[str, int]


def balances_of(players: Iterable[int]) -> dict[int, Held]:
    """Return what players hold in minor units, with the names that clients know them by."""
    ids = number_array(sorted(players))
    found: dict[int, Held] = {}
    for number, name, code, held in fetch_planned(BALANCES, [ids]):
        balances = found.setdefault(number, Held(name, {})).balances
        if code is not None:
            balances[code] = held
    return found


BALANCES = """
SELECT p.id, p.external_id, a.currency_id, a.balance
  FROM wallet_player p
  LEFT JOIN wallet_account a ON a.player_id = p.id AND a.kind = 'PLAYER_CASH'
 WHERE p.id = ANY (%s::bigint[])
"""


def balance(account: Account) -> Money:
    """Return what a player's account holds now."""
    return Money(account.balance or 0, account.currency.unit)


def balance_at(*, account: Account, at: datetime) -> Money:
    """Return what a player's account held at a moment, that moment's own transfers included."""
    before = account.transfers.filter(created_at__lte=at).order_by("-account_sequence")
    minor = before.values_list("player_balance_after", flat=True).first()
    return Money(minor or 0, account.currency.unit)


def statement(
    *,
    account: Account,
    since: datetime | None = None,
    until: datetime | None = None,
    kind: str = "",
    before_sequence: int | None = None,
) -> QuerySet[Transfer]:
    """Return an account's transfers, the newest first; both moments are included."""
    chosen: dict[str, Any] = {}
    if since:
        chosen["created_at__gte"] = since
    if until:
        chosen["created_at__lte"] = until
    if kind:
        chosen["kind"] = kind
    if before_sequence:
        chosen["account_sequence__lt"] = before_sequence
    return account.transfers.filter(**chosen).order_by("-account_sequence")


def statement_line(transfer: Transfer, unit: Unit) -> StatementLine:
    """Return a transfer as a statement shows it."""
    credit = transfer.credit_account_id == transfer.player_account_id
    return StatementLine(
        sequence=transfer.account_sequence,
        created_at=transfer.created_at,
        kind=transfer.kind,
        change=text(transfer.amount if credit else -transfer.amount, unit.precision),
        balance_after=text(transfer.player_balance_after, unit.precision),
        currency=unit.code,
        reference=f"{transfer.reference_kind} {transfer.reference_id}".strip(),
        reason=transfer.reason,
        note=transfer.note,
        actor=transfer.actor,
        key=transfer.key,
    )


def transfers_by_key(keys: Sequence[str]) -> list[Transfer]:
    """Return the transfers that stand under these keys, the oldest first."""
    found = Transfer.objects.filter(key__in=keys).select_related("currency")
    return list(found.order_by("id"))


CHANGE = "CASE WHEN credit_account_id = player_account_id THEN amount ELSE -amount END"

POSTED_BY_KEY = f"""
SELECT id, key, player_account_id, {CHANGE}, player_balance_after, account_sequence, created_at,
       kind, currency_id, reference_kind, reference_id, reason, note
  FROM wallet_transfer WHERE key = ANY(%s)
"""  # noqa: S608 - no value of anybody's stands in it


class EarlierPosting(NamedTuple):
    """A transfer that stands under a key, with all that its author said."""

    posted: Posted
    content: tuple[str, ...]


def earlier_postings(keys: Sequence[str]) -> dict[str, EarlierPosting]:
    """Return the transfers that stand under these keys."""
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(POSTED_BY_KEY, [list(keys)])
        rows = cursor.fetchall()
    return {
        row[1]: EarlierPosting(
            Posted(*row[:7])._replace(repeated=True), (str(row[2]), str(row[3]), *row[7:])
        )
        for row in rows
    }


LAST_CHECKPOINT = """
SELECT through_xact::text, through_id FROM wallet_housecheckpoint
 ORDER BY through_xact DESC, through_id DESC LIMIT 1
"""

# Each house account, from the last checkpoint on. A transfer in flight has an xact that is not
# below the snapshot's xmin, so no checkpoint has passed it.
HOUSE_BALANCES = """
SELECT a.id, a.currency_id, a.kind, coalesce(c.balance, 0) + coalesce(m.change, 0) AS minor
  FROM wallet_account a
  LEFT JOIN wallet_housecheckpoint c
    ON c.account_id = a.id AND c.through_xact = %(xact)s::xid8 AND c.through_id = %(id)s
  LEFT JOIN (
      SELECT CASE WHEN credit_account_id = player_account_id THEN debit_account_id
                  ELSE credit_account_id END AS account_id,
             sum(CASE WHEN credit_account_id = player_account_id THEN -amount ELSE amount END)
                 AS change
        FROM wallet_transfer
       WHERE (xact, id) > (%(xact)s::xid8, %(id)s)
       GROUP BY 1) m ON m.account_id = a.id
 WHERE a.player_id IS NULL
"""

# One statement, one snapshot: money that moves while we look is on both sides or on none.
BOOKS = f"""
SELECT currency_id, kind, minor, 0 FROM ({HOUSE_BALANCES}) house
 UNION ALL
SELECT currency_id, 'PLAYERS', sum(balance), count(*) FILTER (WHERE balance < 0)
  FROM wallet_account WHERE player_id IS NOT NULL GROUP BY 1
 ORDER BY 1, 2
"""  # noqa: S608 - only our own constant stands in it


def last_checkpoint() -> dict[str, Any]:
    """Return the place in the ledger that the last checkpoint reached."""
    with connection.cursor() as cursor:
        cursor.execute(LAST_CHECKPOINT)
        xact, number = cursor.fetchone() or ("0", 0)
    return {"xact": xact, "id": number}


def books() -> list[Books]:
    """Return both sides of the ledger for every currency that is in use."""
    with connection.cursor() as cursor:
        cursor.execute(BOOKS, last_checkpoint())
        rows = cursor.fetchall()
    known = units({row[0] for row in rows})
    found = []
    for code, group in groupby(rows, key=itemgetter(0)):
        held = {kind: (int(minor), below_zero) for _, kind, minor, below_zero in group}
        players, below_zero = held.pop("PLAYERS", (0, 0))
        house = {kind: minor for kind, (minor, _) in held.items()}
        found.append(books_of(known[code], players, house, below_zero))
    return found


def books_of(unit: Unit, players: int, house: Mapping[str, int], below_zero: int) -> Books:
    """Return one currency's books from its amounts in minor units."""
    difference = players + sum(house.values())
    return Books(
        currency=unit.code,
        players=text(players, unit.precision),
        house={kind: text(minor, unit.precision) for kind, minor in house.items()},
        difference=text(difference, unit.precision),
        balanced=difference == 0,
        below_zero=below_zero,
    )
