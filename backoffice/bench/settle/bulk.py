"""The peer, market by market: the ORM as one tunes it, a thousand bets at a time."""

from collections.abc import Callable, Sequence
from fractions import Fraction

from django.db import transaction

from backoffice.bench.models import NaiveAccount, NaiveBet, NaiveChange, NaiveEntry, NaiveLeg
from backoffice.bench.settle.bets import end_of
from backoffice.bench.settle.markets import FIRST, Hot
from backoffice.bench.settle.naive_books import NaiveBooks
from backoffice.bench.settle.side import SettleSide
from backoffice.bench.side import in_batches
from settlement.models import RuleSet
from settlement.rules import payout
from settlement.rules.exact import ratio
from settlement.rules.kinds import shape_of
from settlement.rules.legs import LOST, WON, Leg
from settlement.rules.ruleset import RuleSet as Rules
from settlement.rules.ruleset import rule_set
from settlement.vocabulary import LegResult, TicketResult, TicketStatus
from wallet.vocabulary import TransferKind

BETS_A_COMMIT = 1000
FACTORS = {str(LegResult.WIN): WON, str(LegResult.LOSE): LOST}
KINDS = {1: "single", 3: "treble"}


class BulkUpdate(SettleSide):
    """The first bets of the same market."""

    def __init__(self, *, name: str, hot: Hot, books: NaiveBooks, size: int, winner: str) -> None:
        super().__init__(database=hot.books.database)
        self.name = name
        self.about = (
            f"Django ORM on tables of its own, the same first bets and rules, {BETS_A_COMMIT:,} "
            "bets a commit: select_for_update, fetch the legs, compute, bulk_create events and "
            "entries, bulk_update legs, bets and balances"
        )
        self.hot = hot
        self.books = books
        self.size = size
        self.winner = winner

    def open(self) -> None:
        """Open the accounts, and read the rules."""
        if self.winner == FIRST:
            self.books.open()
        self.rules = rule_set(RuleSet.objects.earliest("id").settings)

    def settling(self, round_number: int) -> Callable[[], int]:
        """Return the settlement of a market."""
        market = self.hot.market(round_number)
        some = market.bets[: self.size]
        if self.winner == FIRST:
            self.books.add(some)
        self.books.expected.note((bet, end_of(bet, self.winner)) for bet in some)

        def settle() -> int:
            settle_market(market.event, self.winner, self.rules, house=self.books.house)
            return len(some)

        return settle

    def wrong_books(self) -> list[str]:
        """Ask its books."""
        return self.books.complaints()


def settle_market(event: str, winner: str, rules: Rules, *, house: NaiveAccount) -> None:
    """Settle all bets on an event's market."""
    on_it = NaiveBet.objects.filter(legs__outcome__market__event__ref=event).order_by("pk")
    for some in in_batches(list(on_it.values_list("pk", flat=True)), BETS_A_COMMIT):
        settle_some(some, event, winner, rules, house)


@transaction.atomic
def settle_some(
    numbers: Sequence[int], event: str, winner: str, rules: Rules, house: NaiveAccount
) -> None:
    """Settle these bets."""
    bets = list(NaiveBet.objects.select_for_update().filter(pk__in=numbers).order_by("pk"))
    legs: dict[int, list[NaiveLeg]] = {number: [] for number in numbers}
    for leg in NaiveLeg.objects.filter(bet__in=numbers).select_related("outcome__market__event"):
        legs[leg.bet_id].append(leg)
    accounts = {
        account.pk: account
        for account in NaiveAccount.objects.select_for_update()
        .filter(pk__in={bet.account_id for bet in bets})
        .order_by("pk")
    }
    ended: list[NaiveLeg] = []
    changes: list[NaiveChange] = []
    for bet in bets:
        for leg in legs[bet.pk]:
            if leg.outcome.market.event.ref == event:
                leg.result = LegResult.WIN if leg.outcome.ref == winner else LegResult.LOSE
                ended.append(leg)
        changes += changed(bet, legs[bet.pk], rules)
    for change in changes:
        accounts[change.bet.account_id].balance += change.difference
    NaiveChange.objects.bulk_create(changes)
    NaiveEntry.objects.bulk_create(
        NaiveEntry(
            key=f"change:{change.pk}", account=paid, kind=TransferKind.SETTLEMENT, amount=amount
        )
        for change in changes
        if change.difference
        for paid, amount in (
            (accounts[change.bet.account_id], change.difference),
            (house, -change.difference),
        )
    )
    NaiveLeg.objects.bulk_update(ended, ["result"])
    NaiveBet.objects.bulk_update([change.bet for change in changes], ["status", "result", "payout"])
    NaiveAccount.objects.bulk_update(accounts.values(), ["balance"])


def changed(bet: NaiveBet, its_legs: Sequence[NaiveLeg], rules: Rules) -> list[NaiveChange]:
    """Bring a bet to where its legs say; return the change, if it is one."""
    legs = tuple(
        Leg(name="", price=ratio(str(leg.price)), win=FACTORS.get(leg.result)) for leg in its_legs
    )
    asked = payout.Bet(
        shape=shape_of(KINDS[len(legs)], legs=len(legs)), stake=Fraction(bet.stake, 100), legs=legs
    )
    settled = payout.settle(asked, rules)
    before = (bet.status, bet.result, bet.payout)
    if settled.returns is None:
        bet.status, bet.result, bet.payout = TicketStatus.OPEN, TicketResult.NONE, 0
    else:
        bet.status, bet.result = TicketStatus.SETTLED, settled.result
        bet.payout = int(settled.returns * 100)
    if (bet.status, bet.result, bet.payout) == before:
        return []
    return [
        NaiveChange(
            bet=bet,
            status=bet.status,
            result=bet.result,
            payout=bet.payout,
            difference=bet.payout - before[2],
        )
    ]
