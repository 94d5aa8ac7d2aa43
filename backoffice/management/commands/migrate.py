"""`migrate` as the tables' owner: the application's role may not change the schema."""

from typing import Any

from django.conf import settings
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections

from backoffice.owner import as_owner

__all__ = ["Command"]


class Command(DjangoMigrate):
    """Django's own command, over the owner's connection."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Borrow the owner's credentials for as long as the migration runs."""
        with as_owner(connections[options["database"]], settings.DATABASE_OWNER_URL):
            super().handle(*args, **options)
