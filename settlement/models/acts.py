"""What our own people do by hand: acts, the tickets in them, who agreed, and up to which amount."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now, Trim
from django.db.models.lookups import Exact

from settlement.models.bets import Ticket, choices, known
from settlement.vocabulary import (
    ActKind,
    ActReason,
    ApprovalStep,
    BatchState,
    LineState,
)
from wallet.models import Currency, CurrentTransactionId, TransactionIdField


class Batch(models.Model):
    """An act by hand on one ticket or many. What was asked for never changes, only where it stands.

    `key` is its preview's: confirmed twice, it is done once. `content` is the order as JSON,
    `digest` stands for what its preview showed. `why_asked` says why a second person had to agree;
    nothing, when none had to.
    """

    key = models.UUIDField(unique=True)
    act = models.CharField(max_length=13, choices=choices(ActKind))
    maker = models.CharField(max_length=200)
    reason = models.CharField(max_length=14, choices=choices(ActReason))
    note = models.CharField(max_length=500)
    content = models.TextField()
    digest = models.BinaryField(max_length=32)
    total = models.IntegerField()
    why_asked = models.CharField(max_length=1000, blank=True, default="")
    reverses = models.ForeignKey(
        "self", models.PROTECT, related_name="reversed_by", null=True, db_index=False
    )
    created_at = models.DateTimeField(db_default=Now())
    xact = TransactionIdField(db_default=CurrentTransactionId(), editable=False)
    state = models.CharField(max_length=8, choices=choices(BatchState))
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "act"
        verbose_name_plural = "acts"
        default_permissions = ("view",)
        permissions = [
            ("settle_ticket", "Can settle tickets by hand"),
            ("resettle_ticket", "Can settle settled tickets anew"),
            ("settle_by_amount", "Can settle tickets by an amount"),
            ("void_ticket", "Can void tickets and legs"),
            ("reopen_ticket", "Can open tickets again"),
            ("cash_out_ticket", "Can cash tickets out"),
            ("cancel_ticket", "Can cancel and reject whole bets"),
            ("release_ticket", "Can release tickets to their provider"),
            ("undo_act", "Can take acts back"),
            ("decide_review", "Can accept and dismiss reviews"),
            ("act_on_market", "Can settle, void and reopen markets and events"),
            ("act_in_bulk", "Can act on many tickets at once"),
            ("approve_act", "Can approve other people's acts"),
        ]
        indexes = [
            models.Index(fields=["xact", "id"], name="batch_in_commit_order"),
            models.Index(
                fields=["id"],
                condition=Q(state__in=["WAITING", "RUNNING", "RETURNED"]),
                name="batch_not_over",
            ),
            models.Index(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="batch_reversal_of"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=known("act", ActKind), name="batch_act_is_known"),
            models.CheckConstraint(
                condition=known("reason", ActReason), name="batch_reason_is_known"
            ),
            models.CheckConstraint(
                condition=known("state", BatchState), name="batch_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(maker="") & ~Q(note=""), name="batch_says_who_and_why"
            ),
            models.CheckConstraint(
                condition=Q(act="UNDO", reverses__isnull=False)
                | ~Q(act="UNDO") & Q(reverses__isnull=True),
                name="batch_that_undoes_names_what",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.pk}"


class BatchLine(models.Model):
    """One ticket of an act: what the preview showed of it, and what became of it.

    `version` is where the ticket stood, `expected` the state that the act leads to, as text: what
    differs from it when the act runs is left alone. An id that nobody knows has no ticket.
    """

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="lines", db_index=False)
    position = models.IntegerField()
    ticket = models.ForeignKey(
        Ticket, models.PROTECT, related_name="batch_lines", null=True, db_index=False
    )
    bet_id = models.CharField(max_length=100)
    version = models.BigIntegerField(default=0)
    expected = models.CharField(max_length=120, blank=True, default="")
    difference = models.BigIntegerField(default=0)
    state = models.CharField(max_length=7, choices=choices(LineState))
    sentence = models.CharField(max_length=1000, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["batch", "position"],
                condition=Q(state="WAITING"),
                name="batch_line_to_do",
            ),
            models.Index(
                fields=["ticket"], condition=Q(ticket__isnull=False), name="batch_line_of_a_ticket"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "position"], name="batch_line_has_its_place_in_the_act"
            ),
            models.CheckConstraint(condition=known("state", LineState), name="batch_line_is_known"),
            models.CheckConstraint(
                condition=Q(ticket__isnull=False) | ~Q(state__in=["WAITING", "DONE"]),
                name="batch_line_without_a_ticket_does_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.position} {self.bet_id}"


class Approval(models.Model):
    """A step of an act that needs two people: asked for by its maker, decided by another."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="approvals")
    step = models.CharField(max_length=9, choices=choices(ApprovalStep))
    maker = models.CharField(max_length=200)
    checker = models.CharField(max_length=200, blank=True, default="")
    digest = models.BinaryField(max_length=32)
    note = models.CharField(max_length=1000)
    created_at = models.DateTimeField(db_default=Now())
    xact = TransactionIdField(db_default=CurrentTransactionId(), editable=False)

    class Meta:
        default_permissions = ("view",)
        indexes = [models.Index(fields=["xact", "id"], name="approval_in_commit_order")]
        constraints = [
            models.CheckConstraint(
                condition=known("step", ApprovalStep), name="approval_step_is_known"
            ),
            models.CheckConstraint(
                condition=Q(step__in=["ASKED", "WITHDRAWN"], checker="")
                | ~Q(step__in=["ASKED", "WITHDRAWN"])
                & Q(checker__startswith="user:")
                & ~Q(Exact(Lower(Trim("checker")), Lower(Trim("maker")))),
                name="approval_is_given_by_somebody_else",
            ),
            models.CheckConstraint(
                condition=~Q(maker="") & ~Q(note=""), name="approval_says_who_and_why"
            ),
            models.UniqueConstraint(
                fields=["batch"],
                condition=~Q(step="ASKED"),
                name="approval_is_decided_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.batch_id}"


class ActLimit(models.Model):
    """Up to what a role acts alone: money in a currency, or, without one, how many tickets.

    The newest row of a role and currency is in force; earlier ones are kept.
    """

    role = models.CharField(max_length=150)
    currency = models.ForeignKey(Currency, models.PROTECT, null=True, db_index=False)
    most = models.BigIntegerField()
    actor = models.CharField(max_length=200)
    created_at = models.DateTimeField(db_default=Now())
    xact = TransactionIdField(db_default=CurrentTransactionId(), editable=False)

    class Meta:
        default_permissions = ("view", "add")
        indexes = [
            models.Index(fields=["xact", "id"], name="act_limit_in_commit_order"),
            models.Index(fields=["role", "currency", "-id"], name="act_limit_in_force"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(most__gte=0), name="act_limit_is_not_negative"),
            models.CheckConstraint(
                condition=~Q(actor="") & ~Q(role=""), name="act_limit_says_who_and_for_whom"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.currency_id or 'tickets'} {self.most}"
