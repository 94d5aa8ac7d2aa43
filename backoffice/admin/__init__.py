"""The desk's pages, gathered here because they join what the layers below keep apart."""

from backoffice.admin import ledger, people, players, rules, tickets, tokens

__all__ = ["ledger", "people", "players", "rules", "tickets", "tokens"]
