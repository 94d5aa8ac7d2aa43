"""Sportradar's producers, what they were asked to tell again, and the account we have there."""

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from feeds.models.running import choices, known


class ProducerState(StrEnum):
    """Whether we hear all that a producer says. RECOVERING: it tells again what we missed."""

    DOWN = "DOWN"
    RECOVERING = "RECOVERING"
    UP = "UP"


class DownReason(StrEnum):
    """Why we may have missed something of a producer's."""

    NEVER = "NEVER"
    CONNECTION = "CONNECTION"
    SILENT = "SILENT"
    UNSUBSCRIBED = "UNSUBSCRIBED"
    PRODUCT_DOWN = "PRODUCT_DOWN"
    STALLED = "STALLED"
    TOO_LONG = "TOO_LONG"


class Producer(models.Model):
    """A part of Sportradar's feed that speaks, fails and recovers on its own.

    `checkpoint_ms` is when the last alive was made that came while nothing was missed, by the
    producer's clock: all that was said until then is stored. `heard_ms` is the same of the last
    alive of all, which came at `heard_at`. `recovery_minutes` is how far back it tells again; when
    the checkpoint was further back, all that was said until `covered_ms` is covered event by event.
    """

    feed = models.CharField(max_length=30)
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=60, blank=True, default="")
    name = models.CharField(max_length=200, blank=True, default="")
    scope = models.CharField(max_length=60, blank=True, default="")
    is_active = models.BooleanField(default=True, db_default=True)
    recovery_minutes = models.PositiveIntegerField(default=4320, db_default=4320)
    state = models.CharField(
        max_length=10, choices=choices(ProducerState), default="DOWN", db_default="DOWN"
    )
    reason = models.CharField(
        max_length=12, choices=choices(DownReason), blank=True, default="NEVER", db_default="NEVER"
    )
    since = models.DateTimeField(db_default=Now())
    heard_at = models.DateTimeField(null=True)
    heard_ms = models.BigIntegerField(null=True)
    checkpoint_ms = models.BigIntegerField(null=True)
    covered_ms = models.BigIntegerField(null=True)
    not_before = models.DateTimeField(null=True)
    sentence = models.CharField(max_length=500, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["feed", "number"], name="producer_is_known_once"),
            models.CheckConstraint(
                condition=known("state", ProducerState), name="producer_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="DOWN") & known("reason", DownReason)
                | ~Q(state="DOWN") & Q(reason=""),
                name="producer_is_down_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.feed} {self.number} {self.code}"


class RecoveryKind(StrEnum):
    """What is told again: all SINCE a time, or the results of one EVENT."""

    SINCE = "SINCE"
    EVENT = "EVENT"


class RecoveryBucket(StrEnum):
    """Which of the provider's limits a request counts against."""

    MINUTES = "MINUTES"
    HOURS = "HOURS"
    DAYS = "DAYS"
    EVENT = "EVENT"


class RecoveryState(StrEnum):
    """Where a request stands.

    WANTED: not asked yet. TOLD: all has come and is stored. DONE: it is processed as well.
    """

    WANTED = "WANTED"
    ASKED = "ASKED"
    RUNNING = "RUNNING"
    TOLD = "TOLD"
    DONE = "DONE"
    FAILED = "FAILED"
    ABANDONED = "ABANDONED"


STILL_OPEN = ("WANTED", "ASKED", "RUNNING")


class Recovery(models.Model):
    """A request to be told something again. Those that were asked are counted against the limits.

    `request_id` comes back with what is told; `after_ms` is the time from which on, `told_past` the
    newest message that was stored when all had come. `rank` orders what is wanted: the least first.
    """

    producer = models.ForeignKey(Producer, models.PROTECT, related_name="recoveries")
    kind = models.CharField(max_length=5, choices=choices(RecoveryKind))
    event_ref = models.CharField(max_length=200, blank=True, default="")
    after_ms = models.BigIntegerField(null=True)
    request_id = models.BigIntegerField(unique=True, null=True)
    bucket = models.CharField(
        max_length=7, choices=choices(RecoveryBucket), blank=True, default="", db_default=""
    )
    state = models.CharField(max_length=9, choices=choices(RecoveryState))
    why = models.CharField(max_length=500)
    actor = models.CharField(max_length=200)
    rank = models.BigIntegerField(default=0, db_default=0)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now())
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    counted = models.BooleanField(default=False, db_default=False)
    http_status = models.PositiveSmallIntegerField(null=True)
    progress_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    told_past = models.BigIntegerField(null=True)
    done_at = models.DateTimeField(null=True)
    sentence = models.CharField(max_length=500, blank=True, default="", db_default="")

    class Meta:
        verbose_name_plural = "recoveries"
        permissions = [("recover_event", "Can have an event's results told again")]
        indexes = [
            models.Index(fields=["asked_at"], condition=Q(counted=True), name="recoveries_counted"),
            models.Index(
                fields=["rank", "id"],
                condition=Q(state__in=[*STILL_OPEN, "TOLD"]),
                name="recoveries_not_done_with",
            ),
            models.Index(  # Looked for twice a second, however many events are wanted.
                fields=["state"],
                condition=Q(state__in=["ASKED", "RUNNING", "TOLD"]),
                name="recoveries_on_their_way",
            ),
            models.Index(fields=["event_ref", "id"], name="recoveries_of_an_event"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["producer", "event_ref"],
                condition=Q(state__in=STILL_OPEN),
                name="recovery_is_open_once",
            ),
            models.CheckConstraint(
                condition=known("kind", RecoveryKind), name="recovery_kind_is_known"
            ),
            models.CheckConstraint(
                condition=known("state", RecoveryState), name="recovery_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(bucket="") | known("bucket", RecoveryBucket),
                name="recovery_bucket_is_known",
            ),
            models.CheckConstraint(
                condition=Q(kind="SINCE", event_ref="") | Q(kind="EVENT") & ~Q(event_ref=""),
                name="recovery_of_an_event_names_it",
            ),
            models.CheckConstraint(
                condition=~Q(why="") & ~Q(actor=""), name="recovery_says_who_and_why"
            ),
            models.CheckConstraint(
                condition=Q(state="WANTED") | Q(asked_at__isnull=False) | Q(state="FAILED"),
                name="recovery_was_asked_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.request_id}"


class VoidReason(models.Model):
    """A reason for voiding, in the words of the provider."""

    feed = models.CharField(max_length=30)
    code = models.IntegerField()
    description = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["feed", "code"], name="void_reason_is_known_once")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.description}"


class FeedAccount(models.Model):
    """The account that a feed's token belongs to, as the provider last told."""

    feed = models.CharField(max_length=30, primary_key=True)
    bookmaker_id = models.CharField(max_length=60, blank=True, default="")
    virtual_host = models.CharField(max_length=200, blank=True, default="")
    expires_at = models.DateTimeField(null=True)
    clock_ahead_ms = models.IntegerField(null=True)
    asked_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.feed} {self.bookmaker_id}"
