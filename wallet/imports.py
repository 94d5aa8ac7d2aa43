"""Players from a file: safe to run again, each bad line told by its number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby

import msgspec
from django.db import connection, transaction

from wallet import selectors, services
from wallet.models import Player
from wallet.money import Money, MoneyError, Unit
from wallet.services import Posting, WalletRefusal
from wallet.vocabulary import Reason, TransferKind


class PlayerLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the file: a player, and what he brings along in one currency."""

    player: str
    currency: str
    name: str = ""
    deposit: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that changed nothing, and why."""

    line: int
    reason: str


@dataclass(slots=True)
class Imported:
    """What came of a file."""

    lines: int = 0
    players: int = 0
    deposits: int = 0
    repeated: int = 0
    refused: list[Refused] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line that can be read, with its exact deposit."""

    line: int
    player: str
    name: str
    deposit: Money

    @property
    def key(self) -> str:
        """One opening balance for each player and currency, however often the file comes."""
        return f"import:{self.deposit.unit.code}:{self.player}"


def import_lines(
    *, lines: Iterable[tuple[int, bytes]], actor: str, note: str, into: Imported
) -> None:
    """Create players and their accounts, and post their deposits.

    All at once; when one line is refused, each by itself, so that a refused line changes nothing.
    """
    units = selectors.units()
    readable = []
    for number, line in lines:
        into.lines += 1
        try:
            readable.append(read(number, line, units))
        except (msgspec.DecodeError, MoneyError, UnicodeDecodeError) as error:
            into.refused.append(Refused(number, str(error)))
    try:
        apply(readable, actor, note, into)
    except WalletRefusal:
        for one in readable:
            try:
                apply([one], actor, note, into)
            except WalletRefusal as refusal:
                into.refused.append(Refused(one.line, str(refusal)))
    into.refused.sort(key=lambda refused: refused.line)


def apply(wanted: Sequence[Wanted], actor: str, note: str, into: Imported) -> None:
    """Do what these lines ask for in one transaction; count only what was done."""
    with transaction.atomic():
        players, created = save_players(wanted)
        posted = services.post_transfers(postings=postings(wanted, players, note), actor=actor)
    into.players += created
    into.repeated += sum(row.repeated for row in posted)
    into.deposits += sum(not row.repeated for row in posted)


def read(number: int, line: bytes, units: dict[str, Unit]) -> Wanted:
    """Return a line's meaning; refuse what can't be meant."""
    found = msgspec.json.decode(line, type=PlayerLine)
    if not found.player.strip() or len(found.player) > 100 or "\0" in found.player + found.name:
        raise MoneyError("“player” must have 1 to 100 characters.")
    if len(found.name) > 200:
        raise MoneyError("“name” is longer than 200 characters.")
    if found.currency not in units:
        raise MoneyError(f"There is no currency “{found.currency}” here.")
    deposit = Money.parse(found.deposit, units[found.currency])
    if deposit.minor < 0:
        raise MoneyError(f"A deposit can't be negative: {deposit}.")
    return Wanted(number, found.player, found.name, deposit)


SAVE_PLAYERS = """
INSERT INTO wallet_player (external_id, name)
SELECT external_id, name FROM unnest(%s::text[], %s::text[]) AS p (external_id, name)
 ORDER BY external_id
ON CONFLICT (external_id) DO UPDATE SET name = excluded.name
      WHERE excluded.name <> '' AND wallet_player.name <> excluded.name
RETURNING xmax = 0
"""


def save_players(wanted: Sequence[Wanted]) -> tuple[dict[str, int], int]:
    """Create the players who are new, rename those whose name changed.

    Return all their ids, and how many are new. A line without a name takes none away.
    """
    names: dict[str, str] = {}
    for line in wanted:
        names[line.player] = line.name or names.get(line.player, "")
    with connection.cursor() as cursor:
        cursor.execute(SAVE_PLAYERS, [list(names), list(names.values())])
        created = sum(new for (new,) in cursor.fetchall())
    found = Player.objects.filter(external_id__in=names)
    return dict(found.values_list("external_id", "id")), created


def postings(wanted: Sequence[Wanted], players: dict[str, int], note: str) -> list[Posting]:
    """Open the accounts and return the deposits to post."""
    found = []
    by_currency = sorted(wanted, key=lambda line: (line.deposit.unit.code, line.line))
    for code, group in groupby(by_currency, key=lambda line: line.deposit.unit.code):
        lines = list(group)
        accounts = services.open_accounts(
            players=[players[line.player] for line in lines], currency=code
        )
        found += [
            posting_of(line, accounts[players[line.player]], note)
            for line in lines
            if line.deposit.minor
        ]
    return found


def posting_of(line: Wanted, account_id: int, note: str) -> Posting:
    """Return the deposit that a line asks for."""
    return Posting(
        key=line.key,
        account_id=account_id,
        kind=TransferKind.DEPOSIT,
        change=line.deposit,
        reason=Reason.OPENING_BALANCE,
        note=note,
        reference_kind="IMPORT",
    )
