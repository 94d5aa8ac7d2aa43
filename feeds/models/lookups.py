"""What was asked of a provider about tickets, by a person or by a sweep."""

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from settlement.models import CurrentTransactionId, Ticket, TransactionIdField
from settlement.models.bets import choices, known


class CallKind(StrEnum):
    """What a provider is asked for."""

    STATUS = "STATUS"
    SETTLEMENT = "SETTLEMENT"
    CANCEL = "CANCEL"
    CASH_OUT = "CASH_OUT"
    REJECT_REASONS = "REJECT_REASONS"


class LookupCall(models.Model):
    """One question and its answer, also when there was none. Append-only.

    `sent` is the request without its token, `trouble` a word for what went wrong, and `sentence`
    the same for a person. An answer that is too long to be kept whole is cut.
    """

    ticket = models.ForeignKey(
        Ticket,
        models.PROTECT,
        related_name="lookup_calls",
        null=True,
        db_index=False,
        db_constraint=False,
    )
    actor = models.CharField(max_length=200)
    kind = models.CharField(max_length=14, choices=choices(CallKind))
    asked_at = models.DateTimeField()
    sent = models.CharField(max_length=2000)
    http_status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(blank=True, default="")
    is_cut = models.BooleanField(default=False)
    duration_ms = models.PositiveIntegerField()
    tries = models.PositiveSmallIntegerField()
    trouble = models.CharField(max_length=11, blank=True, default="")
    sentence = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    xact = TransactionIdField(db_default=CurrentTransactionId(), editable=False)

    class Meta:
        permissions = [("look_up_ticket", "Can ask a provider about a ticket")]
        indexes = [
            models.Index(fields=["ticket", "id"], name="lookup_call_of_a_ticket"),
            models.Index(fields=["xact", "id"], name="lookup_call_in_commit_order"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=known("kind", CallKind), name="lookup_call_kind_is_known"
            ),
            models.CheckConstraint(condition=~Q(actor=""), name="lookup_call_says_who"),
            models.CheckConstraint(
                condition=Q(trouble="") | ~Q(sentence=""), name="lookup_trouble_has_a_sentence"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Sweep(models.Model):
    """A walk over a feed's open tickets that asks the provider about each of them.

    Tickets up to `cursor` were asked about in this lap, which ends with `last_ticket`. `again_to`
    is the end of one more lap that somebody asked for meanwhile; 0 when nobody did. Whoever carries
    it on is its `holder` until `held_until`; it waits until `not_before` after trouble.
    """

    feed = models.CharField(max_length=30)
    why = models.CharField(max_length=500)
    not_covered = models.CharField(max_length=200, blank=True, default="")
    accepted_before = models.DateTimeField(null=True)
    started_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)
    cursor = models.BigIntegerField(default=0, db_default=0)
    last_ticket = models.BigIntegerField(default=0, db_default=0)
    again_to = models.BigIntegerField(default=0, db_default=0)
    total = models.PositiveIntegerField(default=0, db_default=0)
    asked = models.PositiveIntegerField(default=0, db_default=0)
    settled = models.PositiveIntegerField(default=0, db_default=0)
    still_open = models.PositiveIntegerField(default=0, db_default=0)
    failed = models.PositiveIntegerField(default=0, db_default=0)
    holder = models.CharField(max_length=32, blank=True, default="", db_default="")
    held_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    sentence = models.CharField(max_length=500, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["feed"], condition=Q(done_at__isnull=True), name="sweep_is_open_once"
            ),
            models.CheckConstraint(condition=~Q(why=""), name="sweep_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.feed} {self.pk}"
