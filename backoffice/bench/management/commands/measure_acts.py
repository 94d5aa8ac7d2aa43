"""manage.py measure_acts: what `manage.py bench acts` runs in its scratch database."""

from backoffice.bench import acts
from backoffice.bench.command import MeasuringCommand


class Command(MeasuringCommand):
    help = "Measure the acts. Writes into the database that it is given: start it by `bench`."
    subject = acts.SUBJECT
