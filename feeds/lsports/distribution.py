"""Whether LSports sends a package, and that it shall. It is never told to stop."""

import structlog

from feeds.connections import Lease
from feeds.lsports import keeping, ledger
from feeds.lsports.answers import Distribution
from feeds.lsports.api import Api

log = structlog.get_logger(__name__)

MANY, CUT_OFF = 2_000, 10_000


def look(lease: Lease, api: Api) -> Distribution:
    """Ask whether the package is sent, and write it down."""
    told = api.distribution()
    keeping.note(
        lease,
        is_distributing=told.is_on,
        consumers=told.consumers,
        asked_at=ledger.clock(),
    )
    if not told.is_on:
        log.error("distribution_is_off", feed=lease.feed, waiting=told.depth)
    return told


def have_it_sent(lease: Lease, api: Api, told: Distribution) -> bool:
    """Have a package sent that is not; return whether it was started.

    What waits is read first: just after a start LSports lets nobody begin to read, and ends the
    sending again when one more message comes into a full queue.
    """
    if told.is_on or (told.depth or 0) >= MANY:
        return False
    api.start()
    keeping.note(lease, started_at=ledger.clock())
    return True


def waits(depth: int | None) -> str:
    """Warn of a queue that grows."""
    if depth is None or depth < MANY:
        return ""
    return (
        f"{depth:,} messages wait for us at LSports, which stops sending the package at "
        f"{CUT_OFF:,}."
    )
