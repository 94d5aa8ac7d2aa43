"""Acts by hand as programs read them; amounts are decimal text in major units."""

from collections.abc import Iterable
from typing import Any

import msgspec
from django.db.models import Count, Sum
from django.urls import reverse

from backoffice.tickets import review_object
from settlement.acts.carrying import order_of
from settlement.acts.effects import Effect, Total
from settlement.acts.previews import Seen
from settlement.acts.services import Preview
from settlement.fold.holding import Applied
from settlement.models import Approval, Batch, BatchLine, Review
from settlement.vocabulary import DISMISSABLE, HOLDING, LineState
from wallet.money import Unit, text

Json = dict[str, Any]

REVIEWS = Review.objects.select_related("ticket__currency", "market__event")


def preview_object(shown: Preview, *, most: int | None = None) -> Json:
    """Return what an act would do; `most` bounds how many lines and players are told."""
    return {
        "act": shown.order.act,
        "asks": shown.asks or None,
        "lines": [seen_object(one) for one in shown.seen[:most]],
        "lines_left_out": len(shown.seen[most:]) if most else 0,
        "totals": [total_object(one) for one in shown.totals],
        "players": [effect_object(one) for one in shown.effects[:most]],
        "players_left_out": len(shown.effects[most:]) if most else 0,
    }


def seen_object(seen: Seen) -> Json:
    """Return what an act would do to one ticket."""
    ticket, unit = seen.ticket, seen.unit
    return {
        "bet_id": seen.bet_id,
        "currency": unit.code if unit else None,
        "before": state_object(ticket.applied, unit) if ticket and unit else None,
        "after": state_object(seen.after, unit) if seen.after and unit else None,
        "difference": text(seen.difference, unit.precision) if unit else None,
        "skipped": seen.skipped or None,
        "held": seen.held or None,
        "doubts": list(seen.doubts),
        "legs": [
            {"position": position, "before": before or None, "after": after or None}
            for position, before, after in seen.legs
        ],
    }


def state_object(state: Applied, unit: Unit) -> Json:
    """Return a ticket's state."""
    return {
        "status": state.status,
        "result": state.result,
        "payout": text(state.payout, unit.precision),
    }


def total_object(total: Total) -> Json:
    """Return what an act comes to in one currency."""
    places = total.unit.precision
    return {
        "currency": total.unit.code,
        "tickets": total.tickets,
        "to_players": text(total.to_players, places),
        "from_players": text(total.from_players, places),
        "difference": text(total.difference, places),
    }


def effect_object(effect: Effect) -> Json:
    """Return what an act does to a player's balance."""
    places = effect.unit.precision
    return {
        "player": effect.player,
        "currency": effect.unit.code,
        "before": text(effect.before, places),
        "change": text(effect.change, places),
        "after": text(effect.after, places),
        "goes_below_zero": effect.goes_below_zero,
    }


def batch_object(batch: Batch) -> Json:
    """Return an act: who asked for what and why, and where it stands."""
    return {
        "id": batch.pk,
        "act": batch.act,
        "state": batch.state,
        "maker": batch.maker,
        "reason": batch.reason,
        "note": batch.note,
        "tickets": batch.total,
        "why_asked": batch.why_asked or None,
        "reverses": batch.reverses_id,
        "created_at": batch.created_at.isoformat(),
        "done_at": batch.done_at.isoformat() if batch.done_at else None,
        "url": reverse("api:batch", args=[batch.pk]),
    }


def whole_batch_object(batch: Batch) -> Json:
    """Return an act with what became of its tickets, who agreed, and what took it back."""
    counted = batch.lines.values("state", "ticket__currency", "ticket__currency__precision")
    rows = list(counted.annotate(count=Count("pk"), moved=Sum("difference")))
    return batch_object(batch) | {
        "market": market_asked(batch),
        "lines": {
            state.lower(): sum(row["count"] for row in rows if row["state"] == state)
            for state in LineState
        },
        "moved": [
            {
                "currency": row["ticket__currency"],
                "difference": text(row["moved"], row["ticket__currency__precision"]),
            }
            for row in sorted(rows, key=lambda row: str(row["ticket__currency"]))
            if row["state"] == LineState.DONE
        ],
        "approvals": [approval_object(one) for one in batch.approvals.order_by("id")],
        "reversed_by": list(batch.reversed_by.order_by("id").values_list("pk", flat=True)),
        "lines_url": reverse("api:batch-lines", args=[batch.pk]),
    }


def market_asked(batch: Batch) -> Any:
    """Return what an act was asked to say of a market; nothing for other acts."""
    market = order_of(batch).market
    return None if market is None else msgspec.to_builtins(market)


def line_object(line: BatchLine) -> Json:
    """Return what became of one ticket of an act."""
    currency = line.ticket.currency if line.ticket else None
    return {
        "position": line.position,
        "bet_id": line.bet_id,
        "state": line.state,
        "sentence": line.sentence or None,
        "currency": currency.code if currency else None,
        "difference": text(line.difference, currency.precision) if currency else None,
    }


def line_objects(lines: Iterable[BatchLine]) -> list[Json]:
    """Return what became of tickets."""
    return [line_object(one) for one in lines]


def approval_object(step: Approval) -> Json:
    """Return a step of an act that needs two people."""
    return {
        "step": step.step,
        "by": step.checker or step.maker,
        "note": step.note,
        "created_at": step.created_at.isoformat(),
    }


def whole_review_object(review: Review) -> Json:
    """Return a review with what it is about, what it holds back, and how it can be decided."""
    currency = review.ticket.currency if review.ticket else None
    market = review.market
    amount = review.amount
    return review_object(review) | {
        "id": review.pk,
        "bet_id": review.ticket.bet_id if review.ticket else None,
        "market": None
        if market is None
        else {
            "provider": market.event.provider.lower(),
            "event": market.event.ref,
            "market": market.ref,
            "specifiers": market.specifiers,
        },
        "subject": review.subject,
        "currency": currency.code if currency else None,
        "amount": text(amount, currency.precision) if currency and amount is not None else None,
        "wanted": wanted_object(review, currency.precision) if currency else None,
        "closed_by": review.closed_by or None,
        "note": review.note or None,
        "decisions": decisions_of(review),
        "url": reverse("api:review", args=[review.pk]),
    }


def wanted_object(review: Review, places: int) -> Json | None:
    """Return the state that a review holds back."""
    if not review.wanted:
        return None
    wanted = msgspec.json.decode(review.wanted)
    return {
        "status": wanted["status"],
        "result": wanted["result"],
        "payout": text(wanted["payout"], places),
    }


def decisions_of(review: Review) -> list[str]:
    """Return how a review can be decided by itself; else its ticket has to be acted on."""
    if review.closed_at is not None:
        return []
    ways = (("accept", review.kind in HOLDING), ("dismiss", review.kind in DISMISSABLE))
    return [word for word, possible in ways if possible]
