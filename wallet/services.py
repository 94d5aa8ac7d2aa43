"""The one way to move money: many transfers at once, all or none, each under a key of its own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import DataError, IntegrityError, connection, transaction

from wallet import selectors
from wallet.models import Account, Player
from wallet.money import MOST_MINOR_UNITS, Money
from wallet.prepared import fetch_all, number_array, text_array
from wallet.selectors import Posted
from wallet.vocabulary import (
    COUNTERPART,
    HOUSE_KINDS,
    NEVER_BELOW_ZERO,
    NOTE_REQUIRED,
    ONLY_ACTIVE_PLAYERS,
    ONLY_FROM_THE_PLAYER,
    ONLY_TO_THE_PLAYER,
    PlayerStatus,
    TransferKind,
)

LONGEST_KEY, LONGEST_NOTE, LONGEST_ACTOR = 150, 500, 200
LONGEST = {
    "note": LONGEST_NOTE,
    "reason": 30,
    "reference_kind": 12,
    "reference_id": 100,
}
SHORT = min(LONGEST.values())


class WalletRefusal(Exception):
    """Money was not moved, and nothing else changed. The text is for the person who asked."""


class PostingRefused(WalletRefusal):
    """The posting makes no sense whatever the balance is."""


class KeyReused(WalletRefusal):
    """The key stands in the ledger with another content."""


class InsufficientFunds(WalletRefusal):
    """The player's balance does not cover it."""


class PlayerNotActive(WalletRefusal):
    """A blocked or closed player may not bet, deposit or withdraw."""


class UnknownAccount(WalletRefusal):
    """There is no such player's account."""


@dataclass(frozen=True, slots=True)
class Posting:
    """What somebody wants to happen to a player's account: `change` is from his side."""

    key: str
    account_id: int
    kind: TransferKind
    change: Money
    reason: str
    note: str = ""
    reference_kind: str = ""
    reference_id: str = ""

    @property
    def content(self) -> tuple[str, ...]:
        """All that makes two postings under one key the same; who repeats it does not matter."""
        return (
            str(self.account_id), str(self.change.minor), self.kind, self.change.unit.code,
            self.reference_kind, self.reference_id, self.reason, self.note,
        )  # fmt: skip


@dataclass(slots=True)
class LockedAccount:
    """A player's account while we hold its lock."""

    currency: str
    balance: int
    version: int
    status: str
    player: str


def post_transfers(*, postings: Sequence[Posting], actor: str) -> list[Posted]:
    """Post all of `postings` or none, in their order; return what stands in the ledger for each.

    A key that was posted before with the same content answers with that first posting. What can't
    be posted is refused by the database; only then do we look why, to say it in a sentence.
    """
    check_actor(actor)
    wanted = distinct(postings)
    if not wanted:
        return []
    try:
        with transaction.atomic():
            posted = write(wanted, actor)
    except (IntegrityError, DataError, UnknownAccount):
        explain_refusal(wanted)
        raise
    return [posted[posting.key] for posting in postings]


def distinct(postings: Sequence[Posting]) -> dict[str, Posting]:
    """Return the postings by key, each checked; one key with two contents is refused."""
    wanted: dict[str, Posting] = {}
    for posting in postings:
        if wanted.setdefault(posting.key, posting) != posting:
            raise KeyReused(f"The key “{posting.key}” is used twice for different transfers.")
        check(posting)
    return wanted


def check_actor(actor: str) -> None:
    """Refuse a name that can't stand in the books."""
    if not actor:
        raise PostingRefused("Nobody is named as the one who moves the money.")
    if len(actor) > LONGEST_ACTOR:
        raise PostingRefused(f"The actor's name is longer than {LONGEST_ACTOR} characters.")
    check_writable(actor)


def check(posting: Posting) -> None:
    """Refuse a posting that could never stand."""
    kind, minor = posting.kind, posting.change.minor
    if not posting.key or len(posting.key) > LONGEST_KEY:
        raise PostingRefused(f"A key has 1 to {LONGEST_KEY} characters.")
    if minor == 0:
        raise PostingRefused("The amount is zero: there is nothing to move.")
    if (kind in ONLY_TO_THE_PLAYER and minor < 0) or (kind in ONLY_FROM_THE_PLAYER and minor > 0):
        raise PostingRefused(f"A {kind.lower()} can't be {posting.change}: the sign is wrong.")
    if not posting.reason:
        raise PostingRefused("A reason is required.")
    if kind in NOTE_REQUIRED and not posting.note.strip():
        raise PostingRefused("A note is required: say in a sentence why.")
    check_texts(posting)


def check_texts(posting: Posting) -> None:
    """Refuse a text that the ledger has no room for, or no way to write down."""
    texts = f"{posting.reference_kind}{posting.reference_id}{posting.reason}{posting.note}"
    if len(texts) > SHORT:
        refuse_long_texts(posting)
    check_writable(f"{posting.key}{posting.change.unit.code}{texts}")


def refuse_long_texts(posting: Posting) -> None:
    """Refuse a text that the ledger has no room for."""
    for name, most in LONGEST.items():
        if len(getattr(posting, name)) > most:
            raise PostingRefused(f"The {name.replace('_', ' ')} is longer than {most} characters.")


def check_writable(text: str) -> None:
    """Refuse what PostgreSQL's text can't hold."""
    if "\0" in text:
        raise PostingRefused("A text holds a character with the code 0.")
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError:
        raise PostingRefused("A text holds half a character: an unpaired surrogate.") from None


def write(wanted: Mapping[str, Posting], actor: str) -> dict[str, Posted]:
    """Lock, look for the keys, write what is new: in one call. Return all by key."""
    fresh = list(wanted.values())
    columns = (
        text_array([p.key for p in fresh]),
        text_array([p.kind for p in fresh]),
        number_array([p.account_id for p in fresh]),
        text_array([COUNTERPART[p.kind] for p in fresh]),
        number_array([p.change.minor for p in fresh]),
        text_array([p.change.unit.code for p in fresh]),
        text_array([p.reference_kind for p in fresh]),
        text_array([p.reference_id for p in fresh]),
        text_array([p.reason for p in fresh]),
        text_array([p.note for p in fresh]),
    )
    ((keys, ids, balances, sequences, at, earlier_keys),) = fetch_all(POST, [actor, *columns])
    earlier = selectors.earlier_postings(earlier_keys or [])
    refuse_other_content(wanted, earlier)
    posted = {key: found.posted for key, found in earlier.items()}
    for key, number, balance, sequence in zip(
        keys or (), ids or (), balances or (), sequences or (), strict=True
    ):
        asked = wanted[key]
        posted[key] = Posted(
            number, key, asked.account_id, asked.change.minor, balance, sequence, at
        )
    if len(posted) < len(wanted):
        raise UnknownAccount("The house has no account for one of these currencies.")
    return posted


POST = "SELECT * FROM wallet_post_transfers(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"


def explain_refusal(wanted: Mapping[str, Posting]) -> None:
    """Raise the sentence for what the database just refused, going through it as it did."""
    with transaction.atomic():
        accounts = lock_accounts({posting.account_id for posting in wanted.values()})
        earlier = selectors.earlier_postings(list(wanted))
        refuse_other_content(wanted, earlier)
        for key, posting in wanted.items():
            if key not in earlier:
                account = accounts[posting.account_id]
                refuse_for(account, posting)
                account.balance += posting.change.minor


def lock_accounts(account_ids: Iterable[int]) -> dict[int, LockedAccount]:
    """Lock players' accounts in id order until the transaction ends, and read them."""
    ids = sorted(account_ids)
    rows = fetch_all("SELECT * FROM wallet_lock_accounts(%s)", [number_array(ids)])
    found = {row[0]: LockedAccount(*row[1:]) for row in rows}
    if missing := [number for number in ids if number not in found]:
        raise UnknownAccount(f"There is no player's account number {missing[0]}.")
    return found


def refuse_other_content(
    wanted: Mapping[str, Posting], earlier: Mapping[str, selectors.EarlierPosting]
) -> None:
    """Refuse a key that stands for something else."""
    for key, found in earlier.items():
        if wanted[key].content != found.content:
            raise KeyReused(f"The key “{key}” was already used for a different transfer.")


def refuse_for(account: LockedAccount, posting: Posting) -> None:
    """Refuse what this account can't take as it stands."""
    unit = posting.change.unit
    if unit.code != account.currency:
        raise PostingRefused(f"The account of {account.player} is kept in {account.currency}.")
    if abs(account.balance + posting.change.minor) > MOST_MINOR_UNITS:
        raise PostingRefused(
            f"The balance of {account.player} would be more than the ledger can hold."
        )
    if posting.kind in ONLY_ACTIVE_PLAYERS and account.status != PlayerStatus.ACTIVE:
        raise PlayerNotActive(
            f"{account.player} is {account.status.lower()}: no {posting.kind.lower()} is possible."
        )
    if posting.kind in NEVER_BELOW_ZERO and account.balance + posting.change.minor < 0:
        raise InsufficientFunds(
            f"{account.player} holds {Money(account.balance, unit)} {unit.code}: "
            f"too little for {-posting.change} {unit.code}."
        )


def open_accounts(*, players: Iterable[int], currency: str) -> dict[int, int]:
    """Return each player's cash account in a currency, opening those that are missing."""
    wanted = set(players)
    found = cash_accounts(wanted, currency)
    if missing := sorted(wanted - found.keys()):
        with connection.cursor() as cursor:
            cursor.execute(
                OPEN, {"currency": currency, "house": list(HOUSE_KINDS), "players": missing}
            )
        found |= cash_accounts(missing, currency)
    return found


def cash_accounts(players: Iterable[int], currency: str) -> dict[int, int]:
    """Return the cash accounts that these players have in a currency."""
    accounts = Account.objects.filter(
        kind="PLAYER_CASH", currency_id=currency, player_id__in=players
    )
    return dict(accounts.values_list("player_id", "id"))


OPEN = """
INSERT INTO wallet_account (kind, player_id, currency_id, balance)
SELECT kind, NULL, %(currency)s, NULL FROM unnest(%(house)s::text[]) kind
 UNION ALL
SELECT 'PLAYER_CASH', player, %(currency)s, 0 FROM unnest(%(players)s::bigint[]) player
ON CONFLICT (player_id, kind, currency_id) DO NOTHING
"""


def move(
    *,
    player: Player,
    kind: TransferKind,
    change: Money,
    key: str,
    actor: str,
    reason: str,
    note: str,
) -> Posted:
    """Post one transfer to a player's cash account, opening it when he has none."""
    accounts = open_accounts(players=[player.pk], currency=change.unit.code)
    posting = Posting(key, accounts[player.pk], kind, change, reason, note)
    return post_transfers(postings=[posting], actor=actor)[0]


def deposit(
    *, player: Player, amount: Money, key: str, actor: str, reason: str, note: str = ""
) -> Posted:
    """Take money in for a player."""
    return move(
        player=player, kind=TransferKind.DEPOSIT, change=amount,
        key=key, actor=actor, reason=reason, note=note,
    )  # fmt: skip


def withdraw(
    *, player: Player, amount: Money, key: str, actor: str, reason: str, note: str = ""
) -> Posted:
    """Pay a player out; never more than he holds."""
    return move(
        player=player, kind=TransferKind.WITHDRAWAL, change=-amount,
        key=key, actor=actor, reason=reason, note=note,
    )  # fmt: skip


def adjust(
    *, player: Player, change: Money, key: str, actor: str, reason: str, note: str
) -> Posted:
    """Correct a balance up or down; a note says why. It may leave the player below zero."""
    return move(
        player=player, kind=TransferKind.ADJUSTMENT, change=change,
        key=key, actor=actor, reason=reason, note=note,
    )  # fmt: skip


def checkpoint_house_accounts() -> int:
    """Let the database write down what each house account holds by now; return how many rows.

    Only transfers of transactions that had ended when it looked are counted.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT wallet_checkpoint_house_accounts()")
        return int(cursor.fetchone()[0])
