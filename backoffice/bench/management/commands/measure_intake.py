"""manage.py measure_intake: what `manage.py bench intake` runs in its scratch database."""

from backoffice.bench.command import MeasuringCommand
from backoffice.bench.intake.run import SUBJECT


class Command(MeasuringCommand):
    help = "Measure the intake. Writes into the database that it is given: start it by `bench`."
    subject = SUBJECT
