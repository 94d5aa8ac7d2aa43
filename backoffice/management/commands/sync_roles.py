"""manage.py sync_roles: bring roles and table rights up to date; `migrate` does it by itself."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from backoffice import roles
from backoffice.owner import as_owner


class Command(BaseCommand):
    help = "Give each role its permissions and the application's database role its rights."

    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner(connection, settings.DATABASE_OWNER_URL):
            roles.sync_after_migrate()
        self.stdout.write(f"{len(roles.ROLES)} roles are up to date.")
