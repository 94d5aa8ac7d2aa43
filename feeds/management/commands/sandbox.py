"""manage.py sandbox odds88: our own server of a provider's protocol."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from feeds.odds88.sandbox import running


class Command(BaseCommand):
    help = (
        "Serve Odds88's protocol on this machine until interrupted; the one line on stdout says "
        "where. docs/odds88-sandbox.md tells what can be made to go wrong."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("provider", choices=["odds88"])
        running.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        running.run(running.running(options))
