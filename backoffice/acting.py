"""Who acts by hand: a user as settlement knows him, with his roles and what they let him do."""

from backoffice.models import User
from settlement.acts.actors import Actor


def actor_for(user: User) -> Actor:
    """Return a user as settlement's acts know him."""
    settlements = "settlement."
    return Actor(
        f"user:{user.get_username()}",
        frozenset(user.groups.values_list("name", flat=True)),
        frozenset(
            name.removeprefix(settlements)
            for name in user.get_all_permissions()
            if name.startswith(settlements)
        ),
    )
