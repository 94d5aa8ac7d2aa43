"""manage.py sandbox PROVIDER: our own server of a provider's protocol."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from feeds.lsports.sandbox import running as lsports
from feeds.odds88.sandbox import running as odds88
from feeds.sportradar.sandbox import running as sportradar

PROVIDERS = {"odds88": odds88, "sportradar": sportradar, "lsports": lsports}


class Command(BaseCommand):
    help = (
        "Serve a provider's protocol on this machine until interrupted; the one line on stdout "
        "says where. docs/*-sandbox.md tell what can be made "
        "to go wrong."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        providers = parser.add_subparsers(dest="provider", required=True)
        for name, running in PROVIDERS.items():
            running.add_arguments(providers.add_parser(name))

    def handle(self, *args: Any, **options: Any) -> None:
        running = PROVIDERS[options["provider"]]
        running.run(running.running(options))
