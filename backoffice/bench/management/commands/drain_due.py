"""manage.py drain_due: a worker of `manage.py bench settle`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from settlement import services


class Command(BaseCommand):
    help = "Settle what is due whenever a line comes in. Writes into the database that it is given."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write("ready")
        self.stdout.flush()
        for _ in sys.stdin:
            services.drain()
            self.stdout.write("ready")
            self.stdout.flush()
