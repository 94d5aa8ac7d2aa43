"""manage.py measure_feed: what `manage.py bench feed` runs in its scratch database."""

from backoffice.bench.command import MeasuringCommand
from backoffice.bench.feed import run


class Command(MeasuringCommand):
    help = "Measure a feed. Writes into the database that it is given: start it by `bench`."
    subject = run.SUBJECT
