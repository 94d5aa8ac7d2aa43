"""A ticket and all that belongs to it, gathered for pages, programs and the terminal."""

from dataclasses import dataclass
from typing import Any

from backoffice.words import worded
from settlement import bets, histories, selectors
from settlement.fold.facts import TicketFact
from settlement.models import Review, Selection, SettlementEvent, Ticket
from settlement.rules.exact import NeedsDecision, RulesRefusal, ratio_text
from settlement.rules.explain import lines_of, structure_of
from settlement.rules.payout import Settled, settle
from settlement.said import moment_of
from settlement.vocabulary import TicketFactKind, TicketResult, TicketStatus
from settlement.writing import transfer_key
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
    whole = said_of_the_whole(ticket)
    if whole:
        return Explained(None, [*whole, *legs_told(selections)])
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


def said_of_the_whole(ticket: Ticket) -> list[str]:
    """Return what was said of the whole bet, where its money follows from that and not its legs."""
    decided = histories.decided_by(ticket)
    wanted, acts = decided.wanted, decided.acts
    told = [
        f"{fact.actor} cashed out {amount(ticket, fact.act.stake or 0)} of the stake for "
        f"{amount(ticket, fact.act.amount or 0)}."
        for fact in reversed(acts.cash_outs)
    ]
    if acts.pin is not None:
        told.append(told_act(ticket, acts.pin))
    elif decided.by_provider is not None:
        told += told_result(ticket, decided.by_provider)
    elif acts.stake < ticket.stake:
        return []
    if wanted.status == TicketStatus.OPEN:
        return told
    waits = wanted.payout != ticket.payout or wanted.status != ticket.status
    told.append(f"That makes {amount(ticket, wanted.payout)}.")
    return [*told, "It waits for a person: see the review."] if waits else told


def told_act(ticket: Ticket, act: TicketFact) -> str:
    """Say what one of our own said of the whole bet."""
    said = worded(act.act.result or "") if act.kind == "SETTLE" else worded(act.kind)
    why = f" ({worded(act.reason)}: {act.note})" if act.note else f" ({worded(act.reason)})"
    return f"{act.actor} decided the whole bet: {said.lower()}{why}."


def told_result(ticket: Ticket, fact: TicketFact) -> list[str]:
    """Say what the provider said of the whole bet, with his own figures.

    An accepted answer tells how it was when he was asked.
    """
    if (said := fact.result) is None:
        return []
    who = fact.voice.capitalize()
    as_of = "as of" if fact.kind == TicketFactKind.ACCEPT else "at"
    at = f"{as_of} {moment_of(fact.ticks):%Y-%m-%d %H:%M:%S} UTC"
    if said.flag:
        return [f"{who} {said.flag.lower()} the bet {at}: refunded."]
    if said.result == TicketResult.NONE:
        return [f"{who} took its settlement back {at}: a new one is awaited."]
    told = [f"{who} settled the whole bet {at}: {worded(said.result)}."]
    if said.multiplier is not None:
        told.append(
            f"Stake {amount(ticket, ticket.stake)} × multiplier {said.multiplier}; "
            f"payout given: {said.payout if said.payout is not None else 'none'}."
        )
    return told


def legs_told(selections: list[Selection]) -> list[str]:
    """Say how each leg ended, one a line."""
    return [
        f"{one.position}. {bets.name_of(one.outcome)}: "
        f"{worded(one.result).lower() if one.result else 'not decided'}."
        for one in selections
    ]


def amount(ticket: Ticket, minor: int) -> str:
    """Return an amount of a ticket's currency."""
    return f"{text(minor, ticket.currency.precision)} {ticket.currency_id}"


def transfers_of(ticket: Ticket) -> list[Transfer]:
    """Return the money that moved for a ticket, the oldest first."""
    keys = [transfer_key(ticket.pk, sequence) for sequence in range(ticket.version + 1)]
    return wallet.transfers_by_key(keys)


def event_object(ticket: Ticket, event: SettlementEvent) -> dict[str, Any]:
    """Return an event as programs read it."""
    precision = ticket.currency.precision
    return {
        "sequence": event.sequence,
        "kind": event.kind,
        "source": event.source.lower(),
        "before": {
            "status": event.before_status,
            "result": event.before_result,
            "payout": text(event.before_payout, precision),
        },
        "after": {
            "status": event.after_status,
            "result": event.after_result,
            "payout": text(event.after_payout, precision),
        },
        "difference": text(event.difference, precision),
        "actor": event.actor,
        "reason": event.reason,
        "note": event.note,
        "created_at": event.created_at.isoformat(),
    }


def review_object(review: Review) -> dict[str, Any]:
    """Return a review as programs read it."""
    return {
        "kind": review.kind,
        "reason": review.sentence,
        "opened_at": review.opened_at.isoformat(),
        "closed_at": review.closed_at.isoformat() if review.closed_at else None,
        "end": review.end or None,
    }


def ticket_object(bet_id: str) -> dict[str, Any] | None:
    """Return a ticket as programs read it; amounts are decimal text in major units."""
    if (ticket := selectors.ticket(bet_id)) is None:
        return None
    precision = ticket.currency.precision
    account = wallet.account_of(player=ticket.player, currency=ticket.currency_id)
    held = account.balance if account else 0
    selections = selectors.selections_of(ticket.pk)
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
        "selections": [selection_object(one) for one in selections],
        "events": [event_object(ticket, one) for one in histories.events_of(ticket)],
        "transfers": [transfer_object(one) for one in transfers_of(ticket)],
        "reviews": [review_object(one) for one in histories.reviews_of(ticket, selections)],
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
        "decided": settled.decided if settled else ticket.status != TicketStatus.OPEN,
        "exact": ratio_text(settled.exact) if settled and settled.exact is not None else None,
        "could_return": found.could_return or None,
        "text": found.lines,
        "structure": structure_of(settled) if settled else None,
    }
