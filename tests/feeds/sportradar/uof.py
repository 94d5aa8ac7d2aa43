"""Sportradar's messages, written down shortly, and tickets on what they speak of."""

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

from backoffice import truths
from backoffice.intake import bring_in
from feeds import inbox
from settlement.models import Review, Ticket
from tests.factories import FundedPlayer
from tests.settlement.asked import Json, bet
from tests.settlement.settling import receive_and_process, state

EVENT = "sr:match:4711"
NOON = 1_795_176_000_000  # 2026-11-20 12:00 UTC, in milliseconds
TEN = NOON - 7_200_000  # When tickets are placed, unless told otherwise.
FEED = "sportradar-test"

__all__ = ["EVENT", "NOON", "TEN", "Json", "state"]


def attributes(**words: object) -> str:
    """Return attributes; those that are None are left out."""
    given = {name: value for name, value in words.items() if value is not None}
    return "".join(f" {name}={quoteattr(str(value))}" for name, value in given.items())


def outcome(ref: str, result: object = None, **words: object) -> str:
    """Return an outcome."""
    return f"<outcome{attributes(id=ref, result=result, **words)}/>"


def market(*outcomes: str, ref: str = "1", **words: object) -> str:
    """Return a market."""
    return f"<market{attributes(id=ref, **words)}>{''.join(outcomes)}</market>"


def settled(*markets: str, at: int = 0, **words: object) -> bytes:
    """Return a bet_settlement, made so many milliseconds after noon."""
    return message("bet_settlement", f"<outcomes>{''.join(markets)}</outcomes>", at=at,
                   **{"certainty": 1} | words)  # fmt: skip


def rolled_back(*markets: str, at: int = 0, **words: object) -> bytes:
    """Return a rollback_bet_settlement."""
    return message("rollback_bet_settlement", "".join(markets), at=at, **words)


def cancelled(*markets: str, at: int = 0, **words: object) -> bytes:
    """Return a bet_cancel."""
    return message("bet_cancel", "".join(markets), at=at, **words)


def cancel_rolled_back(*markets: str, at: int = 0, **words: object) -> bytes:
    """Return a rollback_bet_cancel."""
    return message("rollback_bet_cancel", "".join(markets), at=at, **words)


def message(root: str, inside: str = "", *, at: int = 0, **words: object) -> bytes:
    """Return a message."""
    said = {"product": 1, "event_id": EVENT, "timestamp": NOON + at} | words
    text = f'<?xml version="1.0" encoding="UTF-8"?><{root}{attributes(**said)}>{inside}</{root}>'
    return text.encode()


def won(ref: str = "X", **words: object) -> str:
    """Return an outcome that won."""
    return outcome(ref, 1, **words)


def lost(ref: str = "X", **words: object) -> str:
    """Return an outcome that lost."""
    return outcome(ref, 0, **words)


def on(event: str = EVENT, **words: Any) -> Json:
    """Return a selection at 2.50 on outcome X of market 1."""
    said = {"event": event, "market": "1", "outcome": "X", "price": "2.50", "specifiers": ""}
    return said | words


def single(player: FundedPlayer, bet_id: str = "T-1", **words: Any) -> Json:
    """Return a single of 10.00, placed at ten; words of its ticket or of its selection."""
    of_ticket = {name: words.pop(name) for name in ("stake", "placed_at", "accepted_at")
                 if name in words}  # fmt: skip
    return bet(player, on(**words), bet_id=bet_id, provider="sportradar", **of_ticket)


def bring(*tickets: Json) -> None:
    """Bring tickets in as everybody does, with the look back."""
    answers = bring_in(tickets=tickets, actor="test")
    assert {answer.status for answer in answers} <= {"created", "repeated"}, answers


def hear(*bodies: bytes) -> inbox.Processed:
    """Send messages through the inbox, one after the other, and settle what they make due."""
    done = inbox.Processed()
    for body in bodies:
        done += receive_and_process(body, feed=FEED)
        inbox.settle_left()
    return done


def payout(bet_id: str = "T-1") -> tuple[str, str, str]:
    """Return how a ticket stands: its status, its result, and what it pays."""
    found = Ticket.objects.get(bet_id=bet_id)
    return found.status, found.result, f"{found.payout / 100:.2f}"


def asked(**words: Mapping[str, Any]) -> list[str]:
    """Return the kinds of the open reviews."""
    found = Review.objects.filter(closed_at__isnull=True, **words).order_by("kind")
    return list(found.values_list("kind", flat=True))


def sound() -> bool:
    """Whether every truth holds."""
    return not [finding for finding in truths.check() if finding.rows]
