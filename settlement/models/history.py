"""What was done to tickets, and what a person has to decide."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from settlement.models.bets import Market, Ticket, choices, known
from settlement.vocabulary import (
    EventKind,
    ReviewEnd,
    ReviewKind,
    Source,
    TicketResult,
    TicketStatus,
)
from wallet.models import CurrentTransactionId, TransactionIdField


class SettlementEvent(models.Model):
    """A change of a ticket's state. Writing it is what changes the ticket; append-only.

    `difference` is what the player's cash got, by `transfer`. `ticket_facts` and `market_facts` are
    the numbers of the facts that the state came from, `legs` how the legs stood, as JSON; `batch`
    is the number of the act that caused it, when one of our own did.
    """

    # Checked, all at once, by the trigger that moves the ticket.
    ticket = models.ForeignKey(
        Ticket, models.PROTECT, related_name="events", db_index=False, db_constraint=False
    )
    sequence = models.BigIntegerField()
    kind = models.CharField(max_length=8, choices=choices(EventKind))
    source = models.CharField(max_length=10, choices=choices(Source))
    actor = models.CharField(max_length=200)
    reason = models.CharField(max_length=30)
    note = models.CharField(max_length=500, blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now())
    before_status = models.CharField(max_length=9, choices=choices(TicketStatus))
    before_result = models.CharField(max_length=9, choices=choices(TicketResult))
    before_payout = models.BigIntegerField()
    after_status = models.CharField(max_length=9, choices=choices(TicketStatus))
    after_result = models.CharField(max_length=9, choices=choices(TicketResult))
    after_payout = models.BigIntegerField()
    cashed_out_stake = models.BigIntegerField(default=0, db_default=0)
    cashed_out_amount = models.BigIntegerField(default=0, db_default=0)
    settled_ticks = models.BigIntegerField()
    difference = models.BigIntegerField()
    transfer = models.BigIntegerField(null=True)
    batch = models.BigIntegerField(null=True)
    ticket_facts = ArrayField(models.BigIntegerField(), default=list)
    market_facts = ArrayField(models.BigIntegerField(), default=list)
    legs = models.TextField()
    xact = TransactionIdField(db_default=CurrentTransactionId(), editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["xact", "id"], name="event_in_commit_order"),
            models.Index(
                fields=["batch"], condition=Q(batch__isnull=False), name="event_of_an_act"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "sequence"], name="event_follows_the_last"),
            models.CheckConstraint(condition=known("kind", EventKind), name="event_kind_is_known"),
            models.CheckConstraint(condition=known("source", Source), name="event_source_is_known"),
            models.CheckConstraint(
                condition=~Q(actor="") & ~Q(reason=""), name="event_says_who_and_why"
            ),
            models.CheckConstraint(
                condition=Q(difference=F("after_payout") - F("before_payout")),
                name="event_difference_is_that_of_its_payouts",
            ),
            models.CheckConstraint(
                condition=Q(difference=0, transfer__isnull=True)
                | ~Q(difference=0) & Q(transfer__isnull=False),
                name="event_names_its_transfer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.sequence}"


class Review(models.Model):
    """Something that a person must look at; at most one open of a kind for a subject.

    `wanted` is the state that is held back, as JSON, `amount` the money that it would move; `batch`
    is the number of the act that decided it.
    """

    kind = models.CharField(max_length=25, choices=choices(ReviewKind))
    subject = models.CharField(max_length=250)
    ticket = models.ForeignKey(
        Ticket, models.PROTECT, related_name="reviews", null=True, db_index=False
    )
    market = models.ForeignKey(
        Market, models.PROTECT, related_name="reviews", null=True, db_index=False
    )
    message = models.BigIntegerField(null=True)
    sentence = models.CharField(max_length=1000)
    wanted = models.TextField(blank=True, default="")
    amount = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=9, choices=choices(ReviewEnd), blank=True, default="")
    closed_by = models.CharField(max_length=200, blank=True, default="")
    batch = models.BigIntegerField(null=True)
    note = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["ticket"], condition=Q(ticket__isnull=False), name="review_of_a_ticket"
            ),
            models.Index(fields=["id"], condition=Q(closed_at__isnull=True), name="review_open"),
            models.Index(fields=["kind", "subject"], name="review_by_kind"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "kind"],
                condition=Q(closed_at__isnull=True),
                name="review_is_open_once",
            ),
            models.CheckConstraint(
                condition=known("kind", ReviewKind), name="review_kind_is_known"
            ),
            models.CheckConstraint(condition=~Q(sentence=""), name="review_has_its_sentence"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, end="", closed_by="")
                | Q(closed_at__isnull=False) & known("end", ReviewEnd) & ~Q(closed_by=""),
                name="review_says_who_closed_it_and_how",
            ),
            models.CheckConstraint(
                condition=Q(end__in=["", "BY_ITSELF"], batch__isnull=True)
                | Q(end__in=["ACCEPTED", "DISMISSED"], batch__isnull=False) & ~Q(note=""),
                name="review_is_decided_by_an_act",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
