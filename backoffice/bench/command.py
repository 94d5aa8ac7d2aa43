"""What `manage.py bench SUBJECT` runs in its scratch database, whichever the subject."""

import signal
import sys
from argparse import ArgumentParser
from dataclasses import replace
from typing import Any, ClassVar

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from backoffice.bench import report
from backoffice.bench.measuring import Subject, WrongBooks
from backoffice.bench.options import add_options
from backoffice.bench.rabbitmq import RabbitMQUnavailable


class MeasuringCommand(BaseCommand):
    """Migrates, measures, prints; exits with 1 when a ratio fell below its floor."""

    subject: ClassVar[Subject[Any]]
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # `bench` tidies up; nobody needs a traceback.
        self._say("migrating the scratch database")
        call_command("migrate", run_syncdb=True, interactive=False, verbosity=0)
        size = self.subject.smoke if options["smoke"] else self.subject.full
        size = replace(size, rounds=options["rounds"] or size.rounds)
        goals = self.subject.goals(size)
        if options["smoke"]:
            goals = [goal.halved() for goal in goals]
        try:
            found = self.subject.run(size=size, goals=goals, say=self._say)
        except (WrongBooks, RabbitMQUnavailable) as error:
            raise CommandError(str(error)) from error
        console = Console(width=report.WIDEST)
        self.stdout.write(
            report.as_json(found) if options["json"] else report.as_text(found, console)
        )
        if any(ratio.fell_short for ratio in found.ratios):
            sys.exit(1)

    def _say(self, line: str) -> None:
        self.stderr.write(line, style_func=str)
