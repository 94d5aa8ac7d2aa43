"""LSports' servers and the runner of one of its packages."""

import json

from backoffice.bench.queued.children import Receiver, Vendor

PACKAGE = "inplay"
FEED = f"lsports-{PACKAGE}"
# A backlog waits for longer than LSports would let it: its distribution goes on here.
OPTIONS = ("cut_off=1000000000",)


def vendor(broker: str) -> Vendor:
    """Start LSports' servers."""
    return Vendor("lsports", broker, OPTIONS, lines=f"lines?package={PACKAGE}")


def say_odds(vendor: Vendor, count: int) -> None:
    """Publish messages about prices."""
    vendor.tell("odds", json.dumps({"count": count, "package": PACKAGE}).encode())


def receiver(vendor: Vendor, database_url: str) -> Receiver:
    """Start `manage.py run_feed lsports-inplay`."""
    where, package = vendor.where, vendor.where[PACKAGE]
    return Receiver(
        FEED,
        database_url,
        LSPORTS_INPLAY_AMQP_URL=package["amqp_url"],
        LSPORTS_INPLAY_API_URL=where["api_url"],
        LSPORTS_INPLAY_SNAPSHOT_URL=where["api_url"],
        LSPORTS_INPLAY_PACKAGE_ID=str(package["package_id"]),
        LSPORTS_INPLAY_USER=package["user"],
        LSPORTS_INPLAY_PASSWORD=package["password"],
    )
