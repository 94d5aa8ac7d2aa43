"""The desk's side bar: each entry shows itself to those who may open it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse_lazy


def allowed(permission: str) -> Callable[[HttpRequest], bool]:
    """Return the question whether the person at the desk has `permission`."""
    return lambda request: request.user.has_perm(permission)


def entry(title: str, icon: str, view: str, permission: str) -> dict[str, Any]:
    """Return one line of the side bar."""
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(view),
        "permission": allowed(permission),
    }


NAVIGATION = [
    {
        "title": "Desk",
        "items": [
            {
                "title": "Overview",
                "icon": "dashboard",
                "link": reverse_lazy("admin:index"),
            },
        ],
    },
    {
        "title": "Bets",
        "items": [
            entry(
                "Tickets",
                "confirmation_number",
                "admin:settlement_ticket_changelist",
                "settlement.view_ticket",
            ),
            entry(
                "Reviews",
                "rate_review",
                "admin:settlement_review_changelist",
                "settlement.view_review",
            ),
            entry(
                "Acts",
                "gavel",
                "admin:settlement_batch_changelist",
                "settlement.view_batch",
            ),
            entry(
                "Approvals",
                "how_to_reg",
                "admin:settlement_approval_changelist",
                "settlement.view_approval",
            ),
            entry(
                "Markets",
                "stadium",
                "admin:settlement_markets",
                "settlement.act_on_market",
            ),
            entry(
                "Feeds",
                "sensors",
                "admin:feeds_feedlease_changelist",
                "feeds.view_feedlease",
            ),
            entry(
                "Feed messages",
                "inbox",
                "admin:feeds_feedmessage_changelist",
                "feeds.view_feedmessage",
            ),
            entry("Quote", "calculate", "quote", "settlement.quote_bet"),
            entry(
                "Rule sets",
                "rule",
                "admin:settlement_ruleset_changelist",
                "settlement.view_ruleset",
            ),
            entry(
                "Act limits",
                "speed",
                "admin:settlement_actlimit_changelist",
                "settlement.view_actlimit",
            ),
        ],
    },
    {
        "title": "Wallet",
        "items": [
            entry("Players", "group", "admin:wallet_player_changelist", "wallet.view_player"),
            entry(
                "Ledger", "receipt_long", "admin:wallet_transfer_changelist", "wallet.view_transfer"
            ),
            entry("Books", "balance", "admin:wallet_account_changelist", "wallet.view_account"),
            entry(
                "Currencies", "payments", "admin:wallet_currency_changelist", "wallet.view_currency"
            ),
        ],
    },
    {
        "title": "People",
        "items": [
            entry("Users", "badge", "admin:backoffice_user_changelist", "backoffice.view_user"),
            entry(
                "API tokens",
                "key",
                "admin:backoffice_apitoken_changelist",
                "backoffice.manage_tokens",
            ),
            entry("Roles", "shield_person", "admin:auth_group_changelist", "auth.view_group"),
            entry("Audit", "policy", "admin:settlement_audit", "settlement.view_batch"),
            entry("Admin log", "history", "admin:admin_logentry_changelist", "admin.view_logentry"),
        ],
    },
]
