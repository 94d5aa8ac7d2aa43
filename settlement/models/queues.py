"""What is still to be done. Rows are written with what causes them, and go when it is done."""

from django.db import models
from django.db.models.functions import Now

from settlement.models.bets import choices
from settlement.vocabulary import Provider


class DueTicket(models.Model):
    """A ticket whose facts have to be folded. There may be several rows for one."""

    ticket_id = models.BigIntegerField(db_index=True)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"ticket {self.ticket_id}"


class DueMarket(models.Model):
    """A market with new facts, or all markets of an event: their tickets have to be looked for.

    When it `only_asks`, what was said makes no ticket move: only what is asked is looked at.
    """

    market_id = models.BigIntegerField(null=True)
    event_id = models.BigIntegerField(null=True)
    only_asks = models.BooleanField(db_default=False)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"market {self.market_id}" if self.market_id else f"event {self.event_id}"


class LookBack(models.Model):
    """An event or a bet that somebody has bet on now: messages about it may have come before."""

    provider = models.CharField(max_length=10, choices=choices(Provider))
    subject_ref = models.CharField(max_length=200)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.provider} {self.subject_ref}"
