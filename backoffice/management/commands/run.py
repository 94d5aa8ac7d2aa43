"""manage.py run: web, workers and beat against the services in the environment."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice import supervisor


class Command(BaseCommand):
    help = "Run web, workers and beat in one process, with the settings in the environment."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--state", type=Path, default=Path(".run"), help="for logs")

    def handle(self, *args: Any, **options: Any) -> None:
        supervisor.hold_signals()
        desk = supervisor.site(options["state"], {})
        try:
            supervisor.supervise(desk, greet=lambda: self.stdout.write(f"The desk: {desk.address}"))
        except supervisor.Stopped:
            self.stderr.write("Stopped while starting.")
        except supervisor.SupervisorError as error:
            raise CommandError(str(error)) from None
