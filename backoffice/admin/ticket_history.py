"""A ticket's past for its page: what happened, what was said, and what a person has to look at."""

from typing import Any

from backoffice.admin.base import grouped, signed, worded
from feeds import selectors as feeds
from feeds.models import FeedMessage
from settlement import histories
from settlement.models import MarketFact, Review, SettlementEvent, Ticket, TicketFact
from settlement.models.facts import Fact
from settlement.said import moment_of
from wallet.money import text

STATE_LOOKS = {"DONE": "good", "PARKED": "warn", "QUARANTINED": "bad"}
EVENT_LOOKS = {"REOPEN": "warn", "RESETTLE": "warn"}


def history_of(ticket: Ticket) -> dict[str, Any]:
    """Return all of a ticket's past that its page shows."""
    said = histories.ticket_facts_of(ticket)
    of_markets = histories.market_facts_of(ticket)
    numbers = {fact.message for fact in (*said, *of_markets) if fact.message}
    messages = feeds.messages_about(
        provider=ticket.provider, subjects=histories.subjects_of(ticket), also=numbers
    )
    reviews = histories.reviews_of(ticket)
    return {
        "events": [event_row(one, ticket) for one in histories.events_of(ticket)],
        "said": [*map(ticket_fact_row, said), *map(market_fact_row, of_markets)],
        "messages_about": [message_row(one) for one in messages],
        "reviews": [review_row(one, ticket) for one in reviews],
        "open_reviews": [one.sentence for one in reviews if one.closed_at is None],
    }


def event_row(event: SettlementEvent, ticket: Ticket) -> dict[str, Any]:
    """Return an event's line."""
    precision = ticket.currency.precision
    return {
        "sequence": event.sequence,
        "created_at": event.created_at,
        "kind": worded(event.kind),
        "look": EVENT_LOOKS.get(event.kind, ""),
        "before": state(event.before_status, event.before_result),
        "after": state(event.after_status, event.after_result),
        "payout": grouped(text(event.after_payout, precision)),
        "difference": signed(text(event.difference, precision)) if event.difference else "–",
        "is_credit": event.difference > 0,
        "is_debit": event.difference < 0,
        "actor": event.actor,
        "reason": worded(event.reason),
        "note": event.note,
    }


def state(status: str, result: str) -> str:
    """Return a status with its result."""
    return worded(status) if result == "NONE" else f"{worded(status)}: {worded(result).lower()}"


def ticket_fact_row(fact: TicketFact) -> dict[str, Any]:
    """Return a line for what was said of the whole ticket."""
    return fact_row(fact) | {"kind": worded(fact.kind), "about": "the whole bet"}


def market_fact_row(fact: MarketFact) -> dict[str, Any]:
    """Return a line for what was said of a market."""
    sure = " (live)" if fact.kind == "SETTLEMENT" and fact.certainty == 1 else ""
    about = f"{fact.market.event} · {fact.market}" if fact.market else f"{fact.event}, all markets"
    return fact_row(fact) | {"kind": worded(fact.kind) + sure, "about": about}


def fact_row(fact: Fact) -> dict[str, Any]:
    """Return what both kinds of facts show."""
    return {
        "created_at": fact.created_at,
        "source": fact.get_source_display(),
        "at": moment_of(fact.ticks) if fact.ticks else None,
        "content": fact.content,
        "actor": fact.actor,
        "note": fact.note,
        "message": fact.message,
    }


def message_row(message: FeedMessage) -> dict[str, Any]:
    """Return a message's line."""
    return {
        "number": message.pk,
        "received_at": message.received_at,
        "feed": message.feed,
        "times": message.times_received,
        "state": worded(message.state),
        "look": STATE_LOOKS.get(message.state, "muted"),
        "note": message.note,
    }


def review_row(review: Review, ticket: Ticket) -> dict[str, Any]:
    """Return a review's line."""
    amount = review.amount
    return {
        "kind": worded(review.kind),
        "sentence": review.sentence,
        "amount": "" if amount is None else signed(text(amount, ticket.currency.precision)),
        "opened_at": review.opened_at,
        "closed_at": review.closed_at,
        "end": worded(review.end) if review.end else "",
        "by": review.closed_by,
        "message": review.message,
    }
