"""The desk's pages, gathered here because they join what the layers below keep apart."""

from backoffice.admin import (
    approvals,
    batches,
    feeds,
    inbox,
    ledger,
    limits,
    people,
    players,
    recoveries,
    reviews,
    rules,
    tickets,
    tokens,
)

__all__ = [
    "approvals",
    "batches",
    "feeds",
    "inbox",
    "ledger",
    "limits",
    "people",
    "players",
    "recoveries",
    "reviews",
    "rules",
    "tickets",
    "tokens",
]
