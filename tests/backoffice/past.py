"""A past for tests. The database dates each transfer itself, so it takes the tables' owner."""

from django.test import Client

from tests import databases
from tests.factories import UserFactory


def date_back(at_by_key: dict[str, str]) -> None:
    """Give committed transfers another time, in UTC; needs a database of the test's own."""
    databases.as_owner(
        "ALTER TABLE wallet_transfer DISABLE TRIGGER transfers_are_append_only",
        *(
            f"UPDATE wallet_transfer SET created_at = '{at}Z' WHERE key = '{key}'"
            for key, at in at_by_key.items()
        ),
        "ALTER TABLE wallet_transfer ENABLE TRIGGER transfers_are_append_only",
    )


def signed_in(role: str) -> Client:
    """Return a browser signed in with a role, on whatever database the test has."""
    client = Client()
    user = UserFactory.create(role=role)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
