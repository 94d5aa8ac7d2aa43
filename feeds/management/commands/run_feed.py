"""manage.py run_feed FEED: receive a feed here, as its Celery task does, until it is stopped."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from feeds import leases, runner, sources

STAND_BY = 1.0  # seconds
STOPPED_BY = (signal.SIGINT, signal.SIGTERM)


class Command(BaseCommand):
    help = (
        "Receive a feed here until Ctrl-C or SIGTERM. While somebody else receives it, stand by "
        "and take over when he is gone: two of these are never connected at once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("feed", choices=sorted(sources.SOURCES))

    def handle(self, *args: Any, feed: str, **options: Any) -> None:
        if feed not in sources.configured():
            raise CommandError(f"{sources.NEEDS[feed]} is not set.", returncode=2)
        stop = threading.Event()
        for number in STOPPED_BY:
            signal.signal(number, lambda *_: stop.set())
        source, holder, told = sources.SOURCES[feed](), runner.holder_here("run_feed"), ""
        while not stop.is_set():
            if runner.run(source, holder=holder, stop=stop):
                continue
            if (sentence := leases.standing(feed)) != told:
                self.stderr.write(sentence)
                told = sentence
            stop.wait(STAND_BY)
