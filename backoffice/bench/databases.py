"""Two databases in one run: whichever is entered is the one that all code reaches."""

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from backoffice.bench.scratch import copied


class Database:
    """A database of this run with its sessions: the application's and the owner's."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sessions = {alias: session(alias, name) for alias in (DEFAULT_DB_ALIAS, "owner")}

    def enter(self) -> None:
        """Put the sessions where Django looks for them; they stay open, with all they prepared."""
        for alias, wrapper in self.sessions.items():
            connections[alias] = wrapper

    def copy(self) -> "Database":
        """Make the copy that `bench` drops with this database."""
        self.enter()
        connections[DEFAULT_DB_ALIAS].close()  # The owner may copy what nobody else is in.
        owner = connections["owner"]
        copy, original = map(owner.ops.quote_name, (copied(self.name), self.name))
        with owner.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {copy} TEMPLATE {original}")
        return Database(copied(self.name))


def session(alias: str, name: str) -> BaseDatabaseWrapper:
    """Return a session of its own with a database."""
    wrapper = connections.create_connection(alias)
    wrapper.settings_dict = wrapper.settings_dict | {"NAME": name}
    return wrapper
