"""What was said about how bets ended. Append-only: what was heard is never edited."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from settlement.models.bets import Market, SportEvent, Ticket, choices, known
from settlement.vocabulary import MarketFactKind, Source, TicketFactKind
from wallet.models import CurrentTransactionId, TransactionIdField


class Fact(models.Model):
    """What facts have in common.

    A provider's fact is known by its content (`key`), an act by an id of its own. `ticks` is the
    provider's time in 100 ns; `message` the number of the feed's message that it stood in, `batch`
    that of the act that it is a part of.
    """

    source = models.CharField(max_length=10, choices=choices(Source))
    ticks = models.BigIntegerField()
    key = models.BinaryField(max_length=32)
    content = models.TextField()
    message = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=200, blank=True, default="")
    reason = models.CharField(max_length=30, blank=True, default="")
    note = models.CharField(max_length=500, blank=True, default="")
    batch = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    xact = TransactionIdField(db_default=CurrentTransactionId(), editable=False)

    class Meta:
        abstract = True


def names_its_actor() -> Q:
    """Return the condition that an act says who and why; a provider's fact speaks for itself."""
    return ~Q(source="OPERATOR") & Q(actor="") | Q(source="OPERATOR") & ~Q(actor="") & ~Q(reason="")


class TicketFact(Fact):
    """Something said of one ticket: its whole result, or an act of our own people on it."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="facts", db_index=False)
    kind = models.CharField(max_length=10, choices=choices(TicketFactKind))
    position = models.PositiveSmallIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["xact", "id"], name="ticket_fact_in_commit_order"),
            models.Index(
                fields=["batch"], condition=Q(batch__isnull=False), name="ticket_fact_of_an_act"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "key"], name="ticket_fact_is_written_once"),
            models.CheckConstraint(
                condition=known("kind", TicketFactKind), name="ticket_fact_kind_is_known"
            ),
            models.CheckConstraint(
                condition=known("source", Source), name="ticket_fact_source_is_known"
            ),
            models.CheckConstraint(condition=names_its_actor(), name="ticket_act_says_who_and_why"),
            models.CheckConstraint(
                condition=Q(kind="RESULT") & ~Q(source="OPERATOR")
                | ~Q(kind="RESULT") & Q(source="OPERATOR"),
                name="ticket_result_comes_from_a_provider",
            ),
            models.CheckConstraint(
                condition=Q(kind="LEG", position__isnull=False)
                | ~Q(kind="LEG") & Q(position__isnull=True),
                name="ticket_act_on_a_leg_names_it",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.kind} {self.pk}"


class MarketFact(Fact):
    """Something said of a market's outcomes; an act may speak of all markets of an event instead.

    Also of those that are bet on later.
    """

    market = models.ForeignKey(
        Market, models.PROTECT, related_name="facts", null=True, db_index=False
    )
    event = models.ForeignKey(
        SportEvent, models.PROTECT, related_name="facts", null=True, db_index=False
    )
    kind = models.CharField(max_length=15, choices=choices(MarketFactKind))
    certainty = models.PositiveSmallIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["xact", "id"], name="market_fact_in_commit_order"),
            models.Index(
                fields=["batch"], condition=Q(batch__isnull=False), name="market_fact_of_an_act"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["market", "key"], name="market_fact_is_written_once"),
            models.UniqueConstraint(
                fields=["event", "key"],
                condition=Q(event__isnull=False),
                name="event_fact_is_written_once",
            ),
            models.CheckConstraint(
                condition=Q(market__isnull=False, event__isnull=True)
                | Q(market__isnull=True, event__isnull=False, source="OPERATOR"),
                name="market_fact_is_about_a_market_or_an_act_on_an_event",
            ),
            models.CheckConstraint(
                condition=known("kind", MarketFactKind), name="market_fact_kind_is_known"
            ),
            models.CheckConstraint(
                condition=known("source", Source), name="market_fact_source_is_known"
            ),
            models.CheckConstraint(condition=names_its_actor(), name="market_act_says_who_and_why"),
            models.CheckConstraint(
                condition=Q(certainty__in=[1, 2]), name="market_fact_certainty_is_1_or_2"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.kind} {self.pk}"
