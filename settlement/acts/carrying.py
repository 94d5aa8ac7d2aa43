"""Acts are carried out, a chunk of tickets at a time; each ticket as its preview showed it, or not.

A chunk is one transaction: facts, events, transfers and what became of each line stand together.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

import msgspec
from django.db import transaction

from settlement import arrays, reading, reviews
from settlement.acts.previews import Seen, looked_at
from settlement.acts.work import Work
from settlement.acts.writing import (
    numbers_of_facts,
    write_facts,
    write_lines,
    write_lines_of_markets,
    write_market_facts,
)
from settlement.book import Book
from settlement.models import Batch
from settlement.orders import KnownOrder, Order, TicketAsked
from settlement.plans import OUR_FAULT, By
from settlement.recording import look_for_tickets_of_act
from settlement.services import (
    ASIDE,
    FIRST_CHUNK,
    carried_out,
    drain,
    next_size,
    retried,
    settle,
)
from settlement.vocabulary import MARKET_ACTS, ActKind, BatchState, LineState
from wallet.money import MoneyError
from wallet.services import WalletRefusal

ORDERS = msgspec.json.Decoder(KnownOrder)


class Line(NamedTuple):
    """A ticket that is still to be done."""

    id: int
    ticket: int
    bet_id: str
    version: int
    expected: str


@dataclass(frozen=True, slots=True)
class Running:
    """An act that is being carried out."""

    batch: Batch
    order: Order
    by: By
    asked: dict[str, TicketAsked]

    def work(self, lines: Sequence[Line]) -> Work:
        """Return what is to be done about some of its tickets."""
        asked = {
            line.ticket: self.asked[line.bet_id] for line in lines if line.bet_id in self.asked
        }
        return Work(self.order, self.by, asked=asked, undone=self.batch.reverses)


def order_of(batch: Batch) -> Order:
    """Return what was asked for."""
    return ORDERS.decode(batch.content)


def running(batch: Batch) -> Running:
    """Return an act with all that carrying it out needs."""
    order = order_of(batch)
    by = By(batch.maker, batch.reason, batch.note, batch.pk)
    return Running(batch, order, by, {one.bet_id: one for one in order.tickets})


def is_on_markets(batch: Batch) -> bool:
    """Whether an act was said of markets, or takes back one that was."""
    return batch.act in MARKET_ACTS or (
        batch.reverses is not None and batch.reverses.act in MARKET_ACTS
    )


def say_of_markets(batch: Batch, work: Work) -> None:
    """Write what an act says of markets; its tickets are due then."""
    write_market_facts(replace(work, by=work.by._replace(batch=batch.pk)))


def finish(batch: Batch) -> None:
    """Do what is left of a running act, and wait for others who are at some of it."""
    if batch.state != BatchState.RUNNING:
        return
    if is_on_markets(batch):
        settle_markets(batch)
    else:
        carry_all(running(batch))
    with transaction.atomic():
        end(batch)


def settle_markets(batch: Batch) -> None:
    """Settle the tickets on an act's markets."""
    retried(partial(look_for_tickets_of_act, batch.pk))
    drain()
    left = arrays.fetch(STILL_DUE, [batch.pk])
    settle(ticket_ids=[row[0] for row in left])
    retried(partial(write_lines_of_markets, batch))


def carry_all(act: Running) -> None:
    """Carry an act out in chunks that hold their locks for half a second at most."""
    size = FIRST_CHUNK
    while True:
        start = time.monotonic()
        if not retried(partial(carry_on, act, size)):
            return
        size = next_size(size, time.monotonic() - start)


def carry_on(act: Running, most: int) -> int:
    """Do some of an act's tickets, last those that others leave; return how many it were."""
    lines = taken(act.batch, most) or left_by_others(act.batch, most)
    carry(act, lines)
    return len(lines)


def carry(act: Running, lines: Sequence[Line]) -> None:
    """Do some tickets. One that the database refuses is marked as failed; the others are done."""
    if not lines:
        return
    try:
        with transaction.atomic():
            tickets = [one.ticket for one in lines]
            book, seen = looked_at(act.work(lines), tickets, reading.locked, numbers_of_facts)
            write_out(act, book, list(zip(lines, seen, strict=True)))
    except ASIDE as error:
        if len(lines) == 1:
            write_lines([(lines[0].id, LineState.FAILED, why_failed(error), 0)])
            return
        half = len(lines) // 2
        carry(act, lines[:half])
        carry(act, lines[half:])


def why_failed(error: Exception) -> str:
    """Say why the database refuses to do a ticket."""
    known = isinstance(error, WalletRefusal | MoneyError)
    return str(error) if known else OUR_FAULT.sentence


def carry_out(act: Running, book: Book, seen: Sequence[Seen]) -> None:
    """Do all of a small act, whose tickets were looked at under their locks just now."""
    lines = taken(act.batch, len(seen))
    by_ticket = {one.ticket.id: one for one in seen if one.ticket is not None}
    try:
        with transaction.atomic():
            write_out(act, book, [(line, by_ticket[line.ticket]) for line in lines])
    except ASIDE:
        carry(act, lines)


def write_out(act: Running, book: Book, both: Sequence[tuple[Line, Seen]]) -> None:
    """Write what an act does to some tickets that are locked."""
    good = [(line, one) for line, one in both if is_as_shown(line, one)]
    write_facts((line.ticket, fact) for line, one in good for fact in one.facts)
    if act.order.act == ActKind.ACCEPT:
        tickets = [line.ticket for line, _ in good]
        reviews.accept(act.order.reviews, tickets, act.by)
    carried_out(book, [one.plan for _, one in good if one.plan is not None])
    write_lines([become(line, one) for line, one in both])


def taken(batch: Batch, most: int) -> list[Line]:
    """Take lines that nobody else is at."""
    return [Line(*row) for row in arrays.fetch(TAKE_LINES, [batch.pk, most])]


def left_by_others(batch: Batch, most: int) -> list[Line]:
    """Take lines once those who are at them have ended: who fails or dies leaves his."""
    return [Line(*row) for row in arrays.fetch(WAIT_FOR_LINES, [batch.pk, most])]


def is_as_shown(line: Line, seen: Seen) -> bool:
    """Whether a ticket stands where the preview saw it, and would end where it said."""
    return (
        not seen.skipped
        and seen.ticket is not None
        and seen.ticket.version == line.version
        and seen.expected == line.expected
    )


def become(line: Line, seen: Seen) -> tuple[int, LineState, str, int]:
    """Return what became of a ticket."""
    if is_as_shown(line, seen):
        return line.id, LineState.DONE, seen.held, seen.difference
    why = seen.skipped or "It has changed since the preview, and was left alone."
    return line.id, LineState.SKIPPED, why, 0


def end(batch: Batch) -> None:
    """End an act when none of its tickets is left to do."""
    if arrays.fetch(LEFT, [batch.pk]):
        return
    found = Batch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    if found.state == BatchState.RUNNING:
        move(found, BatchState.DONE)
    batch.state, batch.done_at = found.state, found.done_at


def move(batch: Batch, state: BatchState) -> None:
    """Let an act stand somewhere else."""
    batch.state = state
    batch.done_at = datetime.now(UTC) if state == BatchState.DONE else None
    batch.save(update_fields=["state", "done_at"])


WAIT_FOR_LINES = """
SELECT id, ticket_id, bet_id, version, expected FROM settlement_batchline
 WHERE batch_id = %s AND state = 'WAITING'
 ORDER BY position LIMIT %s FOR UPDATE
"""

TAKE_LINES = f"{WAIT_FOR_LINES} SKIP LOCKED"

LEFT = "SELECT 1 FROM settlement_batchline WHERE batch_id = %s AND state = 'WAITING' LIMIT 1"

STILL_DUE = """
SELECT DISTINCT l.ticket_id FROM settlement_batchline l
  JOIN settlement_dueticket d ON d.ticket_id = l.ticket_id
 WHERE l.batch_id = %s
"""
