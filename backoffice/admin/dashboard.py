"""The first page: do the books balance, and what happened last."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from backoffice import by_hand
from backoffice.admin.base import actor_of
from backoffice.admin.feed_cards import overview_line
from backoffice.metrics import last_check
from backoffice.words import grouped, signed, worded
from feeds import standing
from wallet import selectors
from wallet.models import Transfer

LATEST = 10


def add_figures(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what the person may see to the first page."""
    figures: dict[str, Any] = {"books": None}
    if request.user.has_perm("wallet.view_account"):
        checked = last_check()
        figures = {
            "books": [
                {
                    "currency": book.currency,
                    "players": grouped(book.players),
                    "below_zero": book.below_zero,
                    "balanced": book.balanced,
                    "difference": grouped(book.difference),
                }
                for book in selectors.books()
            ],
            "checked_at": datetime.fromtimestamp(checked["at"], UTC) if checked else None,
            "broken": sum(checked["counts"].values()) if checked else 0,
            "latest": latest_lines(),
        }
    figures["waits"] = waits_for(request)
    figures["feeds"] = feed_lines(request)
    return context | {"figures": figures, "title": "Overview", "subtitle": None}


def waits_for(request: HttpRequest) -> list[dict[str, Any]]:
    """Return how much waits for people, as far as the person may see it."""
    waiting = by_hand.how_much_waits(actor_of(request))
    shown = [
        ("Open reviews", waiting.reviews, "settlement.view_review", "settlement_review"),
        ("Approvals waiting for you", waiting.approvals, "settlement.approve_act",
         "settlement_approval"),
        ("Your acts sent back", waiting.returned, "settlement.view_approval",
         "settlement_approval"),
        ("Acts running", waiting.running, "settlement.view_batch", "settlement_batch"),
    ]  # fmt: skip
    return [
        {"title": title, "count": count, "page": reverse(f"admin:{view}_changelist")}
        for title, count, permission, view in shown
        if request.user.has_perm(permission)
    ]


def feed_lines(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the feeds of this installation, as far as the person may see them."""
    if not request.user.has_perm("feeds.view_feedlease"):
        return []
    return [overview_line(one) for one in standing.standings() if one.is_configured or one.since]


def latest_lines() -> list[dict[str, Any]]:
    """Return the newest transfers of all players."""
    newest = Transfer.objects.select_related("currency", "player_account__player").order_by("-id")
    return [transfer_line(transfer) for transfer in newest[:LATEST]]


def transfer_line(transfer: Transfer) -> dict[str, Any]:
    """Return a transfer as a list of many players' transfers shows it."""
    line = selectors.statement_line(transfer, transfer.currency.unit)
    return {
        "created_at": line.created_at,
        "player": transfer.player.external_id,
        "player_url": reverse("admin:wallet_player_change", args=[transfer.player.pk]),
        "kind": line.kind.lower(),
        "is_credit": line.is_credit,
        "change": signed(line.change),
        "balance_after": grouped(line.balance_after),
        "currency": line.currency,
        "reason": worded(line.reason),
        "note": line.note,
        "actor": line.actor,
    }
