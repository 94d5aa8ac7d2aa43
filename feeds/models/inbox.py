"""The inbox: every message as it came, what became of it, and whom it names."""

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class MessageState(StrEnum):
    """What became of a message. PARKED: it names a ticket that we don't know yet."""

    STORED = "STORED"
    DONE = "DONE"
    IGNORED = "IGNORED"
    PARKED = "PARKED"
    QUARANTINED = "QUARANTINED"


STATES = [(str(state), state.capitalize()) for state in MessageState]


class FeedMessage(models.Model):
    """A message, known by its bytes: what comes again is counted, not stored."""

    feed = models.CharField(max_length=30)
    sha256 = models.BinaryField(max_length=32)
    received_at = models.DateTimeField(db_default=Now())
    times_received = models.PositiveIntegerField(default=1, db_default=1)
    state = models.CharField(max_length=11, choices=STATES, default="STORED", db_default="STORED")
    note = models.CharField(max_length=500, blank=True, default="", db_default="")
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        permissions = [("replay_message", "Can process a message again")]
        constraints = [
            models.UniqueConstraint(fields=["sha256", "feed"], name="message_is_stored_once"),
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in MessageState]),
                name="message_state_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.feed} {self.pk}"


class Unfinished(models.Model):
    """A message that is not done with: to be processed, parked, or quarantined.

    A table of its own, since an index on a message's state would make each change of it dear.
    """

    message = models.OneToOneField(
        FeedMessage,
        models.PROTECT,
        primary_key=True,
        related_name="unfinished",
        db_constraint=False,
    )
    state = models.CharField(max_length=11, choices=STATES)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.message_id} {self.state}"


class MessageBody(models.Model):
    """A message's bytes, in a partition for each day: the only table that ever loses rows."""

    pk = models.CompositePrimaryKey("message_id", "received_on")
    message_id = models.BigIntegerField()
    received_on = models.DateField()
    raw = models.BinaryField()

    class Meta:
        managed = False
        db_table = "feeds_messagebody"
        verbose_name_plural = "message bodies"

    def __str__(self) -> str:
        return str(self.message_id)


class MessageSubject(models.Model):
    """An event or a bet that a message names, so that who bets on it later finds the message."""

    pk = models.CompositePrimaryKey("subject_ref", "provider", "message_id")
    provider = models.CharField(max_length=10)
    subject_ref = models.CharField(max_length=200)
    message_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.provider} {self.subject_ref}"
