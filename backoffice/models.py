"""Who works at the desk, and by which tokens programs come in."""

from datetime import datetime

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Lower, Now
from django.db.models.lookups import Exact

LONGEST_NAME = 100


class User(AbstractUser):
    """Somebody who signs in. Roles are groups; see roles.py."""

    class Meta(AbstractUser.Meta):
        permissions = [("assign_roles", "Can give and take roles")]
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="user_has_a_name_of_his_own",
                violation_error_message="Somebody has this name already, written another way.",
            )
        ]


class ApiToken(models.Model):
    """What lets a program do what its user may do. The secret itself is stored nowhere."""

    user = models.ForeignKey(User, models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=LONGEST_NAME)
    digest = models.BinaryField(max_length=32)
    prefix = models.CharField(max_length=12)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        permissions = [("manage_tokens", "Can make and revoke tokens for programs")]
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="api_token_is_known_once"),
            models.CheckConstraint(condition=~Q(name=""), name="api_token_has_a_name"),
            models.CheckConstraint(
                condition=Exact(Length("digest"), 32), name="api_token_is_stored_as_a_digest"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("created_at")),
                name="api_token_lives_before_it_expires",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def refusal(self, at: datetime) -> str:
        """Return why the token lets nobody in at a time; nothing when it does."""
        if self.revoked_at:
            return "This token was revoked."
        if self.expires_at and self.expires_at <= at:
            return "This token has expired."
        if not self.user.is_active:
            return "The user of this token is not active."
        return ""
