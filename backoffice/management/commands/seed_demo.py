"""manage.py seed_demo: players with a past and one login for each role."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice import demo


class Command(BaseCommand):
    help = "Fill an empty database with the demo's people and players; run again, it keeps them."

    def handle(self, *args: Any, **options: Any) -> None:
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
