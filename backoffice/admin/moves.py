"""Deposits, withdrawals and adjustments by hand: the form, its preview, and the token between."""

import uuid
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core import signing
from django.db import transaction
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from backoffice.words import grouped, signed, worded
from wallet import selectors, services
from wallet.models import Currency, Player
from wallet.money import Money, MoneyError, Unit
from wallet.selectors import Posted
from wallet.vocabulary import (
    Reason,
    TransferKind,
)

TOKEN_SALT = "wallet.move"  # noqa: S105 - a salt, not a secret
TOKEN_AGE = 3600


@dataclass(frozen=True, slots=True)
class Move:
    """Something that a person may do to a balance."""

    word: str
    title: str
    kind: TransferKind
    permission: str
    sign: int
    help: str


MOVES = {
    move.word: move
    for move in (
        Move("deposit", "Deposit", TransferKind.DEPOSIT, "wallet.post_deposit", 1,
             "Money that the player has paid in."),
        Move("withdrawal", "Withdrawal", TransferKind.WITHDRAWAL, "wallet.post_withdrawal", -1,
             "Money that is paid out to the player; never more than he holds."),
        Move("adjustment", "Adjustment", TransferKind.ADJUSTMENT, "wallet.post_adjustment", 1,
             "A correction, up or down: −5.00 takes 5.00 from the player."),
    )
}  # fmt: skip


class PreviewStale(Exception):
    """The account or the form changed after the preview was made."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a move would do, and the token that says it was seen."""

    before: str
    change: str
    after: str
    currency: str
    reason: str
    becomes_negative: bool
    token: str


class MoveForm(forms.Form):
    """Amount, reason and note, as text that is checked against the currency."""

    currency = forms.ChoiceField(widget=UnfoldAdminSelectWidget)
    amount = forms.CharField(max_length=40, widget=UnfoldAdminTextInputWidget)
    reason = forms.ChoiceField(
        choices=[("", "Choose…"), *((str(r), worded(r)) for r in Reason)],
        widget=UnfoldAdminSelectWidget,
    )
    note = forms.CharField(
        max_length=services.LONGEST_NOTE,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="What an auditor should know in a year.",
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, player: Player, move: Move, **words: Any) -> None:
        super().__init__(*args, **words)
        self.player = player
        self.move = move
        self.fields["amount"].help_text = move.help
        codes = list(Currency.objects.order_by("code").values_list("code", flat=True))
        own = [account.currency_id for account in selectors.accounts_of(player)]
        others = [(code, code) for code in codes if code not in own]
        self.fields["currency"].choices = [  # type: ignore[attr-defined]
            *((code, code) for code in own),
            ("Further currencies", others),
        ]

    @property
    def unit(self) -> Unit:
        """The chosen currency."""
        return Currency.objects.get(pk=self.cleaned_data["currency"]).unit

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "amount" in cleaned and "currency" in cleaned:
            try:
                cleaned["change"] = self._change(Money.parse(cleaned["amount"], self.unit))
            except MoneyError as error:
                self.add_error("amount", str(error))
        return cleaned

    def _change(self, amount: Money) -> Money:
        if not amount.minor:
            raise MoneyError("The amount is zero: there is nothing to move.")
        if amount.minor < 0 and self.move.kind is not TransferKind.ADJUSTMENT:
            raise MoneyError("Type the amount without a sign.")
        return amount if self.move.sign > 0 else -amount

    def preview(self) -> Preview:
        """Return what the move would do now; refuse what it could not do."""
        change: Money = self.cleaned_data["change"]
        account = selectors.account_of(player=self.player, currency=change.unit.code)
        before = selectors.balance(account) if account else Money(0, change.unit)
        services.refuse_for(
            services.LockedAccount(
                change.unit.code, before.minor, 0, self.player.status, str(self.player)
            ),
            self._posting(account.pk if account else 0),
        )
        after = before + change
        return Preview(
            before=grouped(str(before)),
            change=signed(str(change)),
            after=grouped(str(after)),
            currency=change.unit.code,
            reason=worded(self.cleaned_data["reason"]),
            becomes_negative=after.minor < 0,
            token=signing.dumps(self._seen(account.version if account else 0), salt=TOKEN_SALT),
        )

    def post(self, *, token: str, actor: str) -> Posted:
        """Post the move if nothing changed since its preview."""
        change: Money = self.cleaned_data["change"]
        with transaction.atomic():
            accounts = services.open_accounts(players=[self.player.pk], currency=change.unit.code)
            posting = self._posting(accounts[self.player.pk])
            locked = services.lock_accounts([posting.account_id])[posting.account_id]
            if not selectors.earlier_postings([posting.key]):
                self._refuse_stale(token, locked.version)
            return services.post_transfers(postings=[posting], actor=actor)[0]

    def _posting(self, account_id: int) -> services.Posting:
        return services.Posting(
            key=f"desk:{self.cleaned_data['key']}",
            account_id=account_id,
            kind=self.move.kind,
            change=self.cleaned_data["change"],
            reason=self.cleaned_data["reason"],
            note=self.cleaned_data["note"],
        )

    def _seen(self, version: int) -> list[str]:
        fields = ("currency", "amount", "reason", "note", "key")
        return [
            str(self.player.pk), self.move.word, str(version),
            *(str(self.cleaned_data[name]) for name in fields),
        ]  # fmt: skip

    def _refuse_stale(self, token: str, version: int) -> None:
        try:
            seen = signing.loads(token, salt=TOKEN_SALT, max_age=TOKEN_AGE)
        except signing.BadSignature:
            raise PreviewStale("This preview is too old. Look again, then confirm.") from None
        if seen != self._seen(version):
            raise PreviewStale(
                f"The balance of {self.player} or your form changed after the preview. "
                "Look again, then confirm."
            )
