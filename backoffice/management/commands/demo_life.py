"""manage.py demo_life: bets of the demo's players, one after the other, until it is stopped."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice import demo, demo_life
from backoffice.demo_odds88 import Odds88


class Command(BaseCommand):
    help = "Let the demo's players bet, here and at the demo's Odds88. `demo` starts this itself."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, required=True, help="where the demo's Odds88 is")
        parser.add_argument("--pace", type=float, default=demo_life.PACE, help="seconds a bet")

    def handle(self, *args: Any, port: int, pace: float, **options: Any) -> None:
        try:
            demo.refuse_foreign()
        except demo.ForeignData as refusal:
            raise CommandError(str(refusal)) from None
        demo_life.Life(Odds88(port)).go(pace)
