"""The tables' owner, borrowed for migrations; the application's role can't change the schema."""

from collections.abc import Iterator
from contextlib import contextmanager

import environ
from django.db.backends.base.base import BaseDatabaseWrapper

CREDENTIALS = ("USER", "PASSWORD")


@contextmanager
def as_owner(connection: BaseDatabaseWrapper, owner_url: str) -> Iterator[None]:
    """Let `connection` speak as the owner until the end of the block, on the same database."""
    owner = environ.Env.db_url_config(owner_url)
    before = {name: connection.settings_dict[name] for name in CREDENTIALS}
    connection.close()
    connection.settings_dict.update({name: owner[name] for name in CREDENTIALS})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)
