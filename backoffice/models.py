"""Who works at the desk."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """Somebody who signs in. Roles are groups; see roles.py."""

    class Meta(AbstractUser.Meta):
        permissions = [("assign_roles", "Can give and take roles")]
