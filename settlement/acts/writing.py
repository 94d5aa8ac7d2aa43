"""What acts write down: themselves, their tickets' lines, their facts, and who agreed."""

from collections.abc import Iterable, Sequence
from typing import Any

from settlement import arrays
from settlement.acts.previews import Seen, market_fact_of
from settlement.acts.tokens import Token
from settlement.acts.work import Work
from settlement.copying import copy_row
from settlement.fold.facts import TicketFact
from settlement.models import Approval, Batch, DueMarket, MarketFact
from settlement.said import encoded, key_of
from settlement.vocabulary import ApprovalStep, BatchState, LineState, Source

LONGEST_SENTENCE = 1000


def number_of_batch() -> int:
    """Return the number for an act that is about to be written."""
    return int(arrays.fetch("SELECT nextval('settlement_batch_id_seq')", [])[0][0])


def write_batch(work: Work, seen: Sequence[Seen], shown: Token, asks: str) -> Batch:
    """Write an act and what its preview showed of each ticket."""
    order = work.order
    batch = Batch.objects.create(
        id=work.by.batch,
        key=shown.key,
        act=order.act,
        maker=work.by.actor,
        reason=order.reason,
        note=order.note,
        content=encoded(order),
        digest=shown.digest,
        total=len(seen),
        why_asked=asks[:LONGEST_SENTENCE],
        reverses=work.undone,
        state=BatchState.WAITING if asks else BatchState.RUNNING,
    )
    rows = "".join(copy_row(line_of(batch, number, one)) for number, one in enumerate(seen, 1))
    if rows:
        arrays.copy(COPY_LINES, rows)
    return batch


def line_of(batch: Batch, position: int, seen: Seen) -> tuple[Any, ...]:
    """Return a ticket's row."""
    return (
        batch.pk,
        position,
        seen.ticket.id if seen.ticket else None,
        seen.bet_id,
        seen.ticket.version if seen.ticket else 0,
        seen.expected,
        seen.difference,
        LineState.SKIPPED if seen.skipped else LineState.WAITING,
        (seen.skipped or seen.held)[:LONGEST_SENTENCE],
    )


COPY_LINES = """
COPY settlement_batchline
    (batch_id, position, ticket_id, bet_id, version, expected, difference, state, sentence)
FROM STDIN
"""


def ask(batch: Batch, step: ApprovalStep, *, note: str, checker: str = "") -> Approval:
    """Write down a step of an act that needs two people."""
    return Approval.objects.create(
        batch=batch,
        step=step,
        maker=batch.maker,
        checker=checker,
        digest=batch.digest,
        note=note[:LONGEST_SENTENCE],
    )


def numbers_of_facts(count: int) -> list[int]:
    """Return numbers for facts that are about to be written."""
    return [row[0] for row in arrays.fetch(NUMBERS, [count])]


NUMBERS = "SELECT nextval('settlement_ticketfact_id_seq') FROM generate_series(1, %s)"


def write_facts(facts: Iterable[tuple[int, TicketFact]]) -> None:
    """Write what an act says of tickets."""
    if rows := "".join(copy_row(fact_row(ticket, fact)) for ticket, fact in facts):
        arrays.copy(COPY_FACTS, rows)


def fact_row(ticket: int, fact: TicketFact) -> tuple[Any, ...]:
    """Return a fact's row. An act is known by its number, so it says the same again at will."""
    return (
        fact.id,
        ticket,
        fact.source,
        fact.kind,
        fact.position,
        fact.ticks,
        "\\x" + key_of("act", fact.id).hex(),
        encoded(fact.act),
        fact.actor,
        fact.reason,
        fact.note,
        fact.batch,
    )


COPY_FACTS = """
COPY settlement_ticketfact
    (id, ticket_id, source, kind, position, ticks, key, content, actor, reason, note, batch)
FROM STDIN
"""


def write_market_facts(work: Work) -> None:
    """Write what an act says of markets, and that their tickets are due."""
    numbers = numbers_of_facts(len(work.markets))
    said = [
        (saying, market_fact_of(saying, number, work.by))
        for saying, number in zip(work.markets, numbers, strict=True)
    ]
    MarketFact.objects.bulk_create(
        MarketFact(
            id=fact.id,
            market_id=saying.market,
            event_id=saying.event,
            source=Source.OPERATOR,
            kind=fact.kind,
            ticks=fact.ticks,
            key=key_of("act", fact.id),
            content=encoded(fact.content),
            actor=fact.actor,
            reason=fact.reason,
            note=fact.note,
            batch=fact.batch,
        )
        for saying, fact in said
    )
    DueMarket.objects.bulk_create(
        DueMarket(market_id=saying.market, event_id=saying.event) for saying, _ in said
    )


def write_lines(done: Sequence[tuple[int, LineState, str, int]]) -> None:
    """Write what became of tickets: line, state, sentence, what the player got."""
    if done:
        ids, states, sentences, differences = zip(*done, strict=True)
        arrays.execute(
            UPDATE_LINES,
            [
                arrays.numbers(ids),
                arrays.texts(states),
                arrays.texts([one[:LONGEST_SENTENCE] for one in sentences]),
                arrays.numbers(differences),
            ],
        )


UPDATE_LINES = """
UPDATE settlement_batchline l SET state = d.state, sentence = d.sentence, difference = d.difference
  FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[])
       AS d (id, state, sentence, difference)
 WHERE l.id = d.id
"""


def write_lines_of_markets(batch: Batch) -> None:
    """Write what became of the tickets that an act on markets reached: its events say it."""
    moved = {ticket: int(got) for ticket, got in arrays.fetch(MOVED, [batch.pk])}
    lines = arrays.fetch(WAITING, [batch.pk])
    write_lines(
        [
            (number, LineState.DONE, sentence, moved.get(ticket, 0))
            for number, ticket, sentence in lines
        ]
    )


MOVED = """
SELECT ticket_id, sum(difference) FROM settlement_settlementevent WHERE batch = %s GROUP BY 1
"""

WAITING = """
SELECT id, ticket_id, sentence FROM settlement_batchline
 WHERE batch_id = %s AND state = 'WAITING' ORDER BY position FOR UPDATE
"""
