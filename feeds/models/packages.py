"""LSports' packages, what was asked of its snapshots, and the fixtures that it follows."""

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from feeds.models.running import choices, known


class PackageState(StrEnum):
    """Whether we have all that a package told. RECOVERING: what we missed is being asked for."""

    STALE = "STALE"
    RECOVERING = "RECOVERING"
    HEALTHY = "HEALTHY"


class StaleReason(StrEnum):
    """Why we may have missed something of a package's."""

    NEVER = "NEVER"
    CONNECTION = "CONNECTION"
    SILENT = "SILENT"
    GAP = "GAP"
    INTERRUPTED = "INTERRUPTED"
    DISTRIBUTION = "DISTRIBUTION"
    ASKED = "ASKED"


class Package(models.Model):
    """A package of LSports': a queue of messages that has its own heartbeat.

    `healthy_ms` is when the last heartbeat was made that came while nothing was missing, by
    LSports' clock: all that was told until then is stored. `heard_ms` is the same of the last
    heartbeat of all, which came at `heard_at`. `consumers` and `is_distributing` are as LSports
    told at `asked_at`; `started_at` is when we last asked it to send. `followed` are the fixtures
    that it named last.
    """

    feed = models.CharField(max_length=30, primary_key=True)
    state = models.CharField(
        max_length=10, choices=choices(PackageState), default="STALE", db_default="STALE"
    )
    reason = models.CharField(
        max_length=12, choices=choices(StaleReason), blank=True, default="NEVER", db_default="NEVER"
    )
    since = models.DateTimeField(db_default=Now())
    heard_at = models.DateTimeField(null=True)
    heard_ms = models.BigIntegerField(null=True)
    healthy_ms = models.BigIntegerField(null=True)
    not_before = models.DateTimeField(null=True)
    is_distributing = models.BooleanField(null=True)
    consumers = models.PositiveIntegerField(null=True)
    asked_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    followed = ArrayField(models.CharField(max_length=200), default=list, db_default=[])
    sentence = models.CharField(max_length=500, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=known("state", PackageState), name="package_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="STALE") & known("reason", StaleReason)
                | ~Q(state="STALE") & Q(reason=""),
                name="package_is_stale_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.feed


class SnapshotState(StrEnum):
    """Where a snapshot stands. DONE: all that it told is stored and processed."""

    WANTED = "WANTED"
    ASKED = "ASKED"
    DONE = "DONE"
    FAILED = "FAILED"


class Snapshot(models.Model):
    """A request for how markets stand: of all that changed since a time, or of some fixtures.

    LSports counts those of some fixtures (`is_filtered`) less strictly.
    """

    package = models.ForeignKey(Package, models.PROTECT, related_name="snapshots")
    method = models.CharField(max_length=40, blank=True, default="", db_default="")
    fixture_ref = models.CharField(max_length=200, blank=True, default="", db_default="")
    is_filtered = models.BooleanField(default=False, db_default=False)
    since_ms = models.BigIntegerField(null=True)
    state = models.CharField(max_length=6, choices=choices(SnapshotState))
    why = models.CharField(max_length=500)
    actor = models.CharField(max_length=200)
    created_at = models.DateTimeField(db_default=Now())
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    fixtures = models.PositiveIntegerField(null=True)
    messages = models.PositiveIntegerField(null=True)
    sentence = models.CharField(max_length=500, blank=True, default="", db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["asked_at"], name="snapshots_by_time"),
            models.Index(
                fields=["state"],
                condition=Q(state__in=["WANTED", "ASKED"]),
                name="snapshots_not_done_with",
            ),
            models.Index(fields=["fixture_ref", "id"], name="snapshots_of_a_fixture"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["package", "fixture_ref"],
                condition=Q(state__in=["WANTED", "ASKED"]) & ~Q(fixture_ref=""),
                name="fixture_is_wanted_once",
            ),
            models.CheckConstraint(
                condition=known("state", SnapshotState), name="snapshot_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(why="") & ~Q(actor=""), name="snapshot_says_who_and_why"
            ),
            models.CheckConstraint(
                condition=Q(state="WANTED") & ~Q(fixture_ref="") | Q(asked_at__isnull=False),
                name="snapshot_was_asked_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.package_id} {self.method} {self.fixture_ref}"


class EndedFixture(models.Model):
    """A fixture with bets that LSports follows no more: its settlements ought to come now.

    `asked_at` is when somebody was asked about bets on it that have no result. One that is followed
    again has no `ended_at`.
    """

    feed = models.CharField(max_length=30)
    fixture_ref = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["ended_at"],
                condition=Q(ended_at__isnull=False),
                name="fixtures_that_ended",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["feed", "fixture_ref"], name="fixture_ends_once")
        ]

    def __str__(self) -> str:
        return f"{self.feed} {self.fixture_ref}"
