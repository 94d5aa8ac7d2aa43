"""manage.py demo_life: bets of the demo's players, one after the other, until it is stopped."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice import demo, demo_life
from backoffice.demo_fixtures import Fixtures
from backoffice.demo_life import Life
from backoffice.demo_lsports import Lsports
from backoffice.demo_matches import Matches
from backoffice.demo_odds88 import Odds88
from backoffice.demo_sportradar import Sportradar


class Command(BaseCommand):
    help = (
        "Let the demo's players bet, here and at the demo's providers. `demo` starts this itself."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name in ("Odds88", "Sportradar", "LSports"):
            parser.add_argument(
                f"--{name.lower()}", type=int, required=True, help=f"the port of the demo's {name}"
            )
        parser.add_argument("--pace", type=float, default=demo_life.PACE, help="seconds a bet")

    def handle(self, *args: Any, pace: float, **options: Any) -> None:
        try:
            demo.refuse_foreign()
        except demo.ForeignData as refusal:
            raise CommandError(str(refusal)) from None
        bets = Life(Odds88(options["odds88"]))
        matches = Matches(Sportradar(options["sportradar"]))
        fixtures = Fixtures(Lsports(options["lsports"]))
        demo_life.go([bets, matches, fixtures], pace)
