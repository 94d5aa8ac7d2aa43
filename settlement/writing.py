"""What settlement writes: transfers, events (which move the tickets), how selections ended."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from settlement import arrays
from settlement.copying import cell, plain_row
from settlement.fold.facts import Fact
from settlement.plans import Move, Plan, Written
from settlement.vocabulary import EventKind, Source, TicketStatus
from wallet import services as wallet
from wallet.money import Money
from wallet.prepared import fetch_all
from wallet.selectors import Posted
from wallet.services import Posting
from wallet.vocabulary import TransferKind

REASONS = {
    EventKind.SETTLE: "BET_SETTLED",
    EventKind.RESETTLE: "BET_RESETTLED",
    EventKind.VOID: "BET_VOIDED",
    EventKind.REOPEN: "BET_REOPENED",
    EventKind.CASH_OUT: "BET_CASHED_OUT",
    EventKind.CANCEL: "BET_CANCELLED",
    EventKind.REJECT: "BET_REJECTED",
}
BY_PROVIDER = "PROVIDER_RESULT"
BY_US = "system:settlement"


def transfer_key(ticket_id: int, sequence: int) -> str:
    """Return the key of a ticket's transfer: that of the event that makes it."""
    return f"ticket:{ticket_id}:{sequence}"


def actor_of(cause: Fact | None) -> str:
    """Return who makes a ticket move: one of our own, or a feed."""
    if cause is None:
        return BY_US
    return cause.actor if cause.source == Source.OPERATOR else f"feed:{cause.source.lower()}"


def mover_of(move: Move) -> str:
    """Return who makes a ticket move."""
    return move.by.actor if move.by else actor_of(move.wanted.cause)


def post(moves: Sequence[Move]) -> dict[int, Posted]:
    """Post the differences; return what stands in the ledger by ticket."""
    paying = [move for move in moves if move.difference]
    accounts = accounts_of(paying)
    by_actor: dict[str, list[Move]] = {}
    for move in paying:
        by_actor.setdefault(mover_of(move), []).append(move)
    if len(by_actor) > 1:
        wallet.lock_accounts(accounts.values())  # All in their order, not actor by actor.
    posted: dict[int, Posted] = {}
    for actor, his in by_actor.items():
        postings = [posting_of(move, accounts[move.ticket.id]) for move in his]
        done = wallet.post_transfers(postings=postings, actor=actor)
        posted |= {move.ticket.id: one for move, one in zip(his, done, strict=True)}
    return posted


def accounts_of(moves: Iterable[Move]) -> dict[int, int]:
    """Return the account that each ticket pays to; a player who never paid in gets one now."""
    found: dict[int, int] = {}
    missing: dict[str, list[Move]] = {}
    for move in moves:
        if move.ticket.account is None:
            missing.setdefault(move.unit.code, []).append(move)
        else:
            found[move.ticket.id] = move.ticket.account
    for currency, without in sorted(missing.items()):
        players = {move.ticket.player for move in without}
        opened = wallet.open_accounts(players=players, currency=currency)
        found |= {move.ticket.id: opened[move.ticket.player] for move in without}
    return found


def posting_of(move: Move, account: int) -> Posting:
    """Return a difference's transfer."""
    return Posting(
        key=transfer_key(move.ticket.id, move.ticket.version + 1),
        account_id=account,
        kind=TransferKind.SETTLEMENT,
        change=Money(move.difference, move.unit),
        reason=REASONS[move.kind],
        reference_kind="TICKET",
        reference_id=move.ticket.bet_id,
    )


def write_events(moves: Sequence[Move], posted: Mapping[int, Posted]) -> None:
    """Write what happens to the tickets; the database moves them."""
    if not moves:
        return
    rows = "".join([plain_row(event_values(move, posted.get(move.ticket.id))) for move in moves])
    arrays.copy(COPY_EVENTS, rows)


def event_values(move: Move, posted: Posted | None) -> tuple[Any, ...]:
    """Return an event's row."""
    ticket, applied, wanted = move.ticket, move.applied, move.wanted
    cause = wanted.cause
    said = move.by or cause
    return (
        ticket.id,
        ticket.version + 1,
        move.kind,
        cause.voice if cause else Source.OPERATOR,
        cell(mover_of(move)),
        cell((said.reason if said else "") or BY_PROVIDER),
        cell(said.note if said else ""),
        applied.status,
        applied.result,
        applied.payout,
        wanted.status,
        wanted.result,
        wanted.payout,
        wanted.cashed_out_stake,
        wanted.cashed_out_amount,
        wanted.ticks,
        move.difference,
        posted.transfer_id if posted else None,
        said.batch if said else None,
        arrays.numbers(wanted.ticket_facts),
        arrays.numbers(wanted.market_facts),
        legs_text(move.legs),
    )


def legs_text(legs: Iterable[Written]) -> str:
    """Return how the legs stood, as JSON: win, void, place win, place void, Rule 4, SP, result."""
    return "[" + ",".join([leg_text(leg) for leg in legs]) + "]"


@lru_cache(1024)
def leg_text(leg: Written) -> str:
    """Return one leg as JSON; most are one of few."""
    return msgspec.json.encode(leg).decode()


COPY_EVENTS = """
COPY settlement_settlementevent
    (ticket_id, sequence, kind, source, actor, reason, note, before_status, before_result,
     before_payout, after_status, after_result, after_payout, cashed_out_stake, cashed_out_amount,
     settled_ticks, difference, transfer, batch, ticket_facts, market_facts, legs)
FROM STDIN
"""


def write_legs(legs: Sequence[tuple[int, Written]]) -> None:
    """Write on the selections how they ended."""
    if legs:
        columns = zip(*[row for _, row in legs], strict=True)
        values = [arrays.numbers([number for number, _ in legs]), *map(arrays.words, columns)]
        fetch_all(WRITE_LEGS, values)


WRITE_LEGS = "SELECT settlement_write_legs(%s, %s, %s, %s, %s, %s, %s, %s)"


def write_ticks(plans: Iterable[Plan]) -> None:
    """Note the provider's time of a settled ticket that another fact confirms as it stands."""
    later = [
        (plan.ticket.id, plan.wanted.ticks)
        for plan in plans
        if plan.wanted is not None
        and plan.move is None
        and plan.hold is None
        and plan.applied.status != TicketStatus.OPEN
        and plan.wanted.ticks != plan.applied.ticks
    ]
    if later:
        ids, ticks = zip(*later, strict=True)
        arrays.execute(UPDATE_TICKS, [arrays.numbers(ids), arrays.numbers(ticks)])


UPDATE_TICKS = """
UPDATE settlement_ticket t SET settled_ticks = w.ticks
  FROM unnest(%s::bigint[], %s::bigint[]) AS w (id, ticks) WHERE t.id = w.id
"""
