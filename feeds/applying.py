"""What a provider tells when asked: it is stored as any other message, and applied at once."""

from collections.abc import Sequence

from django.db import transaction

from feeds import inbox, leases
from feeds.connections import Lease
from settlement.wakeup import SETTLE_DUE, wake


def apply(lease: Lease, bodies: Sequence[bytes]) -> None:
    """Store messages that were asked for, process those that are new, and settle what is due."""
    done = inbox.process(message_ids=stored(lease, bodies))
    if done.due:
        wake(SETTLE_DUE)
        inbox.settle_left()


@transaction.atomic
def stored(lease: Lease, bodies: Sequence[bytes]) -> set[int]:
    """Store messages in the name of a lease; return the new ones."""
    fresh = inbox.receive(feed=lease.feed, bodies=bodies).fresh
    leases.fence(lease)
    return fresh
