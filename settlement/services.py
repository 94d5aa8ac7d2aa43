"""The one path to money: tickets are settled here, one or twenty thousand, and nowhere else."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec
import structlog
from django.db import DataError, IntegrityError, OperationalError, transaction

from settlement import arrays, reading, reviews, writing
from settlement.book import Book
from settlement.fold.holding import below_zero
from settlement.plans import OUR_FAULT, Move, Plan, plan
from settlement.recording import review_markets
from settlement.rules.exact import RulesRefusal
from settlement.vocabulary import ReviewKind
from wallet import services as wallet
from wallet.money import MoneyError, text
from wallet.selectors import Posted
from wallet.services import WalletRefusal

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 5
REFUSALS = (WalletRefusal, MoneyError, IntegrityError, DataError)
# What an older program makes of a newer one's facts: it is no reason to stop at other tickets.
UNREADABLE = (msgspec.MsgspecError, RulesRefusal, KeyError)
ASIDE = (*REFUSALS, *UNREADABLE)
RETRIED = ("40P01", "40001", "55P03")  # Deadlock, serialization, lock not to be had.
FIRST_CHUNK, LEAST_CHUNK, MOST_CHUNK = 1000, 50, 5000
LONGEST_LOCKS = 0.5  # seconds
Found = TypeVar("Found")


@dataclass(slots=True)
class Done:
    """What came of settling: how many tickets were looked at, and how many of them moved."""

    tickets: int = 0
    moved: int = 0

    def __add__(self, other: "Done") -> "Done":
        return Done(self.tickets + other.tickets, self.moved + other.moved)


def settle(*, ticket_ids: Iterable[int]) -> Done:
    """Bring tickets to where their facts say they ought to be, in one transaction.

    One that the database refuses goes to a review by itself; the others are settled.
    """
    ids = sorted(set(ticket_ids))
    if not ids:
        return Done()
    try:
        return retried(lambda: settled_together(ids))
    except ASIDE:
        if len(ids) == 1:
            return retried(lambda: set_aside(ids[0]))
        half = len(ids) // 2
        return settle(ticket_ids=ids[:half]) + settle(ticket_ids=ids[half:])


def settle_due(*, most: int = FIRST_CHUNK) -> Done:
    """Settle the tickets that have been due for longest; what others are at is left to them."""
    try:
        return retried(lambda: settled_chunk(most))
    except ASIDE:
        due = arrays.fetch(LONGEST_DUE, [most])
        return settle(ticket_ids=[row[0] for row in due])


def drain() -> Done:
    """Settle until nothing is due, in chunks that hold their locks for half a second at most."""
    whole, size = Done(), FIRST_CHUNK
    while True:
        start = time.monotonic()
        done = settle_due(most=size)
        if not done.tickets:
            return whole
        whole += done
        size = next_size(size, time.monotonic() - start)


def next_size(size: int, seconds: float) -> int:
    """Return how many tickets fit into the time that locks may be held."""
    fitting = int(size * LONGEST_LOCKS * 0.8 / max(seconds, 0.001))
    return max(LEAST_CHUNK, min(MOST_CHUNK, 2 * size, fitting))


def retried(work: Callable[[], Found]) -> Found:
    """Do a transaction's work, again when it lost against another one."""
    for attempt in range(1, MOST_ATTEMPTS + 1):
        try:
            with transaction.atomic():
                return work()
        except OperationalError as error:
            if attempt == MOST_ATTEMPTS or sqlstate(error) not in RETRIED:
                raise
            log.info("settlement_retried", attempt=attempt, sqlstate=sqlstate(error))
    raise AssertionError


def sqlstate(error: OperationalError) -> str:
    """Return the database's code for what went wrong."""
    return getattr(error.__cause__, "sqlstate", None) or ""


def settled_chunk(most: int) -> Done:
    """Take a chunk of due rows and settle their tickets."""
    rows = arrays.fetch(TAKE_CHUNK, [most])
    return settled({row[0] for row in rows}) if rows else Done()


def settled_together(ticket_ids: Sequence[int]) -> Done:
    """Settle these tickets; their due rows are done with."""
    arrays.fetch(TAKE, [arrays.numbers(ticket_ids)])
    return settled(ticket_ids)


def settled(ticket_ids: Iterable[int]) -> Done:
    """Lock, fold, write: the body of the transaction."""
    book = reading.locked(sorted(ticket_ids))
    return carried_out(book, [plan(book, ticket) for ticket in book.tickets])


def carried_out(book: Book, plans: Sequence[Plan]) -> Done:
    """Do what is to be done about locked tickets."""
    hold_below_zero(plans, book)
    moves = [one.move for one in plans if one.move is not None]
    posted = writing.post(moves)
    writing.write_events(moves, posted)
    writing.write_legs([leg for one in plans for leg in one.legs])
    writing.write_ticks(plans)
    reviews.sync(plans)
    ask_about_balances(moves, posted)
    ask_about_missing(book)
    return Done(len(plans), len(moves))


def ask_about_missing(book: Book) -> None:
    """Ask about markets whose settlement left out what these tickets bet on, once they are open.

    A ticket that comes after the settlement is due by itself: nobody else has to look for it.
    """
    if markets := book.markets_with_gaps():
        review_markets(markets)


def hold_below_zero(plans: Sequence[Plan], book: Book) -> None:
    """Hold back what would leave a player below zero, where the ticket's rules ask for it."""
    asking = [
        one
        for one in plans
        if one.move is not None
        and one.move.difference < 0
        and not one.by_us
        and book.rules[one.ticket.rule_set].negative_balance == "hold"
    ]
    if not asking:
        return
    ids = {one.ticket.account for one in plans if one.move and one.move.difference}
    accounts = wallet.lock_accounts([number for number in ids if number is not None])
    for one in plans:
        if one.move is None or (account := accounts.get(one.ticket.account or 0)) is None:
            continue
        if one in asking:
            unit = one.move.unit
            rules = book.rules[one.ticket.rule_set]
            one.hold = below_zero(
                account.balance, one.move.difference, rules, unit.code, unit.precision
            )
        if one.hold is not None:
            one.move = None
        else:
            account.balance += one.move.difference


def ask_about_balances(moves: Sequence[Move], posted: Mapping[int, Posted]) -> None:
    """Ask about each account that these settlements left below zero; close what is over."""
    last = {
        one.account_id: (one, move)
        for move in moves
        if (one := posted.get(move.ticket.id)) is not None
    }
    below = {account: both for account, both in last.items() if both[0].balance_after < 0}
    over = [account_subject(account) for account in last if account not in below]
    reviews.close_about(ReviewKind.NEGATIVE_BALANCE, over)
    reviews.open_reviews([overdrawn(*both) for both in below.values()])


def account_subject(account: int) -> str:
    """Return how a review names an account."""
    return f"account:{account}"


def overdrawn(posted: Posted, move: Move) -> reviews.Asked:
    """Return the review of an account that stands below zero."""
    left = text(posted.balance_after, move.unit.precision)
    return reviews.Asked(
        ReviewKind.NEGATIVE_BALANCE,
        account_subject(posted.account_id),
        f"The player holds {left} {move.unit.code} since {move.ticket.bet_id} was corrected.",
        ticket=move.ticket.id,
        amount=posted.balance_after,
    )


def set_aside(ticket_id: int) -> Done:
    """Settle a ticket by itself; when the database refuses it again, give it to a person.

    Its due rows go only with that: what was said in the meantime is looked at first.
    """
    with transaction.atomic():
        arrays.fetch(TAKE, [arrays.numbers([ticket_id])])
        try:
            with transaction.atomic():
                return settled([ticket_id])
        except ASIDE as error:
            log.error("ticket_cannot_be_settled", ticket_id=ticket_id, error=str(error))
            reviews.open_reviews([refused(ticket_id, error)])
    return Done(1, 0)


def refused(ticket_id: int, error: Exception) -> reviews.Asked:
    """Return the review of a ticket that the database refuses."""
    known = isinstance(error, WalletRefusal | MoneyError)
    return reviews.Asked(
        ReviewKind.CANNOT_SETTLE,
        reviews.ticket_subject(ticket_id),
        str(error) if known else OUR_FAULT.sentence,
        ticket=ticket_id,
    )


# Due rows that somebody else holds are his to do; he reads the facts after his locks. They are
# never updated, so they keep their place; a join by id is planned as if the table were empty.
TAKE = """
DELETE FROM settlement_dueticket WHERE ctid = ANY (ARRAY(
       SELECT ctid FROM settlement_dueticket WHERE ticket_id = ANY (%s::bigint[])
        ORDER BY id FOR UPDATE SKIP LOCKED))
RETURNING ticket_id
"""

TAKE_CHUNK = """
DELETE FROM settlement_dueticket WHERE ctid = ANY (ARRAY(
       SELECT ctid FROM settlement_dueticket ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED))
RETURNING ticket_id
"""

LONGEST_DUE = "SELECT ticket_id FROM settlement_dueticket ORDER BY id LIMIT %s"
