"""Settlement's tables. Rules that must hold whoever writes stand in the migrations."""

from settlement.models.acts import ActLimit, Approval, Batch, BatchLine
from settlement.models.audit import AuditSeal
from settlement.models.bets import (
    Market,
    Outcome,
    RatioField,
    RuleSet,
    Selection,
    SportEvent,
    Ticket,
)
from settlement.models.facts import MarketFact, TicketFact
from settlement.models.history import Review, SettlementEvent
from settlement.models.queues import DueMarket, DueTicket, LookBack
from wallet.models import CurrentTransactionId, TransactionIdField

__all__ = [
    "ActLimit",
    "Approval",
    "AuditSeal",
    "Batch",
    "BatchLine",
    "CurrentTransactionId",
    "DueMarket",
    "DueTicket",
    "LookBack",
    "Market",
    "MarketFact",
    "Outcome",
    "RatioField",
    "Review",
    "RuleSet",
    "Selection",
    "SettlementEvent",
    "SportEvent",
    "Ticket",
    "TicketFact",
    "TransactionIdField",
]
