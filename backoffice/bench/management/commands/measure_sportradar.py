"""manage.py measure_sportradar: what `manage.py bench feed sportradar` runs in its database."""

from backoffice.bench.command import MeasuringCommand
from backoffice.bench.uof import run


class Command(MeasuringCommand):
    help = "Measure a feed. Writes into the database that it is given: start it by `bench`."
    subject = run.SUBJECT
