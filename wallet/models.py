"""The ledger's tables. Rules that must hold whoever writes stand in the database: 0003 to 0007."""

from typing import cast

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Upper

from wallet.money import MOST_MINOR_UNITS, Unit
from wallet.vocabulary import AccountKind, PlayerStatus, TransferKind


def words(kinds: type[AccountKind] | type[PlayerStatus] | type[TransferKind]) -> list[str]:
    """Return an enum's values, for the CHECK that stands beside it."""
    return [str(kind) for kind in kinds]


class TransactionIdField(models.BigIntegerField):  # type: ignore[type-arg]
    """The writing transaction's own number (xid8): what a reader needs to miss no row in flight."""

    def db_type(self, connection: object) -> str:
        return "xid8"

    def from_db_value(self, value: object, *_: object) -> int | None:
        return None if value is None else int(str(value))


class CurrentTransactionId(models.Func):
    """pg_current_xact_id()."""

    function = "pg_current_xact_id"
    arity = 0
    output_field = TransactionIdField()


class Currency(models.Model):
    """A currency and its precision, which never changes: it gives every stored amount its size."""

    code = models.CharField(max_length=10, primary_key=True)
    precision = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name_plural = "currencies"
        constraints = [
            models.CheckConstraint(
                condition=Q(precision__lte=8), name="currency_precision_is_0_to_8"
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-Z][A-Z0-9]{1,9}$"), name="currency_code_is_upper_case"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def unit(self) -> Unit:
        """This currency as the pure modules know it."""
        return Unit(self.code, self.precision)


class Player(models.Model):
    """Somebody who bets. `external_id` is the name that the betting platform knows him by."""

    external_id = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=200, blank=True, default="")
    status = models.CharField(
        max_length=10,
        choices=[(str(s), s.capitalize()) for s in PlayerStatus],
        default=str(PlayerStatus.ACTIVE),
        db_default=str(PlayerStatus.ACTIVE),
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=words(PlayerStatus)), name="player_status_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(external_id=""), name="player_external_id_is_not_empty"
            ),
        ]
        permissions = [
            ("post_deposit", "Can pay a deposit into a player's account"),
            ("post_withdrawal", "Can pay a withdrawal out of a player's account"),
            ("post_adjustment", "Can adjust a player's balance"),
            ("export_statement", "Can export statements"),
        ]
        indexes = [
            models.Index(
                OpClass(Upper("name"), name="text_pattern_ops"), name="player_by_name_begun"
            )
        ]

    def __str__(self) -> str:
        return self.external_id


class Account(models.Model):
    """A player's cash or one of the house's pots, in one currency.

    A player's balance is cached here; only transfers move it. The house's balances are derived
    (`selectors.books`): a row that every transfer updates would stop the rest.
    """

    kind = models.CharField(max_length=20, choices=[(str(k), str(k)) for k in AccountKind])
    player = models.ForeignKey(
        Player, on_delete=models.PROTECT, null=True, related_name="accounts", db_index=False
    )
    currency = models.ForeignKey(Currency, on_delete=models.PROTECT, db_index=False)
    balance = models.BigIntegerField(null=True)
    version = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["player", "kind", "currency"],
                name="account_is_the_only_one_of_its_kind",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(kind__in=words(AccountKind)), name="account_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__startswith="PLAYER_", player__isnull=False, balance__isnull=False)
                | Q(kind__startswith="HOUSE_", player__isnull=True, balance__isnull=True),
                name="account_balance_is_cached_for_players_alone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.player or 'house'} {self.kind} {self.currency_id}"


class Transfer(models.Model):
    """One movement of money from one account to another: a row has two sides, so it balances.

    The player's side carries his running balance and his gapless number. Append-only.
    """

    key = models.CharField(max_length=150)
    kind = models.CharField(max_length=12, choices=[(str(k), str(k)) for k in TransferKind])
    player_account = models.ForeignKey(
        Account, models.PROTECT, related_name="transfers", db_index=False, db_constraint=False
    )
    debit_account = models.ForeignKey(
        Account, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    credit_account = models.ForeignKey(
        Account, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    amount = models.BigIntegerField()
    currency = models.ForeignKey(
        Currency, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    player_balance_after = models.BigIntegerField()
    account_sequence = models.BigIntegerField()
    reference_kind = models.CharField(max_length=12, blank=True, default="")
    reference_id = models.CharField(max_length=100, blank=True, default="")
    actor = models.CharField(max_length=200)
    reason = models.CharField(max_length=30)
    note = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    xact = TransactionIdField(db_default=CurrentTransactionId(), editable=False)

    class Meta:
        constraints = [
            # Not unique=True: that would add a second index, for LIKE, to each insert.
            models.UniqueConstraint(fields=["key"], name="transfer_key_is_used_once"),
            models.UniqueConstraint(
                fields=["player_account", "account_sequence"],
                include=["created_at", "player_balance_after"],
                name="transfer_has_its_own_number_in_the_account",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=words(TransferKind)), name="transfer_kind_is_known"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_amount_is_positive"),
            models.CheckConstraint(
                condition=~Q(debit_account=models.F("credit_account")),
                name="transfer_has_two_sides",
            ),
            models.CheckConstraint(
                condition=Q(player_account=models.F("debit_account"))
                | Q(player_account=models.F("credit_account")),
                name="transfer_has_the_player_on_one_side",
            ),
            models.CheckConstraint(
                condition=~Q(actor="") & ~Q(reason="") & ~Q(key=""),
                name="transfer_says_who_and_why",
            ),
            models.CheckConstraint(
                condition=~Q(kind="ADJUSTMENT") | ~Q(note=""), name="adjustment_has_a_note"
            ),
            models.CheckConstraint(
                condition=~Q(kind="DEPOSIT") | Q(player_account=models.F("credit_account")),
                name="deposit_goes_to_the_player",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["WITHDRAWAL", "STAKE"])
                | Q(player_account=models.F("debit_account"), player_balance_after__gte=0),
                name="withdrawal_and_stake_never_overdraw",
            ),
            models.CheckConstraint(
                condition=Q(player_balance_after__gte=-MOST_MINOR_UNITS),
                name="transfer_balance_fits_the_ledger",
            ),
        ]
        indexes = [
            models.Index(fields=["xact", "id"], name="transfer_in_commit_order"),
            # Bets make most rows; what people do by hand must be found among them.
            models.Index(
                fields=["kind", "id"],
                condition=Q(kind__in=["DEPOSIT", "WITHDRAWAL", "ADJUSTMENT"]),
                name="transfer_not_of_a_bet",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def player(self) -> Player:
        """Whose balance it moved: a player's account has a player, by CHECK."""
        return cast(Player, self.player_account.player)


class HouseCheckpoint(models.Model):
    """What a house account held after every transfer up to (xact, id). Append-only.

    Deriving a house balance starts here instead of at the ledger's first row.
    """

    account = models.ForeignKey(Account, models.PROTECT, db_index=False)
    through_xact = TransactionIdField()
    through_id = models.BigIntegerField()
    balance = models.DecimalField(max_digits=40, decimal_places=0)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["through_xact", "through_id", "account"],
                name="checkpoint_is_the_only_one_of_its_place",
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id} through {self.through_xact}/{self.through_id}"
