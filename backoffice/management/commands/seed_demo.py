"""manage.py seed_demo: players with a past, their tickets, results, and one login for each role."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backoffice import demo, demo_acts, demo_results, demo_tickets


class Command(BaseCommand):
    help = "Fill an empty database with the demo's people, players, tickets and results, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--yes-this-is-a-demo", action="store_true", help="needed when DEBUG is off"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG and not options["yes_this_is_a_demo"]:
            raise CommandError(
                "DEBUG is off, as in production: the demo's people would sign in with a password "
                "that everybody knows. Nothing was changed. If this is a demo, add "
                "--yes-this-is-a-demo."
            )
        try:
            demo.refuse_foreign()
        except demo.ForeignData as refusal:
            raise CommandError(str(refusal)) from None
        demo.add_people()
        transfers = demo.add_players()
        self.stdout.write(
            f"Seeded {demo.PLAYERS} players with {transfers} transfers."
            if transfers
            else "The demo's players are there already."
        )
        tickets = demo_tickets.add_tickets()
        self.stdout.write(
            f"Brought in {tickets:,} tickets."
            if tickets
            else "The demo's tickets are there already."
        )
        messages = demo_results.add_results()
        self.stdout.write(
            f"Replayed a day of {messages:,} messages."
            if messages
            else "The demo's day was replayed already."
        )
        acts = demo_acts.add_acts()
        self.stdout.write(
            f"Did {acts} acts by hand." if acts else "The demo's people have acted already."
        )
