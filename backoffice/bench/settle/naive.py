"""The peer, ticket by ticket: a consumer that is right and easy to read, one object at a time."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from backoffice.bench.models import (
    NaiveAccount,
    NaiveBet,
    NaiveChange,
    NaiveEntry,
    NaiveLeg,
    NaiveMessage,
)
from backoffice.bench.settle.books import Books
from backoffice.bench.settle.feed import BATCHES, some_bets
from backoffice.bench.settle.messages import sent
from backoffice.bench.settle.naive_books import NaiveBooks
from backoffice.bench.settle.side import SettleSide
from settlement.vocabulary import LegResult, TicketResult, TicketStatus
from wallet.vocabulary import TransferKind

RESULTS = {
    1: TicketResult.WIN,
    2: TicketResult.LOSE,
    3: TicketResult.REFUND,
    4: TicketResult.HALF_WIN,
}
LEG_RESULTS = {1: LegResult.WIN, 2: LegResult.LOSE, 3: LegResult.VOID, 4: LegResult.HALF_WIN}


class Naive(SettleSide):
    """The first messages of each round's stream."""

    name = "naive ORM"
    about = (
        "Django ORM on tables of its own, the same first messages: get_or_create the message, "
        "json, select_for_update on bet and account, compare settlementTime, create the event and "
        "two entries, save legs, bet and balance; a commit each"
    )

    def __init__(self, *, books: Books, size: int) -> None:
        super().__init__(database=books.database)
        self.ours = books
        self.books = NaiveBooks()
        self.size = size

    def open(self) -> None:
        """Open the accounts."""
        self.books.open()

    def settling(self, round_number: int) -> Callable[[], int]:
        """Return the calls."""
        some = some_bets(self.ours, BATCHES, round_number, self.size)
        bodies, ends = sent(some, round_number)
        self.books.add(some)
        self.books.expected.note(ends)

        def settle() -> int:
            for body in bodies:
                settle_naively(body, house=self.books.house)
            return len(some)

        return settle

    def wrong_books(self) -> list[str]:
        """Ask its books."""
        return self.books.complaints()


def settle_naively(raw: bytes, *, house: NaiveAccount) -> None:
    """Settle a bet as one message says, as a tutorial would."""
    with transaction.atomic():
        message, new = NaiveMessage.objects.get_or_create(
            sha256=hashlib.sha256(raw).hexdigest(), defaults={"raw": raw.decode()}
        )
        if not new:
            return
        said = json.loads(raw, parse_float=Decimal, parse_int=Decimal)["data"]
        bet = NaiveBet.objects.select_for_update().get(bet_id=said["betId"].partition(":")[2])
        settled_at = datetime.fromisoformat(said["settlementTime"])
        if bet.settled_at is not None and settled_at <= bet.settled_at:
            return
        account = NaiveAccount.objects.select_for_update().get(pk=bet.account_id)
        payout = int(said["payout"].scaleb(2))
        difference = payout - bet.payout
        bet.status, bet.result = TicketStatus.SETTLED, RESULTS[said["betSettlement"]]
        bet.payout, bet.settled_at = payout, settled_at
        change = NaiveChange.objects.create(
            bet=bet,
            message=message,
            status=bet.status,
            result=bet.result,
            payout=payout,
            difference=difference,
        )
        if difference:
            for paid, amount in ((account, difference), (house, -difference)):
                NaiveEntry.objects.create(
                    key=f"change:{change.pk}",
                    account=paid,
                    kind=TransferKind.SETTLEMENT,
                    amount=amount,
                )
        ended = {
            str(one["selectionId"]): LEG_RESULTS[one["settlement"]["settlementResult"]]
            for one in said["selections"]
        }
        for leg in NaiveLeg.objects.filter(bet=bet).select_related("outcome"):
            leg.result = ended[leg.outcome.ref]
            leg.save(update_fields=["result"])
        bet.save(update_fields=["status", "result", "payout", "settled_at"])
        account.balance += difference
        account.save(update_fields=["balance"])
