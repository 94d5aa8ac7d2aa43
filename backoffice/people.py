"""People at the desk: created with a role, by name."""

import secrets

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from backoffice.models import User
from backoffice.roles import MACHINES, ROLES


class UserRefused(Exception):
    """Nobody was added. The text says why."""


def add_user(*, name: str, role: str, password: str = "") -> tuple[User, str]:
    """Create somebody with a role; return him and his password, made up when none is given."""
    if role not in ROLES:
        raise UserRefused(f"There is no role “{role}”. The roles: {', '.join(ROLES)}.")
    password = password or secrets.token_urlsafe(12)
    user = User(username=name, is_staff=role not in MACHINES)
    user.clean_fields(exclude=["password"])
    validate_password(password, user)
    user.set_password(password)
    with transaction.atomic():
        if User.objects.filter(username__iexact=name).exists():
            raise UserRefused(f"There is a user “{name}” already. Give roles in the admin.")
        user.save()
        user.groups.add(Group.objects.get(name=role))
    return user, password
