"""manage.py measure_lsports: what `manage.py bench feed lsports` runs in its database."""

from backoffice.bench.command import MeasuringCommand
from backoffice.bench.trade import run


class Command(MeasuringCommand):
    help = "Measure a feed. Writes into the database that it is given: start it by `bench`."
    subject = run.SUBJECT
