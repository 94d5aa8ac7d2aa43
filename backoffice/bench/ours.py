"""Our wallet as a side: `post_transfers`, with so many postings a call."""

from collections.abc import Callable, Sequence

from backoffice.bench.side import WalletSide, in_batches
from backoffice.bench.traffic import Wanted
from wallet.invariants import TRUTHS
from wallet.models import Account, Currency, Player
from wallet.money import Money
from wallet.services import Posting, open_accounts, post_transfers
from wallet.vocabulary import TransferKind

REASONS = {TransferKind.DEPOSIT: "CUSTOMER_PAYMENT", TransferKind.SETTLEMENT: "RESULT"}


class Ours(WalletSide):
    """The wallet as production runs it: the restricted role, every trigger and constraint."""

    def __init__(self, *, batch: int, size: int, players: int) -> None:
        super().__init__(size=size, players=players)
        self.batch = batch
        self.name = f"ours ×{batch:,}"
        self.about = f"wallet.services.post_transfers with {batch:,} postings a call and commit"
        if batch == 1:
            self.about = "wallet.services.post_transfers with one posting a call and commit"

    def open(self) -> None:
        """Add players of our own with an empty account each."""
        self.unit = Currency.objects.get(code="EUR").unit
        added = Player.objects.bulk_create(
            Player(external_id=f"{self.name} {place}") for place in range(self.players)
        )
        accounts = open_accounts(players=[player.pk for player in added], currency="EUR")
        self.accounts = [accounts[player.pk] for player in added]

    def posting(self, wanted: Sequence[Wanted]) -> Callable[[], None]:
        """Return the calls."""
        postings = [self._posting(one) for one in wanted]
        batches = list(in_batches(postings, self.batch))

        def post() -> None:
            for batch in batches:
                post_transfers(postings=batch, actor="bench")

        return post

    def _posting(self, wanted: Wanted) -> Posting:
        settled = wanted.kind is TransferKind.SETTLEMENT
        return Posting(
            key=wanted.key,
            account_id=self.accounts[wanted.player],
            kind=wanted.kind,
            change=Money(wanted.minor, self.unit),
            reason=REASONS[wanted.kind],
            reference_kind="TICKET" if settled else "",
            reference_id=wanted.key if settled else "",
        )

    def complaints(self) -> list[str]:
        """Ask every truth, and compare the balances."""
        broken = [
            f"truth {truth.number} is broken ({truth.name})" for truth in TRUTHS if truth.find()
        ]
        balances = dict(Account.objects.filter(id__in=self.accounts).values_list("id", "balance"))
        found = {place: balances[number] or 0 for place, number in enumerate(self.accounts)}
        return broken + self.wrong_balances(found)
