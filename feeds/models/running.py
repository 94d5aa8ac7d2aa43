"""The feeds themselves: who runs each, how far it has come, and when it connected."""

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class RunState(StrEnum):
    """What a feed is doing."""

    STOPPED = "STOPPED"
    CONNECTING = "CONNECTING"
    RECEIVING = "RECEIVING"
    WAITING = "WAITING"
    TROUBLE = "TROUBLE"


class RevisionKind(StrEnum):
    """How the provider counts a connect: from when on we asked to hear."""

    WITHOUT = "WITHOUT"
    PROPER = "PROPER"


class Connected(StrEnum):
    """What came of a connect. UNREACHED never got to the provider, who does not count it."""

    ASKED = "ASKED"
    OPENED = "OPENED"
    REFUSED = "REFUSED"
    UNREACHED = "UNREACHED"


def choices(words: type[StrEnum]) -> list[tuple[str, str]]:
    """Return an enumeration as a field's choices."""
    return [(str(word), word.capitalize()) for word in words]


def known(field: str, words: type[StrEnum]) -> Q:
    """Return the condition that a field holds one of these words."""
    return Q(**{f"{field}__in": [str(word) for word in words]})


class FeedLease(models.Model):
    """Who may receive a feed, until when. A new holder gets the next epoch.

    What an earlier holder tries to write is refused: each of his transactions looks here first.
    `state` and `sentence` tell people what the feed is doing, until `until` if it waits. `depth` is
    how many messages wait for us at the provider, where he tells; `passed_by` are messages that
    settle nothing, which are counted and not stored.
    """

    feed = models.CharField(max_length=30, primary_key=True)
    holder = models.CharField(max_length=200, blank=True, default="", db_default="")
    epoch = models.BigIntegerField(default=0, db_default=0)
    expires_at = models.DateTimeField(db_default=Now())
    stop_requested = models.BooleanField(default=False, db_default=False)
    paused_by = models.CharField(max_length=150, blank=True, default="", db_default="")
    state = models.CharField(
        max_length=10, choices=choices(RunState), default="STOPPED", db_default="STOPPED"
    )
    sentence = models.CharField(max_length=500, blank=True, default="", db_default="")
    since = models.DateTimeField(db_default=Now())
    until = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    messages = models.BigIntegerField(default=0, db_default=0)
    passed_by = models.BigIntegerField(default=0, db_default=0)
    depth = models.PositiveIntegerField(null=True)
    halted_at = models.DateTimeField(null=True)
    halted_why = models.CharField(max_length=500, blank=True, default="", db_default="")

    class Meta:
        permissions = [("run_feed", "Can stop and start feeds")]
        constraints = [
            models.CheckConstraint(condition=known("state", RunState), name="run_state_is_known"),
            models.CheckConstraint(condition=Q(epoch__gte=0), name="epoch_is_not_negative"),
        ]

    def __str__(self) -> str:
        return self.feed


class FeedCursor(models.Model):
    """How far a stream has come, in its provider's time; it moves with the messages it stores.

    `opened_with` is the revision that the last connection asked for, `opened_at` when it was
    opened, `recovered_at` when all that was behind us had come.
    """

    feed = models.CharField(max_length=30, primary_key=True)
    greatest_ticks = models.BigIntegerField(null=True)
    smallest_ticks = models.BigIntegerField(null=True)
    opened_with = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField(null=True)
    recovered_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.feed


class ConnectAttempt(models.Model):
    """A connect that a provider may count: written down before the socket opens."""

    feed = models.CharField(max_length=30)
    epoch = models.BigIntegerField()
    kind = models.CharField(max_length=7, choices=choices(RevisionKind))
    revision = models.BigIntegerField()
    asked_at = models.DateTimeField(db_default=Now())
    answered_at = models.DateTimeField(null=True)
    outcome = models.CharField(
        max_length=9, choices=choices(Connected), default="ASKED", db_default="ASKED"
    )
    sentence = models.CharField(max_length=500, blank=True, default="", db_default="")

    class Meta:
        indexes = [models.Index(fields=["feed", "asked_at"], name="attempts_of_a_feed")]
        constraints = [
            models.CheckConstraint(condition=known("kind", RevisionKind), name="kind_is_known"),
            models.CheckConstraint(condition=known("outcome", Connected), name="outcome_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.feed} {self.asked_at:%Y-%m-%d %H:%M:%S}"
