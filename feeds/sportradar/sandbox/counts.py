"""What is counted of Sportradar's sandbox."""

from feeds.sandboxes.counts import Counts

NAMES = (
    "violations", "refused_limit", "requests_too_close", "after_too_old", "after_ahead",
    "after_clamped", "refused_down", "recoveries_asked", "recoveries_completed",
    "recoveries_ended", "recovered_messages", "messages_told", "messages_published",
    "messages_unroutable", "alives", "queues_made", "queues_now", "queues_most", "queues_expired",
    "queues_overflowed", "broker_connects", "broker_repeats",
)  # fmt: skip
NAMED = ("requests", "buckets", "recoveries", "faults")


def counts() -> Counts:
    """Return counters that begin at nothing."""
    return Counts(NAMES, NAMED)
