"""A ticket and all that belongs to it, gathered for pages, programs and the terminal."""

from dataclasses import dataclass
from typing import Any

from settlement import bets, selectors
from settlement.intake import stake_key
from settlement.models import Selection, Ticket
from settlement.rules.exact import NeedsDecision, RulesRefusal, ratio_text
from settlement.rules.explain import lines_of, structure_of
from settlement.rules.payout import Settled, settle
from wallet import selectors as wallet
from wallet.models import Transfer
from wallet.money import text


@dataclass(frozen=True, slots=True)
class Explained:
    """How a ticket's payout comes about; or the sentence that says why it can't be computed."""

    settled: Settled | None
    lines: list[str]
    could_return: str = ""


def explained(ticket: Ticket, selections: list[Selection]) -> Explained:
    """Explain a ticket as it stands now, by the rules of its time."""
    rules = selectors.rules_of(ticket)
    try:
        settled = settle(bets.bet_of(ticket, selections, rules), rules)
        if settled.decided:
            return Explained(settled, lines_of(settled))
        best = settle(bets.bet_of(ticket, bets.as_if_won(selections), rules), rules)
    except (RulesRefusal, NeedsDecision) as reason:
        return Explained(None, [str(reason)])
    could = ""
    if best.returns is not None:
        could = text(int(best.returns * 10**ticket.currency.precision), ticket.currency.precision)
    return Explained(settled, lines_of(settled), could)


def transfers_of(ticket: Ticket) -> list[Transfer]:
    """Return the money that moved for a ticket, the oldest first."""
    return wallet.transfers_by_key([stake_key(ticket.pk)])


def ticket_object(bet_id: str) -> dict[str, Any] | None:
    """Return a ticket as programs read it; amounts are decimal text in major units."""
    if (ticket := selectors.ticket(bet_id)) is None:
        return None
    precision = ticket.currency.precision
    account = wallet.account_of(player=ticket.player, currency=ticket.currency_id)
    held = account.balance if account else 0
    return {
        "bet_id": ticket.bet_id,
        "provider": ticket.provider.lower(),
        "provider_bet_id": ticket.provider_bet_id or None,
        "player": ticket.player.external_id,
        "currency": ticket.currency_id,
        "stake": text(ticket.stake, precision),
        "cash_stake": text(ticket.cash_stake, precision),
        "kind": ticket.kind_word,
        "lines": ticket.lines,
        "each_way": ticket.each_way,
        "free_bet_ref": ticket.free_bet_ref or None,
        "placed_at": ticket.placed_at.isoformat(),
        "accepted_at": ticket.accepted_at.isoformat(),
        "rule_set": ticket.rule_set_id,
        "status": ticket.status,
        "result": ticket.result,
        "payout": text(ticket.payout, precision),
        "balance": text(held or 0, precision),
        "selections": [selection_object(one) for one in selectors.selections_of(ticket.pk)],
        "events": [],
        "transfers": [transfer_object(one) for one in transfers_of(ticket)],
        "reviews": [],
    }


def selection_object(one: Selection) -> dict[str, Any]:
    """Return a selection as programs read it."""
    market = one.outcome.market
    return {
        "position": one.position,
        "event": market.event.ref,
        "event_name": market.event.name,
        "market": market.ref,
        "market_name": market.name,
        "specifiers": market.specifiers,
        "outcome": one.outcome.ref,
        "outcome_name": one.outcome.name,
        "line": one.line or None,
        "provider": market.event.provider.lower(),
        "price": one.price,
        "banker": one.banker,
        "group": one.group or None,
        "place_fraction": one.place_fraction,
        "place_price": one.place_price,
        "result": one.result or None,
        "win_factor": one.win_factor,
        "void_factor": one.void_factor,
        "place_win_factor": one.place_win_factor,
        "place_void_factor": one.place_void_factor,
    }


def transfer_object(transfer: Transfer) -> dict[str, Any]:
    """Return a transfer as programs read it: the change is the player's."""
    line = wallet.statement_line(transfer, transfer.currency.unit)
    return {
        "key": line.key,
        "kind": line.kind,
        "change": line.change,
        "balance_after": line.balance_after,
        "actor": line.actor,
        "reason": line.reason,
        "created_at": line.created_at.isoformat(),
    }


def explanation_object(ticket: Ticket) -> dict[str, Any]:
    """Return a ticket's explanation, as text and as a structure."""
    found = explained(ticket, selectors.selections_of(ticket.pk))
    settled = found.settled
    return {
        "bet_id": ticket.bet_id,
        "decided": bool(settled and settled.decided),
        "exact": ratio_text(settled.exact) if settled and settled.exact is not None else None,
        "could_return": found.could_return or None,
        "text": found.lines,
        "structure": structure_of(settled) if settled else None,
    }
