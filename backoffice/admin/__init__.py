"""The desk's pages, gathered here because they join what the layers below keep apart."""

from backoffice.admin import (
    inbox,
    ledger,
    people,
    players,
    reviews,
    rules,
    tickets,
    tokens,
)

__all__ = ["inbox", "ledger", "people", "players", "reviews", "rules", "tickets", "tokens"]
