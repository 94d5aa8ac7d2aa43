"""manage.py bench: how fast are we, beside others doing the same work on the same machine?"""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from backoffice.bench import options as bench_options
from backoffice.bench import scratch

SUBJECTS = {
    "wallet": "postings against django-hordak, a naive ORM ledger and raw COPY",
    "intake": "tickets against an ORM peer and raw COPY, and with few and many there already",
    "acts": "a batch by hand, previewed, done and reversed, against a feed's market",
    "feed": "a feed's runner: bench feed odds88 against a Celery task for each message, "
    "bench feed sportradar and bench feed lsports against a bare consumer of RabbitMQ",
    "settle": "messages and markets against ORM peers, raw COPY and a bare UPDATE",
}
FEED = "feed"
FEEDS = {
    "odds88": "measure_feed",
    "sportradar": "measure_sportradar",
    "lsports": "measure_lsports",
}


class Command(BaseCommand):
    help = "Measure us against peers and limits in a scratch database; exit 1 below a floor."

    def add_arguments(self, parser: ArgumentParser) -> None:
        subjects = parser.add_subparsers(dest="subject", required=True)
        for name, about in SUBJECTS.items():
            parser = subjects.add_parser(name, help=about)
            bench_options.add_options(parser)
            if name == FEED:
                parser.add_argument("provider", choices=sorted(FEEDS))

    def handle(self, *args: Any, **options: Any) -> None:
        words = bench_options.as_words(options)
        command = FEEDS.get(options.get("provider", ""), f"measure_{options['subject']}")
        if code := scratch.measure(command, words):
            sys.exit(code)
