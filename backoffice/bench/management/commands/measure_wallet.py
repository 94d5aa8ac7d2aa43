"""manage.py measure_wallet: what `manage.py bench wallet` runs in its scratch database."""

from backoffice.bench import wallet
from backoffice.bench.command import MeasuringCommand


class Command(MeasuringCommand):
    help = "Measure the wallet. Writes into the database that it is given: start it by `bench`."
    subject = wallet.SUBJECT
