"""manage.py measure_settle: what `manage.py bench settle` runs in its scratch database."""

from backoffice.bench.command import MeasuringCommand
from backoffice.bench.settle.run import SUBJECT


class Command(MeasuringCommand):
    help = "Measure settlement. Writes into the database that it is given: start it by `bench`."
    subject = SUBJECT
